"""Intakes in the console: set up, with what to put into the old form, and withdrawn."""

import secrets
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from chalice import Response

from chalicelib.capture.intakes import NAME_LIMIT, read_hosts
from chalicelib.capture.intakes_hubspot import form_of, parts_of
from chalicelib.capture.intakes_web_to_lead import organisation_of
from chalicelib.capture.text import clean
from chalicelib.flows.plan_intake import IntakePlan, make_intake, withdraw_intake
from chalicelib.flows.read_intake import google_key
from chalicelib.handlers.access import posted
from chalicelib.handlers.console import console_page
from chalicelib.handlers.routes import may_open
from chalicelib.handlers.web import query, redirect
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


def _new_form() -> str:
    return f"{10_000_000 + secrets.randbelow(90_000_000)}-{uuid4()}"


_KINDS = {
    Entry.WEB_TO_LEAD: Kind(
        organisation_of, _new_organisation, "an organization ID begins with 00D and has 15 or 18 characters"
    ),
    Entry.GOOGLE: Kind(_none, _new_webhook, "leave it empty for Google, whose key is made here"),
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
    deps = service().deps
    stored = deps.store.get(Intake, intake_id)
    if stored is None:
        raise NotFound
    intake = stored.value
    count, last = deps.model.by_form().get(intake.intake_id, (0, None))
    return console_page(
        request, who, "intake.html", intake=intake, count=count, last=last,
        address=deps.links.absolute(_path(intake)), parts=parts_of(intake.intake_id),
        key=google_key(deps, intake.intake_id) if intake.entry is Entry.GOOGLE else "",
        campaign=deps.directory.campaign(intake.campaign_id) if intake.campaign_id else None,
        made_by={rep.rep_id: rep.name for rep in deps.directory.reps()}.get(intake.made_by, ""),
        building=may_open(who.role, "/app/forms/intakes", "POST"), said=query(request, "said"),
    )  # fmt: skip


def _path(intake: Intake) -> str:
    if intake.entry is Entry.HUBSPOT:
        return "/submissions/v3/integration/submit/{}/{}".format(*parts_of(intake.intake_id))
    return f"/intakes/google/{intake.intake_id}" if intake.entry is Entry.GOOGLE else "/servlet/servlet.WebToLead"


def post_withdraw(request: Any, who: Rep, intake_id: str) -> Response:
    posted(request)
    withdraw_intake(service().deps, intake_id)
    return redirect(f"/app/forms/intakes/{intake_id}?said=withdrawn")


def _plan(sent: Mapping[str, Any]) -> IntakePlan | Refusal:
    name, campaign_id = clean(str(sent.get("name", "")), NAME_LIMIT), str(sent.get("campaign_id", ""))
    own_id, hosts = str(sent.get("own_id", "")).strip(), read_hosts(str(sent.get("return_hosts", "")))
    entry = _ENTRIES.get(str(sent.get("entry", "")))
    if not name:
        return Refusal("name", "this field is required")
    if entry is None:
        return Refusal("entry", "choose one of the list")
    kind = _KINDS[entry]
    if own_id and not kind.named(own_id):
        return Refusal("own_id", kind.wrong)
    if hosts is None:
        return Refusal("return_hosts", "names of sites, such as www.example.com")
    if campaign_id and service().deps.directory.campaign(campaign_id) is None:
        return Refusal("campaign_id", "choose one of the list")
    return IntakePlan(kind.named(own_id) or kind.new(), entry, name, campaign_id, hosts)


def _list(request: Any, who: Rep, typed: Mapping[str, Any], refusal: Refusal | None) -> Response:
    deps = service().deps
    campaigns = [(campaign.campaign_id, campaign.name) for campaign in deps.directory.campaigns()]
    sent = deps.model.by_form()
    intakes = sorted(deps.directory.intakes(), key=lambda one: (not one.active, one.name.casefold()))
    answer = console_page(
        request, who, "intakes.html", rows=[(one, *sent.get(one.intake_id, (0, None))) for one in intakes],
        campaigns=campaigns, entries=list(_ENTRIES), names=dict(campaigns), typed=typed,
        errors={refusal.field: refusal.reason} if refusal else {},
        building=may_open(who.role, "/app/forms/intakes", "POST"),
    )  # fmt: skip
    answer.status_code = 422 if refusal else 200
    return answer
