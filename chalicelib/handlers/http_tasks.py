"""Tasks about a lead: set, changed, done, taken back; from the lead's page, the inbox or the home page."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from chalice import Response

from chalicelib.flows.keep_tasks import add_task, edit_task, set_done
from chalicelib.flows.read_lead import see_lead, sees_lead
from chalicelib.handlers.access import posted
from chalicelib.handlers.api_fields import choice, day, text, wrong
from chalicelib.handlers.http_lead import acted, seen_version
from chalicelib.handlers.web import query, redirect
from chalicelib.records.rep import Rep
from chalicelib.records.task import Task
from chalicelib.wiring import service

STEPS = ("done", "reopened", "changed")
# The pages a step comes back to, by the word in the form; else to the lead's.
PAGES = {"inbox": "/app/inbox", "home": "/app"}
_FARTHEST = timedelta(days=3 * 366)


def post_task(request: Any, who: Rep, lead_id: str) -> Response:
    def act(sent: Mapping[str, Any]) -> object:
        title = _title(sent)
        return add_task(service().deps, lead_id, title, _due_on(sent, who), who, who)

    return acted(request, who, lead_id, "task", act)


def post_step(request: Any, who: Rep, lead_id: str, task_id: str) -> Response:
    """Done, open again, or changed; a change is held against the version that was shown."""

    def act(sent: Mapping[str, Any]) -> object:
        step, deps = choice(sent, "step", STEPS), service().deps
        if step != "changed":
            return set_done(deps, lead_id, task_id, step == "done", who.rep_id)
        return edit_task(deps, lead_id, task_id, _title(sent), _due_on(sent, who), seen_version(sent))

    sent = posted(request)
    back = PAGES.get(str(sent.get("page", "")))
    if back is None:
        return acted(request, who, lead_id, "task_done" if sent.get("step") == "done" else "task", act)
    see_lead(service().deps, who, lead_id)
    act(sent)
    done = "&".join((f"task={task_id}", f"of={lead_id}")) if sent.get("step") == "done" else ""
    return redirect(f"{back}?{done}" if done else back)


def done_task(request: Any, who: Rep) -> Task | None:
    """What has just been done on this page, for the line with its undo."""
    lead_id, task_id = query(request, "of")[:100], query(request, "task")[:100]
    if not (lead_id and task_id and sees_lead(service().deps, who, lead_id)):
        return None
    stored = service().deps.store.get(Task, lead_id, task_id)
    return stored.value if stored and stored.value.done_at else None


def _title(sent: Mapping[str, Any]) -> str:
    found = text(sent, "title", 200)
    if not found:
        raise wrong("title", "is needed")
    return found


def _due_on(sent: Mapping[str, Any], who: Rep) -> date | None:
    found = day(sent, "due_on")
    today = service().deps.clock().astimezone(ZoneInfo(who.week.zone)).date()
    if found and not today <= found <= today + _FARTHEST:
        raise wrong("due_on", "a day from today on, within three years")
    return found
