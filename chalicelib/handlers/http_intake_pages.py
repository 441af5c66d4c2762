"""Intakes in the console: set up, with what to put into the old form, and withdrawn."""

import secrets
import string
from collections.abc import Mapping
from typing import Any

from chalice import Response

from chalicelib.capture.intakes import NAME_LIMIT, read_hosts
from chalicelib.capture.intakes_web_to_lead import organisation_of
from chalicelib.capture.text import clean
from chalicelib.flows.plan_intake import IntakePlan, make_intake, withdraw_intake
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
        address=deps.links.absolute("/servlet/servlet.WebToLead"),
        campaign=deps.directory.campaign(intake.campaign_id) if intake.campaign_id else None,
        made_by={rep.rep_id: rep.name for rep in deps.directory.reps()}.get(intake.made_by, ""),
        building=may_open(who.role, "/app/forms/intakes", "POST"), said=query(request, "said"),
    )  # fmt: skip


def post_withdraw(request: Any, who: Rep, intake_id: str) -> Response:
    posted(request)
    withdraw_intake(service().deps, intake_id)
    return redirect(f"/app/forms/intakes/{intake_id}?said=withdrawn")


def _plan(sent: Mapping[str, Any]) -> IntakePlan | Refusal:
    name, campaign_id = clean(str(sent.get("name", "")), NAME_LIMIT), str(sent.get("campaign_id", ""))
    own_id, hosts = str(sent.get("own_id", "")).strip(), read_hosts(str(sent.get("return_hosts", "")))
    if not name:
        return Refusal("name", "this field is required")
    if own_id and not organisation_of(own_id):
        return Refusal("own_id", "an organization ID begins with 00D and has 15 or 18 characters")
    if hosts is None:
        return Refusal("return_hosts", "names of sites, such as www.example.com")
    if campaign_id and service().deps.directory.campaign(campaign_id) is None:
        return Refusal("campaign_id", "choose one of the list")
    return IntakePlan(organisation_of(own_id) or _new_id(), Entry.WEB_TO_LEAD, name, campaign_id, hosts)


def _new_id() -> str:
    """In the shape of those it stands for, in case the site's own page checks it."""
    return "00D" + "".join(secrets.choice(_LETTERS) for _ in range(12))


def _list(request: Any, who: Rep, typed: Mapping[str, Any], refusal: Refusal | None) -> Response:
    deps = service().deps
    campaigns = [(campaign.campaign_id, campaign.name) for campaign in deps.directory.campaigns()]
    sent = deps.model.by_form()
    intakes = sorted(deps.directory.intakes(), key=lambda one: (not one.active, one.name.casefold()))
    answer = console_page(
        request, who, "intakes.html", rows=[(one, *sent.get(one.intake_id, (0, None))) for one in intakes],
        campaigns=campaigns, names=dict(campaigns), typed=typed,
        errors={refusal.field: refusal.reason} if refusal else {},
        building=may_open(who.role, "/app/forms/intakes", "POST"),
    )  # fmt: skip
    answer.status_code = 422 if refusal else 200
    return answer
