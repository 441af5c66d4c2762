"""Who is asking: signed sessions for people, keys for programs, and proof that a form was ours (CSRF)."""

import hmac
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from chalicelib.handlers.errors import Problem, SignInNeeded
from chalicelib.handlers.web import cookies, fields, header, own_host
from chalicelib.records.receipt import ApiKey
from chalicelib.records.rep import Rep
from chalicelib.wiring import service

SESSION_COOKIE = "leadline_session"
SESSION_LIFE = timedelta(hours=12)
_LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
_ENDED = "sessions/ended/"
_FORGET = f"{SESSION_COOKIE}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"


def sample_sign_in_open(request: Any) -> bool:
    """Whether the sample people may be chosen: sample data on, listening on loopback, and asked for by that name
    (a page of another site that resolves its own name to 127.0.0.1 does not pass), with no proxy in between: one that
    keeps the name would otherwise open the service to whoever reaches the proxy."""
    found = service()
    public = urlsplit(found.settings.public_url).hostname
    private = found.settings.loopback and (not public or public in _LOCAL_HOSTS) and not _through_a_proxy(request)
    return private and own_host(request) in _LOCAL_HOSTS and found.deps.blobs.get("sample") is not None


def _through_a_proxy(request: Any) -> bool:
    names = [name.lower() for name in request.headers]
    return any(name in ("forwarded", "via", "x-real-ip") or name.startswith("x-forwarded-") for name in names)


def person(request: Any) -> Rep:
    """Who is signed in. Raises SignInNeeded."""
    deps = service().deps
    ids = _session(request)
    found = deps.directory.rep(ids[0]) if ids else None
    if found is None or not found.active or deps.blobs.get(_ended_key(ids[1])) is not None:
        raise SignInNeeded
    return found


def _session(request: Any) -> tuple[str, ...]:
    """(rep_id, session id) as signed, or ()."""
    ids = service().deps.links.read("session", cookies(request).get(SESSION_COOKIE, ""))
    return ids if ids and len(ids) == 2 else ()


def _ended_key(session_id: str) -> str:
    return _ENDED + service().deps.digest(f"session:{session_id}")


def session_cookie(rep_id: str, secure: bool) -> str:
    token = service().deps.links.make("session", rep_id, service().deps.new_id())
    rest = f"Path=/; HttpOnly; SameSite=Lax; Max-Age={int(SESSION_LIFE.total_seconds())}"
    return f"{SESSION_COOKIE}={token}; {rest}{'; Secure' if secure else ''}"


def end_session(request: Any) -> str:
    """Sign out: the cookie that forgets, and the token is dead from now on, whoever has a copy of it.

    An ended session is a blob named by the session's digest, holding when it ended: reading a session costs one look
    for a file that is not there, and signing one person out leaves that person's other sessions. (A record of the store
    would be in every index and export; a stamp on the rep would end all of their sessions.) What expired anyway is
    swept here, when somebody signs out."""
    deps = service().deps
    ids = _session(request)
    if ids:
        now = deps.clock()
        _sweep_ended(now - SESSION_LIFE)
        deps.blobs.put(_ended_key(ids[1]), now.isoformat().encode())
    return _FORGET


def _sweep_ended(before: datetime) -> None:
    blobs = service().deps.blobs
    for key in blobs.list(_ENDED):
        ended = blobs.get(key)
        if ended is not None and datetime.fromisoformat(ended.decode()) < before:
            blobs.delete(key)


def csrf_token(request: Any) -> str:
    """What our own forms carry: a keyed hash of the session, which no other site can know."""
    return service().deps.digest("csrf:" + cookies(request).get(SESSION_COOKIE, ""))


def check_csrf(request: Any, sent: str) -> None:
    """Raises Problem when a POST does not come from a page of ours."""
    site = header(request, "sec-fetch-site")
    if site not in ("", "same-origin", "none") or not hmac.compare_digest(csrf_token(request), str(sent)):
        raise Problem(403, "Not from this page", "The page had been open for too long. Go back, reload and try again.")


def posted(request: Any) -> tuple[Rep, dict[str, Any]]:
    """Who posts a form of ours, and its fields: what every POST of the console begins with. Raises SignInNeeded,
    Problem."""
    who, sent = person(request), fields(request)
    check_csrf(request, str(sent.get("csrf", "")))
    return who, sent


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
