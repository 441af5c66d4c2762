"""What was sent is kept as it came: quarantined or rejected, for a person to look at, for a limited time."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from chalicelib.records.arrival import Entry, RawPost, Refused
from chalicelib.records.contact import Refusal
from chalicelib.records.ports import Conflict, Deps, Put, Ref, Stored, Write
from chalicelib.records.receipt import Receipt, ReceiptOutcome

if TYPE_CHECKING:
    from chalicelib.records.kept import Kept

# A body larger than what is read anyway is kept by its beginning.
MOST_KEPT = 1024 * 1024
_BEGINNING = 64 * 1024
# The same unreadable body by the same sender is the same submission for this long, as for readable ones (SPEC §3).
SAME_FOR = timedelta(minutes=10)

# What has to be true at the same moment as a receipt, by the receipt's token.
Also = Callable[[str], Sequence[Write]]


def nothing(_receipt: str) -> Sequence[Write]:
    return ()


def packed(post: RawPost) -> bytes:
    """One line of JSON, the body in base 64."""
    told = asdict(post) | {"body": b64encode(post.body).decode(), "received_at": post.received_at.isoformat()}
    return json.dumps(told, ensure_ascii=True).encode()


def unpacked(body: bytes) -> RawPost:
    """Raises ValueError, KeyError or TypeError for what is none."""
    told = json.loads(body)
    moment = datetime.fromisoformat(told["received_at"])
    return RawPost(**told | {"body": b64decode(told["body"]), "received_at": moment, "entry": Entry(told["entry"])})


def kept_key(kept_id: str) -> str:
    return f"kept/{kept_id}"


def kept_owner(kept_id: str) -> str:
    """Whose keys seal it in the journal: nobody's but its own, since who sent it is not known yet."""
    return f"kept-{kept_id}"


def keep(deps: Deps, post: RawPost, outcome: ReceiptOutcome, receipt: str, reasons: Sequence[str]) -> "Kept":
    """Put what was sent into the blob store; the record of it, which the caller commits."""
    from chalicelib.records.kept import Kept

    whole = post.whole and len(post.body) <= MOST_KEPT
    held = post if whole else replace(post, body=post.body[:_BEGINNING], whole=False)
    deps.blobs.put(kept_key(post.post_id), packed(held))
    return Kept(
        kept_id=post.post_id,
        entry=post.entry,
        outcome=outcome,
        received_at=post.received_at,
        receipt=receipt,
        reasons=tuple(reasons),
        forget_at=deps.clock() + deps.keep_raw,
        form_id=post.form_id,
        size=len(post.body),
        whole=whole,
    )


def reject(deps: Deps, post: RawPost, refused: Refused, also: Also = nothing) -> str:
    """Keep a post that nothing came of, with the reason; the token of its receipt. Sent again it is the same one."""
    told = [str(post.entry), post.form_id, post.key, post.visitor, post.content_type, post.once]
    token = deps.digest("raw:" + json.dumps(told) + deps.digest(b64encode(post.body).decode()))
    reasons = reasons_of(refused)
    stored = deps.store.get(Receipt, token)
    if stored and abs(post.received_at - stored.value.received_at) <= SAME_FOR:
        if further := also(token):
            deps.store.commit(further)
        return token
    if stored:
        token = own_token(token, post.post_id)
    kept = keep(deps, post, ReceiptOutcome.REJECTED, token, reasons)
    # The receipt outlives what was sent: of the reason it keeps what is the same for everybody.
    why = reasons[0].partition(": ")[0]
    receipt = Receipt(token, "", ReceiptOutcome.REJECTED, post.received_at, request_id=post.post_id, reason=why)
    try:
        deps.store.commit([Put(receipt, 0), Put(kept, 0), *also(token)])
    except Conflict:
        # The same one at the same time was kept first.
        deps.blobs.delete(kept_key(post.post_id))
        if further := also(token):
            deps.store.commit(further)
        return token
    deps.wake()
    return token


def reasons_of(refused: Refused) -> tuple[str, ...]:
    """In words, each with its field where there is room for it."""
    problems = refused.problems or (Refusal("", refused.title),)
    return tuple(p.reason if not p.field or ": " in p.reason else f"{p.reason}: {p.field}" for p in problems)


def own_token(token: str, request_id: str) -> str:
    """Where the receipt of a submission lies whose token another one took after ten minutes."""
    return f"{token}-{request_id}"


def find_receipt(deps: Deps, token: str, request_id: str) -> Stored[Receipt] | None:
    """The receipt of a submission, wherever it lies now."""
    refs = [Ref(Receipt, (own_token(token, request_id),)), Ref(Receipt, (token,))]
    return next((found for found in deps.store.get_many(refs) if found), None)
