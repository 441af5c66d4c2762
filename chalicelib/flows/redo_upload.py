"""An undo taken back: the people of the import are as they were when it was taken back.

Whoever came in again, was changed, or was erased since the undo is left as they are, and listed with the reason; so is
whoever the import named and who went with another list."""

from collections.abc import Collection, Sequence, Set
from dataclasses import replace

from chalicelib.flows.import_people import contested, for_everybody
from chalicelib.flows.person_keys import PersonKeys
from chalicelib.flows.review_doubts import fresh
from chalicelib.flows.row_ids import made_by_import
from chalicelib.flows.suppression import suppressed
from chalicelib.flows.undo_export import put_back_companies, put_back_items
from chalicelib.flows.undo_upload import mark
from chalicelib.flows.upload_state import change_upload, enqueue_upload, stored_upload
from chalicelib.identify.normalise import identity_of
from chalicelib.records.lead import Lead
from chalicelib.records.ports import Delete, Deps, Put, Ref, Stored, Write
from chalicelib.records.undo import BeforeImport, TakenBack
from chalicelib.records.upload import Upload, UploadState

CHANGED = "changed since the import was taken back"
CAME_AGAIN = "came in again since the import was taken back"
ERASED = "erased since the import was taken back"
GONE = "the person is no longer stored"


def mark_redo(deps: Deps, import_id: str, by: str) -> Upload:
    """Note that an undo is to be taken back. Raises LookupError, NotUndoable."""
    return mark(deps, import_id, by, UploadState.REDOING, lambda upload: upload.state is UploadState.UNDONE)


def ask_redo(deps: Deps, import_id: str, by: str) -> None:
    """Have an undo taken back by whoever works the queue. Raises LookupError, NotUndoable."""
    enqueue_upload(deps, mark_redo(deps, import_id, by))


def redo_upload(deps: Deps, import_id: str) -> Upload:
    """Put back what was taken back of an upload that `ask_redo` has marked. Raises LookupError."""
    stored = stored_upload(deps, import_id)
    if stored.value.state is not UploadState.REDOING:
        return stored.value
    left = for_everybody(deps, import_id, lambda ids, kept: _redo_batch(deps, stored.value, ids, kept))
    if stored.value.product:
        put_back_companies(deps, import_id)
    finished = change_upload(deps, import_id, lambda u: _finished(u, len(left)))
    deps.wake()
    return finished


def _finished(upload: Upload, left: int) -> Upload:
    if upload.state is not UploadState.REDOING:
        return upload
    state = UploadState.FAILED if upload.reason else UploadState.FINISHED  # stopped, as it was
    return replace(upload, state=state, undone_at=None, taken_back=left, kept_back=left)


def _redo_batch(deps: Deps, upload: Upload, lead_ids: Sequence[str], kept: dict[str, str]) -> list[str]:
    refs = [Ref(TakenBack, (lead_id, upload.import_id)) for lead_id in lead_ids]
    taken = [stored for stored in deps.store.get_many(refs) if stored]
    kept |= dict.fromkeys(_gone(deps, set(lead_ids) - {stored.value.lead_id for stored in taken}), GONE)
    leads = deps.store.get_many([Ref(Lead, (stored.value.lead_id,)) for stored in taken]) if taken else []
    keys = PersonKeys(deps, (digest for stored in taken for digest, _ in stored.value.keys))
    erased = suppressed(deps, [identity_of(stored.value.lead) for stored in taken])
    # Only those nobody met again, or decided, meanwhile.
    met = fresh(deps, [pair for stored in taken for pair in stored.value.pairs])
    doubts = {put.record.pair_id: put for put in met}
    again = _put_back_by_now(deps, upload, taken, keys)
    groups: dict[str, list[Write]] = {}
    for stored, lead, gone in zip(taken, leads, erased, strict=True):
        back = stored.value
        if why := ERASED if gone else _left_because(upload, back, lead, keys, again | groups.keys()):
            kept[back.lead_id] = why
        else:
            groups[back.lead_id] = _group(stored, lead, keys, doubts)
    lost = contested(deps, groups)
    # Also of whoever was put back before it was cut off.
    put_back_items(deps, upload, [lead_id for lead_id in lead_ids if lead_id not in lost])
    return lost


def _gone(deps: Deps, lead_ids: Collection[str]) -> list[str]:
    """Who of them is not there: the import only named them, and the list that made them was taken back, or they were
    erased."""
    ids = sorted(lead_ids)
    found = deps.store.get_many([Ref(Lead, (lead_id,)) for lead_id in ids]) if ids else []
    return [lead_id for lead_id, stored in zip(ids, found, strict=True) if stored is None]


def _put_back_by_now(
    deps: Deps, upload: Upload, taken: Sequence[Stored[TakenBack]], keys: PersonKeys
) -> frozenset[str]:
    """Who is found by the same keys and was known before the import: no newcomer once the import's note is there."""
    named = {lead_id for stored in taken for digest in stored.value.gone for lead_id in keys.named(digest)}
    known = sorted(lead_id for lead_id in named if not made_by_import(upload.import_id, lead_id))
    refs = [Ref(BeforeImport, (lead_id, upload.import_id)) for lead_id in known]
    found = deps.store.get_many(refs) if refs else []
    return frozenset(lead_id for lead_id, note in zip(known, found, strict=True) if note)


def _left_because(upload: Upload, back: TakenBack, lead: Stored[Lead] | None, keys: PersonKeys, again: Set[str]) -> str:
    if (lead.version if lead else 0) != back.at_version:
        return CHANGED
    met = {lead_id for digest in back.gone for lead_id in keys.named(digest)} - {back.lead_id}
    newcomers = any(not made_by_import(upload.import_id, lead_id) for lead_id in met - again)
    return CAME_AGAIN if newcomers else ""


def _group(
    stored: Stored[TakenBack], lead: Stored[Lead] | None, keys: PersonKeys, doubts: dict[str, Put]
) -> list[Write]:
    back = stored.value
    version = lead.version if lead else 0
    digests, pairs = tuple(digest for digest, _ in back.keys), tuple(pair.pair_id for pair in back.pairs)
    note = BeforeImport(
        back.lead_id, back.import_id, back.before, version + 1, digests, pairs, len(back.notes), version
    )
    writes: list[Write] = [Put(back.lead, version), Put(note, 0)]
    writes += [Put(record, 0) for record in (back.touch, back.message, *back.notes) if record]
    writes += [doubts[pair_id] for pair_id in pairs if pair_id in doubts]
    writes += keys.naming(back.lead_id, back.keys)
    return [*writes, Delete(Ref(TakenBack, (back.lead_id, back.import_id)), stored.version)]
