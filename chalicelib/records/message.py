"""Outbox rows: mail and notices, from decided to delivered."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class MessageKind(StrEnum):
    CONFIRMATION = "confirmation"
    REP_NOTICE = "rep_notice"
    THANK_YOU = "thank_you"
    ESCALATION = "escalation"
    SEMINAR_CONFIRMATION = "seminar_confirmation"
    SEMINAR_WAITING = "seminar_waiting"
    SEMINAR_PROMOTED = "seminar_promoted"
    SEMINAR_CANCELLED = "seminar_cancelled"
    REMINDER_DAY = "reminder_day"
    REMINDER_HOUR = "reminder_hour"


PROMOTIONAL = frozenset({MessageKind.THANK_YOU})
INTERNAL = frozenset({MessageKind.REP_NOTICE, MessageKind.ESCALATION})
REMINDERS = frozenset({MessageKind.REMINDER_DAY, MessageKind.REMINDER_HOUR})


class MessageState(StrEnum):
    """`held` waits for a legal basis, `pending` for its time; the rest follow the claim."""

    HELD = "held"
    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    SUPPRESSED = "suppressed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Message:
    """One outbox row, stored beside the lead it concerns. `context` holds plain values for the template,
    `reason` says why it is held, suppressed or failed, `basis` on which legal ground it may go."""

    message_id: str
    lead_id: str
    kind: MessageKind
    to: str
    language: str
    state: MessageState
    due_at: datetime
    created_at: datetime
    attempt: int = 0
    claimed_at: datetime | None = None
    sent_at: datetime | None = None
    reason: str = ""
    basis: str = ""
    request_id: str = ""
    campaign_id: str = ""
    import_id: str = ""
    event_id: str = ""
    context: dict[str, str] = field(default_factory=dict)
