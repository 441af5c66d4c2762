"""Many workers on one thread, taking turns where they ask something of the world: which goes on, and when, is drawn
from the seed. No wall time and no thread decides anything, so that the same seed is the same run.

A worker is a greenlet: product code runs in it unchanged, and is stopped in the middle of whatever it is doing by the
port call it makes. Threads with a baton would do the same at five times the cost of a switch."""

import hashlib
import heapq
import itertools
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from greenlet import GreenletExit, getcurrent, greenlet

# A Monday morning.
START = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
# Between two turns so much time passes, seconds.
SHORTEST, LONGEST = 0.001, 0.02


class Killed(BaseException):
    """The process of this worker is gone. No `except Exception` may hold it back."""


class Trace:
    """What happened, in order, as one hash; with `keep` also as text, to find where two runs part."""

    def __init__(self, keep: bool = False) -> None:
        self._hash = hashlib.blake2b(digest_size=16)
        self.events = 0
        self.kept: list[str] | None = [] if keep else None

    def add(self, line: str) -> None:
        self._hash.update(line.encode())
        self.events += 1
        if self.kept is not None:
            self.kept.append(line)

    def digest(self) -> str:
        return self._hash.hexdigest()


class Worker(greenlet):
    """A thread of control with a name. `mind` is whatever is at work in it: whom a kill would hit."""

    name = ""
    mind: Any = None


class Scheduler:
    """`now` is in seconds since START."""

    def __init__(self, seed: int, trace: Trace) -> None:
        self.chance = random.Random(seed)
        self.trace = trace
        self.now = 0.0
        self._ready: list[Worker] = []
        self._asleep: list[tuple[float, int, Worker]] = []
        self._numbers = itertools.count()
        self._hub = getcurrent()
        self.failed: list[BaseException] = []

    def spawn(self, name: str, work: Callable[[], Any], after: float = 0.0) -> Worker:
        worker = Worker(lambda: self._run(name, work), self._hub)
        worker.name = name
        heapq.heappush(self._asleep, (self.now + after, next(self._numbers), worker))
        return worker

    def _run(self, name: str, work: Callable[[], Any]) -> None:
        try:
            work()
        except GreenletExit:
            raise
        except BaseException as error:
            # A worker of the world, not of the product, has failed: the run is not worth anything.
            error.add_note(f"in {name} at {self.now:.3f}")
            self.failed.append(error)

    def turn(self) -> None:
        """Called from within a worker: let others go on, for a moment or for longer."""
        self._ready.append(getcurrent())  # type: ignore[arg-type]
        self._hub.switch()

    def sleep(self, seconds: float) -> None:
        heapq.heappush(self._asleep, (self.now + seconds, next(self._numbers), getcurrent()))  # type: ignore[misc]
        self._hub.switch()

    def run(self, until: float) -> None:
        """Until that time, or until a worker of the world fails."""
        while not self.failed:
            while self._asleep and self._asleep[0][0] <= self.now:
                self._ready.append(heapq.heappop(self._asleep)[2])
            if not self._ready:
                if not self._asleep or self._asleep[0][0] > until:
                    self.now = max(self.now, until)
                    return
                self.now = max(self.now, self._asleep[0][0])
                continue
            if self.now > until:
                return
            place = self.chance.randrange(len(self._ready))
            self._ready[place], self._ready[-1] = self._ready[-1], self._ready[place]
            worker = self._ready.pop()
            self.now += self.chance.uniform(SHORTEST, LONGEST)
            if not worker.dead:
                worker.switch()
        raise self.failed[0]

    def stop(self) -> None:
        """End what is still there."""
        for worker in [*self._ready, *(worker for _, _, worker in self._asleep)]:
            # One that was never begun is false.
            if worker:
                worker.throw(GreenletExit)
        self._ready, self._asleep = [], []


class Skewed:
    """A machine's clock: off by `skew` seconds, which may change under whoever reads it."""

    def __init__(self, scheduler: Scheduler, skew: float = 0.0) -> None:
        self._scheduler = scheduler
        self.skew = skew

    def __call__(self) -> datetime:
        return START + timedelta(seconds=round(self._scheduler.now + self.skew, 3))


class SeededIds:
    """ULIDs whose chance is the seed's; they rise within one maker, as those of a process do."""

    _LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

    def __init__(self, chance: random.Random, clock: Callable[[], datetime]) -> None:
        self._chance, self._clock, self._last = chance, clock, 0

    def __call__(self) -> str:
        made = int(self._clock().timestamp() * 1000) << 80 | self._chance.getrandbits(79)
        self._last = made if made >> 80 > self._last >> 80 else self._last + 1
        return "".join(self._LETTERS[self._last >> shift & 31] for shift in range(125, -1, -5))
