"""Files that hold somebody who was erased: loaded lists, their leavings, drafts of lists.

A list names many people in one file. Once it is loaded its rows are records, and the file is kept for nothing but
looking at it; so the file goes as a whole, as does what says of its rows which person they became."""

from collections.abc import Set
from dataclasses import replace
from itertools import chain

from chalicelib.flows.draft_upload import all_drafts, draft_key, drop_draft
from chalicelib.flows.read_list import read_list, source_key
from chalicelib.flows.upload_list import error_key
from chalicelib.flows.upload_state import ENDED
from chalicelib.identify.signs import signs_in, signs_of
from chalicelib.records.contact import Refusal
from chalicelib.records.lead import Lead
from chalicelib.records.ports import Deps, Put
from chalicelib.records.upload import RowResults, Upload, UploadState


def lists_of(deps: Deps, lead: Lead) -> list[Upload]:
    """The uploads that made this person or found the person again: their campaigns are on the lead."""
    uploads = [stored.value for stored in deps.store.query(Upload)]
    return [u for u in uploads if u.campaign_id in lead.campaign_ids and _names_lead(deps, u, lead.lead_id)]


def _names_lead(deps: Deps, upload: Upload, lead_id: str) -> bool:
    rows = (row for stored in deps.store.query(RowResults, upload.import_id) for row in stored.value.results)
    return upload.state not in ENDED or any(row[2] == lead_id for row in rows)


def drop_list(deps: Deps, upload: Upload, lead_id: str) -> None:
    """The outcomes of the person's rows say no more who it was; a file that is not needed any more goes."""
    for stored in deps.store.query(RowResults, upload.import_id):
        if any(row[2] == lead_id for row in stored.value.results):
            results = tuple((r[0], r[1], "", "") if r[2] == lead_id else r for r in stored.value.results)
            deps.store.commit([Put(replace(stored.value, results=results), stored.version)])
    if upload.state in ENDED or upload.state is UploadState.FAILED:
        drop_files(deps, upload.import_id)


def drop_files(deps: Deps, import_id: str) -> None:
    """The list itself, its rows by the chunk, and its refused rows: any of them may hold the person."""
    for key in (source_key(import_id), error_key(import_id), *deps.blobs.list(f"uploads/{import_id}/rows/")):
        deps.blobs.delete(key)


def drop_drafts(deps: Deps, lead: Lead) -> None:
    """Drafts of lists that hold one of the person's addresses or numbers."""
    signs = signs_of(lead.emails, lead.phones)
    for draft in all_drafts(deps):
        data = deps.blobs.get(draft_key(draft))
        if data and _mentions(data, draft.file_name, signs):
            drop_draft(deps, draft)


def _mentions(data: bytes, file_name: str, signs: Set[str]) -> bool:
    read = read_list(data, file_name, {}, reps=lambda _owners: {})
    texts = [data.decode("utf-8", "replace")] if isinstance(read, Refusal) else chain.from_iterable(read[0].rows)
    return not signs.isdisjoint(signs_in(texts))
