"""Submissions set aside are in no other place than the store: they are noted in the journal as they came, each under a
key of its own, which is destroyed as soon as somebody has decided, or its time is over, or its sender is erased."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from chalicelib.flows.keep_post import find_receipt, kept_key, kept_owner, unpacked
from chalicelib.records.journal import Entry, Noted
from chalicelib.records.kept import Kept, KeptState
from chalicelib.records.ports import Deps, Ref, Stored

# What is held in memory at once of bodies that may have a megabyte each.
_MOST_BYTES = 1024 * 1024


def note_kept(deps: Deps, refs: Sequence[Ref[Any]], found: Iterable[Stored[Any] | None]) -> int:
    """Note those among these records that wait, and forget those that do no more; how many were noted. Told twice they
    are noted twice, which does no harm."""
    pairs = [(ref.ids[0], stored.value if stored else None) for ref, stored in zip(refs, found, strict=True)
             if ref.kind is Kept]  # fmt: skip
    waiting = [kept for _, kept in pairs if kept and kept.state is KeptState.WAITING]
    over = [kept_id for kept_id, kept in pairs if kept is None or kept.state is not KeptState.WAITING]
    if over:
        deps.journal.forget(*map(kept_owner, over))
    noted, size = [], 0
    count = 0
    for entry, weight in _entries(deps, waiting):
        noted.append(entry)
        size, count = size + weight, count + 1
        if size > _MOST_BYTES:
            deps.journal.append(noted)
            noted, size = [], 0
    deps.journal.append(noted)
    return count


def _entries(deps: Deps, waiting: Sequence[Kept]) -> Iterator[tuple[Entry, int]]:
    for kept in waiting:
        receipt = find_receipt(deps, kept.receipt, kept.kept_id)
        body = deps.blobs.get(kept_key(kept.kept_id))
        if receipt and body is not None:
            records = (receipt.value, kept, unpacked(body))
            yield Entry(Noted.SET_ASIDE, kept.received_at, kept_owner(kept.kept_id), records=records), len(body)
