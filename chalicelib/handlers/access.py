"""Who is asking: signed sessions for people, keys for programs, and proof that a form was ours (CSRF)."""

import hmac
from typing import Any

from chalicelib.handlers.errors import Problem, SignInNeeded
from chalicelib.handlers.web import cookies, header, own_host
from chalicelib.records.receipt import ApiKey
from chalicelib.records.rep import Rep
from chalicelib.wiring import service

SESSION_COOKIE = "leadline_session"
_LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})


def sample_sign_in_open(request: Any) -> bool:
    """Whether the sample people may be chosen: sample data on, listening on loopback, and asked for by that name
    (a page of another site that resolves its own name to 127.0.0.1 does not pass)."""
    found = service()
    return found.settings.loopback and own_host(request) in _LOCAL_HOSTS and found.deps.blobs.get("sample") is not None


def person(request: Any) -> Rep:
    """Who is signed in. Raises SignInNeeded."""
    deps = service().deps
    ids = deps.links.read("session", cookies(request).get(SESSION_COOKIE, ""))
    found = deps.directory.rep(ids[0]) if ids else None
    if found is None or not found.active:
        raise SignInNeeded
    return found


def session_cookie(rep_id: str, secure: bool) -> str:
    token = service().deps.links.make("session", rep_id, service().deps.new_id())
    return f"{SESSION_COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age=43200{'; Secure' if secure else ''}"


def end_of_session() -> str:
    return f"{SESSION_COOKIE}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"


def csrf_token(request: Any) -> str:
    """What our own forms carry: a keyed hash of the session, which no other site can know."""
    return service().deps.digest("csrf:" + cookies(request).get(SESSION_COOKIE, ""))


def check_csrf(request: Any, sent: str) -> None:
    """Raises Problem when a POST does not come from a page of ours."""
    site = header(request, "sec-fetch-site")
    if site not in ("", "same-origin", "none") or not hmac.compare_digest(csrf_token(request), str(sent)):
        raise Problem(403, "Not from this page", "The page had been open for too long. Go back, reload and try again.")


def api_key(request: Any, scope: str) -> ApiKey:
    """The key of `Authorization: Bearer …` with that scope. Raises Problem 401 or 403."""
    kind, _, secret = header(request, "authorization").partition(" ")
    challenge = {"WWW-Authenticate": "Bearer"}
    if kind.lower() != "bearer" or not secret:
        raise Problem(401, "API key needed", "Send the key as: Authorization: Bearer KEY.", headers=challenge)
    deps = service().deps
    stored = deps.store.get(ApiKey, deps.digest(f"api-key:{secret.strip()}"))
    if stored is None or not stored.value.active:
        raise Problem(401, "API key not known", "The key is wrong or was withdrawn.", headers=challenge)
    if scope not in stored.value.scopes:
        raise Problem(403, "Not allowed", f"The key lacks the scope {scope}.")
    return stored.value
