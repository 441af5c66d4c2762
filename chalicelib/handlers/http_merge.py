"""Two records are one person, or two again: looked for, looked at side by side, done by one button, taken back by
another."""

from collections.abc import Mapping
from typing import Any

from chalice import Response

from chalicelib.assign.visibility import may_merge
from chalicelib.flows.merge_people import Busy, ask_again, ask_merge, ask_part
from chalicelib.flows.read_lead import see_lead
from chalicelib.flows.read_merge import NotYours, merge_with, older_first, read_pair, seen_pair, who_it_may_be
from chalicelib.handlers.access import posted
from chalicelib.handlers.console import console_page
from chalicelib.handlers.errors import Problem
from chalicelib.handlers.web import query, redirect
from chalicelib.identify.unite import CHOICES
from chalicelib.records.lead import Lead
from chalicelib.records.ports import NotFound
from chalicelib.records.rep import Rep
from chalicelib.wiring import service


def show_merge(request: Any, who: Rep, lead_id: str) -> Response:
    """Whom to merge with, by name or address; with one chosen, what would become of the two."""
    deps = service().deps
    see_lead(deps, who, lead_id)
    other, text = query(request, "with")[:100], query(request, "text")[:200].replace("\x00", " ").strip()
    pair = None
    if other:
        first, second = _two(who, lead_id, other)
        stays, goes = (second, first) if query(request, "keep") == second.lead_id else (first, second)
        pair = read_pair(deps, stays, goes)
    lead = deps.store.get(Lead, lead_id)
    if lead is None or (pair and pair.stays.lead_id == pair.goes.lead_id):
        raise NotFound
    return console_page(
        request, who, "merge.html", lead=lead.value, pair=pair, text=text, busy=query(request, "said") == "busy",
        rows=who_it_may_be(deps, who, lead_id, text), zone=who.week.zone,
        names={rep.rep_id: rep.name for rep in deps.directory.reps()},
    )  # fmt: skip


def post_merge(request: Any, who: Rep, lead_id: str) -> Response:
    sent = posted(request)
    other = str(sent.get("with", ""))
    try:
        stays, goes = merge_as_sent(who, sent, lead_id, other)
    except Busy:
        return redirect(f"/app/leads/{lead_id}/merge?with={other}&said=busy")
    return redirect(f"/app/leads/{stays.lead_id}?done=merge&merge={goes.lead_id}")


def merge_as_sent(who: Rep, sent: Mapping[str, Any], lead_id: str, other: str) -> tuple[Lead, Lead]:
    """Ask for it as the form says: which of the two stays, and whose value holds in which field."""
    first, second = _two(who, lead_id, other)
    stays, goes = (second, first) if sent.get("keep") == second.lead_id else (first, second)
    if stays.lead_id == goes.lead_id:
        raise NotFound
    chosen = [field for field in CHOICES if sent.get(field) == goes.lead_id]
    ask_merge(service().deps, stays.lead_id, goes.lead_id, who.rep_id, chosen)
    return stays, goes


def post_part(request: Any, who: Rep, lead_id: str) -> Response:
    """Two again; with `back` that is taken back."""
    sent = posted(request)
    deps = service().deps
    see_lead(deps, who, lead_id)
    gone_id = str(sent.get("gone", ""))[:100]
    lead = deps.store.get(Lead, lead_id)
    if lead is None or merge_with(deps, lead_id, gone_id) is None:
        raise NotFound
    if not may_merge(who, lead.value):
        raise _not_yours()
    try:
        if sent.get("back"):
            ask_again(deps, gone_id)
        else:
            ask_part(deps, gone_id, who.rep_id)
    except Busy:
        return redirect(f"/app/leads/{lead_id}?done=merge&merge={gone_id}&said=busy")
    place = f"/app/leads/{lead_id}?done=merge"
    if sent.get("shown_on") == "review":
        place = f"/app/review?said=parted&into={lead_id}"
    return redirect(f"{place}&merge={gone_id}")


def _two(who: Rep, lead_id: str, other: str) -> tuple[Lead, Lead]:
    try:
        return older_first(*seen_pair(service().deps, who, lead_id, other or "-"))
    except NotYours as error:
        raise _not_yours() from error


def _not_yours() -> Problem:
    return Problem(403, "Not yours to merge", "Both have to be your own; somebody who leads can do it")
