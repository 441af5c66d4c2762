"""Counts and invariants of the store, for the operations page and the command line's `check`."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from chalicelib.assign.choose import UNASSIGNED
from chalicelib.flows.dead_letters import list_dead
from chalicelib.flows.reactions import INDEX
from chalicelib.flows.reconcile import behind
from chalicelib.records.merge import Merge
from chalicelib.records.message import MessageState
from chalicelib.records.ports import Deps, Ref, StoreUnavailable
from chalicelib.records.receipt import ReceiptOutcome
from chalicelib.records.search import KeptQuery
from chalicelib.records.touch import MOST_ESCALATIONS, WAITING_STATES, Request, TouchKind
from chalicelib.records.upload import Upload, UploadState

# The sweep runs each minute; what it has not taken up after this long has been missed.
SWEEP_GRACE = timedelta(minutes=5)
# So many changes unread mean that lists and reports show the past.
LAG_LIMIT = 5_000
_ALL = 1_000_000
# How a submission's touch is called; a list's rows are counted by their upload.
SUBMITTED = (TouchKind.FORM, TouchKind.API, TouchKind.SCAN, TouchKind.SEMINAR)
# The store is looked through in parts, none of which is much to hold.
_PARTS = 30
# Kind -> how the read model names its number; of the last two only the numbers by state.
_WHOLE = ("leads", "touches", "requests", "opportunities")
_SHOWN = dict(zip(("Lead", "Touch", "Request", "Opportunity"), _WHOLE, strict=True)) | {
    "Message": "message",
    "Receipt": "receipt",
}


def check_store(deps: Deps, count_all: bool = True) -> dict[str, Any]:
    """{"received", "accepted", "merged", "quarantined", "rejected", "turned_away", "leads", "touches",
    "outbox": {state: n}, "at_the_door", "given_up", "violations": [text]}. The counts are those of the read model, as
    far as the feed has been read; each violation is `message: value`. Without `count_all` the read model is not held
    against the whole store, which on AWS means reading every item."""
    counts = deps.model.counts()
    compared = _of_model(deps) if count_all else ()
    outcomes = {outcome.value: counts.get(f"receipt.{outcome.value}", 0) for outcome in ReceiptOutcome}
    return {
        "received": sum(outcomes.values()),
        **outcomes,
        # Turned away (429) is not received, but it is counted: within the last thirty days.
        "turned_away": deps.limits.turned_away(),
        "leads": counts.get("leads", 0),
        "touches": counts.get("touches", 0),
        "outbox": {state.value: counts.get(f"message.{state.value}", 0) for state in MessageState},
        # Acknowledged (202), and received as soon as the store can take it.
        "at_the_door": _at_the_door(deps),
        "given_up": list_dead(deps, limit=0).total,
        "violations": [
            *accounts(deps, counts),
            *_of_leads(deps),
            *_of_requests(deps),
            *_of_uploads(deps),
            *_of_merges(deps),
            *_of_feed(deps),
            *compared,
        ],
    }


def _of_rest(deps: Deps) -> Iterator[str]:
    for look in (_of_leads, _of_requests, _of_uploads, _of_merges, _of_feed):
        yield from look(deps)


def _at_the_door(deps: Deps) -> int:
    """0 where the door cannot be asked: the command line may be allowed less than the service."""
    with suppress(StoreUnavailable):
        return deps.door.waiting()
    return 0


def accounts(deps: Deps, counts: Mapping[str, int]) -> Iterator[str]:
    """received = accepted + merged + quarantined + rejected, held against what is stored: each submission's touch has a
    receipt that counts it (an erasure leaves the receipt), and what is set aside waits under one of its outcome."""
    passed = counts.get("receipt.accepted", 0) + counts.get("receipt.merged", 0)
    touches = sum(counts.get(f"touch.{kind}", 0) for kind in SUBMITTED)
    if touches > passed:
        yield f"submissions that are stored and not counted: {touches - passed}"
    for outcome in (ReceiptOutcome.QUARANTINED, ReceiptOutcome.REJECTED):
        aside, counted = deps.model.kept(KeptQuery(outcome, limit=1))[1], counts.get(f"receipt.{outcome.value}", 0)
        if aside > counted:
            yield f"submissions set aside and not counted: {aside - counted}"


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
        parts = upload.created + upload.merged + upload.suppressed + upload.refused + upload.attached
        if upload.state is UploadState.FINISHED and parts != upload.rows:
            yield f"the outcomes of an upload do not add up: {upload.import_id} ({parts} of {upload.rows})"


def _of_merges(deps: Deps) -> Iterator[str]:
    late = deps.store.due(deps.clock() - SWEEP_GRACE, kind=Merge)
    if late:
        yield f"merges that do not come to their end: {_few([due.ref.ids[0] for due in late])}"


def _of_feed(deps: Deps) -> Iterator[str]:
    if len(deps.feed.read(INDEX, LAG_LIMIT)) >= LAG_LIMIT:
        yield f"changes that lists and reports do not show yet: {LAG_LIMIT} or more"


def _of_model(deps: Deps) -> Iterator[str]:
    """Lists and counts come from the read model; where nothing waits to be read it must hold what the store holds."""
    if deps.feed.read(INDEX, 1):
        return
    stored, shown = deps.store.counts(), deps.model.counts()
    for kind, name in _SHOWN.items():
        by_state = sum(count for counted, count in shown.items() if counted.startswith(f"{name}."))
        number = shown.get(name, 0) if name in _WHOLE else by_state
        if stored.get(kind, 0) != number:
            yield f"the read model does not show what is stored: {name} ({number} of {stored.get(kind, 0)})"
    old = [ref for number in range(_PARTS) for ref in behind(deps, number, _PARTS)[0]]
    if old:
        yield f"the read model does not show records as they are stored: {len(old)}"


def _active(deps: Deps, rep_id: str) -> bool:
    rep = deps.directory.rep(rep_id)
    return rep is not None and rep.active


def _named(requests: Sequence[Request]) -> str:
    return _few([request.request_id for request in requests])


def _few(ids: Sequence[str]) -> str:
    """How many, and the first few by id."""
    return f"{len(ids)} ({', '.join(ids[:3])}{', …' if len(ids) > 3 else ''})"
