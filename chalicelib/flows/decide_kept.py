"""What was quarantined is released or dropped, what was rejected done again or dropped: by a person, each once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chalicelib.capture.bodies import read_body
from chalicelib.capture.suspicion import OPENED, TRAP
from chalicelib.flows.keep_post import find_receipt, kept_key, reasons_of, unpacked
from chalicelib.flows.read_post import gone, key_problem, read_post
from chalicelib.flows.submission import Answer, Submission, TokenReused
from chalicelib.flows.submit import submit
from chalicelib.records.arrival import DROP_IN, RawPost, Refused
from chalicelib.records.contact import Refusal
from chalicelib.records.kept import Kept, KeptState, Replayed
from chalicelib.records.ports import Conflict, Delete, Deps, NotFound, Put, Ref, Stored, Write
from chalicelib.records.receipt import Receipt, ReceiptOutcome
from chalicelib.records.search import KeptQuery

# What a page shows of a body that cannot be read, and what our own forms add that says nothing.
_SHOWN = 4000
_OURS = frozenset({"once", "lang", "proof", OPENED})


class Decided(Exception):
    """Somebody was first, or what was sent has been forgotten: there is nothing left to decide."""


@dataclass(frozen=True, slots=True)
class KeptPost:
    """A kept submission as a page shows it: its fields where they can be read, else the beginning of its text. Both
    are empty once what was sent is forgotten."""

    kept: Kept
    fields: Mapping[str, str]
    text: str


def list_kept(deps: Deps, query: KeptQuery) -> tuple[list[Kept], int]:
    """Those the read model names, as they are now, and how many there are in all."""
    ids, total = deps.model.kept(query)
    found = deps.store.get_many([Ref(Kept, (kept_id,)) for kept_id in ids])
    return [stored.value for stored in found if stored], total


def show_kept(deps: Deps, kept_id: str) -> KeptPost:
    """Raises NotFound."""
    stored = deps.store.get(Kept, kept_id)
    if stored is None:
        raise NotFound
    post = _post(deps, kept_id)
    if post is None:
        return KeptPost(stored.value, {}, "")
    body = _fields(post) if post.whole else None
    if isinstance(body, dict):
        shown = {name: str(value) for name, value in body.items() if name not in _OURS and (name != TRAP or value)}
        return KeptPost(stored.value, shown, "")
    return KeptPost(stored.value, {}, post.body[: 4 * _SHOWN].decode("utf-8", "replace")[:_SHOWN])


def _fields(post: RawPost) -> dict[str, Any] | Refusal:
    if post.entry not in DROP_IN:
        return read_body(post.content_type, post.body)
    from chalicelib.flows.read_intake import shown

    return shown(post)


def _post(deps: Deps, kept_id: str) -> RawPost | None:
    body = deps.blobs.get(kept_key(kept_id))
    return unpacked(body) if body is not None else None


def let_in(deps: Deps, kept_id: str, by: str) -> Answer | Refused:
    """As if it had just come in and passed. What is refused again stays, with today's reasons. Raises NotFound,
    Decided."""
    kept, post = _undecided(deps, kept_id)
    if not post.whole:
        return Refused(413, "Too large", (Refusal("body", "only the beginning was kept"),), {})
    read = _read(deps, post)
    if isinstance(read, Refused):
        return _still_refused(deps, kept, read)
    receipt, replayed = find_receipt(deps, kept.value.receipt, kept_id), deps.store.get(Replayed, kept_id)
    if receipt and kept.value.outcome is ReceiptOutcome.QUARANTINED:
        read = replace(read, receipt=receipt.value.token)
    try:
        answer = submit(
            deps, read, lambda token: _let_in(deps.clock(), kept, receipt, replayed, token, by), passed=True
        )
    except TokenReused:
        return _still_refused(
            deps, kept, Refused(422, "Sent before", (Refusal("", "was used before with another body"),), {})
        )
    except Conflict as conflict:
        raise Decided from conflict
    deps.blobs.delete(kept_key(kept_id))
    return answer


def _undecided(deps: Deps, kept_id: str) -> tuple[Stored[Kept], RawPost]:
    stored = deps.store.get(Kept, kept_id)
    if stored is None:
        raise NotFound
    post = _post(deps, kept_id)
    if stored.value.state is not KeptState.WAITING or post is None:
        raise Decided
    return stored, post


def _read(deps: Deps, post: RawPost) -> Submission | Refused:
    problem = key_problem(deps, post)
    if problem:
        return problem
    try:
        # Its clocks begin now: as long as it was kept nobody could know of it.
        return read_post(deps, replace(post, received_at=deps.clock()))
    except NotFound:
        return gone(post)


def _let_in(
    now: datetime, kept: Stored[Kept], receipt: Stored[Receipt] | None, replayed: Stored[Replayed] | None, token: str,
    by: str,
) -> Sequence[Write]:  # fmt: skip
    """The decision; of a rejected one the receipt as well: it counts as what it became, once; of one that had waited
    at the door where its status page finds it."""
    decided = replace(kept.value, state=KeptState.RELEASED, decided_at=now, decided_by=by)
    writes: list[Write] = [Put(decided, kept.version)]
    if receipt and receipt.value.token != token:
        writes.append(Delete(Ref(Receipt, (receipt.value.token,)), receipt.version))
    if replayed:
        writes.append(Put(replace(replayed.value, receipt=token), replayed.version))
    return writes


def _still_refused(deps: Deps, kept: Stored[Kept], refused: Refused) -> Refused:
    reasons = reasons_of(refused)
    if reasons != kept.value.reasons and kept.value.outcome is ReceiptOutcome.REJECTED:
        deps.store.commit([Put(replace(kept.value, reasons=reasons), kept.version)])
    return refused


def drop_kept(deps: Deps, kept_id: str, by: str) -> None:
    """Forget what was sent. It stays counted as what it was. Raises NotFound, Decided."""
    stored = deps.store.get(Kept, kept_id)
    if stored is None:
        raise NotFound
    if stored.value.state is not KeptState.WAITING:
        raise Decided
    dropped = replace(stored.value, state=KeptState.DROPPED, decided_at=deps.clock(), decided_by=by)
    try:
        deps.store.commit([Put(dropped, stored.version)])
    except Conflict as conflict:
        raise Decided from conflict
    deps.blobs.delete(kept_key(kept_id))
