"""Who of ours the owners of a whole export are, chosen before it is loaded."""

from collections.abc import Mapping
from dataclasses import replace

from chalicelib.capture.export_owners import Owner
from chalicelib.flows.draft_upload import Draft, note_draft, reading_of, source_of
from chalicelib.flows.read_list import OWNER
from chalicelib.records.contact import Refusal
from chalicelib.records.ports import Deps


def choose_owners(deps: Deps, draft: Draft, chosen: Mapping[int, str]) -> Draft:
    """Note who of ours the owners of an export are, {place on the page: rep_id, "" for nobody}; who does not work here
    is nobody's choice."""
    owners: list[tuple[Owner, str]] = []
    if not chosen or isinstance(reading_of(deps, draft, source_of(deps, draft), owners), Refusal):
        return draft
    here = {rep.rep_id for rep in deps.directory.reps() if rep.active} | {""}
    picked = {
        OWNER + owner.key: chosen[place]
        for place, (owner, shown) in enumerate(owners)
        if chosen.get(place, shown) != shown and chosen[place] in here
    }
    noted = replace(draft, mapping={**draft.mapping, **picked})
    note_draft(deps, noted)
    return noted
