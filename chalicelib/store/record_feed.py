"""The change feed: kept by the engine with a cursor for each consumer, or pushed by DynamoDB's stream."""

from collections.abc import Callable, Container, Iterable
from itertools import islice

from chalicelib.records.changes import Changed
from chalicelib.records.ports import Queue, Ref
from chalicelib.store.kinds import BY_NAME
from chalicelib.store.table import FeedTable, Key


class RecordFeed:
    """Implements Feed over an engine that keeps its changes."""

    def __init__(self, table: FeedTable) -> None:
        self._table = table

    def read(self, consumer: str, limit: int = 1000) -> list[Changed]:
        """The next changes; those of kinds that only a newer release knows are passed by."""
        while changes := self._table.changes(consumer, limit):
            known = [(c, BY_NAME[c.kind]) for c in changes if c.kind in BY_NAME]
            if known:
                return [Changed(c.sequence, Ref(kind.type, kind.ids_of(c.pk, c.sk))) for c, kind in known]
            self._table.done(consumer, changes[-1].sequence)
        return []

    def done(self, consumer: str, sequence: int) -> None:
        self._table.done(consumer, sequence)

    def repeat(self) -> None:
        self._table.repeat()


class PushedFeed:
    """Implements Feed where changes come by themselves, from the stream into a queue for each reaction: there is
    nothing to ask for. `repeat` names every record of the given kinds to the queue `topic`, as the stream's router
    does: {"refs": [[kind, id, …], …]}, `at_once` of them in a message (256 KB hold some 2,000)."""

    def __init__(
        self,
        keys: Callable[[], Iterable[tuple[Key, str]]],
        queue: Queue,
        topic: str,
        kinds: Container[str],
        at_once: int = 200,
    ) -> None:
        self._keys = keys
        self._queue = queue
        self._topic = topic
        self._kinds = kinds
        self._at_once = at_once

    def read(self, consumer: str, limit: int = 1000) -> list[Changed]:  # noqa: ARG002
        return []

    def done(self, consumer: str, sequence: int) -> None:
        """The queue's own business."""

    def repeat(self) -> None:
        words = ([kind, *BY_NAME[kind].ids_of(*key)] for key, kind in self._keys() if kind in self._kinds)
        while refs := list(islice(words, self._at_once)):
            self._queue.send(self._topic, {"refs": refs})
