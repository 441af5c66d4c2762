"""Somebody leaves: everything open that is theirs goes to others by the rules, and nothing is left behind.

Each person's records move in one commit, decided from what is stored at that moment, so that it may be stopped and
run again at any point: what has moved is no longer the leaver's."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chalicelib.assign.choose import UNASSIGNED, load_rules
from chalicelib.assign.hand_over import next_owner, somebody_there
from chalicelib.flows.follow_feed import feed_index
from chalicelib.flows.keep_audit import acting
from chalicelib.flows.rulebook import roster_of
from chalicelib.follow_up.messages import rep_notice
from chalicelib.records.audit import RULES
from chalicelib.records.lead import OPEN_STATUSES, Assignment, Lead, Note
from chalicelib.records.opportunity import Opportunity, OpportunityStage
from chalicelib.records.ports import MOST_CHANGES, Deps, Directory, NotFound, Put, Ref, Stored, Write
from chalicelib.records.rep import Rep
from chalicelib.records.task import Task
from chalicelib.records.touch import WAITING_STATES, Request

_BATCH = 200
_ALL = 1_000_000
# Each round reads the index anew; what others were still writing in one is found in the next.
ROUNDS = 20


@dataclass(frozen=True, slots=True)
class HandOver:
    """To whom how much went, by rep_id. `left` is what could not be moved: 0 unless others kept writing."""

    rep_id: str
    leads: dict[str, int]
    requests: dict[str, int]
    deals: dict[str, int]
    left: int


def save_person(deps: Deps, rep: Rep, if_version: int) -> None:
    """Write somebody as changed from that version (0: new). Raises Conflict when others changed them first, so that
    nobody who has just left comes back by an old page."""
    deps.store.commit([Put(rep, if_version)])
    deps.directory.forget()
    deps.wake()


def deactivate(deps: Deps, rep_id: str) -> HandOver:
    """Set somebody inactive and hand over what is open. Again, it changes nothing but what came up since."""
    stored = deps.store.get(Rep, rep_id)
    if stored is None:
        raise NotFound
    if stored.value.active:
        deps.store.commit([Put(replace(stored.value, active=False), stored.version)])
        deps.directory.forget()
    return hand_over(deps, rep_id)


def assign_waiting(deps: Deps) -> int:
    """Give what came in while nobody was there to whoever is by now; how many leads that were. Costs nothing while
    there are none: the directory's loads, which every assignment is made with, count those too."""
    nobodys = deps.directory.load().get(UNASSIGNED, 0)
    if not nobodys or not somebody_there(roster_of(deps.directory), load_rules()):
        return 0
    with acting(deps, RULES):
        return sum(hand_over(deps, UNASSIGNED).leads.values())


def hand_over(deps: Deps, rep_id: str) -> HandOver:
    """Move the open leads, requests and deals of somebody inactive until none is left."""
    moved = {Lead: Counter[str](), Request: Counter[str](), Opportunity: Counter[str]()}
    desk = _Desk(deps.directory, rep_id, dict(deps.directory.load()))
    left: list[str] = []
    for _ in range(ROUNDS):
        _read_feed(deps)
        left = _lead_ids(deps, rep_id)
        if not left:
            break
        for start in range(0, len(left), _BATCH):
            _move(deps, desk, left[start : start + _BATCH], moved)
    deps.wake()
    leads, requests, deals = (dict(counts.most_common()) for counts in moved.values())
    return HandOver(rep_id, leads, requests, deals, len(left))


@dataclass(slots=True)
class _Desk:
    """Who decides: the people of the moment and the loads, counted up with each choice."""

    directory: Directory
    rep_id: str
    load: dict[str, int]

    def owner_for(self, lead: Lead, now: datetime) -> Assignment:
        chosen = next_owner(lead, self.rep_id, roster_of(self.directory), self.load, load_rules(), now)
        if chosen is not lead.assignment:
            self.load[chosen.owner_id] = self.load.get(chosen.owner_id, 0) + 1
        return chosen


def _read_feed(deps: Deps) -> None:
    while feed_index(deps):
        pass


