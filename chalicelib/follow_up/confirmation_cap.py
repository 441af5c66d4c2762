"""How many confirmations one mailbox gets: whoever sends our forms with somebody else's address cannot fill it.

A post above the cap is stored, scored and assigned like any other; it is its confirmation alone that does not go."""

from collections.abc import Callable, Iterable
from datetime import timedelta

from chalicelib.records.message import Message, MessageKind, MessageState

MOST, WITHIN = 5, timedelta(days=1)
CONFIRMING = frozenset({MessageKind.CONFIRMATION, MessageKind.SEMINAR_CONFIRMATION, MessageKind.SEMINAR_WAITING})
# What was handed over, or is about to be: it counts. What was kept back before does not.
_COUNTED = frozenset({MessageState.PENDING, MessageState.SENDING, MessageState.SENT, MessageState.UNKNOWN})


def sent_before(message: Message, others: Iterable[Message], mailbox: Callable[[str], str]) -> int:
    """How many of the others are confirmations to the same mailbox that were made within a day before this one."""
    own = mailbox(message.to)
    return sum(1 for other in others if _counts(message, other) and mailbox(other.to) == own)


def _counts(message: Message, other: Message) -> bool:
    made = (other.created_at, other.message_id) < (message.created_at, message.message_id)
    recent = message.created_at - other.created_at < WITHIN
    return made and recent and other.kind in CONFIRMING and other.state in _COUNTED and bool(other.to)
