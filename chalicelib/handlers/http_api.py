"""The API: JSON in, JSON or a problem out, keys with scopes."""

from typing import Any

from chalice import Response

from chalicelib.flows.follow_merges import surviving
from chalicelib.flows.plan_marketing import add_campaign, add_spend, find_campaign, invoice_problem
from chalicelib.flows.read_post import campaign_named
from chalicelib.flows.receive import receive
from chalicelib.flows.report_returns import read_report
from chalicelib.flows.submit import Answer
from chalicelib.flows.work_lead import close_deal, open_deal
from chalicelib.handlers.api_fields import choice, day, money, spend_day, text, wrong
from chalicelib.handlers.errors import Problem
from chalicelib.handlers.http_door import problem_of_refusal, raw_post
from chalicelib.handlers.openapi import document
from chalicelib.handlers.web import as_json, fields
from chalicelib.records.api_key import ApiKey
from chalicelib.records.arrival import Entry, RawPost, Refused
from chalicelib.records.campaign import Campaign
from chalicelib.records.contact import Refusal
from chalicelib.records.opportunity import OpportunityStage
from chalicelib.wiring import service


def openapi(request: Any) -> Response:
    return as_json(document())


def post_lead(request: Any, key: ApiKey) -> Response:
    """One lead. 201 the first time, 200 when the same request comes again, 202 when it waits for the store."""
    return _received(raw_post(request, Entry.LEAD, key=key.digest))


def post_scan(request: Any, key: ApiKey) -> Response:
    """One scanned badge: {"card": text, "campaign": id or name, "scan_id": the scanner's own id, "note"}."""
    return _received(raw_post(request, Entry.SCAN, key=key.digest))


def _received(post: RawPost) -> Response:
    answer = receive(service().deps, post)
    if isinstance(answer, Refused):
        raise problem_of_refusal(answer)
    return _answered(answer)


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
    found = campaign_named(service().deps, body)
    if isinstance(found, Refused):
        raise problem_of_refusal(found)
    return found


def get_attribution(request: Any, key: ApiKey) -> Response:
    """The latest returns report; `as_of` says from when it is."""
    report = read_report(service().deps)
    if report is None:
        raise Problem(503, "Not made yet", "The first report is being made.", headers={"Retry-After": "5"})
    return as_json(report)


def list_campaigns(request: Any, key: ApiKey) -> Response:
    return as_json({"campaigns": [_campaign(c) for c in service().deps.directory.campaigns()]})


def post_campaign(request: Any, key: ApiKey) -> Response:
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


def post_spend(request: Any, key: ApiKey) -> Response:
    """Spend on a campaign, today (UTC) unless told. The same `invoice` again changes nothing and answers 200; with
    another amount or date it is a problem."""
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


def post_opportunity(request: Any, key: ApiKey) -> Response:
    """A possible sale to a lead, with amount and currency."""
    body = fields(request)
    margin = body.get("margin")
    # type() rather than isinstance: true is an int.
    if margin is not None and not (type(margin) is int and 0 <= margin <= 100):
        raise wrong("margin", "a whole percentage, 0 to 100")
    lead_id, name = text(body, "lead_id", 26, required=True), text(body, "name", 200, required=True)
    deps = service().deps
    deal = open_deal(deps, surviving(deps, lead_id), name, money(body), margin, key.name)
    return as_json({"opportunity_id": deal.opportunity_id, "stage": deal.stage.value}, 201)


def patch_opportunity(request: Any, key: ApiKey, lead_id: str, opportunity_id: str) -> Response:
    """Move a sale to won, lost or open."""
    body = fields(request)
    stage = OpportunityStage(choice(body, "stage", [s.value for s in OpportunityStage]))
    deal = close_deal(service().deps, lead_id, opportunity_id, stage, text(body, "reason", 500))
    return as_json({"opportunity_id": deal.opportunity_id, "stage": deal.stage.value})
