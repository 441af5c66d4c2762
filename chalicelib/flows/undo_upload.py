"""An import taken back: who it made goes, who it changed is as before, and mails not yet sent are withdrawn.

Whoever somebody of ours or a later list touched since is kept as they are, and listed with the reason. Each person is
one transaction, on the condition that nobody changed them meanwhile, so that an undo that is cut off goes on where it
stands, and two at once do no more than one. What was taken back is kept for a while: the undo can be undone
(`redo_upload`)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from chalicelib.flows.carry_over import own_id
from chalicelib.flows.follow_merges import surviving
from chalicelib.flows.import_people import batches, contested, for_everybody
from chalicelib.flows.person_keys import PersonKeys
from chalicelib.flows.place_rows import list_touch_id
from chalicelib.flows.row_desk import JOINED
from chalicelib.flows.row_ids import made_by_import
from chalicelib.flows.undo_export import (
    KEPT_FOR,
    Renewed,
    items_of,
    put_back_items,
    renewed_of,
    take_back_companies,
    take_most,
)
from chalicelib.flows.upload_state import TAKEN_UP, change_upload, enqueue_upload, is_stopped, stored_upload
from chalicelib.follow_up.messages import is_thanks, thanks_id
from chalicelib.identify.keys import every_key
from chalicelib.identify.normalise import identity_of
from chalicelib.records.doubt import SamePerson
from chalicelib.records.lead import Lead, Note
from chalicelib.records.merge import Carried, Merge, PartedFrom
from chalicelib.records.message import Message, MessageState
from chalicelib.records.ports import MOST_WRITES, Delete, Deps, Put, Ref, Stored, Write
from chalicelib.records.touch import Touch
from chalicelib.records.undo import BeforeDeal, BeforeImport, TakenBack, TakenItems
from chalicelib.records.upload import Upload, UploadState

TOUCHED = "somebody worked on this person since"
LATER = "a later list names this person"
MERGED = "merged with another record since"
# The clocks of those who load lists differ by less.
CLOCKS_APART = timedelta(minutes=10)
# Withdrawn before they left; what is being sent or was sent stays, as the record of it.
UNSENT = frozenset({MessageState.HELD, MessageState.PENDING, MessageState.SUPPRESSED})


class NotUndoable(Exception):
    """The upload has not come to an end, or was taken back already."""


@dataclass(frozen=True, slots=True)
class Person:
    """One person of an import as they lie in the store now."""

    lead: Stored[Lead]
    before: Stored[BeforeImport] | None
    touch: Stored[Touch] | None
    message: Stored[Message] | None
    notes: tuple[Note, ...] = ()
    pairs: tuple[Stored[SamePerson], ...] = ()
    items: tuple[Stored[Any], ...] = ()
    renewed: tuple[Renewed, ...] = ()
    earlier: tuple[Stored[BeforeImport], ...] = ()
    touched: bool = False

    @property
    def expected(self) -> int:
        return self.before.value.at_version if self.before else 1


def mark_undo(deps: Deps, import_id: str, by: str) -> Upload:
    """Note that an upload that finished, or was stopped, is to be taken back. Who dies before the queue is told has
    left it due: the clock tells the queue (`upload_chunks.take_up`). Raises LookupError, NotUndoable."""
    return mark(deps, import_id, by, UploadState.UNDOING, _may_be_undone)


def _may_be_undone(upload: Upload) -> bool:
    return upload.state in (UploadState.FINISHED, UploadState.UNDOING) or is_stopped(upload)


def mark(deps: Deps, import_id: str, by: str, becomes: UploadState, may: Callable[[Upload], bool]) -> Upload:
    """Note what is to become of an upload that may, and that it is due. Raises LookupError, NotUndoable."""
    file_by = deps.clock() + TAKEN_UP

    def marked(upload: Upload) -> Upload:
        return replace(upload, state=becomes, undone_by=by, file_by=file_by) if may(upload) else upload

    upload = change_upload(deps, import_id, marked)
    if upload.state is not becomes:
        raise NotUndoable
    return upload


def ask_undo(deps: Deps, import_id: str, by: str) -> None:
    """Have it taken back by whoever works the queue. Raises LookupError, NotUndoable."""
    enqueue_upload(deps, mark_undo(deps, import_id, by))


def undo_upload(deps: Deps, import_id: str) -> Upload:
    """Take back an upload that `ask_undo` has marked; another is left as it is. Raises LookupError."""
    stored = stored_upload(deps, import_id)
    if stored.value.state is not UploadState.UNDOING:
        return stored.value
    upload = stored.value
    others = _others(deps, upload)
    left = for_everybody(deps, import_id, lambda ids, kept: _undo_batch(deps, upload, ids, others, kept))
    taken = _count_taken(deps, import_id)
    if upload.product:
        take_back_companies(deps, import_id)
    finished = change_upload(deps, import_id, lambda u: _undone(deps, u, taken, len(left)))
    deps.wake()
    return finished


def _count_taken(deps: Deps, import_id: str) -> int:
    """Also those that were taken back before it was cut off."""
    refs = ([Ref(TakenBack, (lead_id, import_id)) for lead_id in ids] for ids in batches(deps, import_id))
    return sum(1 for batch in refs for stored in deps.store.get_many(batch) if stored)


def _undone(deps: Deps, upload: Upload, taken: int, kept: int) -> Upload:
    if upload.state is not UploadState.UNDOING:
        return upload
    return replace(upload, state=UploadState.UNDONE, undone_at=deps.clock(), taken_back=taken, kept_back=kept)


@dataclass(frozen=True, slots=True)
class Others:
    """Whom other lists name that stand: those that began later, and those that began before and were still being
    loaded. The latter name somebody this import made only if they came to that row later."""

    later: frozenset[str]
    meanwhile: frozenset[str]


def _others(deps: Deps, upload: Upload) -> Others:
    gone = (UploadState.UNDONE, UploadState.REFUSED)
    uploads = [s.value for s in deps.store.query(Upload)]
    stand = [u for u in uploads if u.import_id != upload.import_id and u.state not in gone]
    begun = upload.started_at - CLOCKS_APART
    later = [u for u in stand if u.import_id > upload.import_id]
    meanwhile = [u for u in stand if u not in later and (u.finished_at is None or u.finished_at >= begun)]
    return Others(_named_by(deps, later), _named_by(deps, meanwhile))


def _named_by(deps: Deps, uploads: Sequence[Upload]) -> frozenset[str]:
    return frozenset(lead_id for each in uploads for ids in batches(deps, each.import_id) for lead_id in ids)


def _undo_batch(deps: Deps, upload: Upload, lead_ids: Sequence[str], others: Others, kept: dict[str, str]) -> list[str]:
    """Take back these people in one round trip; the ids of those somebody changed at the same moment."""
    found = people_of(deps, upload, lead_ids)
    kept.update(_merged_since(deps, set(lead_ids) - {person.lead.value.lead_id for person in found}))
    ours = (p for p in found if p.before or made_by_import(upload.import_id, p.lead.value.lead_id))
    people = [_with_all(deps, upload, person) for person in ours]
    digests = {person.lead.value.lead_id: _digests(deps, person) for person in people}
    keys = PersonKeys(deps, (digest for found in digests.values() for digest in found))
    groups: dict[str, list[Write]] = {}
    for person in people:
        lead_id = person.lead.value.lead_id
        if why := _kept_because(upload, person, others):
            kept[lead_id] = why
        else:
            group = _group(deps, upload, person, keys, digests[lead_id])
            room = MOST_WRITES - len(group)
            groups[lead_id] = [*group, *take_most(deps, upload, lead_id, (*person.items, *person.renewed), room)]
    lost = contested(deps, groups)
    # Of whoever stays, the most may be taken by now.
    put_back_items(deps, upload, [lead_id for lead_id in lead_ids if lead_id in kept or lead_id in lost])
    return lost


def _merged_since(deps: Deps, missing: set[str]) -> dict[str, str]:
    """Of those who are not there by their id: who is part of another record by now."""
    return {lead_id: MERGED for lead_id in sorted(missing) if surviving(deps, lead_id) != lead_id}


def people_of(deps: Deps, upload: Upload, lead_ids: Sequence[str]) -> list[Person]:
    """Those of them who are still there. One read."""
    touch_id, message_id = list_touch_id(upload.campaign_id), thanks_id(upload.campaign_id)
    refs: list[Ref[Any]] = []
    for i in lead_ids:
        refs += [Ref(Lead, (i,)), Ref(BeforeImport, (i, upload.import_id))]
        refs += [Ref(Touch, (i, touch_id)), Ref(Message, (i, message_id))]
    found = deps.store.get_many(refs)
    people = []
    for start in range(0, len(found), 4):
        lead, before, touch, message = found[start : start + 4]
        if lead is not None:
            ours = touch if touch and touch.value.import_id == upload.import_id else None
            mail = message if message and message.value.import_id == upload.import_id else None
            people.append(Person(lead, before, ours, mail))
    return people


def _with_all(deps: Deps, upload: Upload, person: Person) -> Person:
    """The person with what else the import wrote beside them: why rows were taken for them, who they may be, too."""
    lead_id, joined = person.lead.value.lead_id, f"{JOINED}-{upload.import_id}-"
    books = (Lead, BeforeImport, BeforeDeal, TakenBack, TakenItems, Merge, Carried, PartedFrom)
    refs = deps.store.refs_of(lead_id)
    renewed = renewed_of(deps, upload, refs)
    others = [ref for ref in refs if ref.kind not in books]
    items = items_of(deps, upload, others)
    theirs = {(type(item.value), own_id(item.value)) for item in items}
    others = [ref for ref in others if (ref.kind, ref.ids[1]) not in theirs]
    noted = [ref for ref in others if ref.kind is Note and ref.ids[1].startswith(joined)]
    # A thank-you is some list's: of one that stands the person is kept for that, of one taken back it had left by then.
    ours = (ref for ref in others if (ref.kind, ref.ids[1]) == (Touch, list_touch_id(upload.campaign_id))
            or (ref.kind is Message and is_thanks(ref.ids[1])))  # fmt: skip
    touched = bool({*others} - {*noted} - {*ours})
    pair_ids = person.before.value.pairs if person.before else ()
    beside: list[Ref[Any]] = [*noted, *(Ref(SamePerson, (pair_id,)) for pair_id in pair_ids)]
    found = deps.store.get_many(beside) if beside else []
    notes = tuple(stored.value for stored in found[: len(noted)] if stored)
    earlier = _earlier(deps, upload, person, refs)
    return replace(person, notes=notes, earlier=earlier, pairs=tuple(s for s in found[len(noted) :] if s), items=items,
                   renewed=renewed, touched=touched)  # fmt: skip


def _earlier(deps: Deps, upload: Upload, person: Person, refs: Sequence[Ref[Any]]) -> tuple[Stored[BeforeImport], ...]:
    """What an import that came just before this one noted of the person; made where it noted nothing, since it made
    them. It was left at a version that is not going to be there again: the undo says at which it is now."""
    found = person.before.value if person.before else None
    if found is None or found.lead is None or not found.from_version:
        return ()
    others = [ref for ref in refs if ref.kind is BeforeImport and ref.ids[1] != upload.import_id]
    notes = [note for note in (deps.store.get_many(others) if others else []) if note]
    left = tuple(note for note in notes if note.value.at_version == found.from_version)
    if left or abs(found.from_version) != 1:
        return left
    touches = (stored.value for stored in deps.store.query(Touch, found.lead_id))
    makers = {t.import_id for t in touches if t.import_id and made_by_import(t.import_id, found.lead_id)}
    makers -= {note.value.import_id for note in notes}
    return tuple(Stored(BeforeImport(found.lead_id, maker, None, 1), 0) for maker in sorted(makers))


def _kept_because(upload: Upload, person: Person, others: Others) -> str:
    """Why the person stays as they are, or ""."""
    lead_id = person.lead.value.lead_id
    made = made_by_import(upload.import_id, lead_id)
    if lead_id in others.later or (made and lead_id in others.meanwhile):
        return LATER
    if person.lead.version != person.expected or not all(each.as_left for each in person.renewed):
        return TOUCHED
    return TOUCHED if person.touched and made else ""


def _digests(deps: Deps, person: Person) -> tuple[str, ...]:
    """The keys the import wrote."""
    noted = person.before.value.keys if person.before else ()
    if person.before and person.before.value.lead:
        return noted
    own = [deps.digest(key) for key in every_key(identity_of(person.lead.value))]
    return tuple(dict.fromkeys((*noted, *own)))


def _group(deps: Deps, upload: Upload, person: Person, keys: PersonKeys, digests: tuple[str, ...]) -> list[Write]:
    lead, before = person.lead.value, person.before.value.lead if person.before else None
    lead_id = lead.lead_id
    named = tuple(digest for digest in digests if lead_id in keys.named(digest))
    writes: list[Write] = [
        Put(before, person.lead.version) if before else Delete(Ref(Lead, (lead_id,)), person.lead.version)
    ]
    if person.before:
        writes.append(Delete(Ref(BeforeImport, (lead_id, upload.import_id)), person.before.version))
    if person.touch:
        writes.append(Delete(Ref(Touch, (lead_id, person.touch.value.touch_id)), person.touch.version))
    withdrawn = person.message if person.message and person.message.value.state in UNSENT else None
    if withdrawn:
        writes.append(Delete(Ref(Message, (lead_id, withdrawn.value.message_id)), withdrawn.version))
    writes += [Delete(Ref(Note, (lead_id, note.note_id))) for note in person.notes]
    writes += [Delete(Ref(SamePerson, (pair.value.pair_id,)), pair.version) for pair in person.pairs]
    noted = tuple((digest, keys.name_of(lead_id, digest)) for digest in named)
    writes += keys.without(lead_id, named)
    writes += [Put(replace(note.value, at_version=person.lead.version + 1), note.version) for note in person.earlier]
    taken = TakenBack(
        lead_id=lead_id,
        import_id=upload.import_id,
        lead=lead,
        before=before,
        at_version=person.lead.version + 1 if before else 0,
        forget_at=deps.clock() + KEPT_FOR,
        touch=person.touch.value if person.touch else None,
        message=withdrawn.value if withdrawn else None,
        keys=noted,
        gone=tuple(digest for digest in named if not keys.named(digest)),
        notes=person.notes,
        pairs=tuple(pair.value for pair in person.pairs),
    )
    return [*writes, Put(taken, 0)]
