"""What a person of ours does with a lead: accept, qualify, reject, answer, note, deals."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from chalicelib.assign.choose import keep_or_choose, load_rules
from chalicelib.flows.rulebook import roster_of
from chalicelib.records.campaign import Opportunity, OpportunityStage
from chalicelib.records.lead import OPEN_STATUSES, Lead, LeadStatus, Note
from chalicelib.records.money import Money
from chalicelib.records.ports import Conflict, Deps, Put, Stored
from chalicelib.records.touch import WAITING_STATES, Request, RequestState

# Talking to the person is an answer; a note is not.
ANSWERS = frozenset({"call", "visit", "mail"})


class NotFound(Exception):
    """No record of that id is visible to whoever asked."""


def change_status(deps: Deps, lead_id: str, status: LeadStatus, reason: str, by: str) -> Lead:
    """Set where the lead stands; the reason goes onto the timeline."""

    def change(lead: Stored[Lead], now: datetime) -> list[Put]:
        changed = replace(lead.value, status=status, status_reason=reason, updated_at=now)
        if status in OPEN_STATUSES:
            changed = _owned(deps, changed, now)
        text = f"{status.value}: {reason}" if reason else status.value
        note = Note(deps.new_id(), lead_id, by, "status", text, now)
        writes = [Put(changed, lead.version), Put(note, 0), *_owner_note(deps, lead.value, changed, now)]
        return writes + (_close(deps, lead_id) if status is LeadStatus.REJECTED else [])

    return _on_lead(deps, lead_id, change)


def write_note(deps: Deps, lead_id: str, kind: str, text: str, by: str) -> Lead:
    """A note, or a logged call, visit or mail; the latter answer what the person asked and stop its clock."""

    def change(lead: Stored[Lead], now: datetime) -> list[Put]:
        note = Note(deps.new_id(), lead_id, by, kind, text, now)
        touched = replace(lead.value, updated_at=now)
        if kind not in ANSWERS:
            return [Put(touched, lead.version), Put(note, 0)]
        if lead.value.status is LeadStatus.NEW:
            touched = replace(touched, status=LeadStatus.ACCEPTED)
        done = replace(touched, respond_by=None, next_channel="", next_reason="answered")
        return [Put(done, lead.version), Put(note, 0), *_answer(deps, lead_id, now)]

    return _on_lead(deps, lead_id, change)


def reassign(deps: Deps, lead_id: str, owner_id: str, reason: str, by: str) -> Lead:
    """Give the lead and its open requests to another active person."""
    rep = deps.directory.rep(owner_id)
    if rep is None or not rep.active:
        raise NotFound

    def change(lead: Stored[Lead], now: datetime) -> list[Put]:
        before = lead.value.assignment
        if before is None:
            raise NotFound
        why = (f"given by hand: {reason}" if reason else "given by hand",)
        assignment = replace(before, owner_id=owner_id, reasons=why, rule="by hand", assigned_at=now)
        note = Note(deps.new_id(), lead_id, by, "owner", f"{rep.name}: {reason}" if reason else rep.name, now)
        moved = [
            Put(replace(r.value, owner_id=owner_id, history=(*r.value.history, (now, owner_id, why[0]))), r.version)
            for r in _open_requests(deps, lead_id)
        ]
        return [Put(replace(lead.value, assignment=assignment, updated_at=now), lead.version), Put(note, 0), *moved]

    return _on_lead(deps, lead_id, change)


def opt_out(deps: Deps, lead_id: str) -> Lead:
    """No promotion from now on, queued mail included: each row looks again after its claim."""

    def change(lead: Stored[Lead], now: datetime) -> list[Put]:
        if lead.value.opted_out_at:
            return []
        return [Put(replace(lead.value, opted_out_at=now), lead.version)]

    return _on_lead(deps, lead_id, change)


def open_deal(deps: Deps, lead_id: str, name: str, amount: Money, margin: int | None, by: str) -> Opportunity:
    """A possible sale, the lead's owner's whoever enters it; whoever has one counts as qualified. `by` (a person or an
    API key's name) is kept on the timeline where that is somebody else."""
    opened: list[Opportunity] = []
    deal_id = deps.new_id()

    def change(lead: Stored[Lead], now: datetime) -> list[Put]:
        early = lead.value.status in (LeadStatus.NEW, LeadStatus.ACCEPTED)
        status = LeadStatus.QUALIFIED if early else lead.value.status
        changed = _owned(deps, replace(lead.value, status=status, updated_at=now), now)
        owner_id = _owner_id(changed)
        opened[:] = [Opportunity(deal_id, lead_id, name, amount, OpportunityStage.OPEN, margin, owner_id, now)]
        notes = [] if by == owner_id else [Put(Note(deps.new_id(), lead_id, by, "note", f"{name}: {by}", now), 0)]
        return [Put(changed, lead.version), Put(opened[0], 0), *notes, *_owner_note(deps, lead.value, changed, now)]

    _on_lead(deps, lead_id, change)
    return opened[0]


def close_deal(deps: Deps, lead_id: str, deal_id: str, stage: OpportunityStage, reason: str = "") -> Opportunity:
    """Won, lost, or open again (the undo of both). Who has nothing won any more is no customer."""
    closed: list[Opportunity] = []

    def change(lead: Stored[Lead], now: datetime) -> list[Put]:
        deal = deps.store.get(Opportunity, lead_id, deal_id)
        if deal is None:
            raise NotFound
        changed = replace(lead.value, status=_status_after(deps, lead.value, deal.value, stage), updated_at=now)
        closed[:] = [replace(deal.value, stage=stage, closed_at=now, lost_reason=reason)]
        if stage is OpportunityStage.OPEN:
            changed = _owned(deps, changed, now)
            rep = deps.directory.rep(deal.value.owner_id)
            owner_id = rep.rep_id if rep and rep.active else _owner_id(changed)
            closed[:] = [replace(closed[0], closed_at=None, owner_id=owner_id)]
        elif changed.status in OPEN_STATUSES:
            changed = _owned(deps, changed, now)
        notes = _owner_note(deps, lead.value, changed, now)
        return [Put(closed[0], deal.version), Put(changed, lead.version), *notes]

    _on_lead(deps, lead_id, change)
    return closed[0]


def _status_after(deps: Deps, lead: Lead, deal: Opportunity, stage: OpportunityStage) -> LeadStatus:
    """Where the lead stands when one of its deals comes to `stage`."""
    if stage is OpportunityStage.WON:
        return LeadStatus.CUSTOMER
    if deal.stage is not OpportunityStage.WON or lead.status is not LeadStatus.CUSTOMER:
        return lead.status
    others = [d.value for d in deps.store.query(Opportunity, lead.lead_id)]
    won = any(d.stage is OpportunityStage.WON and d.opportunity_id != deal.opportunity_id for d in others)
    return lead.status if won else LeadStatus.QUALIFIED


def _owned(deps: Deps, lead: Lead, now: datetime) -> Lead:
    """With an owner who works here now: the lead's own, else one by the rules."""
    load = deps.directory.load()
    assignment = keep_or_choose(lead, roster_of(deps.directory), load, load_rules(), now)
    if assignment is lead.assignment:
        return lead
    load[assignment.owner_id] = load.get(assignment.owner_id, 0) + 1
    return replace(lead, assignment=assignment)


def _owner_id(lead: Lead) -> str:
    return lead.assignment.owner_id if lead.assignment else ""


def _owner_note(deps: Deps, before: Lead, after: Lead, now: datetime) -> list[Put]:
    """The timeline says that a lead that came up again has a new owner."""
    if after.assignment is None or _owner_id(before) == after.assignment.owner_id:
        return []
    rep = deps.directory.rep(after.assignment.owner_id)
    text = f"{rep.name if rep else after.assignment.owner_id}: {'; '.join(after.assignment.reasons)}"
    return [Put(Note(deps.new_id(), after.lead_id, "", "owner", text, now), 0)]


def _on_lead(deps: Deps, lead_id: str, change: Callable[[Stored[Lead], datetime], list[Put]]) -> Lead:
    """Read, decide, write; anew when somebody else wrote meanwhile."""
    while True:
        lead = deps.store.get(Lead, lead_id)
        if lead is None:
            raise NotFound
        try:
            deps.store.commit(change(lead, deps.clock()))
        except Conflict:
            continue
        deps.wake()
        return lead.value


def _open_requests(deps: Deps, lead_id: str) -> list[Stored[Request]]:
    return [r for r in deps.store.query(Request, lead_id) if r.value.state in WAITING_STATES]


def _answer(deps: Deps, lead_id: str, now: datetime) -> list[Put]:
    return [
        Put(replace(r.value, state=RequestState.ANSWERED, first_responded_at=now), r.version)
        for r in _open_requests(deps, lead_id)
    ]


def _close(deps: Deps, lead_id: str) -> list[Put]:
    return [Put(replace(r.value, state=RequestState.CLOSED), r.version) for r in _open_requests(deps, lead_id)]
