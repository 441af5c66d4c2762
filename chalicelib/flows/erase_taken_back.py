"""What an undone import keeps for a while, so that it can be put back, of somebody who asks to be forgotten. Of who is
a lead it lies with the person and goes with everything; of who is nobody's lead any more it is looked for here."""

from collections.abc import Iterator, Set
from datetime import timedelta

from chalicelib.flows.suppression import suppressed
from chalicelib.identify.normalise import identity_of
from chalicelib.identify.signs import signs_of
from chalicelib.records.ports import MOST_CHANGES, Delete, Deps, Ref, Stored, Write
from chalicelib.records.undo import TakenBack, TakenItems

# Each is due when it is to be forgotten, which is long before that.
_EVER, _ALL = timedelta(days=36_500), 1_000_000
_AT_ONCE = 100


def taken_back_with(deps: Deps, signs: Set[str]) -> list[Stored[TakenBack]]:
    """What is kept of people with one of these addresses or numbers (identify/signs.py)."""
    return [stored for batch in _batches(deps) for stored in batch if not signs.isdisjoint(_signs(stored.value))]


def forget_taken_back_of_erased(deps: Deps) -> int:
    """What is kept of whoever was erased: by the same rule by which putting back would leave them out."""
    found = []
    for batch in _batches(deps):
        erased = suppressed(deps, [identity_of(stored.value.lead) for stored in batch])
        found += [stored for stored, gone in zip(batch, erased, strict=True) if gone]
    return forget_taken_back(deps, found)


def forget_taken_back(deps: Deps, found: list[Stored[TakenBack]]) -> int:
    groups = [_forgetting(deps, stored) for stored in found]
    # Put back, or forgotten, at the same moment: then whoever did that has it.
    answers = deps.store.commit_each(groups) if groups else []
    return sum(answer is None for answer in answers)


def _forgetting(deps: Deps, stored: Stored[TakenBack]) -> list[Write]:
    """What is kept of the person with what the export had brought beside them: deals, notes, touches. Of more than a
    transaction holds the first go here, and last what they are found by: who is cut off goes on."""
    kept = stored.value
    deps.journal.forget(kept.lead_id)
    parts = [s.value.part for s in deps.store.query(TakenItems, kept.lead_id) if s.value.import_id == kept.import_id]
    writes: list[Write] = [Delete(Ref(TakenItems, (kept.lead_id, kept.import_id, part))) for part in parts]
    while len(writes) >= MOST_CHANGES:
        deps.store.commit(writes[:MOST_CHANGES])
        writes = writes[MOST_CHANGES:]
    return [*writes, Delete(Ref(TakenBack, (kept.lead_id, kept.import_id)), stored.version)]


def _signs(kept: TakenBack) -> Set[str]:
    return signs_of(kept.lead.emails, kept.lead.phones)


def _batches(deps: Deps) -> Iterator[list[Stored[TakenBack]]]:
    refs = [due.ref for due in deps.store.due(deps.clock() + _EVER, _ALL, TakenBack)]
    for start in range(0, len(refs), _AT_ONCE):
        found = deps.store.get_many(refs[start : start + _AT_ONCE])
        yield [stored for stored in found if stored and stored.value.at_version == 0]
