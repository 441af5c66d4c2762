"""What visitors see: the status page, the seminar's own page, preferences, health."""

from email.utils import parseaddr
from typing import Any
from urllib.parse import quote

from chalice import Response

from chalicelib.flows.follow_merges import current_leads
from chalicelib.flows.read_status import RECEIVED, Status, read_status
from chalicelib.flows.register import cancel_place
from chalicelib.flows.suppression import was_erased
from chalicelib.flows.work_lead import opt_out
from chalicelib.handlers.errors import Problem
from chalicelib.handlers.web import (
    LANGUAGE_COOKIE,
    as_json,
    attachment,
    dated,
    fields,
    page,
    query,
    redirect,
    safe_return,
    wants_html,
)
from chalicelib.messaging.languages import LANGUAGES
from chalicelib.records.contact import Refusal
from chalicelib.records.erasure import Erasure
from chalicelib.records.event import Registration, RegistrationState
from chalicelib.records.lead import Lead
from chalicelib.records.ports import NotFound
from chalicelib.wiring import service


def home(request: Any) -> Response:
    return redirect("/app")


def healthz(request: Any) -> Response:
    """200 while the store answers."""
    service().deps.directory.reps()
    return as_json({"status": "ok"})


def not_found(request: Any) -> Response:
    raise NotFound


def choose_language(request: Any) -> Response:
    sent = fields(request)
    chosen = next((language for language in LANGUAGES if language == sent.get("language")), LANGUAGES[0])
    cookie = f"{LANGUAGE_COOKIE}={chosen}; Path=/; SameSite=Lax"
    return redirect(safe_return(str(sent.get("next", "/"))), (cookie,))


def show_status(request: Any, token: str) -> Response:
    """Received, confirmed when, with whom, by when. Reading it changes nothing."""
    status = read_status(service().deps, token)
    if isinstance(status, Erasure):
        shown = {
            "state": "erased",
            "erased_at": status.erased_at.isoformat(),
            "kept_out_until": status.until.isoformat(),
        }
        return page(request, "erased.html", erasure=status) if wants_html(request) else as_json(shown)
    if wants_html(request):
        form = service().deps.directory.form(query(request, "from"))
        here = f"/s/{token}" + (f"?from={quote(form.form_id)}" if form else "")
        thanks = form.thanks if form else {}
        work = _work(token) if status.state == RECEIVED else {}
        wishes = _wishes(status.lead_id) if status.lead_id else None
        return page(
            request, "status.html", status=status, token=token, here=here, thanks=thanks, work=work, wishes=wishes
        )
    return as_json(_status_json(status))


def _wishes(lead_id: str) -> dict[str, Any]:
    # Few look at their page for that: it stays out of every other cold start.
    from chalicelib.flows.ask_about_data import wishes_of

    return wishes_of(service().deps, lead_id)


def post_wish(request: Any, token: str) -> Response:
    """A copy, or to be forgotten: somebody of ours is told. The token is the proof; neither cookie nor csrf."""
    from chalicelib.flows.ask_about_data import Wish, ask

    wish = str(fields(request).get("wish") or "")
    if wish not in list(Wish):
        why = "choose one of the list"
        raise Problem(422, "Not understood", "What you ask for is not known here.", (Refusal("wish", why),))
    ask(service().deps, token, Wish(wish))
    return redirect(f"/s/{token}") if wants_html(request) else as_json({"asked": wish})


def _work(token: str) -> dict[str, Any]:
    # Few submissions are at first with nobody: what proofs are made of stays out of every other cold start.
    from chalicelib.handlers.http_proof import work_asked

    return work_asked(token)


def _status_json(status: Status) -> dict[str, Any]:
    return {
        "received_at": status.received_at.isoformat(),
        "state": status.state,
        "confirmation": status.confirmation,
        "with": status.owner_name,
        "escalations": status.escalations,
        "registration": status.registration,
        **dated(confirmed_at=status.confirmed_at, respond_by=status.respond_by, answered_at=status.answered_at),
    }


def show_registration(request: Any, token: str) -> Response:
    registration = _registration(token)
    return page(request, "registration.html", token=token, **registration)


def cancel_registration(request: Any, token: str) -> Response:
    found = _registration(token)["registration"]
    cancel_place(service().deps, found.event_id, found.lead_id)
    return redirect(f"/e/{token}")


def registration_calendar(request: Any, token: str) -> Response:
    from chalicelib.messaging.calendar import invitation

    deps, settings = service().deps, service().settings
    found = _registration(token)
    name, address = parseaddr(settings.sender)
    method = "CANCEL" if found["registration"].state is RegistrationState.CANCELLED else "REQUEST"
    body = invitation(
        found["seminar"],
        found["registration"],
        method,  # type: ignore[arg-type]
        address,
        name or settings.brand,
        deps.clock(),
    )
    return Response(body, attachment("seminar.ics", f"text/calendar; charset=utf-8; method={method}"))


def _registration(token: str) -> dict[str, Any]:
    deps = service().deps
    ids = deps.links.read("seminar", token)
    if ids is None or len(ids) != 2:
        raise NotFound
    stored = deps.store.get(Registration, *ids)
    seminar = deps.directory.seminar(ids[0])
    if stored is None or seminar is None:
        raise NotFound
    return {"registration": stored.value, "seminar": seminar}


def show_preferences(request: Any, token: str) -> Response:
    found = _who_prefers(token)
    if isinstance(found, Erasure):
        return page(request, "erased.html", erasure=found)
    from chalicelib.follow_up.policy import said_no

    return page(request, "preferences.html", token=token, lead=found, refused=said_no(found))


def post_preferences(request: Any, token: str) -> Response:
    """The page's button, and the mail client's one click, which is answered where it was sent: RFC 8058 3.1 forbids to
    lead it elsewhere. Neither cookie nor csrf: the token is the proof."""
    found = _who_prefers(token)
    if isinstance(found, Lead):
        opt_out(service().deps, found.lead_id)
    return redirect(f"/u/{token}") if wants_html(request) and not _is_one_click(request) else as_json(_OFF)


_OFF = {"promotion": "off"}


def _is_one_click(request: Any) -> bool:
    """Sent as a form of either kind (RFC 8058 3.2)."""
    return b"List-Unsubscribe" in request.raw_body and b"One-Click" in request.raw_body


def _who_prefers(token: str) -> Lead | Erasure:
    """Whose mail it is, or that the person was erased. Raises NotFound for a token that is not ours."""
    deps = service().deps
    ids = deps.links.read("preferences", token)
    (stored,) = current_leads(deps, ids[:1]) if ids else (None,)
    if stored is not None:
        return stored.value
    erasure = was_erased(deps, ids[0]) if ids else None
    if erasure is None:
        raise NotFound
    return erasure
