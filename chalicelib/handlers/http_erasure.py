"""A person's wish to be forgotten, or to have a copy of what is stored, carried out by an administrator."""

from datetime import timedelta
from typing import Any

from chalice import Response

from chalicelib.flows.erase_person import ask_erasure
from chalicelib.flows.keep_audit import note_export
from chalicelib.flows.read_lead import see_lead
from chalicelib.flows.read_stored import stored_of
from chalicelib.handlers.access import posted
from chalicelib.handlers.console import console_page
from chalicelib.handlers.web import attachment, redirect
from chalicelib.records.lead import Lead
from chalicelib.records.ports import NotFound
from chalicelib.records.rep import Rep
from chalicelib.wiring import service


def show_erasure(request: Any, who: Rep, lead_id: str) -> Response:
    """What would go, and the button: nothing is done by looking."""
    return _page(request, who, lead_id)


def post_erasure(request: Any, who: Rep, lead_id: str) -> Response:
    """Only with the tick beside the sentence that says it cannot be undone."""
    sent = posted(request)
    see_lead(service().deps, who, lead_id)
    if sent.get("sure") != "yes":
        answer = _page(request, who, lead_id, {"sure": "this field is required"})
        answer.status_code = 422
        return answer
    ask_erasure(service().deps, lead_id, timedelta(days=service().settings.suppression_days))
    return redirect("/app/leads?done=erased")


def download_stored(request: Any, who: Rep, lead_id: str) -> Response:
    """Everything stored of the person as one JSON file, to be looked through before it is sent: what colleagues wrote
    is in it."""
    deps = service().deps
    see_lead(deps, who, lead_id)
    body = stored_of(deps, lead_id)
    note_export(deps, who.rep_id, f"stored-{lead_id}.json")
    headers = attachment(f"stored-{lead_id.lower()}.json", "application/json; charset=utf-8")
    return Response(body, headers)


def _page(request: Any, who: Rep, lead_id: str, errors: dict[str, str] | None = None) -> Response:
    found = service()
    see_lead(found.deps, who, lead_id)
    stored = found.deps.store.get(Lead, lead_id)
    if stored is None:
        raise NotFound
    until = found.deps.clock() + timedelta(days=found.settings.suppression_days)
    return console_page(request, who, "erase.html", lead=stored.value, until=until, errors=errors or {})
