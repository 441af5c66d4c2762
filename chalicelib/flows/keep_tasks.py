"""Tasks about a lead: made, changed, done, taken back; and what colleagues named somebody in."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from chalicelib.assign.visibility import sight_of
from chalicelib.flows.read_lead import sees_lead
from chalicelib.flows.rep_names import rep_name
from chalicelib.flows.until_written import until_written
from chalicelib.follow_up.promises import due_at
from chalicelib.records.lead import Lead, Note
from chalicelib.records.ports import Deps, NotFound, Put, Ref, Stored, Write
from chalicelib.records.rep import Rep
from chalicelib.records.task import Task, TaskSource

# More than anybody does in a day.
LONGEST = 200


class Changed(Exception):
    """Somebody else changed the task since it was shown; `now` is how it stands."""

    def __init__(self, now: Stored[Task]) -> None:
        super().__init__(now.value.task_id)
        self.now = now


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task as stored at `version`, with the names a page needs."""

    task: Task
    version: int
    person: str
    company: str
    maker: str
    owner: str
    overdue: bool


def add_task(deps: Deps, lead_id: str, title: str, due_on: date | None, owner: Rep, by: Rep) -> Task:
    """Raises NotFound, also for an owner who may not see the lead."""
    if not (owner.active and sees_lead(deps, owner, lead_id)):
        raise NotFound
    made = Task(deps.new_id(), lead_id, owner.rep_id, title, by.rep_id, deps.clock())
    task = dated(made, due_on, owner.week.zone)
    deps.store.commit([Put(task, 0)])
    deps.wake()
    return task


def dated(task: Task, due_on: date | None, zone: str) -> Task:
    return replace(task, due_on=due_on, zone=zone, due_at=due_at(due_on, zone) if due_on else None)


def mention_of(deps: Deps, note: Note, rep: Rep) -> Task:
    """Not yet stored: it is written with its note."""
    return Task(
        deps.new_id(), note.lead_id, rep.rep_id, note.text[:200], note.author_id, note.written_at,
        source=TaskSource.MENTION, note_id=note.note_id,
    )  # fmt: skip


def set_done(deps: Deps, lead_id: str, task_id: str, done: bool, by: str) -> Task:
    """Done, or open again (the undo). Twice is once."""

    def change(task: Task, now: datetime) -> Task:
        if (task.done_at is not None) is done:
            return task
        return replace(task, done_at=now if done else None, done_by=by if done else "")

    return _changed(deps, lead_id, task_id, change)


def edit_task(deps: Deps, lead_id: str, task_id: str, title: str, due_on: date | None, seen: int) -> Task:
    """Held against the version the form showed. Raises Changed, NotFound."""
    return _changed(
        deps, lead_id, task_id, lambda task, _now: dated(replace(task, title=title), due_on, task.zone), seen
    )


def _changed(deps: Deps, lead_id: str, task_id: str, change: Callable[[Task, datetime], Task], seen: int = 0) -> Task:
    def decide(stored: Stored[Task]) -> tuple[Task, list[Write]]:
        if seen and stored.version != seen:
            raise Changed(stored)
        changed = change(stored.value, deps.clock())
        return changed, [Put(changed, stored.version)] if changed != stored.value else []

    return until_written(deps, Ref(Task, (lead_id, task_id)), decide)


def tasks_for(deps: Deps, who: Rep, limit: int = LONGEST) -> tuple[TaskLine, ...]:
    """What is `who`'s to do or read, the first due coming first; mentions before what has no day. Of leads that person
    may not see any more nothing is told."""
    ids = deps.model.tasks(who.rep_id, limit)
    refs: list[Ref[Any]] = [Ref(Task, tuple(pair)) for pair in ids] + [Ref(Lead, (pair[0],)) for pair in ids]
    stored = deps.store.get_many(refs) if refs else []
    sight, now = sight_of(who, deps.directory.reps()), deps.clock()
    pairs = zip(stored[: len(ids)], stored[len(ids) :], strict=True)
    lines = [
        line_of(deps, task, lead.value, now)
        for task, lead in pairs
        if task and lead and task.value.done_at is None and task.value.owner_id == who.rep_id and sight.sees(lead.value)
    ]
    return tuple(sorted(lines, key=_order))


def line_of(deps: Deps, task: Stored[Task], lead: Lead, now: datetime) -> TaskLine:
    made = task.value
    return TaskLine(
        task=made,
        version=task.version,
        person=lead.full_name or next(iter(lead.emails), ""),
        company=lead.company,
        maker=rep_name(deps, made.made_by),
        owner=rep_name(deps, made.owner_id),
        overdue=made.done_at is None and made.due_at is not None and made.due_at <= now,
    )


def _order(line: TaskLine) -> tuple[bool, float, bool, str]:
    due = line.task.due_at
    return (due is None, due.timestamp() if due else 0.0, line.task.source is not TaskSource.MENTION, line.task.task_id)
