"""Sessions: a record each, so that they are listed, ended one by one, and end with the person's leave.

The cookie holds `rep_id.secret`: that names the session's record (by the secret's digest, below its person) and the
person, so that one read of both answers who is asking, as they are now and not as some cache remembers them."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.records.ports import Conflict, Delete, Deps, Put, Ref, Stored, Write
from chalicelib.records.rep import Rep
from chalicelib.records.sign_in import Session, SignInWay

IDLE = timedelta(hours=12)
LIFE = timedelta(days=14)
SEEN_EVERY = timedelta(minutes=10)
# A person's browsers; beyond that the ones not seen for longest go.
MOST_SESSIONS = 50

_COOKIE = re.compile(r"([A-Za-z0-9_-]{1,100})\.([A-Za-z0-9_-]{32})")


def start_session(
    deps: Deps, rep_id: str, way: SignInWay, browser: str = "", also: Sequence[Write] = (), instead_of: str = ""
) -> str:
    """A new session, and what its cookie holds. `also` is written in the same transaction (raises Conflict);
    `instead_of` is the cookie of the session this browser had before, which ends."""
    now = deps.clock()
    secret = secrets.token_urlsafe(24)
    session = Session(rep_id, _digest(deps, secret), way, now, now, now + LIFE, browser[:60])
    deps.store.commit([Put(session, if_version=0), *also])
    end_session(deps, instead_of)
    _forget_spent(deps, session, now)
    return f"{rep_id}.{secret}"


def find_session(deps: Deps, cookie: str, at_work: bool = True) -> tuple[Session, Rep] | None:
    """Whose the cookie is, or None for a forged, ended or expired session, or somebody who has left. Not `at_work`: a
    page that is open asks by itself, which keeps no session alive."""
    ref = _ref(deps, cookie)
    if ref is None:
        return None
    refs: list[Ref[Any]] = [ref, Ref(Rep, (ref.ids[0],))]
    session, rep = deps.store.get_many(refs)
    now = deps.clock()
    if session is None or rep is None or not rep.value.active or not is_alive(session.value, now):
        return None
    if at_work and now - session.value.last_seen_at >= SEEN_EVERY:
        _seen(deps, session, now)
    return session.value, rep.value


def is_alive(session: Session, now: datetime) -> bool:
    return now < session.expires_at and now < session.last_seen_at + IDLE


def sessions_of(deps: Deps, rep_id: str) -> list[Session]:
    """The person's living sessions, the one seen last first."""
    now = deps.clock()
    found = [stored.value for stored in deps.store.query(Session, rep_id)]
    return sorted((s for s in found if is_alive(s, now)), key=lambda s: s.last_seen_at, reverse=True)


def end_session(deps: Deps, cookie: str) -> None:
    """The cookie opens nothing from now on, whoever has a copy of it."""
    ref = _ref(deps, cookie)
    if ref is not None:
        deps.store.commit([Delete(ref)])


def end_one(deps: Deps, rep_id: str, digest: str) -> bool:
    """End one of the person's sessions; whether there was one of that name."""
    found = deps.store.get(Session, rep_id, digest)
    if found is not None:
        deps.store.commit([Delete(Ref(Session, (rep_id, digest)))])
    return found is not None


def end_all(deps: Deps, rep_id: str, but: str = "") -> int:
    """End the person's sessions, except the one of that digest; how many there were."""
    return _delete(deps, [s.value for s in deps.store.query(Session, rep_id) if s.value.digest != but])


def _digest(deps: Deps, secret: str) -> str:
    return deps.digest(f"session:{secret}")


def _ref(deps: Deps, cookie: str) -> Ref[Session] | None:
    shaped = _COOKIE.fullmatch(cookie)
    return Ref(Session, (shaped[1], _digest(deps, shaped[2]))) if shaped else None


def _seen(deps: Deps, session: Stored[Session], now: datetime) -> None:
    try:
        deps.store.commit([Put(replace(session.value, last_seen_at=now), session.version)])
    except Conflict:
        # Another request of the same browser wrote it, or it was ended meanwhile: the next request will see.
        return


def _forget_spent(deps: Deps, fresh: Session, now: datetime) -> None:
    """What expired by itself, and of too many the oldest; never the one just made."""
    found = [s.value for s in deps.store.query(Session, fresh.rep_id) if s.value.digest != fresh.digest]
    living = sorted((s for s in found if is_alive(s, now)), key=lambda s: s.last_seen_at, reverse=True)
    _delete(deps, [s for s in found if not is_alive(s, now)] + living[MOST_SESSIONS - 1 :])


def _delete(deps: Deps, sessions: Sequence[Session]) -> int:
    deps.store.commit_each([[Delete(Ref(Session, (s.rep_id, s.digest)))] for s in sessions])
    return len(sessions)
