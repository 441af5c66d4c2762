"""The form builder: what a marketer arranges stays in the page until it is saved."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chalice import Response

from chalicelib.capture.field_catalogue import catalogue
from chalicelib.capture.form_draft import (
    FormDraft,
    draft_of,
    first_draft,
    listed_field,
    offered,
    read_draft,
    stepped,
)
from chalicelib.capture.form_making import draft_problems, form_of, slug
from chalicelib.flows.plan_form import save_form, set_open
from chalicelib.flows.read_quotes import products_of
from chalicelib.handlers.access import posted
from chalicelib.handlers.console import console_page
from chalicelib.handlers.http_form import form_page
from chalicelib.handlers.web import query, redirect, whole
from chalicelib.messaging.languages import LANGUAGES
from chalicelib.records.form import Form, worded
from chalicelib.records.ports import Conflict, NotFound, Stored
from chalicelib.records.rep import Rep
from chalicelib.wiring import service

SAVE, ADD = "save", "add"
_TAKEN = "there is a form at this address"


def new_form(request: Any, who: Rep) -> Response:
    """An empty one, or a copy of another."""
    copied = service().deps.directory.form(query(request, "from"))
    draft = replace(draft_of(copied, LANGUAGES), address="") if copied else first_draft(LANGUAGES)
    return _builder(request, who, None, draft)


def edit_form(request: Any, who: Rep, form_id: str) -> Response:
    stored = _stored(form_id)
    return _builder(request, who, stored, draft_of(stored.value, LANGUAGES))


def _stored(form_id: str) -> Stored[Form]:
    found = service().deps.store.get(Form, form_id)
    if found is None:
        raise NotFound
    return found


def post_form(request: Any, who: Rep) -> Response:
    """A step of the page, or a new form."""
    sent = posted(request)
    draft = read_draft(sent, LANGUAGES)
    if sent.get("do") != SAVE:
        return _builder(request, who, None, _arranged(draft, sent))
    problems = draft_problems(draft)
    form_id = draft.address or slug(worded(draft.title, "en")) or service().deps.new_id().lower()
    if problems or _campaign_unknown(draft, problems):
        return _builder(request, who, None, draft, problems, 422)
    try:
        made = save_form(service().deps, form_of(draft, Form(form_id, {}, ())), who.rep_id, 0)
    except Conflict:
        return _builder(request, who, None, replace(draft, address=form_id), {"address": _TAKEN}, 422)
    return redirect(f"/app/forms/{made.form_id}?said=saved")


def post_changes(request: Any, who: Rep, form_id: str) -> Response:
    """A step of the page, or the form changed, held against the version that was shown."""
    sent = posted(request)
    stored, draft = _stored(form_id), read_draft(sent, LANGUAGES)
    seen = replace(stored, version=whole(str(sent.get("seen", ""))) or stored.version)
    if sent.get("do") != SAVE:
        return _builder(request, who, seen, _arranged(draft, sent))
    problems = draft_problems(draft)
    if problems or _campaign_unknown(draft, problems):
        return _builder(request, who, seen, draft, problems, 422)
    if stored.value.event_id:
        draft = replace(draft, campaign_id=stored.value.campaign_id)
    try:
        save_form(service().deps, form_of(draft, stored.value), who.rep_id, seen.version)
    except Conflict:
        # Saved once more, it goes over what is stored now, which stands beside it.
        return _builder(request, who, _stored(form_id), draft, {}, 409)
    return redirect(f"/app/forms/{form_id}?said=saved")


def _campaign_unknown(draft: FormDraft, problems: dict[str, str]) -> bool:
    if not draft.campaign_id or service().deps.directory.campaign(draft.campaign_id):
        return False
    problems["campaign_id"] = "choose one of the list"
    return True


def _arranged(draft: FormDraft, sent: Mapping[str, Any]) -> FormDraft:
    step, key = str(sent.get("do", "")), str(sent.get("add", ""))
    if step != ADD:
        return stepped(draft, step)
    if key not in offered(draft):
        return draft
    # What is asked for most often is what can be quoted.
    options = [product.name for product in products_of(service().deps)] if key == "products" else []
    return replace(draft, fields=(*draft.fields, listed_field(key, options, LANGUAGES)))


def _builder(
    request: Any, who: Rep, stored: Stored[Form] | None, draft: FormDraft,
    problems: Mapping[str, str] | None = None, status: int = 200,
) -> Response:  # fmt: skip
    deps = service().deps
    changed_by = deps.directory.rep(stored.value.changed_by) if stored else None
    answer = console_page(
        request,
        who,
        "form_builder.html",
        form=stored.value if stored else None,
        seen=stored.version if stored else 0,
        draft=draft,
        errors=dict(problems or {}),
        stale=draft_of(stored.value, LANGUAGES) if stored and status == 409 else None,
        changed_by=changed_by.name if changed_by else "",
        add=[catalogue()[key] for key in offered(draft)],
        campaigns=sorted(deps.directory.campaigns(), key=lambda campaign: campaign.name.casefold()),
        address=deps.links.absolute("/f/"),
    )
    answer.status_code = status
    return answer


def preview(request: Any, who: Rep) -> Response:
    """The hosted page as it would be, in the language of the address; nothing is stored, and nothing can be sent."""
    sent = posted(request)
    before = service().deps.directory.form(str(sent.get("of", ""))) or Form("preview", {}, ())
    return form_page(request, form_of(read_draft(sent, LANGUAGES), before), preview=True)


def post_close(request: Any, who: Rep, form_id: str) -> Response:
    return _set_open(request, who, form_id, is_open=False)


def post_open(request: Any, who: Rep, form_id: str) -> Response:
    return _set_open(request, who, form_id, is_open=True)


def _set_open(request: Any, who: Rep, form_id: str, is_open: bool) -> Response:
    posted(request)
    set_open(service().deps, form_id, is_open, who.rep_id)
    return redirect(f"/app/forms/{form_id}?said={'open' if is_open else 'closed'}")
