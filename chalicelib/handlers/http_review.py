"""Two people who may be one, side by side, for a person to decide."""

from collections.abc import Callable
from typing import Any

from chalice import Response

from chalicelib.flows.merge_people import Busy
from chalicelib.flows.read_merge import merge_with, older_first, pair_as_shown
from chalicelib.flows.review_doubts import LATER, Decided, keep_apart, list_doubts, look_later, people_of
from chalicelib.handlers.access import posted
from chalicelib.handlers.console import console_page
from chalicelib.handlers.http_merge import merge_as_sent
from chalicelib.handlers.web import query, redirect
from chalicelib.records.rep import Rep
from chalicelib.wiring import service

_SAID = frozenset({"apart", "later", "decided", "merged", "parted"})


def list_all(request: Any, who: Rep) -> Response:
    deps = service().deps
    rows, further = list_doubts(deps, after=query(request, "after")[:100])
    pairs = [(row.doubt, pair_as_shown(deps, *older_first(*row.people))) for row in rows]
    names = {rep.rep_id: rep.name for rep in deps.directory.reps()}
    said = query(request, "said") if query(request, "said") in _SAID else ""
    return console_page(
        request, who, "review.html", rows=pairs, further=further, names=names, later_days=LATER.days,
        after=query(request, "after"), said=said,
        merge=merge_with(deps, query(request, "into")[:100], query(request, "merge")[:100]),
    )  # fmt: skip


def post_apart(request: Any, who: Rep, pair_id: str) -> Response:
    """Two people, for good."""
    return _decided(request, "apart", lambda: keep_apart(service().deps, pair_id, who.rep_id))


def post_later(request: Any, who: Rep, pair_id: str) -> Response:
    return _decided(request, "later", lambda: look_later(service().deps, pair_id))


def post_merge(request: Any, who: Rep, pair_id: str) -> Response:
    """One person: what the page showed of both becomes one record."""
    sent = posted(request)
    try:
        stays, goes = merge_as_sent(who, sent, *people_of(service().deps, pair_id))
    except (Busy, Decided):
        return redirect("/app/review?said=decided")
    return redirect(f"/app/review?said=merged&into={stays.lead_id}&merge={goes.lead_id}")


def _decided(request: Any, said: str, decide: Callable[[], None]) -> Response:
    posted(request)
    try:
        decide()
    except Decided:
        return redirect("/app/review?said=decided")
    return redirect(f"/app/review?said={said}")
