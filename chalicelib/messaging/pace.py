"""How fast mail may leave: a token bucket over what the mail service allows, and what is left of the day.

Where several processes send (functions on AWS), each has a share of the rate, and the shares make one: no process has
to ask the others, which would be a write of the table for each mail (docs/adr/0009). What the service allows is asked
again each minute; it counts the mail of all of them.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.records.mail_ports import Allowance

log = logging.getLogger("leadline")

ASK_EVERY = 60.0
# A turn this near is waited for; for a later one the row goes back.
LONGEST_TURN = 10.0
# Of the day's quota this much is for what people wait for.
RESERVE = 0.1
# When there is nothing left of the day: how long what people wait for is put off, and bulk, which is spread.
URGENT_WAIT = 300.0
BULK_WAIT = 3600.0
# Where the service does not say.
CAUTIOUS = Allowance(per_second=1.0)


@dataclass(slots=True)
class _Minute:
    """What was told last, when, and what this process has sent and put off since."""

    told: Allowance
    at: float
    sent: int = 0
    put_off: int = 0


class SharedPace:
    """Implements Pace. `ask` gives what the service allows, None where it does not say just now; `share` is this
    process's part of the rate, `most` mails a second are not exceeded whatever the service says."""

    def __init__(
        self,
        ask: Callable[[], Allowance | None],
        share: float = 1.0,
        most: float = 0.0,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._ask = ask
        self._share = share
        self._most = most
        self._monotonic = monotonic
        self._sleep = sleep
        self._lock = threading.Lock()
        self._minute: _Minute | None = None
        self._next = 0.0
        self._closed_until = 0.0

    def allowance(self) -> Allowance:
        with self._lock:
            return self._now(self._monotonic()).told

    def take(self, bulk: bool) -> float:
        with self._lock:
            now = self._monotonic()
            wait = self._wait(now, bulk)
            if wait > LONGEST_TURN:
                return wait
            minute = self._now(now)
            minute.sent += 1
            self._next = max(now, self._next) + 1 / (minute.told.per_second * self._share)
        if wait:
            self._sleep(wait)
        return 0.0

    def refused(self, seconds: float) -> None:
        with self._lock:
            self._closed_until = self._monotonic() + seconds
            self._minute = None

    def _wait(self, now: float, bulk: bool) -> float:
        if now < self._closed_until:
            return self._closed_until - now + LONGEST_TURN
        minute = self._now(now)
        if self._spent(minute, bulk):
            minute.put_off += 1
            pace = minute.told.per_second * self._share
            return (BULK_WAIT if bulk else URGENT_WAIT) + minute.put_off / pace
        return max(0.0, self._next - now)

    def _spent(self, minute: _Minute, bulk: bool) -> bool:
        left, a_day = minute.told.left_today, minute.told.per_day
        if left is None or a_day is None:
            return False
        if bulk:
            left -= int(a_day * RESERVE)
        return left < 1 or minute.sent >= max(1, left * self._share)

    def _now(self, now: float) -> _Minute:
        """Asked anew once a minute; what was told before holds where there is no answer."""
        if self._minute is None or now - self._minute.at >= ASK_EVERY:
            told = self._ask() or (self._minute.told if self._minute else CAUTIOUS)
            pace = max(0.01, min(told.per_second, self._most or told.per_second))
            self._minute = _Minute(Allowance(pace, told.per_day, told.left_today), now)
        return self._minute
