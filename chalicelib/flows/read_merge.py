"""What a page says of merges: who could be the same person, what became part of a record, and what a merge would do."""

from dataclasses import dataclass, replace

from chalicelib.assign.visibility import may_merge, sight_of
from chalicelib.flows.follow_merges import current_leads
from chalicelib.flows.merge_people import preview
from chalicelib.flows.rep_names import rep_name
from chalicelib.identify.unite import United
from chalicelib.records.doubt import KeptApart, pair_of
from chalicelib.records.lead import Lead
from chalicelib.records.merge import Merge, MergeState
from chalicelib.records.ports import Deps, NotFound
from chalicelib.records.rep import Rep
from chalicelib.records.search import LeadQuery, LeadRow

FOUND = 10
UNDER_WAY = frozenset({MergeState.ASKED, MergeState.MERGING, MergeState.PART_ASKED, MergeState.PARTING})


class NotYours(Exception):
    """Both may be seen, and are not that person's to merge."""


@dataclass(frozen=True, slots=True)
class Pair:
    """The two, which of them stays, what would become of them, and what somebody said of them before. `owners` are the
    names of the people who own them, by rep_id."""

    stays: Lead
    goes: Lead
    united: United
    owners: dict[str, str]
    apart: KeptApart | None = None
    apart_by: str = ""


def seen_pair(deps: Deps, who: Rep, first_id: str, second_id: str) -> tuple[Lead, Lead]:
    """Both as that person may see them, the one known longer first. Raises NotFound, NotYours."""
    first, second = current_leads(deps, [first_id, second_id])
    sight = sight_of(who, deps.directory.reps())
    if first is None or second is None or not (sight.sees(first.value) and sight.sees(second.value)):
        raise NotFound
    if not may_merge(who, first.value, second.value):
        raise NotYours
    return older_first(first.value, second.value)


def older_first(one: Lead, other: Lead) -> tuple[Lead, Lead]:
    """Who is known longer stays, unless somebody chooses otherwise."""
    first, second = sorted((one, other), key=lambda lead: (lead.created_at is None, lead.created_at, lead.lead_id))
    return first, second


def pair_as_shown(deps: Deps, stays: Lead, goes: Lead) -> Pair:
    ids = {lead.owner_id for lead in (stays, goes) if lead.owner_id}
    return Pair(stays, goes, preview(deps, stays, goes), {rep_id: rep_name(deps, rep_id) for rep_id in ids})


def read_pair(deps: Deps, stays: Lead, goes: Lead) -> Pair:
    """Also whether somebody decided that they are two."""
    shown = pair_as_shown(deps, stays, goes)
    apart = deps.store.get(KeptApart, pair_of(stays.lead_id, goes.lead_id).pair_id)
    if apart is None:
        return shown
    return replace(shown, apart=apart.value, apart_by=rep_name(deps, apart.value.decided_by))


def who_it_may_be(deps: Deps, who: Rep, lead_id: str, text: str) -> list[LeadRow]:
    """Others found by these words, of those that person may see."""
    if not text:
        return []
    owners = sight_of(who, deps.directory.reps()).owners
    rows = deps.model.leads(LeadQuery(text=text, owners=owners, limit=FOUND + 1)).rows
    return [row for row in rows if row.lead_id != lead_id][:FOUND]


def merge_with(deps: Deps, lead_id: str, gone_id: str) -> Merge | None:
    """How a merge with that record stands."""
    stored = deps.store.get(Merge, gone_id) if gone_id and "#" not in gone_id else None
    return stored.value if stored and stored.value.into == lead_id else None
