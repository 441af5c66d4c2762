"""A post that was set aside for nothing but that nobody had worked for it: its page was made before the form was under
attack, by a process that does not know of it, or by somebody else. The browser may work for it afterwards, on the page
that says where it stands. Nothing is stored for that: what is worked on is the page's own signed token."""

from contextlib import suppress

from chalicelib.capture.proof_of_work import GOOD_FOR, UNPROVEN, proves
from chalicelib.flows.decide_kept import Decided, let_in
from chalicelib.records.kept import Kept, KeptState
from chalicelib.records.ports import Deps, NotFound
from chalicelib.records.receipt import ReceiptOutcome

# Who has decided, where the browser's work has.
BY_PROOF = "proof of work"
_AFTERWARDS = "afterwards"


class NotProven(Exception):
    """The number does not fit, the time for it is over, or the form would refuse by now what was sent."""


def text_to_work_on(token: str) -> str:
    return f"{token}:{_AFTERWARDS}:"


def waits_for_work(deps: Deps, token: str) -> Kept | None:
    """What the receipt's token leads to, where a proof would let it in."""
    kept = _kept(deps, token)
    return kept if kept and _would_pass(deps, kept) else None


def prove(deps: Deps, token: str, proof: str) -> None:
    """Let it in. Once that is done, by whomever, it changes nothing. Raises NotFound, NotProven."""
    kept = _kept(deps, token)
    if kept is None:
        raise NotFound
    if kept.state is not KeptState.WAITING:
        return
    if not (_would_pass(deps, kept) and proves(token, _AFTERWARDS, proof)):
        raise NotProven
    with suppress(Decided):
        let_in(deps, kept.kept_id, BY_PROOF)
    after = _kept(deps, token)
    if after and after.state is KeptState.WAITING:
        raise NotProven


def _kept(deps: Deps, token: str) -> Kept | None:
    # The last id is the request's, and what was set aside has that as well.
    ids = deps.links.read("receipt", token)
    stored = deps.store.get(Kept, ids[-1]) if ids else None
    return stored.value if stored else None


def _would_pass(deps: Deps, kept: Kept) -> bool:
    doubted = (kept.state, kept.outcome, kept.reasons)
    alone = doubted == (KeptState.WAITING, ReceiptOutcome.QUARANTINED, (UNPROVEN,))
    return alone and deps.clock() - kept.received_at <= GOOD_FOR
