"""What each person was before an import changed them, written with the change itself, so that it can be taken back.

A person the import makes needs no note as long as one row made them: the record itself says all there is to undo.

What an import writes of one person is no more than one transaction takes back: beyond that, nobody is found by a
further address of theirs, and no further doubt or reason is noted."""

from collections.abc import Sequence
from dataclasses import replace

from chalicelib.flows.row_desk import JOINED, MOST_DOUBTS, MOST_NOTES, Work
from chalicelib.flows.row_ids import made_by_import
from chalicelib.identify.keys import every_key
from chalicelib.identify.normalise import identity_of
from chalicelib.records.doubt import SamePerson
from chalicelib.records.lead import Note
from chalicelib.records.ports import Deps, Put, Ref, Stored
from chalicelib.records.undo import BeforeImport

# Of one person in one import. A person's changes, and the undo of them, are one transaction of 100 records.
MOST_KEYS = 40
MOST_JOINED = 2 * MOST_NOTES


def note_before(deps: Deps, import_id: str, works: Sequence[Work]) -> None:
    """Give each of the people a note to be written with them, where one is needed. One read, and none for a list of
    people nobody knew."""
    noted = [work for work in works if work.changed and (work.version or work.key_rows > 1 or _pairs(work))]
    known = [work for work in noted if work.version]
    refs = [Ref(BeforeImport, (work.lead.lead_id, import_id)) for work in known]
    found = [stored for stored in (deps.store.get_many(refs) if refs else []) if stored]
    earlier: dict[str, Stored[BeforeImport]] = {stored.value.lead_id: stored for stored in found}
    for work in noted:
        work.note = _note(deps, import_id, work, earlier.get(work.lead.lead_id))


def _pairs(work: Work) -> tuple[str, ...]:
    return tuple(put.record.pair_id for put in work.writes if isinstance(put.record, SamePerson))


def _note(deps: Deps, import_id: str, work: Work, earlier: Stored[BeforeImport] | None) -> Put:
    lead_id, at_version = work.lead.lead_id, work.version + 1
    if earlier:
        had = earlier.value
        _bound(work, had.keys, len(had.pairs), had.joined)
        keys, pairs = tuple(dict.fromkeys((*had.keys, *_keys(work)))), (*had.pairs, *_pairs(work))
        joined = had.joined + _joined(work)
        noted = replace(had, at_version=at_version, keys=keys, pairs=pairs, joined=joined)
        return Put(noted, earlier.version)
    before, version, known, joined = work.before, work.version, tuple[str, ...](), 0
    if before and made_by_import(import_id, lead_id):
        # Made by an earlier chunk of this very import, and known by the keys of what it was then.
        known = tuple(deps.digest(key) for key in every_key(identity_of(before)))[:MOST_KEYS]
        before, version, joined = None, 0, MOST_NOTES
    _bound(work, known, 0, joined)
    keys = tuple(dict.fromkeys((*known, *_keys(work))))
    joined += _joined(work)
    return Put(BeforeImport(lead_id, import_id, before, at_version, keys, _pairs(work), joined, version), 0)


def _keys(work: Work) -> tuple[str, ...]:
    return tuple(put.record.digest for put in work.keys)


def _joined(work: Work) -> int:
    return sum(_is_joined(put) for put in work.writes)


def _is_joined(put: Put) -> bool:
    return isinstance(put.record, Note) and put.record.kind == JOINED


def _bound(work: Work, known: Sequence[str], pairs: int, joined: int) -> None:
    """No more than an undo of the import can take back, beside what earlier chunks wrote."""
    if len(work.keys) + len(known) > MOST_KEYS:
        fresh = [digest for digest in dict.fromkeys(_keys(work)) if digest not in known]
        found_by = {*known, *fresh[: max(0, MOST_KEYS - len(known))]}
        work.keys = [put for put in work.keys if put.record.digest in found_by]
    reasons = [put for put in work.writes if _is_joined(put)][max(0, MOST_JOINED - joined) :]
    doubts = [put for put in work.writes if isinstance(put.record, SamePerson)][max(0, MOST_DOUBTS - pairs) :]
    if reasons or doubts:
        work.writes = [put for put in work.writes if put not in reasons and put not in doubts]
