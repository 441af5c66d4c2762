"""The promise ledger: who promised what to which customer, due when, and whether it was kept."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class PromiseState(StrEnum):
    """`broken` once the day has passed and nobody had said that it was kept; it can still be kept late."""

    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Promise:
    """What one of ours (`promised_by`, a rep_id) promised to a lead.

    `subject` is a word of data/promise_subjects.json or one's own; `text` what exactly. Due by the end of `due_on` in
    `zone`, which in UTC is `due_at`. `customer` is the same for all people of one company (its folded name, or the
    lead's id): two of ours must not promise it different things. `source` is the kind of contact it was given in
    ("call", "visit", "mail", "note") and `note_id` its entry on the timeline. `visible`: the customer sees it on the
    status page. `remind_at` is when its owner is told, None once that is done or where there is no time for it.
    """

    promise_id: str
    lead_id: str
    promised_by: str
    subject: str
    text: str
    due_on: date
    zone: str
    due_at: datetime
    made_at: datetime
    customer: str
    remind_at: datetime | None = None
    source: str = ""
    note_id: str = ""
    visible: bool = False
    state: PromiseState = PromiseState.OPEN
    settled_at: datetime | None = None
    settled_by: str = ""
    reason: str = ""

    @property
    def days_late(self) -> int:
        """Days after `due_on` on which it was kept; 0 when in time or not kept."""
        if self.state is not PromiseState.KEPT or self.settled_at is None:
            return 0
        return max(0, -((self.due_at - self.settled_at).days))
