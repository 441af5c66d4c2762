"""Events as Lambda gets them: DynamoDB Streams (KEYS_ONLY), SQS with an id for each message, a schedule's context."""

import json
import uuid
from collections.abc import Iterable, Sequence
from types import SimpleNamespace
from typing import Any

from chalicelib.records.ports import Ref
from chalicelib.store.kinds import KINDS


def stream_event(refs: Iterable[Ref[Any]]) -> dict[str, Any]:
    return {"Records": [stream_record(*KINDS[ref.kind].key(ref.ids)) for ref in refs]}


def stream_record(pk: str, sk: str, name: str = "MODIFY") -> dict[str, Any]:
    return {
        "eventID": uuid.uuid4().hex,
        "eventName": name,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-central-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1772438400,
            "Keys": {"pk": {"S": pk}, "sk": {"S": sk}},
            "SequenceNumber": "1",
            "SizeBytes": 60,
            "StreamViewType": "KEYS_ONLY",
        },
        "eventSourceARN": "arn:aws:dynamodb:eu-central-1:123456789012:table/leadline/stream/1",
    }


def queue_event(bodies: Sequence[Any], attempt: int = 1) -> dict[str, Any]:
    return {"Records": [queue_record(json.dumps(body), attempt) for body in bodies]}


def queue_record(body: str, attempt: int = 1, message_id: str = "", receipt: str = "") -> dict[str, Any]:
    return {
        "messageId": message_id or str(uuid.uuid4()),
        "receiptHandle": receipt or uuid.uuid4().hex,
        "body": body,
        "attributes": {"ApproximateReceiveCount": str(attempt), "SentTimestamp": "1772438400000"},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:leadline",
        "awsRegion": "eu-central-1",
    }


def schedule_event() -> dict[str, Any]:
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "time": "2026-03-02T08:00:00Z",
        "region": "eu-central-1",
        "resources": [],
        "detail": {},
    }


def context(left_ms: int = 60_000) -> Any:
    return SimpleNamespace(get_remaining_time_in_millis=lambda: left_ms, aws_request_id=uuid.uuid4().hex)
