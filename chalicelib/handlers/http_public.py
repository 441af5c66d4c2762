"""What visitors see: the hosted form, the status page, the seminar's own page, preferences, health."""

from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from chalice import Blueprint, Response

from chalicelib.capture.channels import SOURCE_FIELDS, source_of_fields
from chalicelib.capture.forms import FormReading, read_form
from chalicelib.flows.read_status import Status, read_status
from chalicelib.flows.register import cancel_place
from chalicelib.flows.submit import Submission, TokenReused, submit
from chalicelib.flows.work_lead import NotFound, opt_out
from chalicelib.handlers.errors import Problem
from chalicelib.handlers.web import (
    LANGUAGE_COOKIE,
    as_json,
    client_address,
    fields,
    header,
    language_of,
    own_host,
    page,
    query,
    redirect,
    route,
    safe_return,
    wants_html,
)
from chalicelib.messaging.languages import LANGUAGES
from chalicelib.records.contact import Refusal
from chalicelib.records.event import Registration, RegistrationState
from chalicelib.records.form import Form
from chalicelib.records.lead import Lead
from chalicelib.records.touch import TouchKind
from chalicelib.wiring import service

public = Blueprint(__name__)
blueprints = (public,)


@route(public, "/")
def home() -> Response:
    return redirect("/app")


@route(public, "/healthz")
def healthz() -> Response:
    """200 while the store answers."""
    service().deps.directory.reps()
    return as_json({"status": "ok"})


