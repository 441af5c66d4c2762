"""The door on AWS: a queue, and the bucket where the queue cannot take it or the submission is too large for it."""

import json
import time
from collections.abc import Callable
from contextlib import suppress

from chalicelib.records.deliveries import Waiting
from chalicelib.records.ports import Blobs, Queue, StoreUnavailable

TOPIC = "door"
FOLDER = "door/"
# What one message of SQS holds, with a little room for its wrapping.
MOST_BYTES = 250_000
# Listing the bucket costs twelve times what asking a queue costs: now and then is enough for what is this seldom.
LOOK_SECONDS = 900.0


class QueueOrBlobDoor:
    """Implements Door. `look_seconds`: how often the bucket is looked at."""

    def __init__(
        self, queue: Queue, blobs: Blobs, look_seconds: float = LOOK_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._queue, self._blobs = queue, blobs
        self._seconds, self._monotonic = look_seconds, monotonic
        self._looked_at: float | None = None

    def keep(self, name: str, body: bytes) -> None:
        message = {"post": body.decode("ascii")}
        if len(json.dumps(message)) <= MOST_BYTES:
            with suppress(StoreUnavailable):
                self._queue.send(TOPIC, message)
                return
        self._blobs.put(FOLDER + name, body)

    def take(self, limit: int = 10) -> list[Waiting]:
        """From the queue; from the bucket once that is empty."""
        with suppress(StoreUnavailable):
            if found := self._queue.receive(TOPIC, limit):
                return [Waiting(str(d.body.get("post", "")).encode(), d.receipt) for d in found]
        return self._from_blobs(limit)

    def _from_blobs(self, limit: int) -> list[Waiting]:
        now = self._monotonic()
        if self._looked_at is not None and now - self._looked_at < self._seconds:
            return []
        keys = self._blobs.list(FOLDER)[:limit]
        if len(keys) < limit:
            self._looked_at = now
        return [Waiting(body, key) for key in keys if (body := self._blobs.get(key)) is not None]

    def done(self, receipt: str) -> None:
        if receipt.startswith(FOLDER):
            self._blobs.delete(receipt)
        else:
            self._queue.done(TOPIC, receipt)

    def waiting(self) -> int:
        return self._queue.waiting(TOPIC) + len(self._blobs.list(FOLDER))
