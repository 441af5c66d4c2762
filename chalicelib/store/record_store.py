"""Records over a table: keys, codec and conditions, the same for every engine."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from chalicelib.records.ports import MOST_WRITES, BadRecord, Conflict, Put, Ref, Stored, Write
from chalicelib.store.codec import decode, encode, stamp, unstamp
from chalicelib.store.kinds import BY_NAME, KINDS, ref_of_key
from chalicelib.store.table import Key, Row, RowWrite, Table
from chalicelib.store.unknown_fields import UnknownFields

if TYPE_CHECKING:
    from chalicelib.records.changes import Due

R = TypeVar("R")
_PAGE = 10_000


class RecordStore:
    """Implements the Store port."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._unknown = UnknownFields()

    def get(self, kind: type[R], *ids: str) -> Stored[R] | None:
        key = KINDS[kind].key(ids)
        row = self._table.get_many([key]).get(key)
        return self._stored(row) if row else None

    def get_many(self, refs: Sequence[Ref[Any]]) -> list[Stored[Any] | None]:
        keys = [KINDS[ref.kind].key(ref.ids) for ref in refs]
        rows = self._table.get_many(list(dict.fromkeys(keys)))
        return [self._stored(rows[key]) if key in rows else None for key in keys]

    def query(self, kind: type[R], *parent_ids: str) -> list[Stored[R]]:
        where = KINDS[kind]
        return self._readable(self._all_rows(where.partition(parent_ids), where.prefix))

    def page(self, kind: type[R], *parent_ids: str, after: str = "", limit: int = 100) -> list[Stored[R]]:
        where = KINDS[kind]
        start = where.key((*parent_ids, after))[1] if after else ""
        found: list[Stored[R]] = []
        while (wanted := limit - len(found)) > 0:
            rows = self._table.query(where.partition(parent_ids), where.prefix, start, wanted)
            found += self._readable(rows)
            if len(rows) < wanted:
                break
            start = rows[-1].sk
        return found

    def everything_of(self, lead_id: str) -> list[Stored[Any]]:
        return self._readable(self._rows_of(lead_id))

    def refs_of(self, lead_id: str) -> list[Ref[Any]]:
        return [_ref(row.kind, row.pk, row.sk) for row in self._rows_of(lead_id) if row.kind in BY_NAME]

    def _rows_of(self, lead_id: str) -> list[Row]:
        return self._all_rows(f"LEAD#{lead_id}", "")

    def _all_rows(self, partition: str, prefix: str) -> list[Row]:
        found: list[Row] = []
        while page := self._table.query(partition, prefix, found[-1].sk if found else "", _PAGE):
            found += page
            if len(page) < _PAGE:
                break
        return found

    def _readable(self, rows: Sequence[Row]) -> list[Stored[Any]]:
        """Of a list what this release can read. What a newer one wrote waits for it; whoever asks for that very record
        is told (BadRecord)."""
        found = []
        for row in rows:
            if row.kind in BY_NAME:
                with suppress(BadRecord):
                    found.append(self._stored(row))
        return found

    def _stored(self, row: Row) -> Stored[Any]:
        try:
            value = decode(BY_NAME[row.kind].type, row.body)
        except msgspec.DecodeError as error:
            raise BadRecord(_ref(row.kind, row.pk, row.sk)) from error
        self._unknown.note((row.pk, row.sk), row.version, row.body, encode(value))
        return Stored(value, row.version)

    def forget(self, lead_id: str, but: Collection[type[Any]] = ()) -> list[Ref[Any]]:
        kept = {kind.__name__ for kind in but}
        gone: list[Ref[Any]] = []
        after = ""
        while rows := self._table.query(f"LEAD#{lead_id}", "", after, MOST_WRITES):
            doomed = [row for row in rows if row.kind not in kept]
            self._table.write([[RowWrite(row.pk, row.sk, row.kind, None, None, None)] for row in doomed])
            gone += [ref for row in doomed if (ref := ref_of_key(row.pk, row.sk))]
            after = rows[-1].sk
        return gone

    def counts(self) -> dict[str, int]:
        return self._table.counts()

    def part(self, number: int, of: int) -> list[tuple[Ref[Any], int]]:
        rows = ((ref_of_key(row.pk, row.sk), row.version) for row in self._table.part(number, of))
        return [(ref, version) for ref, version in rows if ref]

    def commit(self, writes: Sequence[Write]) -> None:
        conflict = self.commit_each([writes])[0]
        if conflict:
            raise conflict

    def commit_each(self, groups: Sequence[Sequence[Write]]) -> list[Conflict | None]:
        if any(len(group) > MOST_WRITES for group in groups):
            raise ValueError(f"more than {MOST_WRITES} records in one transaction")
        answers = self._table.write([[self._row_write(write) for write in group] for group in groups])
        return [None if key is None else Conflict(_conflicting(key, group))
                for key, group in zip(answers, groups, strict=True)]  # fmt: skip

    def purge(self) -> None:
        self._table.purge()

    def due(self, until: datetime, limit: int = 500, kind: type[Any] | None = None) -> "list[Due]":
        # For the clock alone.
        from chalicelib.records.changes import Due

        rows = self._table.due(stamp(until), limit, kind.__name__ if kind else "")
        known = (row for row in rows if row.kind in BY_NAME)
        return [Due(_ref(row.kind, row.pk, row.sk), unstamp(row.due_at or "")) for row in known]

    def _row_write(self, write: Write) -> RowWrite:
        made = _row_write(write)
        if made.body is None:
            return made
        body = self._unknown.kept((made.pk, made.sk), made.if_version, made.body)
        return made if body is made.body else replace(made, body=body)


def _ref(kind: str, pk: str, sk: str) -> Ref[Any]:
    where = BY_NAME[kind]
    return Ref(where.type, where.ids_of(pk, sk))


def _row_write(write: Write) -> RowWrite:
    if not isinstance(write, Put):
        where = KINDS[write.ref.kind]
        pk, sk = where.key(write.ref.ids)
        return RowWrite(pk, sk, where.name, None, None, write.if_version)
    record = write.record
    where = KINDS[type(record)]
    pk, sk = where.key(where.ids(record))
    due = where.due(record)
    return RowWrite(pk, sk, where.name, encode(record), stamp(due) if due else None, write.if_version)


def _conflicting(key: Key, group: Sequence[Write]) -> Ref[Any]:
    for write in group:
        kind = type(write.record) if isinstance(write, Put) else write.ref.kind
        ids = KINDS[kind].ids(write.record) if isinstance(write, Put) else write.ref.ids
        if KINDS[kind].key(ids) == key:
            return Ref(kind, ids)
    raise AssertionError("an engine names a key of the group it refuses")
