"""Rate limits on either engine: buckets in the memory of one process, or a record for each key and window.

`most` an interval of `seconds` are allowed. The embedded service is one process and keeps a token bucket a key, which
costs no write. Where many processes serve, what guards sign-in is counted in the store (one read, and one write while
it is allowed); all else in the memory of each process: a burst from one address meets few of them, and the gateway in
front has a limit over all."""

import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from math import ceil
from pathlib import Path

from chalicelib.records.ports import Conflict, Digest, Put, Store
from chalicelib.records.sign_in import RateWindow, TurnedAway

STORED_RULES = frozenset({"sign-in", "link-address", "link-mailbox"})
MOST_KEYS = 100_000
# Who is turned away is counted in memory and written down once in a while, or a flood would be a flood of writes.
WRITE_EVERY = 60.0
DAYS_SHOWN = timedelta(days=30)
_ATTEMPTS = 4
# The same words within ten minutes: so many texts are remembered, and of each so many submissions.
ALIKE_SECONDS = 600.0
DAY_SECONDS = 86_400.0
# A form is under attack when within ten minutes ten posts and half of all are suspicious, or there are more than 300
# (a fair's busiest form has some dozens); and for half an hour from then on.
PRESSED_SECONDS, STAYS_SECONDS = 600.0, 1_800.0
FEWEST_BAD, FLOOD = 10, 300
MOST_WORDS, MOST_ALIKE = 5_000, 100


@dataclass(frozen=True, slots=True)
class Rule:
    most: int
    seconds: int


@cache
def rules() -> dict[str, Rule]:
    data = json.loads((Path(__file__).parent.parent / "data" / "rate_limits.json").read_text("utf-8"))
    return {name: Rule(**rule) for name, rule in data.items()}


