"""Submissions set aside (quarantined, rejected) that hold somebody who was erased: they are searched at the erasure, a
moment after it, and again after a restore, where only digests are left to search by (docs/adr/0010).

They are found in the store itself, which knows them at once, not by the read model."""

from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import unquote_plus

from chalicelib.capture.bodies import read_body
from chalicelib.flows.keep_post import find_receipt, kept_key, kept_owner, unpacked
from chalicelib.identify.signs import signs_in
from chalicelib.records.arrival import Entry, RawPost
from chalicelib.records.kept import Kept, KeptState
from chalicelib.records.ports import Conflict, Deps, Put, Ref, Stored
from chalicelib.records.receipt import ERASED

# Each is due when it is to be forgotten, which is long before that.
_EVER, _ALL = timedelta(days=36_500), 1_000_000
_AT_ONCE = 100

Means = Callable[[Kept, Iterator[str]], bool]


def kept_with(deps: Deps, signs: Set[str]) -> list[Stored[Kept]]:
    """Those that wait and hold one of these signs (identify/signs.py)."""
    return list(_found(deps, lambda _, seen: not signs.isdisjoint(seen)))


def kept_of_erased(deps: Deps, erased: Mapping[str, datetime]) -> list[Stored[Kept]]:
    """Those that wait and hold a sign whose digest belongs to somebody erased since they came. What came after the
    erasure is the person's own new request."""

    def means(kept: Kept, seen: Iterator[str]) -> bool:
        found = (erased.get(deps.suppression_digest(sign)) for sign in seen)
        return any(at is not None and kept.received_at <= at for at in found)

    return list(_found(deps, means)) if erased else []


def digests_of(deps: Deps, signs: Set[str]) -> tuple[str, ...]:
    """What may stay of signs: keyed hashes, which a restore knows the person's submissions by."""
    return tuple(sorted(map(deps.suppression_digest, signs)))


def forget_kept(deps: Deps, found: list[Stored[Kept]]) -> int:
    """Drop them for good; each stays counted as what it was, and its status page says that it is gone. How many were
    still there."""
    dropped = 0
    for stored in found:
        # First what is personal: who dies in between finds the record again.
        deps.blobs.delete(kept_key(stored.value.kept_id))
        deps.journal.forget(kept_owner(stored.value.kept_id))
        # A reason may repeat what was sent; what comes before the colon is the same for everybody.
        reasons = tuple(reason.partition(": ")[0] for reason in stored.value.reasons)
        gone = replace(stored.value, state=KeptState.DROPPED, decided_at=deps.clock(), reasons=reasons)
        receipt = find_receipt(deps, gone.receipt, gone.kept_id)
        unread = receipt is not None and not receipt.value.lead_id
        told = [Put(replace(receipt.value, reason=ERASED), receipt.version)] if receipt and unread else []
        with suppress(Conflict):
            deps.store.commit([Put(gone, stored.version), *told])
            dropped += 1
    return dropped


def _found(deps: Deps, means: Means) -> Iterator[Stored[Kept]]:
    refs: list[Ref[Kept]] = [due.ref for due in deps.store.due(deps.clock() + _EVER, _ALL, Kept)]
    for start in range(0, len(refs), _AT_ONCE):
        for stored in deps.store.get_many(refs[start : start + _AT_ONCE]):
            if stored and stored.value.state is KeptState.WAITING:
                body = deps.blobs.get(kept_key(stored.value.kept_id))
                if body is not None and means(stored.value, signs_in(texts_of(body))):
                    yield stored


def texts_of(body: bytes) -> Iterator[str]:
    """All that somebody may have written: the fields where they can be read, else the whole as text; the page it came
    from, whose address may hold more."""
    try:
        post = unpacked(body)
    except (ValueError, KeyError, TypeError):
        post = RawPost("", Entry.FORM, datetime.min, "", body)
    fields = read_body(post.content_type, post.body) if post.whole else None
    if isinstance(fields, dict):
        yield from map(str, fields.values())
    else:
        # Without the NULs that every second byte of UTF-16 is, and the mark before them.
        text = post.body.replace(b"\0", b"").decode("utf-8", "ignore")
        yield text
        yield unquote_plus(text)
    yield post.once
    yield unquote_plus(post.referrer)
