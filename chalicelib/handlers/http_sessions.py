"""Where somebody is signed in, and how to end it: one's own sessions, and for an administrator everybody's."""

from typing import Any

from chalice import Response

from chalicelib.flows.sessions import end_all, end_one, sessions_of
from chalicelib.flows.sign_in_oidc import forget_identity
from chalicelib.handlers.access import posted, session_and_person
from chalicelib.handlers.console import console_page
from chalicelib.handlers.session_cookies import forget_session
from chalicelib.handlers.web import query, redirect
from chalicelib.records.ports import NotFound
from chalicelib.records.rep import Rep
from chalicelib.wiring import service


def list_sessions(request: Any, who: Rep) -> Response:
    this, _ = session_and_person(request)
    shown = sorted(sessions_of(service().deps, who.rep_id), key=lambda s: s.digest != this.digest)
    return console_page(request, who, "sessions.html", sessions=shown, this=this.digest, said=query(request, "said"))


def post_end(request: Any, who: Rep, session: str) -> Response:
    """End one of one's own; the one of this browser is signing out."""
    posted(request)
    this, _ = session_and_person(request)
    if not end_one(service().deps, who.rep_id, session):
        raise NotFound
    if session == this.digest:
        return redirect("/app/sign-in", (forget_session(),))
    return redirect("/app/sessions?said=ended")


def post_end_others(request: Any, who: Rep) -> Response:
    posted(request)
    this, _ = session_and_person(request)
    end_all(service().deps, who.rep_id, but=this.digest)
    return redirect("/app/sessions?said=ended")


def post_end_of_person(request: Any, who: Rep, rep_id: str) -> Response:
    """Sign somebody out everywhere; with `forget` also what account at the identity provider is theirs."""
    sent = posted(request)
    deps = service().deps
    if deps.store.get(Rep, rep_id) is None:
        raise NotFound
    end_all(deps, rep_id)
    if sent.get("forget"):
        forget_identity(deps, service().settings.oidc_issuer, rep_id)
    return redirect(f"/app/reps/{rep_id}?said=signed-out")
