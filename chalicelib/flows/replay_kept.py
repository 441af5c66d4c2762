"""After a restore: submissions set aside that came after the backup wait again for somebody to decide; and those of the
backup that were let in since are what they became."""

from dataclasses import replace

from chalicelib.flows.keep_post import find_receipt, kept_key, packed
from chalicelib.flows.replay_receipts import receipt_back
from chalicelib.records.arrival import RawPost
from chalicelib.records.journal import Entry
from chalicelib.records.kept import Kept, KeptState
from chalicelib.records.ports import Conflict, Delete, Deps, Put, Ref, Stored, Write
from chalicelib.records.receipt import Receipt


def wait_again(deps: Deps, entry: Entry) -> bool:
    """Bring back what the restored state lacks. What was decided meanwhile has lost its key, and is empty here."""
    if not entry.records:
        return False
    receipt, kept, post = entry.records
    if not (isinstance(receipt, Receipt) and isinstance(kept, Kept) and isinstance(post, RawPost)):
        return False
    back = receipt_back(deps, receipt)
    if not back or deps.store.get(Kept, kept.kept_id):
        return False
    deps.blobs.put(kept_key(kept.kept_id), packed(post))
    try:
        deps.store.commit([Put(kept, 0), *back])
    except Conflict:
        return False
    return True


def was_let_in(deps: Deps, kept: Stored[Kept] | None, receipt: Receipt) -> list[Write]:
    """What is true at the same moment as the submission that this one became: decided it is, and counted once."""
    if kept is None or kept.value.state is not KeptState.WAITING:
        return []
    writes: list[Write] = [Put(replace(kept.value, state=KeptState.RELEASED, decided_at=deps.clock()), kept.version)]
    before = find_receipt(deps, kept.value.receipt, kept.value.kept_id)
    if before and before.value.token != receipt.token:
        writes.append(Delete(Ref(Receipt, (before.value.token,)), before.version))
    return writes
