"""What goes wrong, how often, and to whom: drawn from the seed, counted for the table."""

import random
from collections import Counter
from dataclasses import dataclass, field

from tests.worlds.scheduler import Killed, Scheduler


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares of calls, of handlers' runs (`killed`), of messages and of submissions."""

    throttled: float = 0.05
    lost_reply: float = 0.01
    unreached: float = 0.005
    conflict: float = 0.01
    killed: float = 0.01
    doubled: float = 0.10
    redelivered: float = 0.02
    refused_mail: float = 0.02
    slow: float = 0.01


CALM = Rates(0, 0, 0, 0, 0, 0, 0, 0, 0)


@dataclass
class Mind:
    """One run of a handler, or one process: at which of its calls it dies (0: at none), and the mails it has handed
    over without having noted it yet."""

    name: str
    dies_at: int = 0
    before: bool = True
    calls: int = 0
    dead: bool = False
    unnoted: set[str] = field(default_factory=set)


class Fate:
    """Draws the faults. `rates` may be changed under way: in the end everything works."""

    def __init__(self, scheduler: Scheduler, chance: random.Random, rates: Rates) -> None:
        self.scheduler, self.chance, self.rates = scheduler, chance, rates
        self.counted: Counter[str] = Counter()
        # How often each mail may go again: nobody knows what became of it.
        self.excused: Counter[str] = Counter()

    def mind(self, name: str, longest: int = 25) -> Mind:
        """A run of a handler; some of them will not end."""
        dies = self.chance.random() < self.rates.killed
        return Mind(name, self.chance.randint(1, longest) if dies else 0, self.chance.random() < 0.5)

    def happens(self, what: str, rate: float) -> bool:
        happened = self.chance.random() < rate
        if happened:
            self.counted[what] += 1
        return happened

    def die_if_due(self, mind: Mind | None, before: bool) -> None:
        """Raises Killed when this is the call the run ends at, and at each call after."""
        if mind is None:
            return
        if before:
            mind.calls += 1
        if not mind.dead and mind.calls == mind.dies_at and mind.before is before:
            mind.dead = True
            self.counted["killed"] += 1
        if mind.dead:
            raise Killed

    def nobody_knows(self, mind: Mind, name: str) -> None:
        """This mail may go again, whatever its sender, who goes on, writes of it later: it has heard nothing."""
        mind.unnoted.discard(name)
        self.excused[name] += 1

    def ended(self, mind: Mind) -> None:
        """Mails whose sender ended without a note of them may go again."""
        self.excused.update(mind.unnoted)
        mind.unnoted.clear()
