"""The API: JSON in, JSON or a problem out, keys with scopes."""

from typing import Any

from chalice import Response

from chalicelib.flows.plan_marketing import add_campaign, add_spend, find_campaign, invoice_problem
from chalicelib.flows.read_post import campaign_named
from chalicelib.flows.receive import receive
from chalicelib.flows.report_returns import read_report
from chalicelib.flows.submission import Answer
from chalicelib.handlers.api_answers import answered
from chalicelib.handlers.api_fields import day, known_fields, money, spend_day, text, wrong
from chalicelib.handlers.api_once import asked_before, id_to_make_once
from chalicelib.handlers.errors import Problem
from chalicelib.handlers.http_api_lists import campaign_json, spend_json
from chalicelib.handlers.http_door import problem_of_refusal, raw_post
from chalicelib.handlers.openapi import document
from chalicelib.handlers.web import as_json
from chalicelib.records.api_key import ApiKey
from chalicelib.records.arrival import Entry, RawPost, Refused
from chalicelib.records.contact import Refusal
from chalicelib.wiring import service


def openapi(request: Any) -> Response:
    return answered(request, document(announced=service().deps.presigned is not None))


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
    return answered(request, report)


def post_campaign(request: Any, key: ApiKey) -> Response:
    body = known_fields(request, "name", "channel", "starts_on", "ends_on")
    name = text(body, "name", 200, required=True)
    starts_on, ends_on, channel = day(body, "starts_on"), day(body, "ends_on"), text(body, "channel", 60)
    if found := find_campaign(service().deps, name):
        if asked_before(request, key, body):
            return as_json(campaign_json(found))
        raise Problem(409, "The campaign exists", errors=(Refusal("name", "a campaign of this name exists"),))
    id_to_make_once(request, key, body)
    campaign = add_campaign(service().deps, name, channel, starts_on, ends_on)
    return as_json(campaign_json(campaign), 201)


def post_spend(request: Any, key: ApiKey) -> Response:
    """Spend on a campaign, today (UTC) unless told. The same `invoice` again changes nothing and answers 200; with
    another amount or date it is a problem."""
    body = known_fields(request, "campaign", "spent_on", "amount", "amount_minor", "currency", "note", "invoice")
    campaign_id = _campaign_id({"campaign": text(body, "campaign", 300, required=True)})
    deps = service().deps
    today = deps.clock().date()
    told, paid = spend_day(body, "spent_on", today), money(body)
    note, invoice = text(body, "note", 500), text(body, "invoice", 100)
    made_id = id_to_make_once(request, key, body)
    spend, new = add_spend(deps, campaign_id, told or today, paid, note, invoice, key.name, made_id)
    if not new and (problem := invoice_problem(spend, paid, told)):
        raise wrong("invoice", problem)
    return as_json(spend_json(spend), 201 if new else 200)