class TurnedAwayCount:
    """How many were turned away by day, in the store but for the last minute's."""

    def __init__(self, store: Store, clock: Callable[[], datetime], monotonic: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._unwritten = 0
        self._written_at: float | None = None

    def one(self) -> None:
        with self._lock:
            self._unwritten += 1
            now = self._monotonic()
            if self._written_at is not None and now - self._written_at < WRITE_EVERY:
                return
            self._written_at = now
            if self._write(self._clock().date(), self._unwritten):
                self._unwritten = 0

    def _write(self, day: date, count: int) -> bool:
        for _ in range(_ATTEMPTS):
            stored = self._store.get(TurnedAway, day.isoformat())
            record = TurnedAway(day, (stored.value.count if stored else 0) + count)
            with suppress(Conflict):
                self._store.commit([Put(record, stored.version if stored else 0)])
                return True
        return False

    def total(self) -> int:
        first = (self._clock() - DAYS_SHOWN).date()
        stored = sum(s.value.count for s in self._store.query(TurnedAway) if s.value.day > first)
        with self._lock:
            return stored + self._unwritten


class Alike:
    """Which submissions came with the same words lately, or which mails went to the same mailbox; words and mailboxes
    as digests, in memory alone."""

    def __init__(self, monotonic: Callable[[], float], seconds: float = ALIKE_SECONDS) -> None:
        self._monotonic = monotonic
        self._seconds = seconds
        self._lock = threading.Lock()
        # The words used last stand last, so that the first to go are the oldest.
        self._seen: dict[str, dict[str, float]] = {}

    def count(self, words: str, token: str) -> int:
        """How many there are: one that comes again is of this moment."""
        now = self._monotonic()
        with self._lock:
            return len(self._keep(words, self._lately(words, now) | {token: now}))

    def place(self, words: str, token: str) -> int:
        """Which of them this one was, from 1: one that comes again keeps the time and the place it had first."""
        now = self._monotonic()
        with self._lock:
            seen = self._lately(words, now)
            seen.setdefault(token, now)
            return list(self._keep(words, seen)).index(token) + 1

    def _lately(self, words: str, now: float) -> dict[str, float]:
        return {t: at for t, at in self._seen.pop(words, {}).items() if now - at < self._seconds}

    def _keep(self, words: str, seen: dict[str, float]) -> dict[str, float]:
        while len(seen) > MOST_ALIKE:
            del seen[next(iter(seen))]
        self._seen[words] = seen
        while len(self._seen) > MOST_WORDS:
            del self._seen[next(iter(self._seen))]
        return seen


class Pressure:
    """Which forms are under attack: many posts of which most are suspicious, or more than any form gets. Once it is, it
    stays so for a while: what an attack is answered with makes its posts look better. In memory alone."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._posts: dict[str, list[tuple[float, bool]]] = {}
        self._until: dict[str, float] = {}

    def one(self, form_id: str, suspicious: bool) -> None:
        now = self._monotonic()
        with self._lock:
            posts = [post for post in self._posts.get(form_id, ()) if now - post[0] < PRESSED_SECONDS]
            self._posts[form_id] = [*posts[-FLOOD:], (now, suspicious)]
            bad = sum(doubted for _, doubted in self._posts[form_id])
            count = len(self._posts[form_id])
            if count > FLOOD or (bad >= FEWEST_BAD and bad * 2 >= count):
                self._until[form_id] = now + STAYS_SECONDS

    def on(self, form_id: str) -> bool:
        return self._monotonic() < self._until.get(form_id, 0.0)


class MemoryLimits:
    """Limits port over token buckets in this process: for the embedded service."""

    watching = True

    def __init__(
        self, store: Store, clock: Callable[[], datetime], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._count = TurnedAwayCount(store, clock, monotonic)
        self._alike, self._mailed, self._pressure = Alike(monotonic), Alike(monotonic, DAY_SECONDS), Pressure(monotonic)
        self._monotonic = monotonic
        self._lock = threading.Lock()
        # (tokens left, at): the one used last stands last, so that the first to go are those that are full again.
        self._buckets: dict[tuple[str, str], tuple[float, float]] = {}

    def take(self, rule: str, key: str) -> int:
        wait = self.wait(rule, key)
        if wait:
            self._count.one()
        return wait

    def wait(self, name_of_rule: str, key: str) -> int:
        """As `take`, without counting who is turned away."""
        name, rule = (name_of_rule, key), rules()[name_of_rule]
        now, pace = self._monotonic(), rule.most / rule.seconds
        with self._lock:
            left, at = self._buckets.pop(name, (float(rule.most), now))
            left = min(float(rule.most), left + (now - at) * pace)
            allowed = left >= 1
            self._buckets[name] = (left - 1 if allowed else left, now)
            while len(self._buckets) > MOST_KEYS:
                del self._buckets[next(iter(self._buckets))]
        return 0 if allowed else max(1, ceil((1 - left) / pace))

    def give_back(self, rule: str, key: str) -> None:
        with self._lock:
            if bucket := self._buckets.get((rule, key)):
                self._buckets[rule, key] = (min(float(rules()[rule].most), bucket[0] + 1), bucket[1])

    def turned_away(self) -> int:
        return self._count.total()

    def alike(self, words: str, token: str) -> int:
        return self._alike.count(words, token)

    def mailed(self, mailbox: str, message_id: str) -> int:
        return self._mailed.place(mailbox, message_id)

    def seen(self, form_id: str, suspicious: bool) -> None:
        self._pressure.one(form_id, suspicious)

    def attacked(self, form_id: str) -> bool:
        return self._pressure.on(form_id)


class StoredLimits(MemoryLimits):
    """Limits port over the store: the rules that guard sign-in, counted in fixed windows; the others in memory."""

    def __init__(
        self,
        store: Store,
        digest: Digest,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(store, clock, monotonic)
        self._store = store
        self._digest = digest
        self._clock = clock

    def wait(self, name_of_rule: str, key: str) -> int:
        if name_of_rule in STORED_RULES:
            return self._in_window(rules()[name_of_rule], self._digest(f"rate:{name_of_rule}:{key}"))
        return super().wait(name_of_rule, key)

    def _in_window(self, rule: Rule, name: str) -> int:
        for _ in range(_ATTEMPTS):
            now = self._clock()
            stored = self._store.get(RateWindow, name)
            window = stored.value if stored and now < stored.value.expires_at else None
            if window is not None and window.count >= rule.most:
                return max(1, ceil((window.expires_at - now).total_seconds()))
            fresh = window or RateWindow(name, 0, now + timedelta(seconds=rule.seconds))
            with suppress(Conflict):
                self._store.commit([Put(replace(fresh, count=fresh.count + 1), stored.version if stored else 0)])
                return 0
        # Many at once for one key: that is what the limit is for.
        return 1
