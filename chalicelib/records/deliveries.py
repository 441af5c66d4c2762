"""What is taken from a queue or the door, and what a queue has given up."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message taken from the queue; give `receipt` back to say it is done. `message_id` stays the same however often
    it is given."""

    body: dict[str, Any]
    receipt: str
    attempt: int
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message the queue gives no more, after so many attempts. `body` is its text."""

    topic: str
    message_id: str
    body: str
    attempts: int


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Why the last attempt at a message failed, noted by whoever made it. Forgotten when dead letters are."""

    topic: str
    message_id: str
    reason: str
    at: datetime
    forget_at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """A submission taken from the door; give `receipt` back to say that it is in the store."""

    body: bytes
    receipt: str
