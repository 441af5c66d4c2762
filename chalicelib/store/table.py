"""The table port: what an engine has to do, and nothing about leads."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One item. `version` rises with each write; `due_at` (ISO 8601 UTC, sortable) puts it into the due index."""

    pk: str
    sk: str
    kind: str
    version: int
    body: bytes
    due_at: str | None = None


@dataclass(frozen=True, slots=True)
class RowWrite:
    """Write (`body` set) or delete (`body` None). `if_version`: 0 absent, n that version, None whatever is there."""

    pk: str
    sk: str
    kind: str
    body: bytes | None
    due_at: str | None
    if_version: int | None


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """An entry of the change table: the key and kind of what was written or deleted."""

    sequence: int
    pk: str
    sk: str
    kind: str


class Table(Protocol):
    """An engine: SQLite embedded, DynamoDB where one machine is outgrown."""

    def get_many(self, keys: Sequence[Key]) -> dict[Key, Row]: ...

    def query(self, pk: str, prefix: str, after: str, limit: int) -> list[Row]:
        """Rows of one partition whose sort key begins with `prefix` and is greater than `after`, in order."""
        ...

    def write(self, groups: Sequence[Sequence[RowWrite]]) -> list[Key | None]:
        """Each group all or nothing, a later one seeing what an earlier one wrote. Per group a key whose condition
        failed (the first, unless a key's own conditions contradict each other), or None. Durable on return."""
        ...

    def due(self, until: str, limit: int, kind: str) -> list[Row]:
        """Rows with due_at <= until, oldest first, of one kind or ("") of all; bodies may be empty."""
        ...

    def rows(self) -> Iterator[Row]:
        """All of them, of one moment where the engine can, with their bodies."""
        ...

    def counts(self) -> dict[str, int]:
        """Rows by kind."""
        ...

    def purge(self) -> None:
        """What was deleted is to be found in no file any more."""
        ...

    def part(self, number: int, of: int) -> Iterator[Row]:
        """The rows of one of `of` parts, without bodies, a moment old. A row stays in its part."""
        ...

    def close(self) -> None: ...


class FeedTable(Table, Protocol):
    """An engine that keeps its own change feed. DynamoDB's leaves by its stream."""

    def changes(self, consumer: str, limit: int) -> list[ChangeRow]: ...

    def done(self, consumer: str, sequence: int) -> None: ...

    def repeat(self) -> None:
        """Put every row into the feed again, as if just written."""
        ...
