"""The ports of work for later: the queue with what it has given up, and the door where submissions wait."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from chalicelib.records.deliveries import DeadLetter, Delivery, Waiting


class Queue(Protocol):
    """Work for later, at least once, in no promised order. What failed ATTEMPTS times is given no more, but kept."""

    def send(self, topic: str, body: dict[str, Any]) -> None: ...
    def receive(self, topic: str, limit: int = 10) -> "list[Delivery]": ...
    def done(self, topic: str, receipt: str) -> None: ...

    def waiting(self, topic: str) -> int:
        """How many are there or in work, as far as is known."""
        ...

    def dead(self, topic: str, limit: int = 100) -> "tuple[list[DeadLetter], int]":
        """Some that were given up, and how many there are in all."""
        ...

    def revive(self, topic: str, limit: int = 1000) -> int:
        """Give what was given up again, as if it were new: how many. One that is revived twice is given twice."""
        ...


# As often as a message is given before it is given up: maxReceiveCount of the queues on AWS.
ATTEMPTS = 5


class Door(Protocol):
    """Where submissions wait while the store cannot take them. It stands on nothing the store stands on."""

    def keep(self, name: str, body: bytes) -> None:
        """Durable on return. Raises StoreUnavailable when there is no place left to put it."""
        ...

    def take(self, limit: int = 10) -> "Sequence[Waiting]":
        """Some that wait, none when there are none; what is not said to be done comes again."""
        ...

    def done(self, receipt: str) -> None: ...

    def waiting(self) -> int:
        """How many wait, as far as is known."""
        ...
