"""What an undone import keeps for a while, so that it can be put back, of somebody who asks to be forgotten. Of who is
a lead it lies with the person and goes with everything; of who is nobody's lead any more it is looked for here."""

from collections.abc import Iterator, Set
from datetime import datetime, timedelta

from chalicelib.flows.import_people import batches
from chalicelib.flows.suppression import suppressed
from chalicelib.flows.undo_export import KEPT_FOR
from chalicelib.identify.normalise import identity_of
from chalicelib.identify.signs import signs_of
from chalicelib.records.ports import MOST_CHANGES, Delete, Deps, Ref, Stored, Write
from chalicelib.records.undo import TakenBack, TakenItems
from chalicelib.records.upload import Upload, UploadState

# What is over is forgotten some time later, by the clock.
_GONE_AFTER = KEPT_FOR + timedelta(days=1)


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
    """By the people of the imports that were taken back of late; where there is none, nobody is looked for."""
    now = deps.clock()
    undone = [s.value.import_id for s in deps.store.query(Upload) if _may_keep(s.value, now)]
    for import_id in undone:
        for lead_ids in batches(deps, import_id):
            found = deps.store.get_many([Ref(TakenBack, (lead_id, import_id)) for lead_id in lead_ids])
            if nobodys := [stored for stored in found if stored and stored.value.at_version == 0]:
                yield nobodys


def _may_keep(upload: Upload, now: datetime) -> bool:
    """Also of one that was put back, where somebody was left out."""
    if upload.state in (UploadState.UNDOING, UploadState.REDOING):
        return True
    if upload.undone_at is None and not upload.kept_back:
        return False
    asked = upload.undone_at or upload.file_by
    return asked is None or now - asked <= _GONE_AFTER
