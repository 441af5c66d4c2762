"""What follows from a change: the read model is brought up to date, fresh mail leaves, reports are made anew.

A reaction is a function over the records that changed, wherever the news came from: the embedded engine's change table
(`feed_…`, a cursor for each) or a queue for each on AWS (`handlers/on_change.py`). Each may be told again at will."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from chalicelib.flows.reactions import INDEX, OUTBOX, REPORTS, concerned
from chalicelib.flows.report_returns import REPORT, request_report
from chalicelib.flows.sweep_clocks import Pause, Swept, never, send_at_once
from chalicelib.follow_up.outbox import is_due
from chalicelib.records.message import INTERNAL
from chalicelib.records.ports import BadRecord, Conflict, Deps, Put, Ref, Stored
from chalicelib.records.report_asked import ReportAsked

Refs = Sequence[Ref[Any]]

# A mail that waits is among so many changes: some form posts, and mails that have left between them.
_AHEAD = 64
# A report that was asked for this long ago and was never begun: the message that asked is lost.
LOST = timedelta(minutes=15)


def index_changes(deps: Deps, refs: Refs) -> list[Ref[Any]]:
    """Show these records in the read model as they are now. The ones that cannot be read: they hold up nobody."""
    wanted = concerned(INDEX, refs)
    unreadable: list[Ref[Any]] = []
    gone = _apply(deps, wanted, unreadable)
    # Somebody may have made one anew between our look and our note that it is gone.
    _apply(deps, [ref for ref in gone if deps.store.get(ref.kind, *ref.ids)], unreadable)
    return unreadable


def _apply(deps: Deps, refs: Refs, unreadable: list[Ref[Any]]) -> list[Ref[Any]]:
    """Which of them are gone."""
    if not refs:
        return []
    read_at = deps.clock()
    changes = _read(deps, refs, unreadable)
    deps.model.apply(changes, read_at)
    return [ref for ref, stored in changes if stored is None]


def _read(deps: Deps, refs: Refs, unreadable: list[Ref[Any]]) -> list[tuple[Ref[Any], Stored[Any] | None]]:
    try:
        return list(zip(refs, deps.store.get_many(refs), strict=True))
    except BadRecord:
        found = []
        for ref in refs:
            try:
                found.append((ref, deps.store.get(ref.kind, *ref.ids)))
            except BadRecord:
                unreadable.append(ref)
        return found


def send_changes(deps: Deps, refs: Refs, pause: Pause = never, notices: bool = True) -> Swept:
    """Send what was just written and is due; the sweep finds whatever this misses, and our own people's `notices`
    where they are to wait."""
    fresh = concerned(OUTBOX, refs)
    if len(fresh) > 1:
        # Of a list's mail most is for later: one read tells.
        unreadable: list[Ref[Any]] = []
        now = deps.clock()
        read = _read(deps, fresh, unreadable)
        due = [(ref, stored.value) for ref, stored in read if stored and is_due(stored.value, now)]
        fresh = [ref for ref, message in due if notices or message.kind not in INTERNAL]
    return send_at_once(deps, fresh, pause)


def reports_changed(deps: Deps, refs: Refs) -> bool:
    """Ask for a new report when these records are part of one, unless one is asked for that is not begun yet: that
    will show them too. Whether it was asked for.

    Asked first and noted then: who dies in between has asked once too often, never too seldom. Beginning a report
    changes the note as well, so that a note about a request that is already taken cannot be written."""
    if not concerned(REPORTS, refs):
        return False
    stored = deps.store.get(ReportAsked, REPORT)
    waiting_since = stored.value.asked_at if stored else None
    now = deps.clock()
    if waiting_since and now - waiting_since < LOST:
        return False
    request_report(deps)
    with suppress(Conflict):
        deps.store.commit([Put(ReportAsked(REPORT, now), stored.version if stored else 0)])
    return True


def _in_silence(_ref: Ref[Any]) -> None:
    pass


def feed_index(deps: Deps, limit: int = 250, passed_by: Callable[[Ref[Any]], None] = _in_silence) -> int:
    """Apply the next changes to the read model: how many there were. `passed_by` is told what cannot be read."""
    changes = deps.feed.read(INDEX, limit)
    if changes:
        for ref in index_changes(deps, [change.ref for change in changes]):
            passed_by(ref)
        deps.feed.done(INDEX, changes[-1].sequence)
    return len(changes)


def feed_outbox(deps: Deps, limit: int = 200, pause: Pause = never, notices: bool = True) -> int:
    """Send what the next changes made due; how many changes there were."""
    changes = deps.feed.read(OUTBOX, limit)
    if changes:
        send_changes(deps, [change.ref for change in changes], pause, notices)
        deps.feed.done(OUTBOX, changes[-1].sequence)
    return len(changes)


def outbox_behind(deps: Deps) -> timedelta:
    """How long the next mail of the feed has waited: its look ahead is that far behind."""
    refs = concerned(OUTBOX, [change.ref for change in deps.feed.read(OUTBOX, _AHEAD)])
    now = deps.clock()
    waiting = (stored.value for _, stored in _read(deps, refs, []) if stored and is_due(stored.value, now))
    return next((now - message.created_at for message in waiting), timedelta())


def feed_reports(deps: Deps, limit: int = 5000) -> bool:
    """Ask for a new report when anything it is made of has changed; whether it was asked for.

    A change counts only once the read model shows it; and the request is made before the change is done with, so that
    neither a slow index nor a crash in between leaves an old report for good."""
    asked = False
    while changes := deps.feed.read(REPORTS, limit):
        behind = deps.feed.read(INDEX, 1)
        if behind and behind[0].sequence <= changes[-1].sequence:
            break
        asked = reports_changed(deps, [change.ref for change in changes]) or asked
        deps.feed.done(REPORTS, changes[-1].sequence)
    return asked
