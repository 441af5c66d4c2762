"""The scripts that know a visitor's way from the first page to the form, and what they tell (docs/tracker.md)."""

from typing import Any

from chalice import Response

from chalicelib.handlers.errors import Problem
from chalicelib.handlers.http_assets import serve
from chalicelib.handlers.limits import limit_by_address
from chalicelib.handlers.web import header, problem_of_body
from chalicelib.records.contact import Refusal
from chalicelib.wiring import service

# For any page, also for one that loads only what allows it (Cross-Origin-Embedder-Policy).
_ANY_PAGE = {"Cross-Origin-Resource-Policy": "cross-origin"}
_NOT_KEPT = {"Cache-Control": "no-store"}


def script(request: Any) -> Response:
    return serve(request, "t.js", _ANY_PAGE)


def visits_script(request: Any) -> Response:
    return serve(request, "t-visits.js", _ANY_PAGE)


def post_visit(request: Any) -> Response:
    """A visit so far, from a page of a site that is allowed to. Of machines and of whoever objects by their browser
    nothing is kept, and they are told the same; that a visitor is to be forgotten is heard from everybody."""
    from chalicelib.capture.intakes import host_of
    from chalicelib.capture.machines import machine_of
    from chalicelib.capture.visits import ToldToForget, read_told
    from chalicelib.flows.keep_visit import count_machine, forget_visitor, keep_visit

    limit_by_address(request, "page-views")
    deps, origin = service().deps, header(request, "origin")
    site = host_of(origin)
    told = read_told(request.raw_body, site)
    if isinstance(told, Refusal):
        raise problem_of_body(told)
    if isinstance(told, ToldToForget):
        forget_visitor(deps, told.visitor)
        return Response("", _NOT_KEPT, 204)
    if not site or deps.directory.website(site) is None:
        raise Problem(403, "Not a site of ours", "Visits are told by pages of the sites that are set up here alone.")
    if machine := machine_of(header(request, "user-agent")):
        count_machine(deps, machine)
    elif header(request, "sec-gpc") != "1" and header(request, "dnt") != "1":
        keep_visit(deps, told, site)
    return Response("", {**_NOT_KEPT, "Access-Control-Allow-Origin": origin, "Vary": "Origin"}, 204)
