"""The Table port in the memory of this process, billed as `dynamo_table` would be: what the calls cost is counted where
there is no DynamoDB (`chalicelib cost`). For one thread.

The requests are those `dynamo_writes` makes and in the same transactions; what they cost is the meter's rule. A test
lets the same work run on both and compares the bills."""

import heapq
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chalicelib.store.dynamo_items import KB, MOST_KEYS, SHARDS, Item, possible, size_of, to_row
from chalicelib.store.dynamo_meter import Tally, entry_of
from chalicelib.store.dynamo_writes import Group, ItemWrite, group_of, packs, put_request, transact_item
from chalicelib.store.table import Key, Row, RowWrite

_PAGE_BYTES = KB * KB
_LAST = "\U0010ffff"
_WRITE_ID = "00000000"


class CountedTable:
    """Implements Table. `changed` are the keys written since they were last taken: the stream."""

    def __init__(self) -> None:
        self.tally = Tally()
        self.changed: list[Key] = []
        self._sort_keys: dict[str, set[str]] = {}
        self._due: set[Key] = set()

    def get_many(self, keys: Sequence[Key]) -> dict[Key, Row]:
        wanted = [key for key in dict.fromkeys(keys) if possible(key)]
        rows: dict[Key, Row] = {}
        for start in range(0, len(wanted), MOST_KEYS):
            some = wanted[start : start + MOST_KEYS]
            found = {key: self._items[key] for key in some if key in self._items}
            self.tally.called("BatchGetItem")
            self.tally.read_batch(list(found.values()), len(some) - len(found), consistent=True)
            rows |= {key: to_row(item) for key, item in found.items()}
        return rows

    @property
    def _items(self) -> dict[Key, Item]:
        return self.tally.known

    def query(self, pk: str, prefix: str, after: str, limit: int) -> list[Row]:
        low, high = max(prefix, f"{after}\x00" if after else ""), prefix + _LAST
        if not possible((pk, low or "-")) or low > high or limit <= 0:
            return []
        keys = sorted((sk for sk in self._sort_keys.get(pk, ()) if low <= sk <= high), key=str.encode)
        found = [self._items[pk, sk] for sk in keys]
        return [to_row(item) for item in self._pages("Query", found, limit, consistent=True)]

    def due(self, until: str, limit: int, kind: str) -> list[Row]:
        shards = [self._due_in(shard, until, limit, kind) for shard in SHARDS]
        merged = heapq.merge(*shards, key=lambda row: row.due_at or "")
        return [row for row, _ in zip(merged, range(limit), strict=False)]

    def _due_in(self, shard: str, until: str, limit: int, kind: str) -> Iterator[Row]:
        entries = [entry for key in self._due if (entry := entry_of(self._items[key]))]
        due = [e for e in entries if e["due_shard"]["S"] == shard and e["due_at"]["S"] <= until]
        due.sort(key=lambda entry: entry["due_at"]["S"])
        for entry in self._pages("Query", due, limit, consistent=False):
            if not kind or entry["kind"]["S"] == kind:
                yield to_row(entry)

    def _pages(self, operation: str, items: list[Item], limit: int | None, consistent: bool) -> Iterator[Item]:
        """A page ends at 1 MB or at `limit` items looked at."""
        left = len(items) if limit is None else min(limit, len(items))
        items = items[:left]
        while True:
            page: list[Item] = []
            size = 0
            while items and size < _PAGE_BYTES:
                page.append(items.pop(0))
                size += size_of(page[-1])
            self.tally.called(operation)
            self.tally.read_page(page, consistent)
            yield from page
            if not items:
                return

    def write(self, groups: Sequence[Sequence[RowWrite]]) -> list[Key | None]:
        made = [group_of(place, rows) for place, rows in enumerate(groups)]
        answers: list[Key | None] = [group.broken for group in made]
        for pack in packs(group for group in made if group.writes):
            for place, broken in self._write_pack(pack).items():
                answers[place] = broken
        return answers

    def _write_pack(self, pack: Sequence[Group]) -> dict[int, Key]:
        """The broken condition of each group, by its place. A transaction that is cancelled is billed, too."""
        if len(pack) == 1 and len(pack[0].writes) == 1 and pack[0].writes[0].alone:
            (write,) = pack[0].writes
            return self._bill("PutItem", pack, [{"Put": put_request("", write, _WRITE_ID)}], times=1)
        broken: dict[int, Key] = {}
        left = list(pack)
        while left:
            writes = [transact_item("", write, _WRITE_ID) for group in left for write in group.writes]
            failed = self._bill("TransactWriteItems", left, writes, times=2)
            if not failed:
                break
            broken |= failed
            left = [group for group in left if group.place not in failed]
        return broken

    def _bill(
        self, operation: str, groups: Sequence[Group], writes: Sequence[Mapping[str, Any]], times: int
    ) -> dict[int, Key]:
        failed = {group.place: key for group in groups if (key := self._broken(group)) is not None}
        self.tally.called(operation)
        self.tally.write(writes, times, done=not failed)
        if not failed:
            self._note([write.key for group in groups for write in group.writes])
        return failed

    def _note(self, keys: Sequence[Key]) -> None:
        self.changed += keys
        for pk, sk in keys:
            item = self._items.get((pk, sk))
            known = self._sort_keys.setdefault(pk, set())
            (known.add if item else known.discard)(sk)
            (self._due.add if item and "due_at" in item else self._due.discard)((pk, sk))

    def _broken(self, group: Group) -> Key | None:
        return next((write.key for write in group.writes if not self._holds(write)), None)

    def _holds(self, write: ItemWrite) -> bool:
        item = self._items.get(write.key)
        return write.if_version is None or write.if_version == (int(item["version"]["N"]) if item else 0)

    def counts(self) -> dict[str, int]:
        counted: dict[str, int] = {}
        for item in self._pages("Scan", list(self._items.values()), None, consistent=False):
            counted[item["kind"]["S"]] = counted.get(item["kind"]["S"], 0) + 1
        return counted

    def rows(self) -> Iterator[Row]:
        yield from map(to_row, self._pages("Scan", list(self._items.values()), None, consistent=True))

    def part(self, number: int, of: int) -> Iterator[Row]:
        items = [item for (pk, _), item in self._items.items() if zlib.crc32(pk.encode()) % of == number]
        for item in self._pages("Scan", items, None, consistent=False):
            yield to_row({name: item[name] for name in ("pk", "sk", "kind", "version")})

    def purge(self) -> None:
        """As DynamoDB keeps no deleted items."""

    def close(self) -> None:
        """Nothing is held open."""
