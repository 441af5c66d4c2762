"""SQS in memory, at the boundary of botocore's client: visibility, at least once, in no order, dead letters.

Which message comes next, and whether one is given out twice, is for `draw` to say: a random.Random makes it SQS, none
makes it first in, first out. Proven by tests/contracts/test_queue.py."""

import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.worlds.dynamo_model import refusal

_ACCOUNT = "https://sqs.example/123456789012/"


@dataclass
class Held:
    """One message: until when it is hidden, how often it was given out, and the last receipt."""

    message_id: str
    body: str
    visible_at: float
    sent_at: float
    count: int = 0
    receipt: str = ""


@dataclass
class QueueState:
    hidden_seconds: float
    dead: str = ""
    most_receives: int = 1 << 30
    messages: dict[str, Held] = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        self.messages = {}


class SqsModel:
    """A low-level client of SQS. `again` is the share of messages that are given out a second time at once."""

    def __init__(self, clock: Callable[[], float], draw: random.Random | None = None, again: float = 0.0) -> None:
        self._clock, self._draw, self._again = clock, draw, again
        self.queues: dict[str, QueueState] = {}
        self.given_twice = 0
        self._numbers = itertools.count(1)

    def create_queue(self, QueueName: str, Attributes: Any = None) -> dict[str, Any]:  # noqa: N803
        told = Attributes or {}
        self.queues[QueueName] = QueueState(float(told.get("VisibilityTimeout", 30)))
        return {"QueueUrl": _ACCOUNT + QueueName}

    def dead_letters(self, name: str, dead: str, most_receives: int) -> None:
        """The redrive policy."""
        self.queues[name].dead, self.queues[name].most_receives = dead, most_receives

    def get_queue_url(self, QueueName: str) -> dict[str, Any]:  # noqa: N803
        if QueueName not in self.queues:
            raise refusal("GetQueueUrl", "AWS.SimpleQueueService.NonExistentQueue")
        return {"QueueUrl": _ACCOUNT + QueueName}

    def delete_queue(self, QueueUrl: str) -> None:  # noqa: N803
        del self.queues[_name(QueueUrl)]

    def send_message(self, QueueUrl: str, MessageBody: str) -> dict[str, Any]:  # noqa: N803
        if len(MessageBody.encode()) > 256 * 1024:
            raise refusal("SendMessage", "InvalidParameterValue")
        self._put(_name(QueueUrl), MessageBody)
        return {}

    def _put(self, name: str, body: str) -> None:
        number = f"{next(self._numbers):012d}"
        self.queues[name].messages[number] = Held(number, body, self._clock(), self._clock())

    def receive_message(
        self,
        QueueUrl: str,  # noqa: N803
        MaxNumberOfMessages: int = 1,  # noqa: N803
        MessageSystemAttributeNames: Any = (),  # noqa: N803
        WaitTimeSeconds: int = 0,  # noqa: N803
    ) -> dict[str, Any]:
        state, now = self.queues[_name(QueueUrl)], self._clock()
        self._bury(state)
        shown = [held for held in state.messages.values() if held.visible_at <= now]
        if self._draw:
            # In no order: among the first hundred, as a long queue is not looked through as a whole.
            shown = self._draw.sample(shown[:100], min(len(shown), 100))
        return {"Messages": [self._given(held, state, now) for held in shown[:MaxNumberOfMessages]]}

    def _given(self, held: Held, state: QueueState, now: float) -> dict[str, Any]:
        held.count += 1
        held.receipt = f"{held.message_id}-{held.count}"
        twice = self._draw is not None and self._draw.random() < self._again
        self.given_twice += twice
        held.visible_at = now if twice else now + state.hidden_seconds
        attributes = {"ApproximateReceiveCount": str(held.count), "SentTimestamp": str(int(held.sent_at * 1000))}
        return {
            "MessageId": held.message_id,
            "ReceiptHandle": held.receipt,
            "Body": held.body,
            "Attributes": attributes,
        }

    def _bury(self, state: QueueState) -> None:
        now = self._clock()
        for held in [h for h in state.messages.values() if h.count >= state.most_receives and h.visible_at <= now]:
            del state.messages[held.message_id]
            self._put(state.dead, held.body)

    def delete_message(self, QueueUrl: str, ReceiptHandle: str) -> dict[str, Any]:  # noqa: N803
        """By the newest receipt only: a late one changes nothing once somebody else has the message."""
        messages = self.queues[_name(QueueUrl)].messages
        held = messages.get(ReceiptHandle.split("-")[0])
        if held and held.receipt == ReceiptHandle:
            del messages[held.message_id]
        return {}

    def get_queue_attributes(self, QueueUrl: str, AttributeNames: list[str]) -> dict[str, Any]:  # noqa: N803
        """How many messages may be had now, and how many somebody has in hand."""
        now = self._clock()
        held = self.queues[_name(QueueUrl)].messages.values()
        there = sum(h.visible_at <= now for h in held)
        told = {"ApproximateNumberOfMessages": there, "ApproximateNumberOfMessagesNotVisible": len(held) - there}
        return {"Attributes": {name: str(told[name]) for name in AttributeNames}}

    def redrive(self, dead: str, to: str) -> int:
        """Bring the dead letters back, as StartMessageMoveTask does; how many."""
        moved = list(self.queues[dead].messages.values())
        self.queues[dead].messages.clear()
        for held in moved:
            self._put(to, held.body)
        return len(moved)

    def close(self) -> None:
        """Nothing is held open."""


def _name(url: str) -> str:
    return url.removeprefix(_ACCOUNT)
