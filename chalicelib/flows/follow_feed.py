"""What follows from a change: the read model is brought up to date, fresh mail leaves, reports are made anew."""

from collections.abc import Callable, Sequence

from chalicelib.flows.sweep_clocks import Pause, never, send_at_once
from chalicelib.records.campaign import Campaign, Opportunity, Spend
from chalicelib.records.lead import Lead
from chalicelib.records.message import Message
from chalicelib.records.ports import Changed, Deps
from chalicelib.records.touch import Touch

INDEX, OUTBOX, REPORTS = "index", "outbox", "reports"
CONSUMERS = (INDEX, OUTBOX, REPORTS)

_REPORTED = frozenset({Lead, Touch, Opportunity, Spend, Campaign})


def feed_index(deps: Deps, limit: int = 250) -> int:
    """Apply the next changes to the read model; how many there were."""
    changes = deps.feed.read(INDEX, limit)
    if changes:
        refs = list(dict.fromkeys(change.ref for change in changes))
        stored = deps.store.get_many(refs)
        deps.model.apply(list(zip(refs, stored, strict=True)))
        deps.feed.done(INDEX, changes[-1].sequence)
    return len(changes)


def feed_outbox(deps: Deps, limit: int = 200, pause: Pause = never) -> int:
    """Send what was just written and is due; the sweep finds whatever this misses."""
    changes = deps.feed.read(OUTBOX, limit)
    if changes:
        fresh = dict.fromkeys(change.ref for change in changes if change.ref.kind is Message)
        send_at_once(deps, list(fresh), pause)
        deps.feed.done(OUTBOX, changes[-1].sequence)
    return len(changes)


def feed_reports(deps: Deps, request: Callable[[Deps], None], limit: int = 5000) -> bool:
    """Ask for a new report when anything it is made of has changed; whether it was asked for.

    Reports are made of the read model, so a change counts only once that shows it; and the request is made before
    the change is done with, so that neither a slow index nor a crash in between leaves an old report for good."""
    asked = False
    while changes := deps.feed.read(REPORTS, limit):
        behind = deps.feed.read(INDEX, 1)
        if behind and behind[0].sequence <= changes[-1].sequence:
            break
        if not asked and _matters(changes):
            request(deps)
            asked = True
        deps.feed.done(REPORTS, changes[-1].sequence)
    return asked


def _matters(changes: Sequence[Changed]) -> bool:
    return any(change.ref.kind in _REPORTED for change in changes)
