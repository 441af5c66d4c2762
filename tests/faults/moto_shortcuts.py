"""What moto holds, told without its way through requests and serializers.

Tens of thousands of runs ask the same: whether anything is due, what lies in a folder of the bucket or under some keys,
whether anything waits in a queue. A question on which no fault strikes is answered from moto's own state."""

import base64
from collections.abc import Callable, Iterator
from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table
from moto.s3.models import s3_backends
from moto.sqs.models import sqs_backends

Asked = dict[str, Any]
Answer = dict[str, Any]


def shortcut(operation: str, asked: Asked) -> Answer | None:
    """The answer, or None where moto is to be asked."""
    tell = _TOLD.get(operation)
    return tell(asked) if tell else None


def _nothing_due(asked: Asked) -> Answer | None:
    """Most questions to the due index have an empty answer."""
    if "IndexName" not in asked:
        return None
    values = asked["ExpressionAttributeValues"]
    shard, until = values[":shard"]["S"], values[":until"]["S"]
    for partition in _table(asked["TableName"]).items.values():
        for item in partition.values():
            kept = item.attrs
            if "due_shard" in kept and kept["due_shard"].value == shard and kept["due_at"].value <= until:
                return None
    return {"Items": [], "Count": 0}


def _in_folder(asked: Asked) -> Answer | None:
    """A folder of the bucket, unless it is asked for page by page."""
    if not asked.keys() <= {"Bucket", "Prefix"}:
        return None
    bucket, prefix = asked["Bucket"], asked.get("Prefix", "")
    for backend in everywhere(s3_backends):
        if bucket in backend.buckets:
            found = sorted(key for key in backend.buckets[bucket].keys if key.startswith(prefix))
            return {"Contents": [{"Key": key} for key in found], "KeyCount": len(found), "IsTruncated": False}
    return None


def _nothing_waits(asked: Asked) -> Answer | None:
    """Most looks into a queue find nothing."""
    return None if holds_any(asked["QueueUrl"]) else {}


def _under_keys(asked: Asked) -> Answer | None:
    ((name, wanted),) = asked["RequestItems"].items()
    return {"Responses": {name: list(_items(_table(name), wanted["Keys"]))}, "UnprocessedKeys": {}}


def _items(table: Table, keys: list[dict[str, dict[str, str]]]) -> Iterator[dict[str, Any]]:
    for key in keys:
        item = table.get_item(*(DynamoType(key[name]) for name in ("pk", "sk")))
        if item is not None:
            yield {name: {kept.type: _value(kept)} for name, kept in item.attrs.items()}


def _value(kept: DynamoType) -> Any:
    return base64.b64decode(kept.value) if kept.type == "B" and isinstance(kept.value, str) else kept.value


def everywhere(backends: Any) -> Iterator[Any]:
    """What moto keeps of a service, in whatever account and region."""
    for of_account in backends.values():
        yield from of_account.values()


def holds_any(queue_url: str) -> bool:
    """Whether there is a message in a queue, hidden or not."""
    name = queue_url.rpartition("/")[2]
    return any(name in backend.queues and backend.queues[name]._messages for backend in everywhere(sqs_backends))


def _table(name: str) -> Table:
    for backend in everywhere(dynamodb_backends):
        if name in backend.tables:
            return backend.tables[name]
    raise AssertionError(f"moto has no table {name}")


_TOLD: dict[str, Callable[[Asked], Answer | None]] = {
    "Query": _nothing_due,
    "ListObjectsV2": _in_folder,
    "BatchGetItem": _under_keys,
    "ReceiveMessage": _nothing_waits,
}
