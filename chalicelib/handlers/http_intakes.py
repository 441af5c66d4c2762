"""Addresses that take what a site's form sent to another product, in that product's own terms."""

import logging
from typing import Any

from chalice import Response

from chalicelib.capture.intakes import allowed_return
from chalicelib.flows.read_intake import body_of, find_intake
from chalicelib.flows.receive import receive
from chalicelib.handlers.errors import Problem
from chalicelib.handlers.http_door import problem_of_refusal, raw_post
from chalicelib.handlers.limits import limit_by_address
from chalicelib.handlers.web import as_json, problem_of_body, redirect, show_problem, wants_html
from chalicelib.records.arrival import Entry, Refused
from chalicelib.records.contact import Refusal
from chalicelib.records.ports import NotFound
from chalicelib.wiring import service

log = logging.getLogger("leadline")

# Salesforce says by this header what became of a form, and programs that send one look at it.
_PROCESSED, _NOT_PROCESSED = {"Is-Processed": "true"}, {"Is-Processed": "false"}


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
        return _not_processed(request, _unknown(request, post.entry, "oid"))
    answer = receive(deps, post)
    if isinstance(answer, Refused):
        return _not_processed(request, problem_of_refusal(answer))
    token = deps.links.make("receipt", answer.receipt, answer.request_id)
    if wants_html(request):
        return redirect(allowed_return(str(body.get("retURL") or "").strip(), intake.return_hosts) or f"/s/{token}")
    told = {"request_id": answer.request_id, "status_url": deps.links.absolute(f"/s/{token}")}
    return as_json(told, 200, _PROCESSED)


def _unknown(request: Any, entry: Entry, field: str) -> Problem:
    """Whether there ever was one is not told. Who keeps guessing is turned away."""
    log.warning("refused: sent to no intake of %s", entry)
    limit_by_address(request, "intake")
    return Problem(404, "Not found", "Nothing is taken in under this id.", (Refusal(field, "is not known here"),))


def _not_processed(request: Any, problem: Problem) -> Response:
    answer = show_problem(request, problem)
    answer.headers |= _NOT_PROCESSED
    return answer
