"""What each person was before an import changed them, written with the change itself, so that it can be taken back.

A person the import makes needs no note as long as one row made them: the record itself says all there is to undo."""

from collections.abc import Sequence
from dataclasses import replace

from chalicelib.flows.row_desk import Work
from chalicelib.flows.row_ids import made_by_import
from chalicelib.identify.keys import every_key
from chalicelib.identify.normalise import identity_of
from chalicelib.records.doubt import SamePerson
from chalicelib.records.ports import Deps, Put, Ref, Stored
from chalicelib.records.undo import BeforeImport

# A person's changes are one transaction of 100 records; keys beyond this many stay, and lead to nobody.
_MOST_KEYS = 40


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
    keys = tuple(put.record.digest for put in work.keys)
    if earlier:
        keys = tuple(dict.fromkeys((*earlier.value.keys, *keys)))[:_MOST_KEYS]
        pairs = (*earlier.value.pairs, *_pairs(work))
        return Put(replace(earlier.value, at_version=at_version, keys=keys, pairs=pairs), earlier.version)
    before = work.before
    if before and made_by_import(import_id, lead_id):
        # Made by an earlier chunk of this very import, and known by the keys of what it was then.
        keys = (*(deps.digest(key) for key in every_key(identity_of(before))), *keys)
        before = None
    return Put(BeforeImport(lead_id, import_id, before, at_version, keys[:_MOST_KEYS], _pairs(work)), 0)