def _lead_ids(deps: Deps, rep_id: str) -> list[str]:
    """People of whom anything open is still the leaver's, checked against the store."""
    refs: list[Ref[Any]] = [Ref(Lead, (lead_id,)) for lead_id in _indexed_leads(deps, rep_id)]
    refs += [Ref(Request, ids) for state in WAITING_STATES for ids in deps.model.requests(state, limit=_ALL)]
    refs += [Ref(Opportunity, ids) for ids in deps.model.opportunities(OpportunityStage.OPEN, limit=_ALL)]
    refs += [Ref(Task, ids) for ids in deps.model.tasks(rep_id, limit=_ALL)]
    found: dict[str, None] = {}
    for start in range(0, len(refs), 5 * _BATCH):
        for stored in deps.store.get_many(refs[start : start + 5 * _BATCH]):
            if stored and _is_open(stored.value) and stored.value.owner_id == rep_id:
                found[stored.value.lead_id] = None
    return list(found)


def _indexed_leads(deps: Deps, rep_id: str) -> Iterator[str]:
    from chalicelib.records.search import LeadQuery

    for row in deps.model.leads(LeadQuery(owner_id=rep_id, sort="name", limit=_ALL)).rows:
        yield row.lead_id


def _is_open(record: Any) -> bool:
    if isinstance(record, Lead):
        return record.status in OPEN_STATUSES
    if isinstance(record, Request):
        return record.state in WAITING_STATES
    if isinstance(record, Task):
        return record.done_at is None
    return isinstance(record, Opportunity) and record.stage is OpportunityStage.OPEN


def _move(deps: Deps, desk: _Desk, lead_ids: Sequence[str], moved: dict[type, Counter[str]]) -> None:
    groups = [part for lead_id in lead_ids if (group := _writes(deps, desk, lead_id)) for part in _parts(group)]
    for group, conflict in zip(groups, deps.store.commit_each(groups), strict=True):
        if conflict is None:
            for write in group:
                if isinstance(write, Put) and type(write.record) in moved and _is_open(write.record):
                    moved[type(write.record)][write.record.owner_id] += 1


def _parts(group: list[Write]) -> Iterator[list[Write]]:
    """As one commit where that holds it all, else the lead first: whoever asked fifty times must not hold up others."""
    for start in range(0, len(group), MOST_CHANGES):
        yield group[start : start + MOST_CHANGES]


def _writes(deps: Deps, desk: _Desk, lead_id: str) -> list[Write]:
    """What moves with one person: the lead, its open requests and deals, a note, and a notice for each request."""
    lead = deps.store.get(Lead, lead_id)
    if lead is None:
        return []
    below = [stored for kind in (Request, Opportunity, Task) for stored in deps.store.query(kind, lead_id)]
    records: list[Stored[Any]] = [lead, *below]
    theirs = [r for r in records if _is_open(r.value) and r.value.owner_id == desk.rep_id]
    if not theirs:
        return []
    now = deps.clock()
    assignment = desk.owner_for(lead.value, now)
    if assignment.owner_id == desk.rep_id:
        return []
    rep = deps.directory.rep(assignment.owner_id)
    owned = replace(lead.value, assignment=assignment, updated_at=now)
    former = deps.directory.rep(desk.rep_id)
    text = f"{former.name if former else desk.rep_id} → {rep.name if rep else assignment.owner_id}"
    note = Note(deps.new_id(), lead_id, "", "owner", text, now)
    writes: list[Write] = [Put(owned, lead.version), Put(note, 0)]
    for stored in theirs:
        if isinstance(stored.value, Lead):
            continue
        given = _given(stored.value, assignment, now)
        writes.append(Put(given, stored.version))
        if rep and isinstance(given, Request):
            writes.append(Put(rep_notice(owned, rep, given, assignment.reasons, deps.new_id(), now), 0))
    return writes


def _given(record: Any, assignment: Assignment, now: datetime) -> Any:
    """The request or deal with its new owner. The limit stays: it is what the person was told."""
    if isinstance(record, Request):
        line = (now, assignment.owner_id, "; ".join(assignment.reasons))
        return replace(record, owner_id=assignment.owner_id, history=(*record.history, line))
    return replace(record, owner_id=assignment.owner_id)
