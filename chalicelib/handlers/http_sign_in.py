"""Coming in and going out: the page with every way there is, the sample people, and signing out."""

from typing import Any

from chalice import Response

from chalicelib.flows.sessions import end_session, start_session
from chalicelib.handlers.access import check_csrf, csrf_token, sample_sign_in_open
from chalicelib.handlers.errors import Problem
from chalicelib.handlers.session_cookies import (
    SESSION_COOKIE,
    browser_name,
    browser_of,
    forget_session,
    read_cookie,
    session_cookie,
)
from chalicelib.handlers.web import fields, first_page, page, query, redirect, safe_next
from chalicelib.records.ports import NotFound
from chalicelib.records.rep import Rep, Role
from chalicelib.records.sign_in import SignInWay
from chalicelib.wiring import service


def show_sign_in(request: Any) -> Response:
    return sign_in_page(request, safe_next(query(request, "next", "/app")))


def sign_in_page(request: Any, goes_on: str, error: str = "", email: str = "", status: int = 200) -> Response:
    """Every way in that is set up; `error` is what is wrong with the address typed."""
    settings = service().settings
    browser, cookies = browser_of(request)
    answer = page(
        request, "sign_in.html", goes_on=goes_on, csrf=csrf_token(request, browser), error=error, email=email,
        groups=_people_by_role() if sample_sign_in_open(request) else [],
        provider=bool(settings.oidc_issuer), provider_name=settings.oidc_name, links=settings.mailed_links,
    )  # fmt: skip
    return with_cookies(answer, cookies, status)


def with_cookies(answer: Response, cookies: list[str], status: int = 200) -> Response:
    answer.status_code = status
    if cookies:
        answer.headers["Set-Cookie"] = cookies
    return answer


def post_sign_in(request: Any) -> Response:
    """As one of the sample people."""
    if not sample_sign_in_open(request):
        raise Problem(403, "Not possible here", "Sample people can be chosen on the own machine only.")
    sent = fields(request)
    check_csrf(request, str(sent.get("csrf", "")))
    rep = service().deps.directory.rep(str(sent.get("rep_id", "")))
    if rep is None or not rep.active:
        raise NotFound
    before = read_cookie(request, SESSION_COOKIE)
    made = start_session(service().deps, rep.rep_id, SignInWay.SAMPLE, browser_name(request), instead_of=before)
    return redirect(first_page(rep, str(sent.get("next", "/app"))), (session_cookie(made),))


def post_sign_out(request: Any) -> Response:
    check_csrf(request, str(fields(request).get("csrf", "")))
    end_session(service().deps, read_cookie(request, SESSION_COOKIE))
    return redirect("/app/sign-in", (forget_session(),))


# Those who see most come first; the sales people are many.
_ORDER = (Role.MARKETER, Role.MANAGER, Role.FINANCE, Role.ADMIN, Role.REP)


def _people_by_role() -> list[tuple[Role, list[Rep]]]:
    reps = [rep for rep in service().deps.directory.reps() if rep.active]
    groups = [(role, sorted((r for r in reps if r.role is role), key=lambda r: r.name)) for role in _ORDER]
    return [(role, people) for role, people in groups if people]
