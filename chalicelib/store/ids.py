"""ULIDs: 48 bits of milliseconds, 80 of chance, in Crockford's base 32 (https://github.com/ulid/spec).

Own code because ids must rise within a millisecond (a list makes thousands): inserts then stay at the
right edge of the index, which the table's speed at 47,000 rows hangs on."""

import os
import threading
import time

from chalicelib.records.ids import ALPHABET as _ALPHABET

_CHANCE = 10
_PAIRS = [a + b for a in _ALPHABET for b in _ALPHABET]


class UlidMaker:
    """Makes ids that rise within a process, also when the clock stands still or steps back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0
        self._chance = b""

    def __call__(self) -> str:
        with self._lock:
            now = time.time_ns() // 1_000_000 << 80
            if now >> 80 > self._last >> 80:
                self._last = now | int.from_bytes(self._draw(), "big") >> 1
            else:
                self._last += 1
            value = self._last
        return "".join(_PAIRS[value >> shift & 1023] for shift in range(120, -1, -10))

    def _draw(self) -> bytes:
        # Asking the system gives the interpreter away, here while others wait for the lock: so for many at once.
        if not self._chance:
            self._chance = os.urandom(_CHANCE * 100)
        drawn, self._chance = self._chance[:_CHANCE], self._chance[_CHANCE:]
        return drawn
