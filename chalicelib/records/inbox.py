"""What a rep's inbox is made of."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.records.money import Money

_MINUTE = timedelta(minutes=1)


def said_as(what: str, due_at: datetime | None) -> datetime | None:
    """When something falls due as people say it: a promise or task that is due by the end of a day is due on that day,
    not at the next one's 0:00."""
    return due_at - _MINUTE if due_at and what in ("promise", "task") else due_at


@dataclass(frozen=True, slots=True)
class InboxFact:
    """One open lead as far as its place in the inbox goes. `answer_by` is the limit of the most urgent request nobody
    has answered (`request_id`), `contact_by` the next contact we owe, `promise_by` the end of the day of the next
    promise its owner gave, `task_by` that of the owner's next task. `deals` is the sum of the open deals in the
    currency asked for, None without any. `snoozed_until` is None where the snooze is another owner's, or older than
    what the person wrote last."""

    lead_id: str
    status: str
    score: int
    answer_by: datetime | None = None
    request_id: str = ""
    contact_by: datetime | None = None
    promise_by: datetime | None = None
    task_by: datetime | None = None
    deals: Money | None = None
    snoozed_until: datetime | None = None
