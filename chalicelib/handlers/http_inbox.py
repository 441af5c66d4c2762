"""The rep's inbox: the own open leads in order, and what is done with one in a tap."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from chalice import Response

from chalicelib.assign.snooze import chosen
from chalicelib.assign.working_time import next_opening, opening_tomorrow
from chalicelib.flows.keep_tasks import tasks_for
from chalicelib.flows.read_inbox import PAGE, VIEWS, read_inbox
from chalicelib.flows.read_lead import Entry, entries_since, sees_lead
from chalicelib.flows.triage import Meanwhile, decide, set_aside, take_back, wake
from chalicelib.handlers.access import posted
from chalicelib.handlers.api_fields import choice, text, wrong
from chalicelib.handlers.console import console_page
from chalicelib.handlers.errors import Problem
from chalicelib.handlers.http_lead import REJECT_REASONS, can_be_undone, seen_version, shown_at
from chalicelib.handlers.http_tasks import done_task
from chalicelib.handlers.web import offset_of, query, redirect, whole
from chalicelib.records.contact import Refusal
from chalicelib.records.lead import Lead, LeadStatus, Note
from chalicelib.records.rep import Rep
from chalicelib.wiring import service

STEPS = ("accept", "workday", "tomorrow", "until", "wake")
# What a page says after the redirect, by the word in its address.
DONE = ("accepted", "rejected", "snoozed", "awake", "undone")


@dataclass(frozen=True, slots=True)
class Stale:
    """Somebody acted on an old page: the lead as it is now, and what happened since that page was made."""

    lead: Lead
    entries: tuple[Entry, ...]


def show_inbox(request: Any, who: Rep) -> Response:
    return _page(request, who, query(request, "view"), offset_of(request))


def post_step(request: Any, who: Rep, lead_id: str) -> Response:
    """Accept, set aside, take up again, or reject with a reason: one form for a row, each button of it a step."""
    sent = posted(request)
    view, offset = _place(sent)
    if not sees_lead(service().deps, who, lead_id):
        return _page(request, who, view, offset, status=404, gone=True)
    try:
        done, note = _step(sent, who, lead_id)
    except Meanwhile:
        return _page(request, who, view, offset, status=409, stale=_since(who, lead_id, sent))
    except Problem as problem:
        if not problem.errors:
            raise
        wrong_row = {"lead_id": lead_id, "errors": {e.field: e.reason for e in problem.errors}, "typed": dict(sent)}
        return _page(request, who, view, offset, status=problem.status, wrong_row=wrong_row)
    return redirect(_after(view, offset, done, lead_id, note))


def post_undo(request: Any, who: Rep, lead_id: str) -> Response:
    sent = posted(request)
    view, offset = _place(sent)
    if not sees_lead(service().deps, who, lead_id):
        return _page(request, who, view, offset, status=404, gone=True)
    note_id = text(sent, "note_id", 100)
    try:
        take_back(service().deps, lead_id, note_id, who.rep_id)
    except Meanwhile:
        note = service().deps.store.get(Note, lead_id, note_id)
        since = {"since": note.value.written_at.isoformat()} if note else {}
        return _page(request, who, view, offset, status=409, stale=_since(who, lead_id, since))
    if sent.get("page") == "lead":
        return redirect(f"/app/leads/{lead_id}?done=undone")
    return redirect(_after(view, offset, "undone", lead_id, None))


def _step(sent: Mapping[str, Any], who: Rep, lead_id: str) -> tuple[str, Note | None]:
    """What was done, and the note by which it can be taken back."""
    deps, seen = service().deps, seen_version(sent)
    if sent.get("reason"):
        reason = choice(sent, "reason", REJECT_REASONS)
        return "rejected", decide(deps, lead_id, LeadStatus.REJECTED, reason, who.rep_id, seen)
    step = choice(sent, "step", STEPS)
    if step == "accept":
        return "accepted", decide(deps, lead_id, LeadStatus.ACCEPTED, "", who.rep_id, seen)
    if step == "wake":
        wake(deps, lead_id, who.rep_id)
        return "awake", None
    note = set_aside(deps, lead_id, _wanted(step, sent, who), who.rep_id, seen)
    if isinstance(note, Refusal):
        raise wrong(note.field, note.reason)
    return "snoozed", note


def _wanted(step: str, sent: Mapping[str, Any], who: Rep) -> datetime:
    now = service().deps.clock()
    if step == "until":
        found = chosen(text(sent, "until", 40), who.week)
        if isinstance(found, Refusal):
            raise wrong(found.field, found.reason)
        return found
    return next_opening(now, who.week) if step == "workday" else opening_tomorrow(now, who.week)


def _since(who: Rep, lead_id: str, sent: Mapping[str, Any]) -> Stale | None:
    deps = service().deps
    lead = deps.store.get(Lead, lead_id)
    if lead is None:
        return None
    return Stale(lead.value, entries_since(deps, lead_id, shown_at(sent), who.week.zone)[:5])


def _page(request: Any, who: Rep, view: str, offset: int, status: int = 200, **more: Any) -> Response:
    deps = service().deps
    currency, now = service().settings.base_currency, deps.clock()
    shown: dict[str, Any] = {"stale": None, "gone": False, "wrong_row": None, **more}
    answer = console_page(
        request, who, "inbox.html",
        inbox=read_inbox(deps, who, view, offset, currency), views=VIEWS, page_size=PAGE,
        reject_reasons=REJECT_REASONS, zone=who.week.zone, here="/app/inbox", step=_last_step(request, who),
        tasks=tasks_for(deps, who), task_done=done_task(request, who), tomorrow=opening_tomorrow(now, who.week),
        workday=next_opening(now, who.week), **shown,
    )  # fmt: skip
    answer.status_code = status
    return answer


def _last_step(request: Any, who: Rep) -> dict[str, Any] | None:
    """What has just been done, for the line with its undo."""
    done, lead_id = query(request, "done"), query(request, "lead")[:100]
    if done not in DONE or not sees_lead(service().deps, who, lead_id):
        return None
    store = service().deps.store
    lead, note = store.get(Lead, lead_id), store.get(Note, lead_id, query(request, "note")[:100] or "-")
    if lead is None:
        return None
    return {"done": done, "lead": lead.value, "note": note.value if note and can_be_undone(note.value) else None}


def _after(view: str, offset: int, done: str, lead_id: str, note: Note | None) -> str:
    kept = {
        "view": view,
        "offset": str(offset or ""),
        "done": done,
        "lead": lead_id,
        "note": note.note_id if note else "",
    }
    return f"/app/inbox?{urlencode({name: value for name, value in kept.items() if value})}"


def _place(sent: Mapping[str, Any]) -> tuple[str, int]:
    view = str(sent.get("view", ""))
    return (view if view in VIEWS else ""), whole(str(sent.get("offset", "")))
