"""What the law lets a person ask us from the page of their request: a copy of what is stored of them, or that it be
forgotten. Asking does nothing by itself: whoever has the page's address could. It becomes a task of an administrator's,
due within the month the law gives, which the person sees on the page."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.flows.keep_tasks import dated
from chalicelib.flows.read_status import lead_of_status
from chalicelib.records.ports import Deps, NotFound, Put
from chalicelib.records.rep import Rep, Role
from chalicelib.records.task import Task

# A month (GDPR, article 12), with days to spare.
ANSWERED_WITHIN = timedelta(days=28)


class Wish(StrEnum):
    COPY = "copy"
    FORGET = "forget"


# What stands as the task; pages translate it.
TITLES = {
    Wish.COPY: "Asks for a copy of what is stored of them",
    Wish.FORGET: "Asks to be forgotten",
}
_WISHES = {title: wish for wish, title in TITLES.items()}
# Who answers, the first there is of.
_ANSWERING = (Role.ADMIN, Role.MANAGER)


@dataclass(frozen=True, slots=True)
class Asked:
    """`due_on` is by when it is answered, `done`: it was."""

    wish: Wish
    at: datetime
    task: Task

    @property
    def done(self) -> bool:
        return self.task.done_at is not None


def wishes_of(deps: Deps, token: str) -> tuple[Asked, ...]:
    """What was asked from the pages of this person's requests, the newest of each. Raises NotFound."""
    lead_id = lead_of_status(deps, token)
    tasks = [stored.value for stored in deps.store.query(Task, lead_id) if not stored.value.made_by]
    newest = {_WISHES[t.title]: t for t in sorted(tasks, key=lambda t: t.made_at) if t.title in _WISHES}
    return tuple(Asked(wish, task.made_at, task) for wish, task in newest.items())


def ask(deps: Deps, token: str, wish: Wish) -> None:
    """Once, as long as it is not answered. Raises NotFound for a token of nobody, or where nobody could answer."""
    if any(asked.wish is wish and not asked.done for asked in wishes_of(deps, token)):
        return
    lead_id, now, answers = lead_of_status(deps, token), deps.clock(), _who_answers(deps)
    task = Task(deps.new_id(), lead_id, answers.rep_id, TITLES[wish], "", now)
    deps.store.commit([Put(dated(task, (now + ANSWERED_WITHIN).date(), answers.week.zone), 0)])
    deps.wake()


def _who_answers(deps: Deps) -> Rep:
    for role in _ANSWERING:
        if found := sorted((r for r in deps.directory.reps() if r.active and r.role is role), key=lambda r: r.rep_id):
            return found[0]
    raise NotFound
