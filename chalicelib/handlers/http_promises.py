"""The promise ledger: what is due, what was broken, where two of ours contradict each other."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from chalice import Response

from chalicelib.flows.keep_promises import settle_promise
from chalicelib.flows.read_lead import see_lead, sees_lead
from chalicelib.flows.read_promises import LEDGERS, read_ledger
from chalicelib.follow_up import promises
from chalicelib.handlers.access import posted
from chalicelib.handlers.api_fields import choice, text, wrong
from chalicelib.handlers.console import sight_for
from chalicelib.handlers.errors import Problem
from chalicelib.handlers.http_lead import acted, settled_promise
from chalicelib.handlers.ledger_filters import LedgerFilters, ledger_page, read_ledger_filters
from chalicelib.handlers.web import query, redirect
from chalicelib.records.ledgers import LedgerPart
from chalicelib.records.promise import Promise
from chalicelib.records.rep import Rep
from chalicelib.wiring import service

STEPS = ("kept", "withdrawn", "reopened")


def show_promises(request: Any, who: Rep) -> Response:
    return _page(request, who, query(request, "ledger", LEDGERS[0]))


def _page(
    request: Any, who: Rep, asked: str, sent: Mapping[str, Any] | None = None, problem: Problem | None = None
) -> Response:
    """A ledger; with `problem` beside the field of the line that was `sent`."""
    ledger = asked if asked in LEDGERS else LEDGERS[0]
    sight = sight_for(who)
    filters = read_ledger_filters(request, who, sight, ledger=ledger)
    if ledger == "contradictions":
        # Both sides of each are shown, whosever they are.
        filters = LedgerFilters(LedgerPart(offset=filters.part.offset), False, {"ledger": ledger})
    answer = ledger_page(
        request, who, "promises.html", filters, sight, listed=read_ledger(service().deps, sight, ledger, filters.part),
        ledger=ledger, ledgers=LEDGERS, done=query(request, "done") == "promise", promise_done=_done(request, who),
        form="promise", typed={name: str(value) for name, value in (sent or {}).items()}, here="/app/promises",
        errors={refusal.field: refusal.reason for refusal in problem.errors} if problem else {},
    )  # fmt: skip
    answer.status_code = problem.status if problem else 200
    return answer


def _done(request: Any, who: Rep) -> Promise | None:
    lead_id = query(request, "lead")[:100]
    return settled_promise(lead_id, query(request, "promise")) if sees_lead(service().deps, who, lead_id) else None


def post_step(request: Any, who: Rep, lead_id: str, promise_id: str) -> Response:
    """Kept, withdrawn with a reason, or open again. From the ledger one comes back to the ledger."""

    def act(sent: Mapping[str, Any]) -> object:
        step = choice(sent, "step", STEPS)
        reason = text(sent, "reason", 300)
        if step == "withdrawn" and not reason:
            raise wrong("reason", "is needed")
        try:
            return settle_promise(service().deps, lead_id, promise_id, partial(_step, step, reason, who))
        except ValueError as error:
            raise Problem(409, "This promise has changed", "Somebody else was quicker; look at it again") from error

    sent = posted(request)
    ledger = str(sent.get("ledger", ""))
    if ledger not in LEDGERS:
        return acted(request, who, lead_id, "promise", act)
    see_lead(service().deps, who, lead_id)
    try:
        act(sent)
    except Problem as problem:
        if not problem.errors:
            raise
        return _page(request, who, ledger, sent, problem)
    return redirect(f"/app/promises?ledger={ledger}&done=promise&lead={lead_id}&promise={promise_id}")


def _step(step: str, reason: str, who: Rep, promise: Promise) -> Promise:
    if step == "reopened":
        return promises.reopened(promise)
    now = service().deps.clock()
    if step == "kept":
        return promises.kept(promise, who.rep_id, now)
    return promises.withdrawn(promise, who.rep_id, reason, now)
