"""The API: JSON in, JSON or a problem out, keys with scopes."""

from typing import Any

from chalice import Blueprint, Response

from chalicelib.capture.channels import source_of_fields
from chalicelib.capture.forms import FormReading, read_lead
from chalicelib.flows.plan_marketing import add_campaign, add_spend, find_campaign, invoice_problem
from chalicelib.flows.report_returns import read_report
from chalicelib.flows.scan_badge import scan_badge
from chalicelib.flows.submit import Answer, Submission, submit
from chalicelib.flows.work_lead import close_deal, open_deal
from chalicelib.handlers.access import api_key
from chalicelib.handlers.api_fields import choice, day, money, spend_day, text, wrong
from chalicelib.handlers.errors import Problem
from chalicelib.handlers.openapi import document
from chalicelib.handlers.web import as_json, client_address, fields, header, route
from chalicelib.records.campaign import Campaign, OpportunityStage
from chalicelib.records.contact import Refusal
from chalicelib.records.touch import TouchKind
from chalicelib.wiring import service

api = Blueprint(__name__)
blueprints = (api,)


@route(api, "/v1/openapi.json")
def openapi() -> Response:
    return as_json(document())


@route(api, "/v1/leads", ("POST",))
def post_lead() -> Response:
    """One lead. 201 the first time, 200 when the same request comes again."""
    request = api.current_request
    key = api_key(request, "leads:write")
    body = fields(request)
    reading = read_lead(body)
    if not isinstance(reading, FormReading):
        raise Problem(422, "Some fields need a look", reading[0].reason, tuple(reading))
    once = header(request, "idempotency-key")
    if len(once) > 200:
        raise Problem(422, "The key is too long", "An Idempotency-Key has at most 200 characters.")
    submission = Submission(
        contact=reading.contact,
        kind=TouchKind.API,
        token=f"api:{key.digest}:{once}" if once else "",
        visitor=f"api {key.digest} {client_address(request)}",
        campaign_id=_campaign_id(body),
        source=source_of_fields({k: str(v) for k, v in body.items()}, str(body.get("referrer") or "")),
        language=reading.contact.language or "en",
        details=reading.answers,
        subject=str(body.get("subject") or "")[:200],
    )
    return _answered(submit(service().deps, submission))


def _answered(answer: Answer) -> Response:
    links = service().deps.links
    body = {
        "lead_id": answer.lead_id,
        "touch_id": answer.touch_id,
        "request_id": answer.request_id,
        "known": answer.known,
        "status_url": links.absolute(f"/s/{links.status(answer.lead_id, answer.request_id)}"),
    }
    return as_json(body, 200 if answer.repeated else 201)


def _campaign_id(body: dict[str, Any]) -> str:
    """The campaign's id or name; an unknown one is a problem, not a new campaign."""
    named = str(body.get("campaign") or "")
    if not named:
        return ""
    campaign = find_campaign(service().deps, named[:300])
    if campaign is None:
        raise Problem(422, "Unknown campaign", errors=(Refusal("campaign", "no campaign has this id or name"),))
    return campaign.campaign_id


@route(api, "/v1/scans", ("POST",))
def post_scan() -> Response:
    """One scanned badge: {"card": text, "campaign": id or name, "scan_id": the scanner's own id, "note"}."""
    request = api.current_request
    key = api_key(request, "scans:write")
    body = fields(request)
    card = text(body, "card", 5000, required=True)
    note, scanned_at = text(body, "note", 2000), text(body, "scanned_at", 60)
    scan_id = header(request, "idempotency-key") or text(body, "scan_id", 100)
    answer = scan_badge(service().deps, card, _campaign_id(body), scan_id, key.digest, note, scanned_at)
    if isinstance(answer, Refusal):
        raise Problem(422, "The code cannot be read", answer.reason, (Refusal("card", answer.reason),))
    return _answered(answer)


@route(api, "/v1/attribution")
def get_attribution() -> Response:
    """The latest returns report; `as_of` says from when it is."""
    api_key(api.current_request, "reports:read")
    report = read_report(service().deps)
    if report is None:
        raise Problem(503, "Not made yet", "The first report is being made.", headers={"Retry-After": "5"})
    return as_json(report)


@route(api, "/v1/campaigns")
def list_campaigns() -> Response:
    api_key(api.current_request, "campaigns:read")
    return as_json({"campaigns": [_campaign(c) for c in service().deps.directory.campaigns()]})


@route(api, "/v1/campaigns", ("POST",))
def post_campaign() -> Response:
    request = api.current_request
    api_key(request, "campaigns:write")
    body = fields(request)
    name = text(body, "name", 200, required=True)
    if find_campaign(service().deps, name):
        raise Problem(409, "The campaign exists", errors=(Refusal("name", "a campaign of this name exists"),))
    starts_on, ends_on = day(body, "starts_on"), day(body, "ends_on")
    campaign = add_campaign(service().deps, name, text(body, "channel", 60), starts_on, ends_on)
    return as_json(_campaign(campaign), 201)


def _campaign(campaign: Campaign) -> dict[str, Any]:
    return {
        "campaign_id": campaign.campaign_id,
        "name": campaign.name,
        "channel": campaign.channel,
        "starts_on": campaign.starts_on.isoformat() if campaign.starts_on else None,
        "ends_on": campaign.ends_on.isoformat() if campaign.ends_on else None,
    }


@route(api, "/v1/spend", ("POST",))
def post_spend() -> Response:
    """Spend on a campaign, today (UTC) unless told. The same `invoice` again changes nothing and answers 200; with
    another amount or date it is a problem."""
    request = api.current_request
    key = api_key(request, "spend:write")
    body = fields(request)
    campaign_id = _campaign_id({"campaign": text(body, "campaign", 300, required=True)})
    deps = service().deps
    today = deps.clock().date()
    told, paid = spend_day(body, "spent_on", today), money(body)
    note, invoice = text(body, "note", 500), text(body, "invoice", 100)
    spend, new = add_spend(deps, campaign_id, told or today, paid, note, invoice, key.name)
    if not new and (problem := invoice_problem(spend, paid, told)):
        raise wrong("invoice", problem)
    amount = {"amount_minor": spend.amount.amount_minor, "currency": spend.amount.currency}
    return as_json({"spend_id": spend.spend_id, **amount}, 201 if new else 200)


@route(api, "/v1/opportunities", ("POST",))
def post_opportunity() -> Response:
    """A possible sale to a lead, with amount and currency."""
    request = api.current_request
    key = api_key(request, "opportunities:write")
    body = fields(request)
    margin = body.get("margin")
    # type() rather than isinstance: true is an int.
    if margin is not None and not (type(margin) is int and 0 <= margin <= 100):
        raise wrong("margin", "a whole percentage, 0 to 100")
    lead_id, name = text(body, "lead_id", 26, required=True), text(body, "name", 200, required=True)
    deal = open_deal(service().deps, lead_id, name, money(body), margin, key.name)
    return as_json({"opportunity_id": deal.opportunity_id, "stage": deal.stage.value}, 201)


@route(api, "/v1/opportunities/{lead_id}/{opportunity_id}", ("PATCH",))
def patch_opportunity(lead_id: str, opportunity_id: str) -> Response:
    """Move a sale to won, lost or open."""
    request = api.current_request
    api_key(request, "opportunities:write")
    body = fields(request)
    stage = OpportunityStage(choice(body, "stage", [s.value for s in OpportunityStage]))
    deal = close_deal(service().deps, lead_id, opportunity_id, stage, text(body, "reason", 500))
    return as_json({"opportunity_id": deal.opportunity_id, "stage": deal.stage.value})
