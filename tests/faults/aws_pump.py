"""Lambda's event sources when functions fail: the stream's batch and the queue's messages come again."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from moto.sqs.models import sqs_backends

from chalicelib.handlers import functions
from tests.aws_events import context
from tests.aws_world import FUNCTIONS, Pump, _as_lambda, deployed
from tests.contracts.places import verify_sender
from tests.faults.aws_faults import AwsFaults
from tests.faults.moto_shortcuts import everywhere, holds_any
from tests.faults.place import AwsPlace
from tests.faults.plan import Plan


@dataclass
class AgainPump(Pump):
    """As the pump of a world in which nothing fails, but each failed delivery is made again at once: the time for
    which SQS hides a message is over. `passed` is the last number of each shard."""

    passed: dict[str, str] = field(default_factory=dict)
    stream: str = ""

    def work(self) -> None:
        """Also what was given out and never reached us."""
        super().work()
        while _shown_again():
            super().work()

    def _stream(self) -> int:
        """By the last number that was passed on: moto's own iterator goes astray when a cancelled transaction puts
        the table back."""
        passed = 0
        for shard in self._shards():
            while records := self._records(shard):
                event = json.loads(json.dumps({"Records": records}, default=str))
                try:
                    functions.on_change(event, context())
                except Exception:
                    return passed + 1
                self.passed[shard] = records[-1]["dynamodb"]["SequenceNumber"]
                passed += len(records)
        return passed

    def _records(self, shard: str) -> list[dict[str, Any]]:
        if not self.stream:
            (found,) = self.streams.list_streams(TableName=self.settings.table)["Streams"]
            self.stream = found["StreamArn"]
        asked = {"StreamArn": self.stream, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}
        if shard in self.passed:
            asked |= {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": self.passed[shard]}
        iterator = self.streams.get_shard_iterator(**asked)["ShardIterator"]
        records: list[dict[str, Any]] = self.streams.get_records(ShardIterator=iterator, Limit=100)["Records"]
        return records

    def _queue(self, topic: str) -> int:
        url, count = self._url(topic), 0
        if not holds_any(url):
            return 0
        while messages := self._received(url, 1 if topic in ("uploads", "chunks") else 10):
            failed = self._given(topic, url, messages)
            count += len(messages)
            if failed:
                break
        return count

    def _given(self, topic: str, url: str, messages: list[dict[str, Any]]) -> set[str]:
        event = {"Records": [_as_lambda(message) for message in messages]}
        failed = {message["MessageId"] for message in messages}
        try:
            answer = FUNCTIONS[topic](event, context()) or {}
            failed = {failure["itemIdentifier"] for failure in answer.get("batchItemFailures", ())}
        except Exception:
            return failed
        finally:
            for message in messages:
                told = {"QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"]}
                if message["MessageId"] in failed:
                    self.clients.sqs().change_message_visibility(VisibilityTimeout=0, **told)
                else:
                    self.clients.sqs().delete_message(**told)
        return failed


def _shown_again() -> int:
    """How many messages were hidden, in whatever queue; the minutes for which they were are over."""
    queues = (queue for backend in everywhere(sqs_backends) for queue in backend.queues.values())
    hidden = [message for queue in queues for message in queue._messages if not message.visible]
    for message in hidden:
        message.visible_at = 0
    return len(hidden)


@contextmanager
def on_aws(folder: Path, plan: Plan) -> Iterator[AwsPlace]:
    """An account of its own on moto, and a place in it."""
    with deployed("moto", folder) as pump:
        verify_sender(pump.clients.ses())
        again = AgainPump(pump.clients, pump.settings, pump.streams, pump.recorder)
        settings = replace(pump.settings, sender="Leadline <hello@example.com>")
        place = AwsPlace(settings, plan, pump=again, faults=AwsFaults(plan))
        place.start()
        place.people()
        yield place
