"""Signing in at an identity provider: there with state, nonce and PKCE, back with a code, and once only.

What must come back is derived from one secret in a signed cookie of ten minutes; on the way there nothing is stored."""

import base64
import logging
import secrets
from typing import Any

from chalice import Response

from chalicelib.flows.first_admin import first_admin
from chalicelib.flows.sessions import start_session
from chalicelib.flows.sign_in_oidc import STATE_LIFE, person_of, spend_state
from chalicelib.handlers.errors import Problem
from chalicelib.handlers.limits import limit_by_address
from chalicelib.handlers.session_cookies import (
    SESSION_COOKIE,
    TRIP_COOKIE,
    browser_name,
    read_cookie,
    session_cookie,
    set_cookie,
)
from chalicelib.handlers.web import HTML, first_page, page, query, redirect, safe_next
from chalicelib.oidc.fetch import ProviderRefused, ProviderUnavailable
from chalicelib.oidc.id_token import IdTokenRefused, verified_email
from chalicelib.oidc.provider import Client, Provider, RoundTrip, provider_of
from chalicelib.records.ports import NotFound
from chalicelib.records.sign_in import SignInWay
from chalicelib.wiring import provider_secret, service

log = logging.getLogger("leadline")

_PURPOSE = "oidc"


def start(request: Any) -> Response:
    """Off to the provider."""
    provider = _provider()
    limit_by_address(request, "sign-in")
    secret = secrets.token_urlsafe(24)
    goes_on = base64.urlsafe_b64encode(safe_next(query(request, "next", "/app"))[:500].encode()).rstrip(b"=").decode()
    try:
        address = provider.address(_trip(secret))
    except ProviderUnavailable as error:
        return _unavailable(error)
    cookie = service().deps.links.make(_PURPOSE, secret, goes_on)
    headers = {**HTML, "Location": address, "Set-Cookie": [_trip_cookie(cookie)], "Referrer-Policy": "no-referrer"}
    return Response("", headers, 303)


def callback(request: Any) -> Response:
    """Back from the provider. Whatever is wrong, the answer is one, and says nothing of who is known."""
    provider = _provider()
    limit_by_address(request, "sign-in")
    ids = service().deps.links.read(_PURPOSE, read_cookie(request, TRIP_COOKIE))
    if ids is None or len(ids) != 2:
        return _refused(request, "again")
    trip = _trip(ids[0])
    if not secrets.compare_digest(query(request, "state").encode(), trip.state.encode()):
        return _refused(request, "again")
    if not spend_state(service().deps, trip.state):
        return _refused(request, "again")
    if not query(request, "code"):
        return _refused(request, "cancelled")
    try:
        claims = provider.claims(query(request, "code"), query(request, "iss"), trip, service().deps.clock())
    except ProviderUnavailable as error:
        return _unavailable(error)
    except (ProviderRefused, IdTokenRefused) as error:
        log.warning("Sign-in refused: %s", error)
        return _refused(request, "unknown")
    return _come_in(request, claims, _path(ids[1]))


def _come_in(request: Any, claims: dict[str, Any], goes_on: str) -> Response:
    deps, settings = service().deps, service().settings
    email = verified_email(claims)
    if email:
        first_admin(deps, settings.admin_email, email)
    rep = person_of(deps, claims["iss"], claims["sub"], email)
    if rep is None:
        return _refused(request, "unknown")
    before = read_cookie(request, SESSION_COOKIE)
    made = start_session(deps, rep.rep_id, SignInWay.OIDC, browser_name(request), instead_of=before)
    return redirect(first_page(rep, goes_on), (session_cookie(made), _trip_cookie("")))


def _provider() -> Provider:
    settings = service().settings
    if not settings.oidc_issuer:
        raise NotFound
    back = service().deps.links.absolute("/app/sign-in/oidc/callback")
    secret = provider_secret(settings)
    return provider_of(Client(settings.oidc_issuer, settings.oidc_client_id, secret, settings.oidc_scopes, back))


def _trip(secret: str) -> RoundTrip:
    digest = service().deps.digest
    verifier = digest(f"oidc verifier:{secret}") + digest(f"oidc verifier, second half:{secret}")
    return RoundTrip(digest(f"oidc state:{secret}"), digest(f"oidc nonce:{secret}"), verifier)


def _path(encoded: str) -> str:
    return safe_next(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode())


def _trip_cookie(value: str) -> str:
    return set_cookie(TRIP_COOKIE, value, int(STATE_LIFE.total_seconds()) if value else 0)


def _unavailable(error: ProviderUnavailable) -> Response:
    log.warning("Identity provider: %s", error)
    raise Problem(
        503, "Not available", "The sign-in service cannot be reached; try again.", headers={"Retry-After": "5"}
    )


def _refused(request: Any, why: str) -> Response:
    answer = page(request, "sign_in_refused.html", why=why)
    answer.status_code = 403
    answer.headers["Set-Cookie"] = [_trip_cookie("")]
    return answer
