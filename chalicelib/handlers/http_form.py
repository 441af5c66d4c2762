"""The hosted form: what a visitor fills in, and what a post of it becomes."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from chalice import Response

from chalicelib.capture.channels import SOURCE_FIELDS
from chalicelib.capture.forms import WORDING
from chalicelib.capture.suspicion import TRAP, opening_mark
from chalicelib.flows.read_post import VISITS
from chalicelib.flows.receive import receive
from chalicelib.flows.submission import TokenReused
from chalicelib.handlers.http_door import problem_of_refusal, raw_post
from chalicelib.handlers.web import (
    as_json,
    fields,
    framed_by,
    header,
    language_of,
    own_host,
    page,
    query,
    redirect,
    wants_html,
    widened,
)
from chalicelib.messaging.languages import LANGUAGES, negotiate
from chalicelib.records.arrival import Entry, Refused
from chalicelib.records.contact import Refusal
from chalicelib.records.form import Form
from chalicelib.records.ports import NotFound
from chalicelib.wiring import service


def show_form(request: Any, form: str) -> Response:
    return form_page(request, active_form(form))


def post_form(request: Any, form: str) -> Response:
    """A hosted or plain form post. A browser goes on to the status page or the form's own, a program gets its
    address."""

    def onward(asked: Form, token: str) -> Response:
        own = "" if _works_first(asked, token) else asked.goes_to
        return redirect(own or f"/s/{token}{_onward(request, asked)}")

    return receive_form(request, form, onward)


def receive_form(request: Any, form: str, onward: Callable[[Form, str], Response]) -> Response:
    """`onward` is where a browser goes on to with its receipt's token. Nobody is told whether we know the person, nor
    whether somebody has to look at the post first."""
    asked, html = active_form(form), wants_html(request)
    post = raw_post(request, Entry.FORM, form_id=form)
    try:
        answer = receive(service().deps, post, corrects=html)
    except TokenReused:
        if not html:
            raise
        # Going back, changing a word and sending again is human: the page comes back with a fresh token.
        twice = Refusal("", "this page was sent before with other words; send it again if both are meant")
        return form_page(request, asked, _texts(request), (twice,), status=422)
    if isinstance(answer, Refused):
        if html and answer.status == 422:
            return form_page(request, asked, answer.texts, answer.problems, status=422)
        raise problem_of_refusal(answer)
    links = service().deps.links
    token = links.make("receipt", answer.receipt, answer.request_id)
    if html:
        return onward(asked, token)
    body = {"request_id": answer.request_id, "status_url": links.absolute(f"/s/{token}")}
    return as_json(body, 200 if answer.repeated else 201)


def _works_first(form: Form, token: str) -> bool:
    """Whether the visitor's browser may still work for what was sent before it goes on to somebody else's page."""
    if not (form.goes_to and service().deps.limits.attacked(form.form_id)):
        return False
    from chalicelib.handlers.http_proof import work_asked

    return bool(work_asked(token))


def _onward(request: Any, form: Form) -> str:
    """What the status page is to know: the language chosen for the form is its own too, and whose thanks to say."""
    chosen = query(request, "lang")
    told = {"lang": chosen if chosen in LANGUAGES else "", "from": form.form_id if form.thanks else ""}
    given = {name: value for name, value in told.items() if value}
    return f"?{urlencode(given)}" if given else ""


def _texts(request: Any) -> dict[str, str]:
    return {name: str(value) for name, value in fields(request).items() if value is not None}


def active_form(form_id: str) -> Form:
    """Raises NotFound."""
    form = service().deps.directory.form(form_id)
    if form is None or not form.active:
        raise NotFound
    return form


def form_page(
    request: Any, form: Form, typed: Mapping[str, str] | None = None, refusals: tuple[Refusal, ...] = (),
    status: int = 200, preview: bool = False,
) -> Response:  # fmt: skip
    """The hosted page. As a preview it cannot be sent."""
    deps = service().deps
    typed = typed or {}
    answer = page(
        request,
        "form.html",
        language=language_for(request, form),
        languages=form.languages or LANGUAGES,
        form=form,
        seminar=deps.directory.seminar(form.event_id) if form.event_id else None,
        typed=typed,
        errors={refusal.field: refusal.reason for refusal in refusals},
        once=deps.new_id(),
        opened=opening_mark(form.form_id, deps.clock(), deps.digest),
        trap=TRAP,
        wording=WORDING,
        visits=VISITS,
        carried=_carried(request, typed),
        preview=preview,
        proof_bits=0 if preview else _proof_bits(form),
    )
    answer.status_code = status
    if form.goes_to:
        # Browsers hold the page's policy against where the answer to a form leads on to.
        widened(answer, "form-action", _origin(form.goes_to))
    return framed_by(answer, form.sites)


def _proof_bits(form: Form) -> int:
    """How hard a browser has to work for a post: not at all, but for a form under attack."""
    if not service().deps.limits.attacked(form.form_id):
        return 0
    from chalicelib.capture.proof_of_work import BITS

    return BITS


def language_for(request: Any, form: Form) -> str:
    """The visitor's language if the form is there in it, else the nearest it is there in, else its first. What is asked
    for may be the tag of somebody else's page, such as zh-TW."""
    wanted = negotiate(query(request, "lang"), default="") or language_of(request)
    shown = form.languages or LANGUAGES
    return wanted if wanted in shown else next((tag for tag in shown if tag[:2] == wanted[:2]), shown[0])


def _origin(address: str) -> str:
    return f"https://{urlsplit(address).netloc}"


def _carried(request: Any, typed: Mapping[str, str]) -> dict[str, str]:
    """Where the visitor came from, kept in hidden fields from the first page to the post."""
    found = {name: query(request, name) or typed.get(name, "") for name in sorted(SOURCE_FIELDS)}
    if not found["landing_url"]:
        # Else the page around has said where its visitor came from, and is itself no visit from elsewhere.
        found["referrer"] = found["referrer"] or _foreign(header(request, "referer"), own_host(request))
    return {name: value[:500] for name, value in found.items() if value}


def _foreign(referrer: str, own: str) -> str:
    """The page the visitor came from, unless it is one of ours (choosing a language is no visit)."""
    try:
        host = urlsplit(referrer).hostname or ""
    except ValueError:
        return ""
    return "" if host == own else referrer
