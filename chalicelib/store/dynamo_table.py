"""The Table port on DynamoDB: one table, on demand, for where one machine is outgrown.

Keys `pk` and `sk`; one sparse index `due` over eight shards (docs/adr/0007). Reads of the table are consistent; the
index is not, so whoever reads it claims the base row by condition."""

import heapq
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from chalicelib.records.ports import StoreUnavailable
from chalicelib.store.aws_errors import Pause, as_unavailable, waits
from chalicelib.store.dynamo_commit import Committer
from chalicelib.store.dynamo_items import DUE_INDEX, MOST_KEYS, SHARDS, Item, key_item, possible, to_row
from chalicelib.store.dynamo_writes import group_of
from chalicelib.store.table import Key, Row, RowWrite

# Asked again for keys the table was too busy for; only rounds in which nothing came count.
_EMPTY_ROUNDS = 8
_LAST = "\U0010ffff"


class DynamoTable:
    """Implements Table. `client` gives the low-level DynamoDB client, made when it is first needed."""

    def __init__(self, client: Callable[[], Any], name: str, pause: Pause = time.sleep) -> None:
        self._client = client
        self._name = name
        self._pause = pause
        self._committer = Committer(client, name, pause)

    def get_many(self, keys: Sequence[Key]) -> dict[Key, Row]:
        """One round trip for each hundred keys."""
        wanted = [key_item(key) for key in dict.fromkeys(keys) if possible(key)]
        rows: dict[Key, Row] = {}
        for start in range(0, len(wanted), MOST_KEYS):
            for item in self._batch(wanted[start : start + MOST_KEYS]):
                row = to_row(item)
                rows[row.pk, row.sk] = row
        return rows

    def _batch(self, keys: list[Item]) -> Iterator[Item]:
        pauses = waits(_EMPTY_ROUNDS, first=0.02)
        while keys:
            with as_unavailable():
                answer = self._client().batch_get_item(
                    RequestItems={self._name: {"Keys": keys, "ConsistentRead": True}}
                )
            found = answer["Responses"].get(self._name, [])
            yield from found
            # Left over because the answer was full (16 MB) or the table too busy.
            keys = answer.get("UnprocessedKeys", {}).get(self._name, {}).get("Keys", [])
            if keys and not found:
                seconds = next(pauses, None)
                if seconds is None:
                    raise StoreUnavailable("BatchGetItem: keys were left unprocessed")
                self._pause(seconds)

    def query(self, pk: str, prefix: str, after: str, limit: int) -> list[Row]:
        # The least text greater than `after`: sort keys are compared by their UTF-8 bytes.
        low, high = max(prefix, f"{after}\x00" if after else ""), prefix + _LAST
        if not possible((pk, low or "-")) or low > high or limit <= 0:
            return []
        asked = {
            "ConsistentRead": True,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": pk}},
        }
        if low:
            asked["KeyConditionExpression"] = "pk = :pk AND sk BETWEEN :low AND :high"
            asked["ExpressionAttributeValues"] |= {":low": {"S": low}, ":high": {"S": high}}  # type: ignore[operator]
        return [to_row(item) for item in self._pages("query", asked, limit)]

    def due(self, until: str, limit: int, kind: str) -> list[Row]:
        """From all eight shards, each read only as far as it is needed."""
        shards = [self._due_in(shard, until, limit, kind) for shard in SHARDS]
        merged = heapq.merge(*shards, key=lambda row: row.due_at or "")
        return [row for row, _ in zip(merged, range(limit), strict=False)]

    def _due_in(self, shard: str, until: str, limit: int, kind: str) -> Iterator[Row]:
        asked = {
            "IndexName": DUE_INDEX,
            "KeyConditionExpression": "due_shard = :shard AND due_at <= :until",
            "ExpressionAttributeValues": {":shard": {"S": shard}, ":until": {"S": until}},
        }
        if kind:
            asked["FilterExpression"] = "kind = :kind"
            asked["ExpressionAttributeValues"] |= {":kind": {"S": kind}}  # type: ignore[operator]
        yield from map(to_row, self._pages("query", asked, limit))

    def write(self, groups: Sequence[Sequence[RowWrite]]) -> list[Key | None]:
        """A lone row in one put, everything else in transactions of up to a hundred rows. Raises ItemRefused before
        anything is written, StoreUnavailable; groups of earlier transactions may be written then."""
        return self._committer.write([group_of(place, rows) for place, rows in enumerate(groups)])

    def counts(self) -> dict[str, int]:
        """Reads the whole table, a page at a time: for `check`, not for pages."""
        counted: dict[str, int] = {}
        asked = {"ProjectionExpression": "kind"}
        for item in self._pages("scan", asked):
            name = item["kind"]["S"]
            counted[name] = counted.get(name, 0) + 1
        return counted

    def part(self, number: int, of: int) -> Iterator[Row]:
        """By the table's own segments; not consistent, which costs half."""
        asked = {"ProjectionExpression": "pk, sk, kind, version", "Segment": number, "TotalSegments": of}
        yield from map(to_row, self._pages("scan", asked))

    def rows(self) -> Iterator[Row]:
        """A page at a time: what is written meanwhile may be there or not, and the journal has it."""
        yield from map(to_row, self._pages("scan", {"ConsistentRead": True}))

    def keys(self) -> Iterator[tuple[Key, str]]:
        """Every row's key and kind, in no order."""
        for item in self._pages("scan", {"ProjectionExpression": "pk, sk, kind"}):
            yield (item["pk"]["S"], item["sk"]["S"]), item["kind"]["S"]

    def _pages(self, operation: str, asked: dict[str, Any], limit: int | None = None) -> Iterator[Item]:
        """Items over as many calls as it takes; a page ends at 1 MB or at `limit` items looked at."""
        asked = {"TableName": self._name, **asked}
        left = limit
        while left is None or left > 0:
            if left is not None:
                asked["Limit"] = left
            with as_unavailable():
                page = getattr(self._client(), operation)(**asked)
            yield from page["Items"]
            if left is not None:
                left -= len(page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def purge(self) -> None:
        """DynamoDB keeps no deleted items, but in its backups (docs/erasure.md)."""

    def close(self) -> None:
        """Nothing is held open but the client, which others share."""
