"""What calls of DynamoDB cost, in the units it bills: counted at the client, from the sizes of items.

The rules (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ and its page on transactions): a write
takes a unit for each KB of the larger of the old and the new item, twice in a transaction; each entry of an index
that is added, changed or removed takes its own, two when its key changes; a failed condition is billed as a write. A
consistent read takes a unit for each 4 KB, half of that if it is not consistent; a batch rounds up for each item, a
query once over all. Of an item written before the meter was read nothing is known: it counts as one of a KB."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chalicelib.store.dynamo_items import KB, Item, size_of
from chalicelib.store.table import Key

_READ_BYTES = 4 * KB
# What an entry of the due index holds.
_PROJECTED = ("pk", "sk", "kind", "version", "due_shard", "due_at")
_ENTRY_KEY = ("due_shard", "due_at")


@dataclass(slots=True)
class Bill:
    """Calls by operation, units of reading, and those of writing (with the index's) by the key that was written."""

    calls: dict[str, int] = field(default_factory=dict)
    read_units: float = 0.0
    written: dict[Key, int] = field(default_factory=dict)

    @property
    def write_units(self) -> int:
        return sum(self.written.values())

    @property
    def call_count(self) -> int:
        return sum(self.calls.values())


class Tally:
    """Adds up what calls cost. `known` are the items as last written."""

    def __init__(self) -> None:
        self.known: dict[Key, Item] = {}
        self.bill = Bill()

    def take(self) -> Bill:
        """The bill since the last one."""
        taken, self.bill = self.bill, Bill()
        return taken

    def called(self, operation: str) -> None:
        self.bill.calls[operation] = self.bill.calls.get(operation, 0) + 1

    def read_batch(self, found: Sequence[Item], absent: int, consistent: bool) -> None:
        share = 1 if consistent else 0.5
        self.bill.read_units += share * (absent + sum(_units(size_of(item), _READ_BYTES) for item in found))

    def read_page(self, whole: Sequence[Item], consistent: bool) -> None:
        share = 1 if consistent else 0.5
        self.bill.read_units += share * _units(sum(map(size_of, whole)), _READ_BYTES)

    def write(self, writes: Sequence[Mapping[str, Any]], times: int, done: bool) -> None:
        """Each as {"Put" | "Update" | "Delete": its request}; `times` is 2 in a transaction."""
        for write in writes:
            ((operation, asked),) = write.items()
            key = _key(asked["Item"] if operation == "Put" else asked["Key"])
            old = self.known.get(key)
            new = None if operation == "Delete" else asked["Item"] if operation == "Put" else _updated(asked, old)
            size = max([KB if old is None and new is None else 1, *(size_of(item) for item in (old, new) if item)])
            units = times * _units(size, KB)
            if done:
                units += _index_units(entry_of(old), entry_of(new))
                if new is None:
                    self.known.pop(key, None)
                else:
                    self.known[key] = new
            self.bill.written[key] = self.bill.written.get(key, 0) + units


class Meter:
    """Listens to a client, from now on. Safe to use from several threads."""

    def __init__(self, client: Any) -> None:
        self._lock = threading.Lock()
        self._tally = Tally()
        client.meta.events.register("provide-client-params.dynamodb", self._asked)
        client.meta.events.register("after-call.dynamodb", self._answered)

    def sizes(self) -> dict[str, list[int]]:
        """Bytes of the items written, by their kind."""
        found: dict[str, list[int]] = {}
        for item in self._tally.known.values():
            found.setdefault(item["kind"]["S"], []).append(size_of(item))
        return found

    def take(self) -> Bill:
        """The bill since the last one."""
        with self._lock:
            return self._tally.take()

    def _asked(self, params: Mapping[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["leadline_asked"] = params

    def _answered(self, parsed: Mapping[str, Any], model: Any, context: Mapping[str, Any], **_: Any) -> None:
        asked = context["leadline_asked"]
        with self._lock:
            self._tally.called(model.name)
            match model.name:
                case "BatchGetItem":
                    self._read_batch(asked, parsed)
                case "Query" | "Scan":
                    self._read_page(asked, parsed)
                case "PutItem":
                    self._tally.write([{"Put": asked}], 1, "Error" not in parsed)
                case "TransactWriteItems":
                    self._tally.write(asked["TransactItems"], 2, "Error" not in parsed)

    def _read_batch(self, asked: Mapping[str, Any], parsed: Mapping[str, Any]) -> None:
        for table, wanted in asked["RequestItems"].items():
            found = parsed.get("Responses", {}).get(table, [])
            self._tally.read_batch(found, len(wanted["Keys"]) - len(found), bool(wanted.get("ConsistentRead")))

    def _read_page(self, asked: Mapping[str, Any], parsed: Mapping[str, Any]) -> None:
        """A projection reads whole items all the same; what it left out is as long as the meter knows."""
        items = parsed.get("Items", [])
        whole = [self._tally.known.get(_key(item), item) if "pk" in item else item for item in items]
        if asked.get("IndexName"):
            whole = [entry_of(item) or item for item in whole]
        self._tally.read_page(whole, bool(asked.get("ConsistentRead")))


def _key(item: Mapping[str, Any]) -> Key:
    return item["pk"]["S"], item["sk"]["S"]


def _updated(asked: Mapping[str, Any], old: Item | None) -> Item:
    """The item an unconditional write leaves (store/dynamo_writes)."""
    values = asked["ExpressionAttributeValues"]
    version = int(old["version"]["N"] if old else 0) + int(values[":rise"]["N"])
    item = {
        **asked["Key"],
        "kind": values[":kind"],
        "body": values[":body"],
        "write_id": values[":write"],
        "version": {"N": str(version)},
    }
    return item | ({"due_shard": values[":shard"], "due_at": values[":due"]} if ":due" in values else {})


def entry_of(item: Item | None) -> Item | None:
    """What the index holds of an item; None while it is not due."""
    if item is None or "due_at" not in item:
        return None
    return {name: item[name] for name in _PROJECTED if name in item}


def _index_units(old: Item | None, new: Item | None) -> int:
    if old == new:
        return 0
    if old and new and all(old[name] == new[name] for name in _ENTRY_KEY):
        return _units(max(size_of(old), size_of(new)), KB)
    return sum(_units(size_of(entry), KB) for entry in (old, new) if entry)


def _units(size: int, unit: int) -> int:
    """At least one: also an empty answer is billed."""
    return max(1, -(-size // unit))
