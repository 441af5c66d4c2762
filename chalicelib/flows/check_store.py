"""Counts and invariants of the store, for the operations page and the command line's `check`."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from chalicelib.assign.choose import UNASSIGNED
from chalicelib.flows.follow_feed import INDEX
from chalicelib.records.message import MessageState
from chalicelib.records.ports import Deps, Ref
from chalicelib.records.receipt import ReceiptOutcome
from chalicelib.records.touch import MOST_ESCALATIONS, WAITING_STATES, Request
from chalicelib.records.upload import Upload, UploadState

# The sweep runs each minute; what it has not taken up after this long has been missed.
SWEEP_GRACE = timedelta(minutes=5)
# So many changes unread mean that lists and reports show the past.
LAG_LIMIT = 5_000
_ALL = 1_000_000


def check_store(deps: Deps) -> dict[str, Any]:
    """{"received", "accepted", "merged", "quarantined", "rejected", "leads", "touches", "outbox": {state: n},
    "violations": [text]}. The counts are those of the read model, as far as the feed has been read; each
    violation is `message: value`."""
    counts = deps.model.counts()
    outcomes = {outcome.value: counts.get(f"receipt.{outcome.value}", 0) for outcome in ReceiptOutcome}
    return {
        "received": sum(outcomes.values()),
        **outcomes,
        "leads": counts.get("leads", 0),
        "touches": counts.get("touches", 0),
        "outbox": {state.value: counts.get(f"message.{state.value}", 0) for state in MessageState},
        "violations": [*_of_leads(deps), *_of_requests(deps), *_of_uploads(deps), *_of_feed(deps), *_of_model(deps)],
    }


def _of_leads(deps: Deps) -> Iterator[str]:
    for owner_id, number in sorted(deps.model.open_by_owner().items()):
        if owner_id in ("", UNASSIGNED):
            yield f"open leads without an owner: {number}"
        elif not _active(deps, owner_id):
            yield f"open leads of an inactive owner: {owner_id} ({number})"


def _of_requests(deps: Deps) -> Iterator[str]:
    waiting = _waiting(deps)
    now = deps.clock()
    inactive = [r for r in waiting if r.owner_id not in ("", UNASSIGNED) and not _active(deps, r.owner_id)]
    unowned = [r for r in waiting if r.owner_id in ("", UNASSIGNED)]
    overdue = [r for r in waiting if _missed(r, now)]
    if inactive:
        yield f"open requests of an inactive owner: {_named(inactive)}"
    if unowned:
        yield f"open requests without an owner: {_named(unowned)}"
    if overdue:
        yield f"requests past their limit without an escalation: {_named(overdue)}"


def _waiting(deps: Deps) -> list[Request]:
    refs = [Ref(Request, ids) for state in WAITING_STATES for ids in deps.model.requests(state, limit=_ALL)]
    return [s.value for s in deps.store.get_many(refs) if s and s.value.state in WAITING_STATES]


def _missed(request: Request, now: datetime) -> bool:
    """An escalation sets a new limit, so that one in the past means nobody has taken the request up."""
    given_up = request.escalations >= MOST_ESCALATIONS
    return request.first_responded_at is None and not given_up and now > request.respond_by + SWEEP_GRACE


def _of_uploads(deps: Deps) -> Iterator[str]:
    for stored in deps.store.query(Upload):
        upload = stored.value
        parts = upload.created + upload.merged + upload.suppressed + upload.refused
        if upload.state is UploadState.FINISHED and parts != upload.rows:
            yield f"the outcomes of an upload do not add up: {upload.import_id} ({parts} of {upload.rows})"


def _of_feed(deps: Deps) -> Iterator[str]:
    if len(deps.feed.read(INDEX, LAG_LIMIT)) >= LAG_LIMIT:
        yield f"changes that lists and reports do not show yet: {LAG_LIMIT} or more"


def _of_model(deps: Deps) -> Iterator[str]:
    """Lists and counts come from the read model; where nothing waits to be read it must hold what the store holds."""
    if deps.feed.read(INDEX, 1):
        return
    stored, shown = deps.store.counts(), deps.model.counts()
    for kind, name in (
        ("Lead", "leads"),
        ("Touch", "touches"),
        ("Request", "requests"),
        ("Opportunity", "opportunities"),
    ):
        if stored.get(kind, 0) != shown.get(name, 0):
            yield f"the read model does not show what is stored: {name} ({shown.get(name, 0)} of {stored.get(kind, 0)})"


def _active(deps: Deps, rep_id: str) -> bool:
    rep = deps.directory.rep(rep_id)
    return rep is not None and rep.active


def _named(requests: Sequence[Request]) -> str:
    """How many, and the first few by id."""
    ids = ", ".join(request.request_id for request in requests[:3])
    return f"{len(requests)} ({ids}{', …' if len(requests) > 3 else ''})"
