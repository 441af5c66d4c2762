"""Addresses that take what a site's form sent to another product, in that product's own terms."""

from typing import Any
from uuid import uuid4

from chalice import Response

from chalicelib.capture.intakes import allowed_return
from chalicelib.capture.intakes_google import is_test
from chalicelib.capture.intakes_hubspot import errors_of
from chalicelib.flows.read_intake import body_of, find_intake
from chalicelib.flows.receive import receive
from chalicelib.flows.submission import TokenReused
from chalicelib.handlers.errors import Problem
from chalicelib.handlers.http_door import problem_of_refusal, raw_post, sent_to_nobody
from chalicelib.handlers.web import as_json, problem_of_body, redirect, show_problem, wants_html
from chalicelib.records.arrival import Entry, Refused
from chalicelib.records.contact import Refusal
from chalicelib.records.ports import NotFound
from chalicelib.wiring import service

# Salesforce says by this header what became of a form, and programs that send one look at it.
_PROCESSED, _NOT_PROCESSED = {"Is-Processed": "true"}, {"Is-Processed": "false"}
# HubSpot's own words where a form has none of its own.
_THANKS = "Thanks for submitting the form."


def post_web_to_lead(request: Any) -> Response:
    """As Salesforce Web-to-Lead: urlencoded, whose it is in `oid`. A browser goes on to `retURL` where that leads to a
    site of the intake's, else to the status page; a program is answered 200 and that it was processed."""
    post, deps = raw_post(request, Entry.WEB_TO_LEAD), service().deps
    body = body_of(post)
    if isinstance(body, Refusal):
        # Whose it is stands in the body: what cannot be read is nobody's, and kept nowhere.
        return _not_processed(request, problem_of_body(body))
    try:
        intake = find_intake(deps, post, body)
    except NotFound:
        sent_to_nobody(request, post.entry)
        why = (Refusal("oid", "is not known here"),)
        return _not_processed(request, Problem(404, "Not found", "Nothing is taken in under this id.", why))
    answer = receive(deps, post)
    if isinstance(answer, Refused):
        return _not_processed(request, problem_of_refusal(answer))
    token = deps.links.make("receipt", answer.receipt, answer.request_id)
    if wants_html(request):
        return redirect(allowed_return(str(body.get("retURL") or "").strip(), intake.return_hosts) or f"/s/{token}")
    told = {"request_id": answer.request_id, "status_url": deps.links.absolute(f"/s/{token}")}
    return as_json(told, 200, _PROCESSED)


def _not_processed(request: Any, problem: Problem) -> Response:
    answer = show_problem(request, problem)
    answer.headers |= _NOT_PROCESSED
    return answer


def post_hubspot(request: Any, portal: str, form: str) -> Response:
    """As HubSpot's Forms API v3: JSON in, `inlineMessage` or errors of its kinds out."""
    deps, post = service().deps, raw_post(request, Entry.HUBSPOT, form_id=f"{portal}-{form}")
    try:
        answer = receive(deps, post)
    except NotFound:
        sent_to_nobody(request, post.entry)
        return _hubspot_error(404, f"The form {form[:60]} of the portal {portal[:20]} is not known here.")
    if isinstance(answer, Refused):
        # HubSpot answers 400 to whatever is wrong with fields.
        status = 400 if answer.status == 422 else answer.status
        return _hubspot_error(status, "The request is not valid", errors_of(answer.problems))
    token = deps.links.make("receipt", answer.receipt, answer.request_id)
    told = {"request_id": answer.request_id, "status_url": deps.links.absolute(f"/s/{token}")}
    return as_json({"inlineMessage": _THANKS, **told})


def post_google(request: Any, intake: str) -> Response:
    """As Google expects of a webhook: 200 and an empty object once a lead has arrived, which ends its deliveries; 4xx
    with a message for what will not be right another time either. A test is answered, and nothing is made of it."""
    post, deps = raw_post(request, Entry.GOOGLE, form_id=intake), service().deps
    body = body_of(post)
    try:
        find_intake(deps, post, {} if isinstance(body, Refusal) else body)
    except NotFound:
        sent_to_nobody(request, post.entry)
        return as_json({"message": "The address or the key is not known here."}, 403)
    if not isinstance(body, Refusal) and is_test(body):
        return as_json({})
    try:
        answer = receive(deps, post)
    except TokenReused:
        return as_json({"message": "This lead_id came before with other values."}, 400)
    if isinstance(answer, Refused):
        return as_json({"message": "; ".join(f"{one.field}: {one.reason}" for one in answer.problems)}, 400)
    return as_json({})


def _hubspot_error(status: int, message: str, errors: list[dict[str, str]] | None = None) -> Response:
    told = {"status": "error", "message": message, "correlationId": str(uuid4())}
    return as_json({**told, "errors": errors} if errors else told, status)
