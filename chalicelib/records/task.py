"""What somebody of ours has to do about a lead, or has been told of."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class TaskSource(StrEnum):
    """`mention`: named in a colleague's note; done once it was read."""

    TASK = "task"
    MENTION = "mention"


@dataclass(frozen=True, slots=True)
class Task:
    """`title` is what is to be done, or the beginning of the note somebody was named in (`note_id`). Due by the end of
    `due_on` in `zone`, which in UTC is `due_at`; None where no day was set. `owner_id` does it, `made_by` wrote it."""

    task_id: str
    lead_id: str
    owner_id: str
    title: str
    made_by: str
    made_at: datetime
    due_on: date | None = None
    zone: str = "UTC"
    due_at: datetime | None = None
    source: TaskSource = TaskSource.TASK
    note_id: str = ""
    done_at: datetime | None = None
    done_by: str = ""
