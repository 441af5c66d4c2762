"""The read model held against the store, a part each minute: the change feed only makes it quick.

The minutes go through all of the store again and again, a small one in half an hour and a large one in a day, and find
what the feed lost or has not told for as long as it stands still. Where a part has something to mend, others are looked
at in the same minute, so that a feed that is off is made up for within half an hour whatever the size; one that works
costs the look at a part."""

from collections.abc import Sequence
from typing import Any

from chalicelib.flows.follow_feed import index_changes, reports_changed
from chalicelib.flows.keep_journal import journal_changes
from chalicelib.flows.reactions import INDEX, REACTIONS
from chalicelib.flows.sweep_clocks import Pause, never
from chalicelib.records.audit import Audit
from chalicelib.records.lead import Lead
from chalicelib.records.ports import Deps, Ref

# At most a part for each minute of a day; of at least so many records, as far as that goes.
MOST_PARTS = 1440
RECORDS = 100
# Several parts in a minute are this far apart: in as many minutes all have had their turn.
STRIDE = 30
_AT_ONCE = 250


def reconcile(deps: Deps, pause: Pause = never) -> int:
    """Look at the minute's part, and at more while there is something to mend; how many records were mended."""
    minute, mended, of = int(deps.clock().timestamp()) // 60, 0, parts(deps.model.size())
    for step in range(of // STRIDE):
        found = reconcile_part(deps, (minute + step * STRIDE) % of, of)
        mended += found
        if not found or pause():
            break
    return mended


def parts(size: int) -> int:
    """In how many parts a read model of so many records is looked through. Doubling, so that it seldom changes, since
    another number are other parts; and numbers that go into a day."""
    of = STRIDE
    while of * RECORDS < size and of < MOST_PARTS:
        of *= 2
    return min(of, MOST_PARTS)


def reconcile_part(deps: Deps, number: int, of: int) -> int:
    """Show what one part of the store holds and the read model does not show, or shows otherwise; and no longer what
    the store does not hold. How many records were mended."""
    wrong = [*_not_shown(deps, number, of), *_no_longer_there(deps, number, of)]
    unreadable = 0
    for start in range(0, len(wrong), _AT_ONCE):
        unreadable += len(index_changes(deps, wrong[start : start + _AT_ONCE]))
    reports_changed(deps, wrong)
    journal_changes(deps, wrong)
    return len(wrong) - unreadable


def behind(deps: Deps, number: int, of: int) -> tuple[list[Ref[Any]], list[Ref[Any]]]:
    """Records of one part that are not shown or at an older version, and those that are shown at a newer one."""
    stored = [(ref, version) for ref, version in deps.store.part(number, of) if ref.kind in REACTIONS[INDEX]]
    shown = deps.model.versions([ref for ref, _ in stored])
    older = [ref for (ref, version), seen in zip(stored, shown, strict=True) if seen < version]
    newer = [ref for (ref, version), seen in zip(stored, shown, strict=True) if seen > version]
    return older, newer


def _not_shown(deps: Deps, number: int, of: int) -> list[Ref[Any]]:
    older, newer = behind(deps, number, of)
    return older + _begun_anew(deps, newer)


def _begun_anew(deps: Deps, refs: Sequence[Ref[Any]]) -> list[Ref[Any]]:
    """Of records the store seems to hold at an older version than is shown: those that were deleted and made again
    while nobody told. They go first, or the newer version would stay. For the others our look was a moment old."""
    if not refs:
        return []
    read_at, shown = deps.clock(), deps.model.versions(refs)
    now = deps.store.get_many(refs)
    anew = [ref for ref, seen, stored in zip(refs, shown, now, strict=True) if stored and stored.version < seen]
    deps.model.apply([(ref, None) for ref in anew], read_at)
    return anew


def _no_longer_there(deps: Deps, number: int, of: int) -> list[Ref[Any]]:
    shown = deps.model.part(number, of)
    people = dict.fromkeys(ref.ids[0] for ref in shown if _lies_with_a_lead(ref))
    others = [ref for ref in shown if not _lies_with_a_lead(ref)]
    there = {ref for lead_id in people for ref in deps.store.refs_of(lead_id)}
    gone = [ref for ref in shown if _lies_with_a_lead(ref) and ref not in there]
    stored = deps.store.get_many(others)
    return gone + [ref for ref, record in zip(others, stored, strict=True) if record is None]


def _lies_with_a_lead(ref: Ref[Any]) -> bool:
    return ref.kind is Lead or (len(ref.ids) > 1 and ref.kind is not Audit)
