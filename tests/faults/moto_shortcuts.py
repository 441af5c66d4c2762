"""What moto holds, told without its way through requests and serializers.

Tens of thousands of runs ask the same: whether anything is due, whether anything waits in a folder of the bucket, what
lies under a few keys. A question on which no fault strikes is answered from moto's own state."""

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

from botocore.awsrequest import AWSResponse
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table
from moto.s3.models import s3_backends

Answer = dict[str, Any]


def shortcut(model: Any, params: dict[str, Any]) -> tuple[AWSResponse, Answer] | None:
    """For botocore's `before-call`: the parsed answer, or None where moto is to be asked."""
    tell = _TOLD.get(model.name)
    answer = tell(params) if tell else None
    return None if answer is None else (AWSResponse("", 200, {}, None), answer)


def _nothing_due(params: dict[str, Any]) -> Answer | None:
    """Most questions to the due index have an empty answer."""
    if b'"IndexName":' not in params["body"]:
        return None
    asked = json.loads(params["body"])
    values = asked["ExpressionAttributeValues"]
    shard, until = values[":shard"]["S"], values[":until"]["S"]
    for item in _table(asked["TableName"]).all_items():
        kept = item.attrs
        if "due_shard" in kept and kept["due_shard"].value == shard and kept["due_at"].value <= until:
            return None
    return {"Items": [], "Count": 0}


def _nothing_there(params: dict[str, Any]) -> Answer | None:
    """The same of the folders in which submissions wait."""
    asked = params["context"]["input_params"]
    bucket, prefix = asked["Bucket"], asked.get("Prefix", "")
    for backends in s3_backends.values():
        for backend in backends.values():
            if bucket in backend.buckets:
                return None if any(key.startswith(prefix) for key in backend.buckets[bucket].keys) else {"KeyCount": 0}
    return None


def _under_keys(params: dict[str, Any]) -> Answer | None:
    ((name, wanted),) = json.loads(params["body"])["RequestItems"].items()
    return {"Responses": {name: list(_items(_table(name), wanted["Keys"]))}, "UnprocessedKeys": {}}


def _items(table: Table, keys: list[dict[str, dict[str, str]]]) -> Iterator[dict[str, Any]]:
    for key in keys:
        item = table.get_item(*(DynamoType(key[name]) for name in ("pk", "sk")))
        if item is not None:
            yield {name: {kept.type: _value(kept)} for name, kept in item.attrs.items()}


def _value(kept: DynamoType) -> Any:
    return base64.b64decode(kept.value) if kept.type == "B" and isinstance(kept.value, str) else kept.value


def _table(name: str) -> Table:
    for backends in dynamodb_backends.values():
        for backend in backends.values():
            if name in backend.tables:
                return backend.tables[name]
    raise AssertionError(f"moto has no table {name}")


_TOLD: dict[str, Callable[[dict[str, Any]], Answer | None]] = {
    "Query": _nothing_due,
    "ListObjectsV2": _nothing_there,
    "BatchGetItem": _under_keys,
}
