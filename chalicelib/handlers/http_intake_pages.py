"""Intakes in the console: set up, with what to put into the old form, changed, withdrawn and opened again."""

import secrets
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from chalice import Response

from chalicelib.capture.intakes import NAME_LIMIT, read_hosts
from chalicelib.capture.intakes_hubspot import form_of, parts_of
from chalicelib.capture.intakes_segment import EVENTS, MOST_EVENTS, events_of, write_key_of
from chalicelib.capture.intakes_web_to_lead import organisation_of
from chalicelib.capture.text import clean
from chalicelib.flows.count_refused import refused_lately
from chalicelib.flows.plan_intake import IntakePlan, change_intake, make_intake, switch_intake
from chalicelib.flows.read_intake import google_key
from chalicelib.handlers.access import posted
from chalicelib.handlers.console import console_page
from chalicelib.handlers.routes import may_open
from chalicelib.handlers.web import query, redirect, whole
from chalicelib.records.arrival import Entry
from chalicelib.records.contact import Refusal
from chalicelib.records.intake import Intake
from chalicelib.records.ports import NotFound
from chalicelib.records.rep import Rep
from chalicelib.wiring import service

_LETTERS = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class Kind:
    """How forms name whom they send to: `named` reads it ("" for what is none, which `wrong` says), `new` makes one in
    the shape of theirs, in case the site's own page checks it."""

    named: Callable[[str], str]
    new: Callable[[], str]
    wrong: str


def _new_organisation() -> str:
    return "00D" + "".join(secrets.choice(_LETTERS) for _ in range(12))


def _none(_typed: str) -> str:
    return ""


def _new_webhook() -> str:
    return secrets.token_hex(12)


def _new_write_key() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(32))


def _new_form() -> str:
    return f"{10_000_000 + secrets.randbelow(90_000_000)}-{uuid4()}"


_KINDS = {
    Entry.WEB_TO_LEAD: Kind(
        organisation_of, _new_organisation, "an organization ID begins with 00D and has 15 or 18 characters"
    ),
    Entry.GOOGLE: Kind(_none, _new_webhook, "leave it empty for Google, whose key is made here"),
    Entry.SEGMENT: Kind(write_key_of, _new_write_key, "a write key has 16 to 64 letters and digits"),
    Entry.HUBSPOT: Kind(form_of, _new_form, "the number of the portal, a slash and the id of the form"),
}
_ENTRIES = {str(entry): entry for entry in _KINDS}


def list_intakes(request: Any, who: Rep) -> Response:
    return _list(request, who, {}, None)


def post_intake(request: Any, who: Rep) -> Response:
    sent = posted(request)
    plan = _plan(sent)
    made = make_intake(service().deps, plan, who.rep_id) if isinstance(plan, IntakePlan) else plan
    if isinstance(made, Refusal):
        return _list(request, who, sent, made)
    return redirect(f"/app/forms/intakes/{made.intake_id}?said=made")


def show_intake(request: Any, who: Rep, intake_id: str) -> Response:
    return _show(request, who, intake_id, {}, None)


def post_intake_changes(request: Any, who: Rep, intake_id: str) -> Response:
    sent = posted(request)
    read, version = _read(sent), whole(str(sent.get("version", "")))
    refused = read if isinstance(read, Refusal) else change_intake(service().deps, intake_id, read, version)
    return _show(request, who, intake_id, sent, refused) if refused else _said(intake_id, "saved")


def post_withdraw(request: Any, who: Rep, intake_id: str) -> Response:
    posted(request)
    switch_intake(service().deps, intake_id, active=False)
    return _said(intake_id, "withdrawn")


def post_open(request: Any, who: Rep, intake_id: str) -> Response:
    posted(request)
    switch_intake(service().deps, intake_id, active=True)
    return _said(intake_id, "open")


def _said(intake_id: str, what: str) -> Response:
    return redirect(f"/app/forms/intakes/{intake_id}?said={what}")