@route(public, "/not-found", ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
def not_found() -> Response:
    raise NotFound


@route(public, "/language", ("POST",))
def choose_language() -> Response:
    request = public.current_request
    sent = fields(request)
    chosen = next((language for language in LANGUAGES if language == sent.get("language")), LANGUAGES[0])
    cookie = f"{LANGUAGE_COOKIE}={chosen}; Path=/; SameSite=Lax"
    return redirect(safe_return(str(sent.get("next", "/"))), (cookie,))


@route(public, "/f/{form}")
def show_form(form: str) -> Response:
    request = public.current_request
    return _form_page(request, _form(form), {}, ())


@route(public, "/f/{form}", ("POST",))
def post_form(form: str) -> Response:
    """A hosted or plain form post. A browser goes on to the status page, a program gets the ids."""
    request = public.current_request
    asked = _form(form)
    sent = fields(request)
    texts = {name: str(value) for name, value in sent.items() if value is not None}
    reading = read_form(asked, texts)
    if not isinstance(reading, FormReading):
        return _refused(request, asked, texts, tuple(reading))
    language = texts.get("lang") or language_of(request)
    try:
        answer = submit(service().deps, _submission(request, asked, texts, reading, language))
    except TokenReused:
        if not wants_html(request):
            raise
        # Going back, changing a word and sending again is human: the page comes back with a fresh token.
        twice = Refusal("", "this page was sent before with other words; send it again if both are meant")
        return _form_page(request, asked, texts, (twice,), status=422)
    deps = service().deps
    token = deps.links.status(answer.lead_id, answer.request_id)
    if wants_html(request):
        # The language chosen for the form is the status page's too.
        chosen = query(request, "lang")
        return redirect(f"/s/{token}?lang={chosen}" if chosen in LANGUAGES else f"/s/{token}")
    body = {
        "lead_id": answer.lead_id,
        "request_id": answer.request_id,
        "status_url": deps.links.absolute(f"/s/{token}"),
    }
    return as_json(body, 200 if answer.repeated else 201)


def _submission(request: Any, form: Form, texts: dict[str, str], reading: FormReading, language: str) -> Submission:
    key = header(request, "idempotency-key") or texts.get("once", "")
    if len(key) > 200:
        raise Problem(422, "The token is too long", "A one-time token has at most 200 characters.")
    consents = {f"consent: {name}": "yes" if given else "no" for name, given in reading.consents.items()}
    return Submission(
        contact=reading.contact,
        kind=TouchKind.SEMINAR if form.event_id else TouchKind.FORM,
        token=f"form:{form.form_id}:{key}" if key else "",
        visitor=f"{client_address(request)} {header(request, 'user-agent')}",
        form=form,
        campaign_id=_campaign_of(form, texts),
        source=source_of_fields(texts, header(request, "referer"), own_host(request)),
        language=language,
        details={**reading.answers, **consents},
        subject=form.title.get(language) or form.title.get("en", form.form_id),
    )


def _campaign_of(form: Form, texts: dict[str, str]) -> str:
    """The campaign named by utm_campaign when it is one of ours, else the form's."""
    named = texts.get("utm_campaign", "")[:100]
    return named if named and service().deps.directory.campaign(named) else form.campaign_id


def _form(form_id: str) -> Form:
    form = service().deps.directory.form(form_id)
    if form is None or not form.active:
        raise NotFound
    return form


def _refused(request: Any, form: Form, texts: dict[str, str], refusals: tuple[Refusal, ...]) -> Response:
    if wants_html(request):
        return _form_page(request, form, texts, refusals, status=422)
    raise Problem(422, "Some fields need a look", refusals[0].reason, refusals)


def _form_page(
    request: Any, form: Form, typed: dict[str, str], refusals: tuple[Refusal, ...], status: int = 200
) -> Response:
    deps = service().deps
    answer = page(
        request,
        "form.html",
        form=form,
        seminar=deps.directory.seminar(form.event_id) if form.event_id else None,
        typed=typed,
        errors={refusal.field: refusal.reason for refusal in refusals},
        once=deps.new_id(),
        carried=_carried(request, typed),
    )
    answer.status_code = status
    return answer


def _carried(request: Any, typed: dict[str, str]) -> dict[str, str]:
    """Where the visitor came from, kept in hidden fields from the first page to the post."""
    found = {name: query(request, name) or typed.get(name, "") for name in sorted(SOURCE_FIELDS)}
    found["referrer"] = found["referrer"] or _foreign(header(request, "referer"), own_host(request))
    return {name: value[:500] for name, value in found.items() if value}


def _foreign(referrer: str, own: str) -> str:
    """The page the visitor came from, unless it is one of ours (choosing a language is no visit)."""
    try:
        host = urlsplit(referrer).hostname or ""
    except ValueError:
        return ""
    return "" if host == own else referrer


@route(public, "/s/{token}")
def show_status(token: str) -> Response:
    """Received, confirmed when, with whom, by when. Reading it changes nothing."""
    request = public.current_request
    status = read_status(service().deps, token)
    if wants_html(request):
        return page(request, "status.html", status=status, token=token)
    return as_json(_status_json(status))


def _status_json(status: Status) -> dict[str, Any]:
    return {
        "received_at": status.received_at.isoformat(),
        "state": status.state,
        "confirmed_at": status.confirmed_at.isoformat() if status.confirmed_at else None,
        "confirmation": status.confirmation,
        "with": status.owner_name,
        "respond_by": status.respond_by.isoformat() if status.respond_by else None,
        "answered_at": status.answered_at.isoformat() if status.answered_at else None,
        "escalations": status.escalations,
        "registration": status.registration,
    }


@route(public, "/e/{token}")
def show_registration(token: str) -> Response:
    request = public.current_request
    registration = _registration(token)
    return page(request, "registration.html", token=token, **registration)


@route(public, "/e/{token}/cancel", ("POST",))
def cancel_registration(token: str) -> Response:
    found = _registration(token)["registration"]
    cancel_place(service().deps, found.event_id, found.lead_id)
    return redirect(f"/e/{token}")


@route(public, "/e/{token}/seminar.ics")
def registration_calendar(token: str) -> Response:
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
    headers = {
        "Content-Type": f"text/calendar; charset=utf-8; method={method}",
        "Content-Disposition": 'attachment; filename="seminar.ics"',
    }
    return Response(body, headers)


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


@route(public, "/u/{token}")
def show_preferences(token: str) -> Response:
    return page(public.current_request, "preferences.html", token=token, lead=_preferences_lead(token))


@route(public, "/u/{token}", ("POST",))
def post_preferences(token: str) -> Response:
    """The page's button, and the mail client's one click (RFC 8058)."""
    request = public.current_request
    opt_out(service().deps, _preferences_lead(token).lead_id)
    return redirect(f"/u/{token}") if wants_html(request) else as_json({"promotion": "off"})


def _preferences_lead(token: str) -> Lead:
    deps = service().deps
    ids = deps.links.read("preferences", token)
    stored = deps.store.get(Lead, ids[0]) if ids else None
    if stored is None:
        raise NotFound
    return stored.value
