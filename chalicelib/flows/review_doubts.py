"""Two people who may be one: noted when they are met, shown side by side, kept apart for good or looked at later."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.flows.follow_merges import current_leads, surviving
from chalicelib.identify.compare import Doubt
from chalicelib.records.doubt import KeptApart, SamePerson, pair_of
from chalicelib.records.lead import Lead
from chalicelib.records.ports import Conflict, Delete, Deps, NotFound, Put, Ref, Stored

LATER = timedelta(days=30)
_PAGE = 100


class Decided(Exception):
    """Somebody was first: there is nothing left to decide."""


@dataclass(frozen=True, slots=True)
class Doubted:
    """One pair as a page shows it: both as they are now, the one known longer first."""

    doubt: SamePerson
    people: tuple[Lead, Lead]


def doubts_of(lead_id: str, doubts: Iterable[Doubt], now: datetime) -> list[SamePerson]:
    """What a match left open about this person, as records. Nobody is doubted to be oneself."""
    found = {}
    for doubt in doubts:
        if doubt.lead_id != lead_id:
            pair = pair_of(lead_id, doubt.lead_id)
            found[pair.pair_id] = SamePerson(
                pair.pair_id, pair.first_id, pair.second_id, doubt.weight, doubt.reasons, now, now
            )
    return list(found.values())


def fresh(deps: Deps, doubts: Sequence[SamePerson]) -> list[Put]:
    """The writes for those nobody has met or decided yet: one read, and none where there is no doubt."""
    if not doubts:
        return []
    refs: list[Ref[SamePerson] | Ref[KeptApart]] = [Ref(SamePerson, (doubt.pair_id,)) for doubt in doubts]
    refs += [Ref(KeptApart, (doubt.pair_id,)) for doubt in doubts]
    known = {stored.value.pair_id for stored in deps.store.get_many(refs) if stored}
    return [Put(doubt, if_version=0) for doubt in doubts if doubt.pair_id not in known]


def list_doubts(deps: Deps, after: str = "", limit: int = 10) -> tuple[list[Doubted], str]:
    """Those to look at now, and where the next page begins ("" at the end). Pairs of whom one is erased are passed by;
    who is known longest comes first."""
    now = deps.clock()
    found: list[Doubted] = []
    for doubt in _all(deps, after):
        if len(found) == limit:
            return found, found[-1].doubt.pair_id
        shown = _shown(deps, doubt) if doubt.look_at <= now else None
        if shown:
            found.append(shown)
    return found, ""


def _all(deps: Deps, after: str) -> Iterator[SamePerson]:
    while page := deps.store.page(SamePerson, after=after, limit=_PAGE):
        yield from (stored.value for stored in page)
        after = page[-1].value.pair_id


def _shown(deps: Deps, doubt: SamePerson) -> Doubted | None:
    first, second = current_leads(deps, [doubt.first_id, doubt.second_id])
    if first is None or second is None or first.value.lead_id == second.value.lead_id:
        return None
    if _kept_apart(deps, first.value, second.value):
        return None
    return Doubted(doubt, (first.value, second.value))


def _kept_apart(deps: Deps, first: Lead, second: Lead) -> bool:
    """Whether somebody said so of these two, or of records that are part of theirs by now."""
    if not (first.merged_ids or second.merged_ids):
        return False
    pairs = [pair_of(one, other) for one in (first.lead_id, *first.merged_ids)
             for other in (second.lead_id, *second.merged_ids)]  # fmt: skip
    return any(deps.store.get_many([Ref(KeptApart, (pair.pair_id,)) for pair in pairs]))


def people_of(deps: Deps, pair_id: str) -> tuple[str, str]:
    """The ids of the two, as they are led on. Raises Decided."""
    doubt = _waiting(deps, pair_id).value
    return surviving(deps, doubt.first_id), surviving(deps, doubt.second_id)


def keep_apart(deps: Deps, pair_id: str, by: str) -> None:
    """Two people, for good. Raises Decided."""
    stored = _waiting(deps, pair_id)
    doubt = stored.value
    apart = KeptApart(doubt.pair_id, doubt.first_id, doubt.second_id, doubt.reasons, deps.clock(), by)
    _decide(deps, Put(apart, if_version=0), Delete(Ref(SamePerson, (pair_id,)), stored.version))


def look_later(deps: Deps, pair_id: str) -> None:
    """Not before LATER has passed. Raises Decided."""
    stored = _waiting(deps, pair_id)
    _decide(deps, Put(replace(stored.value, look_at=deps.clock() + LATER), stored.version))


def _waiting(deps: Deps, pair_id: str) -> Stored[SamePerson]:
    stored = deps.store.get(SamePerson, pair_id)
    if stored is None:
        if deps.store.get(KeptApart, pair_id) is None:
            raise NotFound
        raise Decided
    return stored


def _decide(deps: Deps, *writes: Put | Delete) -> None:
    try:
        deps.store.commit(writes)
    except Conflict as conflict:
        raise Decided from conflict


def forget_doubts(deps: Deps, lead_id: str) -> None:
    """Of somebody who is erased nothing is left to decide."""
    gone = [doubt for doubt in _all(deps, "") if lead_id in (doubt.first_id, doubt.second_id)]
    for doubt in gone:
        deps.store.commit([Delete(Ref(SamePerson, (doubt.pair_id,)))])
