"""One lead: everything about the person, and what somebody of ours does with it."""

from collections.abc import Callable, Mapping
from typing import Any

from chalice import Blueprint, Response

from chalicelib.flows.read_lead import read_lead
from chalicelib.flows.work_lead import change_status, close_deal, open_deal, reassign, write_note
from chalicelib.handlers.access import person, posted
from chalicelib.handlers.api_fields import choice, money, text, wrong
from chalicelib.handlers.console import console_page
from chalicelib.handlers.errors import Problem
from chalicelib.handlers.web import query, redirect, route
from chalicelib.records.campaign import OpportunityStage
from chalicelib.records.contact import Refusal
from chalicelib.records.lead import LeadStatus
from chalicelib.records.rep import Rep
from chalicelib.wiring import service

lead = Blueprint(__name__)
blueprints = (lead,)

# Stored as these English texts; pages translate them. Whoever means something else types it.
REJECT_REASONS = (
    "no need at present",
    "no budget",
    "bought elsewhere",
    "not the right person",
    "cannot be reached",
    "not a real enquiry",
)
NOTE_KINDS = ("call", "visit", "mail", "note")
_SETTABLE = (LeadStatus.ACCEPTED, LeadStatus.QUALIFIED, LeadStatus.REJECTED, LeadStatus.NEW)

# What a page says after the redirect, by the word in its address.
DONE = ("status", "note", "owner", "deal", "deal_stage")

Act = Callable[[Rep, Mapping[str, Any]], object]


@route(lead, "/app/leads/{lead_id}")
def show_lead(lead_id: str) -> Response:
    request = lead.current_request
    return _lead_page(request, person(request), lead_id)


@route(lead, "/app/leads/{lead_id}/status", ("POST",))
def post_status(lead_id: str) -> Response:
    def act(who: Rep, sent: Mapping[str, Any]) -> object:
        status = LeadStatus(choice(sent, "status", [s.value for s in _SETTABLE]))
        reason = text(sent, "other", 300) or text(sent, "reason", 300)
        if status is LeadStatus.REJECTED and not reason:
            raise wrong("other", "is needed")
        return change_status(service().deps, lead_id, status, reason, who.rep_id)

    return _acted(lead_id, "status", act)


@route(lead, "/app/leads/{lead_id}/note", ("POST",))
def post_note(lead_id: str) -> Response:
    """A note needs words; a call, visit or mail counts without."""

    def act(who: Rep, sent: Mapping[str, Any]) -> object:
        kind = choice(sent, "kind", NOTE_KINDS)
        said = _words(sent, "text", 5000) if kind == "note" else text(sent, "text", 5000)
        return write_note(service().deps, lead_id, kind, said, who.rep_id)

    return _acted(lead_id, "note", act)


@route(lead, "/app/leads/{lead_id}/owner", ("POST",))
def post_owner(lead_id: str) -> Response:
    def act(who: Rep, sent: Mapping[str, Any]) -> object:
        active = [rep.rep_id for rep in service().deps.directory.reps() if rep.active]
        if sent.get("owner_id") not in active:
            raise wrong("owner_id", "choose one of the people listed")
        return reassign(service().deps, lead_id, str(sent["owner_id"]), text(sent, "reason", 300), who.rep_id)

    return _acted(lead_id, "owner", act)


@route(lead, "/app/leads/{lead_id}/deals", ("POST",))
def post_deal(lead_id: str) -> Response:
    def act(who: Rep, sent: Mapping[str, Any]) -> object:
        name, amount, margin = _all_of(lambda: _words(sent, "name", 200), lambda: money(sent), lambda: _margin(sent))
        return open_deal(service().deps, lead_id, name, amount, margin, who.rep_id)

    return _acted(lead_id, "deal", act)


@route(lead, "/app/leads/{lead_id}/deals/{deal_id}", ("POST",))
def post_deal_stage(lead_id: str, deal_id: str) -> Response:
    def act(_who: Rep, sent: Mapping[str, Any]) -> object:
        stage = OpportunityStage(choice(sent, "stage", [s.value for s in OpportunityStage]))
        return close_deal(service().deps, lead_id, deal_id, stage, text(sent, "reason", 300))

    return _acted(lead_id, "deal_stage", act)


def _acted(lead_id: str, form: str, act: Act) -> Response:
    """Do what the form asks and go back to the lead; with wrong fields the page comes back as it was typed."""
    request = lead.current_request
    who, sent = posted(request)
    try:
        act(who, sent)
    except Problem as problem:
        if not problem.errors:
            raise
        return _lead_page(request, who, lead_id, form, sent, problem)
    return redirect(f"/app/leads/{lead_id}?done={form}")


def _lead_page(
    request: Any,
    who: Rep,
    lead_id: str,
    form: str = "",
    typed: Mapping[str, Any] | None = None,
    problem: Problem | None = None,
) -> Response:
    deps, zone = service().deps, who.week.zone
    done = query(request, "done")
    answer = console_page(
        request,
        who,
        "lead.html",
        view=read_lead(deps, lead_id, zone),
        done=done if done in DONE else "",
        here=f"/app/leads/{lead_id}",
        form=form,
        typed={name: str(value) for name, value in (typed or {}).items()},
        errors={refusal.field: refusal.reason for refusal in problem.errors} if problem else {},
        reps=[rep for rep in deps.directory.reps() if rep.active],
        reject_reasons=REJECT_REASONS,
        note_kinds=NOTE_KINDS,
        currency=service().settings.base_currency,
    )
    if problem:
        answer.status_code = problem.status
    return answer


def _words(sent: Mapping[str, Any], field: str, limit: int) -> str:
    """A text that is needed; blanks are none."""
    found = text(sent, field, limit)
    if not found:
        raise wrong(field, "is needed")
    return found


def _all_of(*readers: Callable[[], Any]) -> list[Any]:
    """What the readers read, or one problem with all that is wrong: nobody corrects a form field by field."""
    read: list[Any] = []
    refusals: list[Refusal] = []
    for reader in readers:
        try:
            read.append(reader())
        except Problem as problem:
            refusals += problem.errors
    if refusals:
        raise Problem(422, "Some fields need a look", refusals[0].reason, tuple(refusals))
    return read


def _margin(sent: Mapping[str, Any]) -> int | None:
    raw = text(sent, "margin", 4).rstrip("% ")
    if not raw:
        return None
    if not (raw.isascii() and raw.isdigit() and int(raw) <= 100):
        raise wrong("margin", "a whole percentage, 0 to 100")
    return int(raw)
