"""What lies in a DynamoDB table: items by partition, their entries in an index, and what the stream holds."""

import zlib
from bisect import insort
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.worlds.dynamo_expressions import Item, Value

STREAM_SHARDS = 4


def size_of(item: Mapping[str, Any]) -> int:
    """Bytes as billed: UTF-8 names and values; of a number about a byte for two digits and one more."""
    total = 0
    for name, value in item.items():
        ((kind, content),) = value.items()
        size = len(content.encode()) if kind == "S" else len(content) if kind == "B" else len(content) // 2 + 2
        total += len(name.encode()) + size
    return total


class Kept(dict[str, Value]):
    """An item as it lies in a table or index: never changed, so weighed once."""

    def __init__(self, item: Mapping[str, Value]) -> None:
        super().__init__(item)
        self.size = size_of(item)


@dataclass
class Index:
    """A global secondary index: entries by partition, in order of the sort key and then of the table's key."""

    hash_name: str
    range_name: str
    names: frozenset[str]
    partitions: dict[str, list[tuple[bytes, tuple[str, str]]]] = field(default_factory=dict)
    entries: dict[tuple[str, str], Kept] = field(default_factory=dict)

    def set(self, key: tuple[str, str], item: Item | None) -> None:
        old = self.entries.pop(key, None)
        if old:
            self.partitions[old[self.hash_name]["S"]].remove((old[self.range_name]["S"].encode(), key))
        if item and self.hash_name in item and self.range_name in item:
            entry = Kept({name: value for name, value in item.items() if name in self.names})
            self.entries[key] = entry
            insort(
                self.partitions.setdefault(entry[self.hash_name]["S"], []), (entry[self.range_name]["S"].encode(), key)
            )


@dataclass
class Table:
    hash_name: str
    range_name: str
    indexes: dict[str, Index]
    items: dict[str, dict[str, Kept]] = field(default_factory=dict)
    segments: list[dict[str, None]] | None = None
    late: deque[tuple[float, tuple[str, str], Item | None]] = field(default_factory=deque)
    stream: list[list[tuple[str, str]]] = field(default_factory=lambda: [[] for _ in range(STREAM_SHARDS)])

    def key_of(self, item: Mapping[str, Any]) -> tuple[str, str]:
        return item[self.hash_name]["S"], item[self.range_name]["S"]

    def get(self, key: tuple[str, str]) -> Kept | None:
        return self.items.get(key[0], {}).get(key[1])

    def segment(self, number: int, of: int) -> Iterable[Kept]:
        """Items by their partition's place among `of`; which is where is kept for the last number of segments asked."""
        if self.segments is None or len(self.segments) != of:
            self.segments = [{} for _ in range(of)]
            for pk in self.items:
                self.segments[zlib.crc32(pk.encode()) % of][pk] = None
        for pk in self.segments[number]:
            yield from self.items[pk].values()

    def set(self, key: tuple[str, str], item: Item | None) -> None:
        pk, sk = key
        if item is not None:
            self.items.setdefault(pk, {})[sk] = Kept(item)
        else:
            del self.items[pk][sk]
            if not self.items[pk]:
                del self.items[pk]
        if self.segments is not None:
            segment = self.segments[zlib.crc32(pk.encode()) % len(self.segments)]
            if pk in self.items:
                segment[pk] = None
            else:
                segment.pop(pk, None)

    def tell(self, key: tuple[str, str]) -> None:
        """The stream, in order by partition."""
        self.stream[zlib.crc32(key[0].encode()) % STREAM_SHARDS].append(key)
