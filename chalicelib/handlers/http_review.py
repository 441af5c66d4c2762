"""Two people who may be one, side by side, for a person to decide."""

from collections.abc import Callable
from typing import Any

from chalice import Response

from chalicelib.flows.review_doubts import LATER, Decided, keep_apart, list_doubts, look_later
from chalicelib.handlers.access import posted
from chalicelib.handlers.console import console_page
from chalicelib.handlers.web import query, redirect
from chalicelib.records.rep import Rep
from chalicelib.wiring import service

_SAID = frozenset({"apart", "later", "decided"})


def list_all(request: Any, who: Rep) -> Response:
    deps = service().deps
    rows, further = list_doubts(deps, after=query(request, "after")[:100])
    names = {rep.rep_id: rep.name for rep in deps.directory.reps()}
    return console_page(
        request, who, "review.html", rows=rows, further=further, names=names, later_days=LATER.days,
        after=query(request, "after"), said=query(request, "said") if query(request, "said") in _SAID else "",
    )  # fmt: skip


def post_apart(request: Any, who: Rep, pair_id: str) -> Response:
    """Two people, for good."""
    return _decided(request, "apart", lambda: keep_apart(service().deps, pair_id, who.rep_id))


def post_later(request: Any, who: Rep, pair_id: str) -> Response:
    return _decided(request, "later", lambda: look_later(service().deps, pair_id))


def _decided(request: Any, said: str, decide: Callable[[], None]) -> Response:
    posted(request)
    try:
        decide()
    except Decided:
        return redirect("/app/review?said=decided")
    return redirect(f"/app/review?said={said}")