def _show(request: Any, who: Rep, intake_id: str, typed: Mapping[str, Any], refusal: Refusal | None) -> Response:
    deps = service().deps
    stored = deps.store.get(Intake, intake_id)
    if stored is None:
        raise NotFound
    intake = stored.value
    count, last = deps.model.by_form().get(intake.intake_id, (0, None))
    answer = console_page(
        request, who, "intake.html", intake=intake, count=count, last=last, version=stored.version,
        address=deps.links.absolute(_path(intake)).rstrip("/"), parts=parts_of(intake.intake_id),
        key=google_key(deps, intake.intake_id) if intake.entry is Entry.GOOGLE else "", events=intake.events or EVENTS,
        campaign=deps.directory.campaign(intake.campaign_id) if intake.campaign_id else None,
        campaigns=_campaigns(), typed=typed or _typed(intake),
        errors={refusal.field: refusal.reason} if refusal else {},
        made_by={rep.rep_id: rep.name for rep in deps.directory.reps()}.get(intake.made_by, ""),
        building=may_open(who.role, "/app/forms/intakes", "POST"), said=query(request, "said"),
    )  # fmt: skip
    answer.status_code = 422 if refusal else 200
    return answer


def _typed(intake: Intake) -> dict[str, str]:
    """As somebody would have typed it."""
    return {"name": intake.name, "campaign_id": intake.campaign_id, "return_hosts": "\n".join(intake.return_hosts),
            "events": "\n".join(intake.events)}  # fmt: skip


def _campaigns() -> list[tuple[str, str]]:
    return [(campaign.campaign_id, campaign.name) for campaign in service().deps.directory.campaigns()]


def _path(intake: Intake) -> str:
    if intake.entry is Entry.HUBSPOT:
        return "/submissions/v3/integration/submit/{}/{}".format(*parts_of(intake.intake_id))
    if intake.entry is Entry.SEGMENT:
        return ""
    return f"/intakes/google/{intake.intake_id}" if intake.entry is Entry.GOOGLE else "/servlet/servlet.WebToLead"


def _plan(sent: Mapping[str, Any]) -> IntakePlan | Refusal:
    own_id = str(sent.get("own_id", "")).strip()
    entry = _ENTRIES.get(str(sent.get("entry", "")))
    read = _read(sent)
    if entry is None:
        return Refusal("entry", "choose one of the list")
    kind = _KINDS[entry]
    if own_id and not kind.named(own_id):
        return Refusal("own_id", kind.wrong)
    if isinstance(read, Refusal):
        return read
    return IntakePlan(kind.named(own_id) or kind.new(), entry, **read)


def _read(sent: Mapping[str, Any]) -> dict[str, Any] | Refusal:
    """What can be changed of an intake, by IntakePlan's names."""
    name, campaign_id = clean(str(sent.get("name", "")), NAME_LIMIT), str(sent.get("campaign_id", ""))
    hosts, events = read_hosts(str(sent.get("return_hosts", ""))), events_of(str(sent.get("events", "")))
    if not name:
        return Refusal("name", "this field is required")
    if hosts is None:
        return Refusal("return_hosts", "names of sites, such as www.example.com")
    if events is None:
        return Refusal("events", f"more lines than allowed: {MOST_EVENTS}")
    if campaign_id and service().deps.directory.campaign(campaign_id) is None:
        return Refusal("campaign_id", "choose one of the list")
    return {"name": name, "campaign_id": campaign_id, "return_hosts": hosts, "events": events}


def _list(request: Any, who: Rep, typed: Mapping[str, Any], refusal: Refusal | None) -> Response:
    deps = service().deps
    campaigns = _campaigns()
    sent = deps.model.by_form()
    intakes = sorted(deps.directory.intakes(), key=lambda one: (not one.active, one.name.casefold()))
    answer = console_page(
        request, who, "intakes.html", rows=[(one, *sent.get(one.intake_id, (0, None))) for one in intakes],
        campaigns=campaigns, entries=list(_ENTRIES), refused=refused_lately(deps), names=dict(campaigns), typed=typed,
        errors={refusal.field: refusal.reason} if refusal else {},
        building=may_open(who.role, "/app/forms/intakes", "POST"),
    )  # fmt: skip
    answer.status_code = 422 if refusal else 200
    return answer
