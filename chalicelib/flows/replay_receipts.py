"""After a restore: the receipt of a submission the journal knows, beside those the restored state has.

Equal words without a one-time token have one token, which after ten minutes is the newer submission's; the receipt
before it lies under a name of its own (flows/submit.py), in whichever order the journal tells of them."""

from dataclasses import replace

from chalicelib.flows.keep_post import own_token
from chalicelib.records.ports import Deps, Put, Ref, Write
from chalicelib.records.receipt import Receipt


def receipt_back(deps: Deps, receipt: Receipt) -> list[Write]:
    """What makes this receipt the restored state's; nothing where it is there. One of what was set aside becomes that
    of the submission it was let in as."""
    token = receipt.token.removesuffix(own_token("", receipt.request_id))
    own = own_token(token, receipt.request_id)
    known, moved = deps.store.get_many([Ref(Receipt, (token,)), Ref(Receipt, (own,))])
    for there in (moved, known):
        if there and there.value.request_id == receipt.request_id:
            let_in = receipt.lead_id and not there.value.lead_id
            return [Put(replace(receipt, token=there.value.token), there.version)] if let_in else []
    if known is None:
        return [Put(replace(receipt, token=token), 0)]
    if known.value.received_at > receipt.received_at:
        return [Put(replace(receipt, token=own), 0)]
    before = replace(known.value, token=own_token(token, known.value.request_id))
    return [Put(replace(receipt, token=token), known.version), Put(before)]
