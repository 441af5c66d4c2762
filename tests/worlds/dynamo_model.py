"""DynamoDB in memory, at the boundary of botocore's client: exact for the calls and expressions an engine makes, quick
enough for a hundred thousand submissions, and strict: an argument it does not know is refused, not overlooked.

Each call is atomic and durable; what goes wrong on the way there and back is for whoever stands between (`wire.py`).
The index is brought up to date `lag()` seconds after the table, entries of one item in order; the stream holds the
keys of each item that changed, in order by shard (KEYS_ONLY). Proven by tests/contracts, which run over it too."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from tests.worlds.dynamo_expressions import BadExpression, Item, comparable, condition, update
from tests.worlds.dynamo_tables import Index, Kept, Table, size_of

KB = 1024
MOST_ITEM, MOST_TRANSACTION, MOST_PAGE, MOST_BATCH = 400 * KB, 4 * KB * KB, KB * KB, 16 * KB * KB
# How long a transaction's token is remembered, seconds.
TOKEN_SECONDS = 600.0
_CONDITION = {"ConditionExpression", "ExpressionAttributeValues", "ReturnValuesOnConditionCheckFailure"}
_KNOWN = {
    "PutItem": {"TableName", "Item", *_CONDITION},
    "DeleteItem": {"TableName", "Key", *_CONDITION},
    "UpdateItem": {"TableName", "Key", "UpdateExpression", *_CONDITION},
    "ConditionCheck": {"TableName", "Key", *_CONDITION},
    "GetItem": {"TableName", "Key", "ConsistentRead"},
    "BatchGetItem": {"RequestItems"},
    "Query": {"TableName", "IndexName", "KeyConditionExpression", "FilterExpression", "ExpressionAttributeValues",
              "Limit", "ExclusiveStartKey", "ConsistentRead", "ScanIndexForward", "ProjectionExpression"},
    "Scan": {"TableName", "FilterExpression", "ExpressionAttributeValues", "Limit", "ExclusiveStartKey",
             "ConsistentRead", "ProjectionExpression", "Segment", "TotalSegments"},
    "TransactWriteItems": {"TransactItems", "ClientRequestToken"},
}  # fmt: skip
_OF_TRANSACTION = {"Put": "PutItem", "Delete": "DeleteItem", "Update": "UpdateItem", "ConditionCheck": "ConditionCheck"}


def refusal(operation: str, code: str, status: int = 400, **more: Any) -> ClientError:
    """An error as botocore raises it."""
    told = {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(told | more, operation)  # type: ignore[arg-type]


class DynamoModel:
    """A low-level client of DynamoDB. `clock` in seconds, for tokens and the index's `lag` (seconds, per change)."""

    def __init__(self, clock: Callable[[], float] = lambda: 0.0, lag: Callable[[], float] = lambda: 0.0) -> None:
        self._clock, self._lag = clock, lag
        self.tables: dict[str, Table] = {}
        self._tokens: dict[str, tuple[float, Any]] = {}

    def create_table(self, TableName: str, KeySchema: Any, GlobalSecondaryIndexes: Any = (), **_: Any) -> None:  # noqa: N803
        keys = _schema(KeySchema)
        indexes = {}
        for told in GlobalSecondaryIndexes:
            own = _schema(told["KeySchema"])
            names = frozenset((*keys, *own, *told["Projection"].get("NonKeyAttributes", ())))
            indexes[told["IndexName"]] = Index(*own, names)
        self.tables[TableName] = Table(*keys, indexes)

    def delete_table(self, TableName: str) -> None:  # noqa: N803
        del self.tables[TableName]

    def get_waiter(self, _name: str) -> Any:
        class AtOnce:
            def wait(self, **_: Any) -> None:
                """It is there."""

        return AtOnce()

    def close(self) -> None:
        """Nothing is held open."""

    # Reading

    def get_item(self, **asked: Any) -> dict[str, Any]:
        table = self._table("GetItem", asked)
        found = table.get(table.key_of(asked["Key"]))
        return {"Item": dict(found)} if found else {}

    def batch_get_item(self, **asked: Any) -> dict[str, Any]:
        _check_known("BatchGetItem", asked)
        ((name, wanted),) = asked["RequestItems"].items()
        table, keys = self.tables[name], wanted["Keys"]
        _check_keys("BatchGetItem", keys, table)
        found, size = [], 0
        for place, key in enumerate(keys):
            item = table.get(table.key_of(key))
            if item is None:
                continue
            size += item.size
            if size > MOST_BATCH:
                return {"Responses": {name: found}, "UnprocessedKeys": {name: {**wanted, "Keys": keys[place:]}}}
            found.append(dict(item))
        return {"Responses": {name: found}, "UnprocessedKeys": {}}

    def query(self, **asked: Any) -> dict[str, Any]:
        table = self._table("Query", asked)
        if "IndexName" in asked:
            if asked.get("ConsistentRead"):
                raise refusal("Query", "ValidationException")
            self._catch_up(table)
            rows = self._of_index(table.indexes[asked["IndexName"]], asked)
        else:
            rows = self._of_partition(table, asked)
        if asked.get("ScanIndexForward", True) is False:
            rows = list(reversed(list(rows)))
        return self._page(table, asked, rows)

    def scan(self, **asked: Any) -> dict[str, Any]:
        table = self._table("Scan", asked)
        return self._page(table, asked, table.segment(asked.get("Segment", 0), asked.get("TotalSegments", 1)))

    def _of_partition(self, table: Table, asked: Mapping[str, Any]) -> list[Kept]:
        holds, values = condition(asked["KeyConditionExpression"]), asked["ExpressionAttributeValues"]
        pk = values[asked["KeyConditionExpression"].split()[2]]["S"]
        partition = table.items.get(pk, {})
        keys = sorted(partition, key=str.encode)
        return [partition[sk] for sk in keys if holds(partition[sk], values)]

    def _of_index(self, index: Index, asked: Mapping[str, Any]) -> Iterable[Kept]:
        holds, values = condition(asked["KeyConditionExpression"]), asked["ExpressionAttributeValues"]
        shard = values[asked["KeyConditionExpression"].split()[2]]["S"]
        rows = index.partitions.get(shard, [])
        start = asked.get("ExclusiveStartKey")
        # By place, so that a long index need not be walked to where the last page ended.
        begin = bisect_left(rows, (start[index.range_name]["S"].encode(), (start["pk"]["S"], ""))) if start else 0
        for _, key in rows[begin:]:
            entry = index.entries[key]
            if not holds(entry, values):
                return
            yield entry

    def _page(self, table: Table, asked: Mapping[str, Any], rows: Iterable[Kept]) -> dict[str, Any]:
        """A page ends at 1 MB or at Limit items looked at; the filter comes after."""
        keep = condition(asked["FilterExpression"]) if "FilterExpression" in asked else None
        names = [name.strip() for name in asked.get("ProjectionExpression", "").split(",") if name.strip()]
        start = table.key_of(asked["ExclusiveStartKey"]) if "ExclusiveStartKey" in asked else None
        most = asked.get("Limit", 1 << 60)
        index = table.indexes.get(asked.get("IndexName", ""))
        items: list[Item] = []
        looked = size = 0
        for item in rows:
            if start is not None:
                start = None if table.key_of(item) == start else start
                continue
            looked, size = looked + 1, size + item.size
            if keep is None or keep(item, asked.get("ExpressionAttributeValues", {})):
                items.append({name: item[name] for name in names if name in item} if names else dict(item))
            if looked >= most or size >= MOST_PAGE:
                ends = (table.hash_name, table.range_name, *((index.hash_name, index.range_name) if index else ()))
                return {"Items": items, "Count": len(items), "LastEvaluatedKey": {name: item[name] for name in ends}}
        return {"Items": items, "Count": len(items)}

    # Writing

    def put_item(self, **asked: Any) -> dict[str, Any]:
        return self._alone("PutItem", asked)

    def delete_item(self, **asked: Any) -> dict[str, Any]:
        return self._alone("DeleteItem", asked)

    def update_item(self, **asked: Any) -> dict[str, Any]:
        return self._alone("UpdateItem", asked)

    def _alone(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        table, key, new = self._change(operation, asked)
        if not _holds(table.get(key), asked):
            raise refusal(operation, "ConditionalCheckFailedException", **_told(table.get(key), asked))
        self._set(table, key, new(table.get(key)))
        return {}

    def transact_write_items(self, **asked: Any) -> dict[str, Any]:
        operation = "TransactWriteItems"
        _check_known(operation, asked)
        token, writes = asked.get("ClientRequestToken", ""), asked["TransactItems"]
        if token and (known := self._tokens.get(token)) and self._clock() - known[0] < TOKEN_SECONDS:
            if known[1] != writes:
                raise refusal(operation, "IdempotentParameterMismatchException")
            return {}
        changes = [self._change(_OF_TRANSACTION[name], told) for write in writes for name, told in write.items()]
        if not 0 < len(changes) <= 100 or len({(id(table), key) for table, key, _ in changes}) < len(changes):
            raise refusal(operation, "ValidationException")
        reasons = [
            {"Code": "None"} if _holds(table.get(key), told)
            else {"Code": "ConditionalCheckFailed", **_told(table.get(key), told)}
            for (table, key, _), write in zip(changes, writes, strict=True) for told in write.values()
        ]  # fmt: skip
        if any(reason["Code"] != "None" for reason in reasons):
            raise refusal(operation, "TransactionCanceledException", CancellationReasons=reasons)
        made = [(table, key, new(table.get(key))) for table, key, new in changes]
        if sum(size_of(item) for _, _, item in made if item) > MOST_TRANSACTION:
            raise refusal(operation, "ValidationException")
        for table, key, item in made:
            self._set(table, key, item)
        if token:
            self._tokens[token] = (self._clock(), writes)
        return {}

    def _change(self, operation: str, asked: Mapping[str, Any]) -> Any:
        """(table, key, function from the old item to the new one)."""
        table = self._table(operation, asked)
        if operation == "PutItem":
            item = dict(asked["Item"])
            _check_keys(operation, [item], table)
            if size_of(item) > MOST_ITEM or any(not _is_value(value) for value in item.values()):
                raise refusal(operation, "ValidationException")
            return table, table.key_of(item), lambda old: item
        _check_keys(operation, [asked["Key"]], table)
        key = table.key_of(asked["Key"])
        if operation == "DeleteItem":
            return table, key, lambda old: None
        if operation == "ConditionCheck":
            return table, key, lambda old: old
        changed = update(asked["UpdateExpression"])
        values = asked.get("ExpressionAttributeValues", {})

        def updated(old: Item | None) -> Item:
            item = changed({**(old or {}), **asked["Key"]}, values)
            if size_of(item) > MOST_ITEM:
                raise refusal(operation, "ValidationException")
            return item

        return table, key, updated

    def _set(self, table: Table, key: tuple[str, str], item: Item | None) -> None:
        old = table.get(key)
        if old == item:
            return
        table.set(key, item)
        table.late.append((self._clock() + self._lag(), key, item))
        table.tell(key)

    def _catch_up(self, table: Table) -> None:
        """Bring the index up to what is due by now; in order, so that a late entry holds up those behind it."""
        now = self._clock()
        while table.late and table.late[0][0] <= now:
            _, key, item = table.late.popleft()
            for index in table.indexes.values():
                index.set(key, item)

    def _table(self, operation: str, asked: Mapping[str, Any]) -> Table:
        _check_known(operation, asked)
        table = self.tables.get(asked["TableName"])
        if table is None:
            raise refusal(operation, "ResourceNotFoundException")
        return table


def _schema(told: Any) -> tuple[str, str]:
    by_type = {part["KeyType"]: part["AttributeName"] for part in told}
    return by_type["HASH"], by_type["RANGE"]


def _check_known(operation: str, asked: Mapping[str, Any]) -> None:
    unknown = asked.keys() - _KNOWN[operation]
    if unknown:
        raise BadExpression(f"{operation} with {', '.join(sorted(unknown))} is not modelled")


def _check_keys(operation: str, keys: list[Mapping[str, Any]], table: Table) -> None:
    """Each key there, not empty, not too long; in a batch none twice and a hundred at most."""
    read = [table.key_of(key) for key in keys]
    if len(read) > 100 or len(set(read)) < len(read):
        raise refusal(operation, "ValidationException")
    if any(not 0 < len(pk.encode()) <= 2048 or not 0 < len(sk.encode()) <= 1024 for pk, sk in read):
        raise refusal(operation, "ValidationException")


def _is_value(value: Mapping[str, Any]) -> bool:
    comparable(dict(value))
    return True


def _holds(item: Item | None, asked: Mapping[str, Any]) -> bool:
    text = asked.get("ConditionExpression")
    return text is None or condition(text)(item or {}, asked.get("ExpressionAttributeValues", {}))


def _told(item: Item | None, asked: Mapping[str, Any]) -> dict[str, Any]:
    wanted = asked.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
    return {"Item": dict(item)} if item and wanted else {}
