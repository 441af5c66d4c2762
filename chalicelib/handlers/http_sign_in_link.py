"""Signing in by mail: asked for on one page, looked at on another (mail gateways open every link), used by a button."""

from typing import Any

from chalice import Response

from chalicelib.capture.addresses import read_email
from chalicelib.flows.find_person import same_case
from chalicelib.flows.first_admin import first_admin
from chalicelib.flows.sign_in_link import LinkState, SignedIn, look_at_link, request_link, use_link
from chalicelib.handlers.access import csrf_token, posted
from chalicelib.handlers.http_sign_in import sign_in_page, with_cookies
from chalicelib.handlers.limits import limit, limit_by_address
from chalicelib.handlers.session_cookies import (
    BROWSER_COOKIE,
    SESSION_COOKIE,
    browser_name,
    browser_of,
    read_cookie,
    session_cookie,
)
from chalicelib.handlers.web import first_page, language_of, page, redirect, safe_next
from chalicelib.records.ports import NotFound
from chalicelib.wiring import service


def post_request(request: Any) -> Response:
    """The answer is the same whoever asks, known or not."""
    if not service().settings.mailed_links:
        raise NotFound
    sent = posted(request)
    limit_by_address(request, "link-address")
    goes_on = safe_next(str(sent.get("next", "/app")))
    email = read_email(str(sent.get("email", ""))[:320])
    if not email:
        typed = str(sent.get("email", ""))[:320]
        return sign_in_page(request, goes_on, "not an e-mail address", typed, status=422)
    limit("link-mailbox", same_case(email))
    deps = service().deps
    first_admin(deps, service().settings.admin_email, email)
    request_link(deps, email, _browser(request), language_of(request), goes_on)
    return redirect("/app/sign-in/sent")


def show_sent(request: Any) -> Response:
    return page(request, "sign_in_sent.html", in_mailbox=service().settings.keeps_mail)


def show_link(request: Any, token: str) -> Response:
    """A page with a button. Opening it changes nothing."""
    return _link_page(request, token, look_at_link(service().deps, token, _browser(request)))


def post_link(request: Any, token: str) -> Response:
    posted(request)
    limit_by_address(request, "sign-in")
    before = read_cookie(request, SESSION_COOKIE)
    done = use_link(service().deps, token, _browser(request), browser_name(request), before)
    if isinstance(done, SignedIn):
        rep = service().deps.directory.rep(done.rep_id)
        return redirect(first_page(rep, done.goes_on or "/app"), (session_cookie(done.cookie),))
    return _link_page(request, token, done)


# Gone for good, or forbidden to this browser alone.
_STATUS = {LinkState.OPEN: 200, LinkState.ELSEWHERE: 403, LinkState.FORGED: 404}


def _link_page(request: Any, token: str, state: LinkState) -> Response:
    browser, cookies = browser_of(request)
    answer = page(request, "sign_in_link.html", token=token, state=state.value, csrf=csrf_token(request, browser))
    answer.headers["Referrer-Policy"] = "same-origin"
    return with_cookies(answer, cookies, _STATUS.get(state, 410))


def _browser(request: Any) -> str:
    """The digest a link is bound to, "" for a browser that has shown no cookie yet (which is no one's)."""
    cookie = read_cookie(request, BROWSER_COOKIE)
    return service().deps.digest(f"browser:{cookie}") if cookie else ""
