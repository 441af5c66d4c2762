"""Outbox rows: mail and notices, from decided to delivered."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from chalicelib.records.heard import Heard


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
    PROMISE_DUE = "promise_due"
    PROMISE_BROKEN = "promise_broken"
    QUOTE_WAITING = "quote_waiting"
    QUOTE_DECIDED = "quote_decided"
    SIGN_IN_LINK = "sign_in_link"
    COMPLAINT_NOTICE = "complaint_notice"


PROMOTIONAL = frozenset({MessageKind.THANK_YOU})
INTERNAL = frozenset({
    MessageKind.REP_NOTICE, MessageKind.ESCALATION, MessageKind.PROMISE_DUE, MessageKind.PROMISE_BROKEN,
    MessageKind.QUOTE_WAITING, MessageKind.QUOTE_DECIDED, MessageKind.COMPLAINT_NOTICE,
})  # fmt: skip
# About one of our own people, not about a lead: their rows lie in a partition of their own (`of_person`).
PERSONAL = frozenset({MessageKind.SIGN_IN_LINK})
# Many at once, which nobody waits for: they leave after what people wait for.
BULK = PROMOTIONAL
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
    `reason` says why it is held, suppressed or failed, `basis` on which legal ground it may go. `again` is how often a
    person has let it go once more, `attempt` the claims since; `heard` what the mail service told of it."""

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
    again: int = 0
    heard: tuple[Heard, ...] = ()

    @property
    def attempt_id(self) -> str:
        """Names one handing over among all of this row."""
        return f"{self.again}.{self.attempt}"


def of_person(rep_id: str) -> str:
    """What stands in `lead_id` of a message about one of our own people; no lead has such an id."""
    return f"person.{rep_id}"
