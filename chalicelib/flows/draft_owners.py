"""Who of ours the owners of a whole export are, chosen before it is loaded."""

from collections.abc import Mapping
from dataclasses import replace

from chalicelib.capture.export_owners import owners_of
from chalicelib.capture.exports import as_export
from chalicelib.capture.files import read_tables
from chalicelib.flows.draft_upload import Draft, note_draft, source_of
from chalicelib.flows.read_list import OWNER, reps_from
from chalicelib.records.ports import Deps


def choose_owners(deps: Deps, draft: Draft, chosen: Mapping[int, str]) -> Draft:
    """Note who of ours the owners of an export are, {place on the page: rep_id, "" for nobody}; who does not work here
    is nobody's choice."""
    tables = read_tables(source_of(deps, draft), draft.file_name) if chosen else None
    export = as_export(tables) if isinstance(tables, list) else None
    if export is None:
        return draft
    owners = owners_of(export)
    shown = reps_from(deps, draft.mapping)(owners)
    here = {rep.rep_id for rep in deps.directory.reps() if rep.active} | {""}
    picked = {
        OWNER + owner.key: chosen[place]
        for place, owner in enumerate(owners)
        if chosen.get(place, shown[owner.key]) != shown[owner.key] and chosen[place] in here
    }
    noted = replace(draft, mapping={**draft.mapping, **picked})
    note_draft(deps, noted)
    return noted
