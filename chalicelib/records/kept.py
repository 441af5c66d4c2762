"""What became of a submission that could not be taken in at once: kept for a person to look at, or done again."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.records.arrival import Entry
from chalicelib.records.receipt import ReceiptOutcome


class KeptState(StrEnum):
    WAITING = "waiting"
    RELEASED = "released"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Kept:
    """A quarantined or rejected submission. What was sent lies in the blob store until `forget_at`, or until somebody
    decides; this record goes then as well, and the receipt, which is what is counted, stays. `receipt` is its token."""

    kept_id: str
    entry: Entry
    outcome: ReceiptOutcome
    received_at: datetime
    receipt: str
    reasons: tuple[str, ...]
    forget_at: datetime
    form_id: str = ""
    size: int = 0
    whole: bool = True
    state: KeptState = KeptState.WAITING
    decided_at: datetime | None = None
    decided_by: str = ""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of a submission that waited at the door: the token of its receipt, for the status page."""

    post_id: str
    receipt: str
