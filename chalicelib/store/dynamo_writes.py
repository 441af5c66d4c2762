"""What is to be written, as requests: one item for each key, conditions, and groups packed into transactions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.store.dynamo_items import (
    KB,
    MOST_ITEM_BYTES,
    MOST_VERSION,
    ItemRefused,
    ItemTooLarge,
    key_item,
    packed,
    possible,
    shard_of,
    to_item,
)
from chalicelib.store.table import Key, RowWrite

MOST_ITEMS, MOST_BYTES = 100, 4 * KB * KB
# What an item weighs beside keys, kind and body: attribute names, the write's id and a version of up to six digits;
# and while it is due the two attributes of the index.
_FIXED_BYTES, _DUE_BYTES = 39, 40


@dataclass(frozen=True, slots=True)
class ItemWrite:
    """One key's part of a group. `version` is what it will be at, None where that depends on what is there: then it
    rises by `rise`. `body` None deletes."""

    key: Key
    kind: str
    body: bytes | None
    due_at: str | None
    if_version: int | None
    version: int | None
    rise: int
    size: int

    @property
    def alone(self) -> bool:
        """Whether a single PutItem says it all, and a repetition of it can be told from somebody else's write."""
        return self.body is not None and self.if_version is not None


@dataclass(frozen=True, slots=True)
class Group:
    """All or nothing. `broken` is a key whose conditions contradict each other, so that nothing can be written."""

    place: int
    writes: tuple[ItemWrite, ...]
    broken: Key | None = None

    @property
    def keys(self) -> list[Key]:
        return [write.key for write in self.writes]

    @property
    def size(self) -> int:
        return sum(write.size for write in self.writes)


def group_of(place: int, rows: Sequence[RowWrite]) -> Group:
    """The rows of one group with each key named once, since a transaction cannot touch an item twice.

    Raises ItemRefused for what DynamoDB cannot hold or do in one transaction."""
    by_key: dict[Key, list[RowWrite]] = {}
    for row in rows:
        by_key.setdefault((row.pk, row.sk), []).append(row)
    for key, same in by_key.items():
        if len({row.if_version for row in same if row.if_version is not None}) > 1:
            return Group(place, (), key)
    group = Group(place, tuple(_item_write(key, same) for key, same in by_key.items()))
    if len(group.writes) > MOST_ITEMS or group.size > MOST_BYTES:
        kinds = ", ".join(sorted({write.kind for write in group.writes}))
        refused = ItemRefused if len(group.writes) > MOST_ITEMS else ItemTooLarge
        raise refused(
            f"{len(group.writes)} records of {group.size} bytes in one transaction ({kinds});"
            f" DynamoDB takes {MOST_ITEMS} and {MOST_BYTES}"
        )
    return group


def _item_write(key: Key, same: Sequence[RowWrite]) -> ItemWrite:
    last = same[-1]
    condition = next((row.if_version for row in same if row.if_version is not None), None)
    start: int | None = condition
    rise = 0
    for row in same:
        start, rise = (0, 0) if row.body is None else (start, rise + 1)
    version = None if start is None else start + rise
    _check_key(key, last.kind)
    if max(condition or 0, version or 0) > MOST_VERSION:
        raise ItemRefused(f"a version of {last.kind} has more digits than DynamoDB keeps exactly")
    body = None if last.body is None else packed(last.body, _overhead(key, last))
    size = _overhead(key, last) + len(body or b"")
    if size > MOST_ITEM_BYTES:
        told = f"a record of kind {last.kind} takes {size} bytes; DynamoDB holds {MOST_ITEM_BYTES}"
        raise ItemTooLarge(told, last.kind)
    return ItemWrite(key, last.kind, body, last.due_at, condition, version, rise, size)


def _overhead(key: Key, row: RowWrite) -> int:
    due = _DUE_BYTES if row.due_at is not None else 0
    return _FIXED_BYTES + due + len(key[0].encode()) + len(key[1].encode()) + len(row.kind.encode())


def _check_key(key: Key, kind: str) -> None:
    if not possible(key):
        raise ItemRefused(f"a key of kind {kind} is empty or too long for DynamoDB")


def packs(groups: Iterable[Group]) -> list[list[Group]]:
    """Groups in transactions as full as they may be, to be written in this order. Groups that touch the same key
    never share one, and the earlier comes first."""
    made: list[list[Group]] = []
    items: list[int] = []
    sizes: list[int] = []
    next_for: dict[Key, int] = {}
    open_from = 0
    for group in groups:
        at = max([open_from, *(next_for.get(key, 0) for key in group.keys)])
        while at < len(made) and (items[at] + len(group.writes) > MOST_ITEMS or sizes[at] + group.size > MOST_BYTES):
            at += 1
        if at == len(made):
            made.append([])
            items.append(0)
            sizes.append(0)
        made[at].append(group)
        items[at] += len(group.writes)
        sizes[at] += group.size
        next_for.update(dict.fromkeys(group.keys, at + 1))
        # A pack with no room for a small group is not looked at again.
        while open_from < len(made) and items[open_from] > MOST_ITEMS - 3:
            open_from += 1
    return made


def put_request(table: str, write: ItemWrite, write_id: str) -> dict[str, Any]:
    """A conditional Put of a write whose version is known."""
    item = to_item(write.key, write.kind, write.version or 0, write.body or b"", write.due_at, write_id)
    return {"TableName": table, "Item": item} | _condition(write.if_version)


def transact_item(table: str, write: ItemWrite, write_id: str) -> dict[str, Any]:
    if write.body is None:
        return {"Delete": {"TableName": table, "Key": key_item(write.key)} | _condition(write.if_version)}
    if write.version is None:
        return {"Update": _update(table, write, write.body, write_id)}
    return {"Put": put_request(table, write, write_id)}


def _condition(if_version: int | None) -> dict[str, Any]:
    """The item comes back when the condition fails, to see whose it is."""
    if if_version is None:
        return {}
    told = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    if if_version == 0:
        return told | {"ConditionExpression": "attribute_not_exists(pk)"}
    return told | {
        "ConditionExpression": "version = :was",
        "ExpressionAttributeValues": {":was": {"N": str(if_version)}},
    }


def _update(table: str, write: ItemWrite, body: bytes, write_id: str) -> dict[str, Any]:
    """Whatever is there, one version more: counted by the table itself, so that no write in between is missed."""
    values: dict[str, Any] = {
        ":kind": {"S": write.kind},
        ":body": {"B": body},
        ":write": {"S": write_id},
        ":none": {"N": "0"},
        ":rise": {"N": str(write.rise)},
    }
    sets = "kind = :kind, body = :body, write_id = :write, version = if_not_exists(version, :none) + :rise"
    if write.due_at is None:
        expression = f"SET {sets} REMOVE due_shard, due_at"
    else:
        expression = f"SET {sets}, due_shard = :shard, due_at = :due"
        values |= {":shard": {"S": shard_of(*write.key)}, ":due": {"S": write.due_at}}
    return {
        "TableName": table,
        "Key": key_item(write.key),
        "UpdateExpression": expression,
        "ExpressionAttributeValues": values,
    }
