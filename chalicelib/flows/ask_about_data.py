"""What the law lets a person ask us from the page of their request: a copy of what is stored of them, or that it be
forgotten. Asking does nothing by itself: whoever has the page's address could. It becomes a task of an administrator's,
due within the month the law gives, which the person sees on the page."""

from contextlib import suppress
from datetime import timedelta
from enum import StrEnum

from chalicelib.flows.keep_tasks import dated
from chalicelib.flows.read_status import lead_of_status
from chalicelib.records.ports import Conflict, Deps, NotFound, Put
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


def wishes_of(deps: Deps, lead_id: str) -> dict[str, Task]:
    """By the wish's name, the newest task that was asked for from the pages of this person's requests."""
    return {_WISHES[task.title].value: task for task in _tasks(deps, lead_id)}


def _tasks(deps: Deps, lead_id: str) -> list[Task]:
    found = (stored.value for stored in deps.store.query(Task, lead_id))
    return sorted((t for t in found if not t.made_by and t.title in _WISHES), key=lambda task: task.made_at)


def ask(deps: Deps, token: str, wish: Wish) -> None:
    """Once, as long as it is not answered. Raises NotFound for a token of nobody, or where nobody could answer."""
    lead_id, now = lead_of_status(deps, token), deps.clock()
    earlier = [task for task in _tasks(deps, lead_id) if _WISHES[task.title] is wish]
    if earlier and earlier[-1].done_at is None:
        return
    answers = _who_answers(deps)
    # By its number, so that of two presses at once one is written.
    task = Task(f"asked-{wish}-{len(earlier) + 1}", lead_id, answers.rep_id, TITLES[wish], "", now)
    with suppress(Conflict):
        deps.store.commit([Put(dated(task, (now + ANSWERED_WITHIN).date(), answers.week.zone), 0)])
    deps.wake()


def _who_answers(deps: Deps) -> Rep:
    for role in _ANSWERING:
        if found := sorted((r for r in deps.directory.reps() if r.active and r.role is role), key=lambda r: r.rep_id):
            return found[0]
    raise NotFound
