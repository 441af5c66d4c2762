"""Who is asking: sessions for people, keys for programs, and proof that a form was ours (CSRF)."""

import hmac
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from chalicelib.flows.sessions import find_session
from chalicelib.handlers.errors import Problem, SignInNeeded
from chalicelib.handlers.limits import limit_by_address
from chalicelib.handlers.session_cookies import BROWSER_COOKIE, SESSION_COOKIE, read_cookie
from chalicelib.handlers.web import fields, header, is_forwarded, own_host
from chalicelib.records.api_key import ApiKey
from chalicelib.records.ports import Conflict, Put, Stored
from chalicelib.records.rep import Rep
from chalicelib.records.sign_in import Session
from chalicelib.wiring import service

_LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
KEY_SEEN_EVERY = timedelta(hours=1)


def sample_sign_in_open(request: Any) -> bool:
    """Whether the sample people may be chosen: the embedded service with sample data, listening on loopback, and asked
    for by that name (a page of another site that resolves its own name to 127.0.0.1 does not pass), with no proxy in
    between: one that keeps the name would otherwise open the service to whoever reaches the proxy."""
    found = service()
    public = urlsplit(found.settings.public_url).hostname
    private = found.settings.loopback and (not public or public in _LOCAL_HOSTS) and not is_forwarded(request)
    here = found.settings.engine == "embedded" and private and own_host(request) in _LOCAL_HOSTS
    return here and found.deps.blobs.get("sample") is not None


def person(request: Any, at_work: bool = True) -> Rep:
    """Who is signed in, as the store has them now. Raises SignInNeeded."""
    return session_and_person(request, at_work)[1]


def session_and_person(request: Any, at_work: bool = True) -> tuple[Session, Rep]:
    """Raises SignInNeeded."""
    found = find_session(service().deps, read_cookie(request, SESSION_COOKIE), at_work)
    if found is None:
        raise SignInNeeded
    return found


def csrf_token(request: Any, browser: str = "") -> str:
    """What our own forms carry: a keyed hash of the session, which no other site can know; before there is one, of
    what tells the browser from others (`browser` is what it is about to be given)."""
    known_by = read_cookie(request, SESSION_COOKIE) or browser or read_cookie(request, BROWSER_COOKIE)
    return service().deps.digest(f"csrf:{known_by}") if known_by else ""


def check_csrf(request: Any, sent: str) -> None:
    """Raises Problem when a POST does not come from a page of ours."""
    site, wanted = header(request, "sec-fetch-site"), csrf_token(request)
    ours = bool(wanted) and hmac.compare_digest(wanted.encode(), str(sent).encode())
    if site not in ("", "same-origin", "none") or not ours or not _from_here(request):
        raise Problem(403, "Not from this page", "The page had been open for too long. Go back, reload and try again.")


def _from_here(request: Any) -> bool:
    """Whether the page that sent this, where the browser says which, is at an address of ours: as we were asked, as a
    proxy says we were, or as the settings have it."""
    origin = header(request, "origin")
    if origin in ("", "null"):
        return True
    ours = (header(request, "host"), header(request, "x-forwarded-host"), urlsplit(service().settings.address).netloc)
    try:
        return urlsplit(origin).netloc.lower() in {each.lower() for each in ours if each}
    except ValueError:
        return False


def posted(request: Any) -> dict[str, Any]:
    """The fields of a form of ours: what a POST of the console begins with. Raises Problem."""
    sent = fields(request)
    check_csrf(request, str(sent.get("csrf", "")))
    return sent


def api_key(request: Any, scope: str) -> ApiKey:
    """The key of `Authorization: Bearer …` with that scope. Raises Problem 401, 403, or 429 for who guesses."""
    kind, _, secret = header(request, "authorization").partition(" ")
    challenge = {"WWW-Authenticate": "Bearer"}
    if kind.lower() != "bearer" or not secret:
        raise Problem(401, "API key needed", "Send the key as: Authorization: Bearer KEY.", headers=challenge)
    deps = service().deps
    stored = deps.store.get(ApiKey, deps.digest(f"api-key:{secret.strip()}"))
    if stored is None or not stored.value.active:
        limit_by_address(request, "api-key")
        raise Problem(401, "API key not known", "The key is wrong or was withdrawn.", headers=challenge)
    if stored.value.expires_at and deps.clock() >= stored.value.expires_at:
        raise Problem(401, "API key expired", "The key was good until a day that has passed.", headers=challenge)
    if scope not in stored.value.scopes:
        raise Problem(403, "Not allowed", f"The key lacks the scope {scope}.")
    _key_seen(stored)
    return stored.value


def _key_seen(stored: Stored[ApiKey]) -> None:
    """Once an hour at most, and before the request's own transaction, which does not wait for it."""
    deps = service().deps
    now, last = deps.clock(), stored.value.last_used_at
    if last is not None and now - last < KEY_SEEN_EVERY:
        return
    try:
        deps.store.commit([Put(replace(stored.value, last_used_at=now), stored.version)])
    except Conflict:
        # Another request wrote it, or the key was withdrawn this moment: the next request will see.
        return
