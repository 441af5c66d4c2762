"""Records over a table: keys, codec and conditions, the same for every engine."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from chalicelib.records.ports import Changed, Conflict, Due, Put, Ref, Stored, Write
from chalicelib.store.codec import decode, encode, stamp, unstamp
from chalicelib.store.kinds import BY_NAME, KINDS
from chalicelib.store.table import Key, Row, RowWrite, Table

R = TypeVar("R")
_PAGE = 10_000


class RecordStore:
    """Implements the Store and Feed ports."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, kind: type[R], *ids: str) -> Stored[R] | None:
        key = KINDS[kind].key(ids)
        row = self._table.get_many([key]).get(key)
        return _stored(row) if row else None

    def get_many(self, refs: Sequence[Ref[Any]]) -> list[Stored[Any] | None]:
        keys = [KINDS[ref.kind].key(ref.ids) for ref in refs]
        rows = self._table.get_many(list(dict.fromkeys(keys)))
        return [_stored(rows[key]) if key in rows else None for key in keys]

    def query(self, kind: type[R], *parent_ids: str) -> list[Stored[R]]:
        found: list[Stored[R]] = []
        after = ""
        while page := self.page(kind, *parent_ids, after=after, limit=_PAGE):
            found += page
            if len(page) < _PAGE:
                break
            after = KINDS[kind].ids(page[-1].value)[-1]
        return found

    def page(self, kind: type[R], *parent_ids: str, after: str = "", limit: int = 100) -> list[Stored[R]]:
        where = KINDS[kind]
        start = where.key((*parent_ids, after))[1] if after else ""
        rows = self._table.query(where.partition(parent_ids), where.prefix, start, limit)
        return [_stored(row) for row in rows]

    def everything_of(self, lead_id: str) -> list[Stored[Any]]:
        found: list[Row] = []
        while page := self._table.query(f"LEAD#{lead_id}", "", found[-1].sk if found else "", _PAGE):
            found += page
            if len(page) < _PAGE:
                break
        return [_stored(row) for row in found if row.kind in BY_NAME]

    def counts(self) -> dict[str, int]:
        return self._table.counts()

    def commit(self, writes: Sequence[Write]) -> None:
        conflict = self.commit_each([writes])[0]
        if conflict:
            raise conflict

    def commit_each(self, groups: Sequence[Sequence[Write]]) -> list[Conflict | None]:
        answers = self._table.write([[_row_write(write) for write in group] for group in groups])
        return [None if key is None else Conflict(_conflicting(key, group))
                for key, group in zip(answers, groups, strict=True)]  # fmt: skip

    def due(self, until: datetime, limit: int = 500, kind: type[Any] | None = None) -> list[Due]:
        rows = self._table.due(stamp(until), limit, kind.__name__ if kind else "")
        return [Due(_ref(row.kind, row.pk, row.sk), unstamp(row.due_at or "")) for row in rows]

    def read(self, consumer: str, limit: int = 1000) -> list[Changed]:
        changes = self._table.changes(consumer, limit)
        return [Changed(c.sequence, _ref(c.kind, c.pk, c.sk)) for c in changes]

    def done(self, consumer: str, sequence: int) -> None:
        self._table.done(consumer, sequence)

    def repeat(self) -> None:
        self._table.repeat()


def _stored(row: Row) -> Stored[Any]:
    return Stored(decode(BY_NAME[row.kind].type, row.body), row.version)


def _ref(kind: str, pk: str, sk: str) -> Ref[Any]:
    where = BY_NAME[kind]
    return Ref(where.type, where.ids_of(pk, sk))


def _row_write(write: Write) -> RowWrite:
    if not isinstance(write, Put):
        where = KINDS[write.ref.kind]
        pk, sk = where.key(write.ref.ids)
        return RowWrite(pk, sk, where.type.__name__, None, None, write.if_version)
    record = write.record
    where = KINDS[type(record)]
    pk, sk = where.key(where.ids(record))
    due = where.due(record)
    return RowWrite(pk, sk, where.type.__name__, encode(record), stamp(due) if due else None, write.if_version)


def _conflicting(key: Key, group: Sequence[Write]) -> Ref[Any]:
    for write in group:
        kind = type(write.record) if isinstance(write, Put) else write.ref.kind
        ids = KINDS[kind].ids(write.record) if isinstance(write, Put) else write.ref.ids
        if KINDS[kind].key(ids) == key:
            return Ref(kind, ids)
    raise AssertionError("an engine names a key of the group it refuses")
