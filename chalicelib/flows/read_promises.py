"""The promise ledger as pages show it: one customer's, one's own, everybody's, and where two contradict each other."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.assign.visibility import Sight
from chalicelib.flows.keep_promises import customer_of, keeper_of
from chalicelib.follow_up.promises import contradictions
from chalicelib.records.lead import Lead
from chalicelib.records.ledgers import Ledger, LedgerPart, LedgerQuery, Listed
from chalicelib.records.ports import Deps, Ref
from chalicelib.records.promise import Promise, PromiseState

LEDGERS = ("due", "open", "broken", "kept", "withdrawn", "contradictions")
_STATES = {
    "due": frozenset({PromiseState.OPEN}),
    "open": frozenset({PromiseState.OPEN}),
    "broken": frozenset({PromiseState.BROKEN}),
    "kept": frozenset({PromiseState.KEPT}),
    "withdrawn": frozenset({PromiseState.WITHDRAWN}),
}
# A week ahead: what has to be prepared for.
SOON = timedelta(days=7)


# Where the latest comes first: what is settled.
_SETTLED = frozenset({"broken", "kept", "withdrawn"})


@dataclass(frozen=True, slots=True)
class Against:
    """What somebody else promised the same customer about the same subject that says something else."""

    promise: Promise
    giver: str


@dataclass(frozen=True, slots=True)
class PromiseLine:
    """A promise with the names a page needs. `may_open`: the reader may see that lead. `against` is what others
    promised otherwise."""

    promise: Promise
    person: str
    company: str
    giver: str
    keeper: str
    may_open: bool
    overdue: bool
    against: tuple[Against, ...] = ()


def read_ledger(deps: Deps, sight: Sight, ledger: str, part: LedgerPart) -> Listed[PromiseLine]:
    """A page of one of LEDGERS. By time the most urgent first, of settled ones the latest."""
    if ledger == "contradictions":
        return _disputed(deps, sight, part)
    soon = deps.clock() + SOON if ledger == "due" else None
    if ledger in _SETTLED and part.sort == "time":
        part = replace(part, turned=not part.turned)
    asked = LedgerQuery(Ledger.PROMISES, _STATES[ledger], sight.owners, until=soon, part=part)
    page = deps.model.ledger(asked)
    found = [p for p in _read(deps, page.lines) if p.state in _STATES[ledger]]
    return Listed(_lines(deps, found, sight), page.total, page.offset)


def promises_around(deps: Deps, lead: Lead, own: Iterable[Promise], sight: Sight) -> tuple[PromiseLine, ...]:
    """What was promised to the lead (`own`, just read) and, by anybody, to others of the same company: whoever talks
    to the customer has to know. Open ones first."""
    mine = {promise.promise_id: promise for promise in own}
    others = deps.model.promises(customer_of(lead))
    read = _read(deps, [ids for ids in others if ids[1] not in mine and ids[0] != lead.lead_id])
    found = sorted([*mine.values(), *read], key=lambda p: (p.state is not PromiseState.OPEN, p.due_at, p.promise_id))
    return _lines(deps, found, sight)


def _disputed(deps: Deps, sight: Sight, part: LedgerPart) -> Listed[PromiseLine]:
    ids = [i for customer in deps.model.disputed() for i in deps.model.promises(customer)]
    found = contradictions(_read(deps, ids))
    lines = _lines(deps, [promise for contradiction in found for promise in contradiction.promises], sight)
    # Whoever sees one side of a contradiction has to be told the other.
    seen = {line.promise.customer for line in lines if line.may_open}
    shown = tuple(line for line in lines if line.promise.customer in seen)
    offset = part.offset if part.offset < len(shown) else 0
    return Listed(shown[offset : offset + part.limit], len(shown), offset)


def _read(deps: Deps, ids: Iterable[tuple[str, str]]) -> list[Promise]:
    refs = [Ref(Promise, tuple(pair)) for pair in ids]
    return [stored.value for stored in deps.store.get_many(refs) if stored] if refs else []


def _lines(deps: Deps, found: list[Promise], sight: Sight) -> tuple[PromiseLine, ...]:
    refs: list[Ref[Any]] = [Ref(Lead, (promise.lead_id,)) for promise in found]
    leads = deps.store.get_many(refs) if refs else []
    against = _against(found)
    now = deps.clock()
    return tuple(
        _line(deps, promise, lead.value, sight, now, against.get(promise.promise_id, ()))
        for promise, lead in zip(found, leads, strict=True)
        if lead
    )


def _line(
    deps: Deps, promise: Promise, lead: Lead, sight: Sight, now: datetime, against: tuple[Promise, ...]
) -> PromiseLine:
    keeper = keeper_of(deps, promise, lead)
    return PromiseLine(
        promise=promise,
        person=lead.full_name or next(iter(lead.emails), ""),
        company=lead.company,
        giver=_giver(deps, promise),
        keeper=keeper.name if keeper else "",
        may_open=sight.sees(lead),
        overdue=promise.state is PromiseState.OPEN and now >= promise.due_at,
        against=tuple(Against(other, _giver(deps, other)) for other in against),
    )


def _giver(deps: Deps, promise: Promise) -> str:
    giver = deps.directory.rep(promise.promised_by)
    return giver.name if giver else promise.promised_by


def _against(found: list[Promise]) -> dict[str, tuple[Promise, ...]]:
    """By promise_id, those it contradicts."""
    return {
        one.promise_id: tuple(other for other in group.promises if other.promised_by != one.promised_by)
        for group in contradictions(found)
        for one in group.promises
    }
