"""Coming in and going out. For now the sample people alone, and only on this machine."""

from chalice import Blueprint, Response

from chalicelib.flows.work_lead import NotFound
from chalicelib.handlers.access import check_csrf, csrf_token, end_session, sample_sign_in_open, session_cookie
from chalicelib.handlers.errors import Problem
from chalicelib.handlers.web import fields, page, query, redirect, route, safe_next
from chalicelib.records.rep import Rep, Role
from chalicelib.wiring import service

sign_in = Blueprint(__name__)
blueprints = (sign_in,)


@route(sign_in, "/app/sign-in")
def show_sign_in() -> Response:
    request = sign_in.current_request
    groups = _people_by_role() if sample_sign_in_open(request) else []
    goes_on = safe_next(query(request, "next", "/app"))
    return page(request, "sign_in.html", groups=groups, goes_on=goes_on, csrf=csrf_token(request))


@route(sign_in, "/app/sign-in", ("POST",))
def post_sign_in() -> Response:
    request = sign_in.current_request
    if not sample_sign_in_open(request):
        raise Problem(403, "Sign-in is not set up", "Sample people can be chosen on the own machine only.")
    sent = fields(request)
    check_csrf(request, str(sent.get("csrf", "")))
    rep = service().deps.directory.rep(str(sent.get("rep_id", "")))
    if rep is None or not rep.active:
        raise NotFound
    secure = service().settings.address.startswith("https:")
    return redirect(safe_next(str(sent.get("next", "/app"))), (session_cookie(rep.rep_id, secure),))


@route(sign_in, "/app/sign-out", ("POST",))
def post_sign_out() -> Response:
    request = sign_in.current_request
    check_csrf(request, str(fields(request).get("csrf", "")))
    return redirect("/app/sign-in", (end_session(request),))


# Those who see most come first; the sales people are many.
_ORDER = (Role.MARKETER, Role.MANAGER, Role.FINANCE, Role.ADMIN, Role.REP)


def _people_by_role() -> list[tuple[Role, list[Rep]]]:
    reps = [rep for rep in service().deps.directory.reps() if rep.active]
    groups = [(role, sorted((r for r in reps if r.role is role), key=lambda r: r.name)) for role in _ORDER]
    return [(role, people) for role, people in groups if people]
