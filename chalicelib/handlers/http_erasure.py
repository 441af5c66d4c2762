"""A person's wish to be forgotten, carried out by an administrator."""

from datetime import timedelta
from typing import Any

from chalice import Response

from chalicelib.flows.erase_person import ask_erasure
from chalicelib.flows.read_lead import see_lead
from chalicelib.handlers.access import posted
from chalicelib.handlers.console import console_page
from chalicelib.handlers.web import redirect
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


def _page(request: Any, who: Rep, lead_id: str, errors: dict[str, str] | None = None) -> Response:
    found = service()
    see_lead(found.deps, who, lead_id)
    stored = found.deps.store.get(Lead, lead_id)
    if stored is None:
        raise NotFound
    until = found.deps.clock() + timedelta(days=found.settings.suppression_days)
    return console_page(request, who, "erase.html", lead=stored.value, until=until, errors=errors or {})
