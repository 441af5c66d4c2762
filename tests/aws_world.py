"""A deployment on a double of AWS, in this process: what the stream, the queues and the schedule bring is given to the
functions as Lambda would give it, and what they say of failed messages is done as Lambda would do it."""

import json
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import botocore.session

from chalicelib.handlers import functions
from chalicelib.settings import Settings
from chalicelib.store.aws_clients import AwsClients
from tests.aws_events import context, queue_record, schedule_event
from tests.aws_policies import HTTP, Recorder, parameters, recorded, running
from tests.contracts.places import (
    EMULATOR,
    REGION,
    aws,
    drop_bucket,
    drop_queues,
    drop_table,
    make_bucket,
    make_queues,
    make_table,
)
from tests.ses_events import TOPIC, notification

Function = Callable[[Any, Any], Any]

FUNCTIONS: dict[str, Function] = {
    "index": functions.on_index,
    "outbox": functions.on_outbox,
    "mail-events": functions.on_mail_event,
    "uploads": functions.on_upload,
    "chunks": functions.on_chunk,
    "reports": functions.on_report,
}
# A queue the clock asks; no function is called by it.
DOOR = "door"
# The functions' names in the package.
NAMES = {topic: f"on_{topic.removesuffix('s').replace('-', '_')}" for topic in FUNCTIONS}
# As in the data stack; how many messages a mapping gives at once.
_ONE_AT_A_TIME = frozenset({"uploads", "chunks"})


@dataclass
class Pump:
    """Carries the stream's records and the queues' messages to the functions."""

    clients: AwsClients
    settings: Settings
    streams: Any
    recorder: Recorder
    shards: dict[str, str] = field(default_factory=dict)
    urls: dict[str, str] = field(default_factory=dict)

    def work(self) -> None:
        """Until nothing is left to do."""
        for _ in range(50):
            busy = self._stream() + sum(self._queue(topic) for topic in FUNCTIONS)
            if not busy:
                self.tick()
                busy = self._stream()
            if not busy:
                return
        raise AssertionError("the functions never came to rest")

    def tick(self) -> None:
        with running("on_tick"):
            functions.on_tick(schedule_event(), context())

    def tell(self, *events: Any) -> None:
        """What SES tells of mail, by way of the topic."""
        for event in events:
            body = json.dumps(notification(event))
            self.clients.sqs().send_message(QueueUrl=self._url("mail-events"), MessageBody=body)

    def doorway(self, app: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
        """A WSGI app whose calls of AWS are those of the function that answers HTTP."""

        def answer(*request: Any) -> Iterable[bytes]:
            with running(HTTP):
                return list(app(*request))

        return answer

    def _stream(self) -> int:
        """Pass on what the table's stream holds; how many records there were."""
        passed = 0
        for shard in self._shards():
            while True:
                page = self.streams.get_records(ShardIterator=self.shards[shard], Limit=100)
                self.shards[shard] = page.get("NextShardIterator") or self.shards[shard]
                if not page["Records"]:
                    break
                event = json.loads(json.dumps({"Records": page["Records"]}, default=str))
                with running("on_change"):
                    functions.on_change(event, context())
                passed += len(page["Records"])
        return passed

    def _shards(self) -> list[str]:
        if not self.shards:
            (stream,) = self.streams.list_streams(TableName=self.settings.table)["Streams"]
            arn = stream["StreamArn"]
            for shard in self.streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
                asked = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
                self.shards[shard["ShardId"]] = self.streams.get_shard_iterator(**asked)["ShardIterator"]
        return list(self.shards)

    def _queue(self, topic: str) -> int:
        """Give a queue's messages to its function until none is there; how many there were."""
        url, count = self._url(topic), 0
        most = 1 if topic in _ONE_AT_A_TIME else 10
        while messages := self._received(url, most):
            event = {"Records": [_as_lambda(message) for message in messages]}
            with running(NAMES[topic]):
                answer = FUNCTIONS[topic](event, context()) or {}
            failed = {failure["itemIdentifier"] for failure in answer.get("batchItemFailures", ())}
            for message in messages:
                if message["MessageId"] not in failed:
                    self.clients.sqs().delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            count += len(messages)
        return count

    def _received(self, url: str, most: int) -> list[dict[str, Any]]:
        answer = self.clients.sqs().receive_message(
            QueueUrl=url, MaxNumberOfMessages=most, MessageSystemAttributeNames=["All"], WaitTimeSeconds=0
        )
        found: list[dict[str, Any]] = answer.get("Messages", [])
        return found

    def _url(self, topic: str) -> str:
        if topic not in self.urls:
            name = self.settings.queue_prefix + topic
            self.urls[topic] = self.clients.sqs().get_queue_url(QueueName=name)["QueueUrl"]
        return self.urls[topic]


def _as_lambda(message: dict[str, Any]) -> dict[str, Any]:
    attempt = int(message["Attributes"]["ApproximateReceiveCount"])
    return queue_record(message["Body"], attempt, message["MessageId"], message["ReceiptHandle"])


# Reads the description of the service once.
_SESSION = botocore.session.Session()


@contextmanager
def deployed(place: str, folder: Path, hidden_seconds: int = 60) -> Iterator[Pump]:
    """The data stack of a deployment on moto or the emulator, its settings, and the pump. A function that asked for
    what its policy does not allow fails at the end."""
    with aws(place) as clients:
        table, bucket = make_table(clients), make_bucket(clients)
        topics = (*FUNCTIONS, DOOR)
        prefix = make_queues(clients, topics, hidden_seconds)
        settings = Settings(
            engine="dynamodb", data=folder, public_url="http://leadline.example", rate_limits=False,
            table=table, bucket=bucket,
            queue_prefix=prefix, region=REGION, secret=secrets.token_hex(32),
            aws_endpoint=EMULATOR if place == "emulator" else "", mail_topic=TOPIC,
        )  # fmt: skip
        streams = _SESSION.create_client(
            "dynamodbstreams", region_name=REGION, endpoint_url=settings.aws_endpoint or None
        )
        _tell_of_files(clients, bucket, prefix)
        with recorded(parameters(table, bucket, prefix, REGION)) as recorder:
            yield Pump(clients, settings, streams, recorder)
        refused = recorder.refused()
        assert not refused, "\n".join(refused)
        drop_queues(clients, prefix, topics)
        drop_bucket(clients, bucket)
        drop_table(clients, table)


def _tell_of_files(clients: AwsClients, bucket: str, prefix: str) -> None:
    """The bucket's notification of uploads/<id>/source."""
    url = clients.sqs().get_queue_url(QueueName=f"{prefix}uploads")["QueueUrl"]
    arn = clients.sqs().get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allowed = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:SendMessage",
               "Resource": arn}  # fmt: skip
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    clients.sqs().set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    rules = [{"Name": "prefix", "Value": "uploads/"}, {"Name": "suffix", "Value": "/source"}]
    told = {"QueueArn": arn, "Events": ["s3:ObjectCreated:*"], "Filter": {"Key": {"FilterRules": rules}}}
    clients.s3().put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"QueueConfigurations": [told]}
    )
