"""The promise ledger: what is due, what was broken, where two of ours contradict each other."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from chalice import Response

from chalicelib.assign.visibility import sight_of
from chalicelib.flows.keep_promises import settle_promise
from chalicelib.flows.read_lead import see_lead
from chalicelib.flows.read_promises import LEDGERS, read_ledger
from chalicelib.follow_up import promises
from chalicelib.handlers.access import posted
from chalicelib.handlers.api_fields import choice, text, wrong
from chalicelib.handlers.console import console_page
from chalicelib.handlers.errors import Problem
from chalicelib.handlers.http_lead import acted
from chalicelib.handlers.web import query, redirect
from chalicelib.records.promise import Promise
from chalicelib.records.rep import Rep
from chalicelib.wiring import service

STEPS = ("kept", "withdrawn", "reopened")


def show_promises(request: Any, who: Rep) -> Response:
    asked = query(request, "ledger", LEDGERS[0])
    ledger = asked if asked in LEDGERS else LEDGERS[0]
    sight = sight_of(who, service().deps.directory.reps())
    mine = query(request, "mine") == "yes" and ledger != "contradictions"
    lines = read_ledger(service().deps, sight, ledger, who.rep_id if mine else "")
    return console_page(
        request, who, "promises.html", lines=lines, ledger=ledger, ledgers=LEDGERS, mine=mine,
        limited=sight.owners is not None, zone=who.week.zone, done=query(request, "done") == "promise",
    )  # fmt: skip


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

    ledger = str(posted(request).get("ledger", ""))
    if ledger not in LEDGERS:
        return acted(request, who, lead_id, "promise", act)
    see_lead(service().deps, who, lead_id)
    act(posted(request))
    return redirect(f"/app/promises?ledger={ledger}&done=promise")


def _step(step: str, reason: str, who: Rep, promise: Promise) -> Promise:
    if step == "reopened":
        return promises.reopened(promise)
    now = service().deps.clock()
    if step == "kept":
        return promises.kept(promise, who.rep_id, now)
    return promises.withdrawn(promise, who.rep_id, reason, now)
