"""The queue on SQS: one queue for each topic, named by a prefix; its visibility timeout and dead letters are those
of the data stack."""

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.records.deliveries import DeadLetter, Delivery
from chalicelib.store.aws_errors import as_unavailable, code_of

# What one call of ReceiveMessage gives at most.
_AT_ONCE = 10
# Its dead letters lie in a queue of this name. Who moves one hides it for a while.
_DEAD = "-dead"
_MOVE_SECONDS = 120
# A receipt that came too late: the message went to somebody else meanwhile, or is gone.
_LATE = frozenset(
    {"ReceiptHandleIsInvalid", "InvalidParameterValue", "AWS.SimpleQueueService.NonExistentReceiptHandle"}
)


class SqsQueue:
    """Implements Queue. `prefix` and topic make the queue's name ("leadline-prod-" and "uploads")."""

    def __init__(self, client: Callable[[], Any], prefix: str) -> None:
        self._client = client
        self._prefix = prefix
        self._urls: dict[str, str] = {}
        self._lock = threading.Lock()

    def _url(self, topic: str) -> str:
        url = self._urls.get(topic)
        if url is None:
            with as_unavailable():
                url = str(self._client().get_queue_url(QueueName=self._prefix + topic)["QueueUrl"])
            with self._lock:
                self._urls[topic] = url
        return url

    def send(self, topic: str, body: dict[str, Any]) -> None:
        with as_unavailable():
            self._client().send_message(QueueUrl=self._url(topic), MessageBody=json.dumps(body))

    def receive(self, topic: str, limit: int = 10) -> list[Delivery]:
        """What is there now, without waiting; calls again while there is more and the limit is not reached."""
        return [
            Delivery(json.loads(m["Body"]), m["ReceiptHandle"], _attempts(m), m["MessageId"])
            for m in self._taken(topic, limit)
        ]

    def _taken(self, topic: str, limit: int, hidden: int | None = None) -> Iterator[dict[str, Any]]:
        while limit > 0:
            found = self._take(topic, min(_AT_ONCE, limit), {} if hidden is None else {"VisibilityTimeout": hidden})
            yield from found
            limit -= len(found)
            if not found:
                break

    def _take(self, topic: str, limit: int, asked: dict[str, Any]) -> list[dict[str, Any]]:
        with as_unavailable():
            answer = self._client().receive_message(
                QueueUrl=self._url(topic),
                MaxNumberOfMessages=limit,
                MessageSystemAttributeNames=["ApproximateReceiveCount"],
                WaitTimeSeconds=0,
                **asked,
            )
        found: list[dict[str, Any]] = answer.get("Messages", [])
        return found

    def waiting(self, topic: str) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        with as_unavailable():
            told = self._client().get_queue_attributes(QueueUrl=self._url(topic), AttributeNames=names)["Attributes"]
        return sum(int(told[name]) for name in names)

    def dead(self, topic: str, limit: int = 100) -> tuple[list[DeadLetter], int]:
        total = self.waiting(topic + _DEAD)
        if not total:
            return [], 0
        letters: dict[str, dict[str, Any]] = {}
        # Looked at without hiding it, so that it can be moved at once: the same ones may come again.
        while len(letters) < limit:
            page = {m["MessageId"]: m for m in self._take(topic + _DEAD, _AT_ONCE, {"VisibilityTimeout": 0})}
            if not page.keys() - letters.keys():
                break
            letters |= page
        found = [DeadLetter(topic, name, m["Body"], _attempts(m)) for name, m in letters.items()]
        return found[:limit], max(total, len(found))

    def revive(self, topic: str, limit: int = 1000) -> int:
        """Sent first and deleted then: who dies in between has sent one twice, never lost one."""
        moved = 0
        for message in self._taken(topic + _DEAD, limit, _MOVE_SECONDS):
            with as_unavailable():
                self._client().send_message(QueueUrl=self._url(topic), MessageBody=message["Body"])
            self.done(topic + _DEAD, message["ReceiptHandle"])
            moved += 1
        return moved

    def done(self, topic: str, receipt: str) -> None:
        """A late receipt changes nothing."""
        try:
            with as_unavailable(but=_LATE):
                self._client().delete_message(QueueUrl=self._url(topic), ReceiptHandle=receipt)
        except ClientError as error:
            if code_of(error) not in _LATE:
                raise


def _attempts(message: dict[str, Any]) -> int:
    return int(message["Attributes"]["ApproximateReceiveCount"])
