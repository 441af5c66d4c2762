"""What comes next with a lead: always something, or the reason why nothing does. Values in, values out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from chalicelib.records.inbox import said_as
from chalicelib.records.lead import OPEN_STATUSES, Lead, LeadStatus
from chalicelib.records.promise import Promise, PromiseState
from chalicelib.records.task import Task, TaskSource
from chalicelib.records.touch import WAITING_STATES, Request


@dataclass(frozen=True, slots=True)
class NextStep:
    """`what` is answer, contact, promise, task or, where nothing is owed, none. `words` say what exactly (of a task or
    promise its text), `who` is whose it is (a rep_id), `why` the reason why there is none. `set_one`: an open lead
    nobody has planned anything for."""

    what: str
    due_at: datetime | None = None
    words: str = ""
    who: str = ""
    why: str = ""
    set_one: bool = False

    @property
    def shown_by(self) -> datetime | None:
        return said_as(self.what, self.due_at)

    def late(self, now: datetime) -> bool:
        return self.due_at is not None and self.due_at <= now


def next_step(lead: Lead, requests: Iterable[Request], promises: Iterable[Promise], tasks: Iterable[Task]) -> NextStep:
    """The first that falls due; what has no day comes after what has one."""
    steps = [NextStep("answer", r.respond_by, r.subject, r.owner_id) for r in requests if r.state in WAITING_STATES]
    steps += [NextStep("promise", p.due_at, p.text, p.promised_by) for p in promises if p.state is PromiseState.OPEN]
    steps += [NextStep("task", t.due_at, t.title, t.owner_id) for t in tasks if is_to_do(t)]
    if lead.status in OPEN_STATUSES and lead.respond_by and not any(step.what == "answer" for step in steps):
        steps.append(NextStep("contact", lead.respond_by, "", lead.owner_id))
    if not steps:
        return _none(lead)
    return min(steps, key=lambda step: (step.due_at is None, step.due_at.timestamp() if step.due_at else 0))


def is_to_do(task: Task) -> bool:
    return task.done_at is None and task.source is TaskSource.TASK


def _none(lead: Lead) -> NextStep:
    if lead.status is LeadStatus.REJECTED:
        return NextStep("none", why=f"rejected: {lead.status_reason}" if lead.status_reason else "rejected")
    if lead.status is LeadStatus.CUSTOMER:
        return NextStep("none", why="a customer to whom nothing is owed")
    if lead.next_reason and lead.next_reason != "answered":
        return NextStep("none", why=lead.next_reason, set_one=True)
    return NextStep("none", why="everything is answered and nothing is planned", set_one=True)
