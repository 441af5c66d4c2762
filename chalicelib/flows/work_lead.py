"""What a person of ours does with a lead: accept, qualify, reject, answer, note, deals."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.assign.choose import keep_or_choose, load_rules
from chalicelib.flows.keep_journal import note_objections
from chalicelib.flows.keep_promises import Promised, make_promise
from chalicelib.flows.keep_tasks import mention_of
from chalicelib.flows.rulebook import roster_of
from chalicelib.flows.until_written import until_written
from chalicelib.records.lead import OPEN_STATUSES, Before, Lead, LeadStatus, Note
from chalicelib.records.money import Money
from chalicelib.records.opportunity import Opportunity, OpportunityStage
from chalicelib.records.ports import MOST_CHANGES, Deps, NotFound, Put, Ref, Stored
from chalicelib.records.rep import Rep
from chalicelib.records.touch import WAITING_STATES, Request, RequestState

Check = Callable[[Stored[Lead]], None]
# A note must not grow without bound: whoever asked more often is looked at by hand.
MOST_UNDONE = 500
# Talking to the person is an answer; a note is not.
ANSWERS = frozenset({"call", "visit", "mail"})


def change_status(
    deps: Deps, lead_id: str, status: LeadStatus, reason: str, by: str, check: Check = lambda _lead: None
) -> Note:
    """Set where the lead stands; the note on the timeline holds the reason, and what an undo goes back to. `check` may
    refuse (raise) for the lead as it is stored now."""
    written: list[Note] = []

    def change(lead: Stored[Lead], now: datetime) -> list[Put]:
        check(lead)
        changed = replace(lead.value, status=status, status_reason=reason, updated_at=now)
        if status in OPEN_STATUSES:
            changed = owned(deps, changed, now)
        text = f"{status.value}: {reason}" if reason else status.value
        closed = _open_requests(deps, lead_id) if status is LeadStatus.REJECTED else []
        written[:] = [Note(deps.new_id(), lead_id, by, "status", text, now, before_step(lead.value, closed))]
        writes = [Put(changed, lead.version), Put(written[0], 0), *_owner_note(deps, lead.value, changed, now)]
        return writes + [Put(replace(r.value, state=RequestState.CLOSED), r.version) for r in closed]

    on_lead(deps, lead_id, change)
    return written[0]


def write_note(
    deps: Deps, lead_id: str, kind: str, text: str, by: Rep, promised: Promised | None = None, named: Sequence[Rep] = ()
) -> Note:
    """A note, or a logged call, visit or mail; the latter answer what the person asked and stop its clock. What was
    promised in it goes into the ledger with it; colleagues named in it are told."""
    noted: list[Note] = []

    def change(lead: Stored[Lead], now: datetime) -> list[Put]:
        waiting = _open_requests(deps, lead_id) if kind in ANSWERS else []
        before = before_step(lead.value, waiting) if kind in ANSWERS else None
        note = Note(deps.new_id(), lead_id, by.rep_id, kind, text, now, before)
        noted[:] = [note]
        written = [Put(note, 0), *(Put(mention_of(deps, note, rep), 0) for rep in named)]
        if promised:
            said = replace(promised, source=kind, note_id=note.note_id)
            written.append(Put(make_promise(deps, lead.value, by, said, now), 0))
        touched = replace(lead.value, updated_at=now)
        if kind not in ANSWERS:
            return [Put(touched, lead.version), *written]
        if lead.value.status is LeadStatus.NEW:
            touched = replace(touched, status=LeadStatus.ACCEPTED)
        done = replace(touched, respond_by=None, next_channel="", next_reason="answered")
        answered = [
            Put(replace(r.value, state=RequestState.ANSWERED, first_responded_at=now), r.version) for r in waiting
        ]
        return [Put(done, lead.version), *written, *answered]

    on_lead(deps, lead_id, change)
    return noted[0]


def before_step(lead: Lead, closed: Sequence[Stored[Request]] = ()) -> Before:
    """How the lead stands, and the requests a step is about to close or answer."""
    states = tuple((r.value.request_id, r.value.state.value) for r in closed[:MOST_UNDONE])
    return Before(
        lead.status, lead.status_reason, lead.snooze, states, lead.respond_by, lead.next_channel, lead.next_reason
    )


def reassign(deps: Deps, lead_id: str, owner_id: str, reason: str, by: str, check: Check = lambda _lead: None) -> Lead:
    """Give the lead and its open requests to another active person."""
    rep = deps.directory.rep(owner_id)
    if rep is None or not rep.active:
        raise NotFound

    def change(lead: Stored[Lead], now: datetime) -> list[Put]:
        check(lead)
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

    return on_lead(deps, lead_id, change)


def opt_out(deps: Deps, lead_id: str) -> Lead:
    """No promotion from now on, queued mail included: each row looks again after its claim."""

    def change(lead: Stored[Lead], now: datetime) -> list[Put]:
        if lead.value.opted_out_at:
            return []
        # Before it is acknowledged: an objection outlives the table.
        note_objections(deps, [lead.value], now)
        return [Put(replace(lead.value, opted_out_at=now), lead.version)]

    return on_lead(deps, lead_id, change)


def open_deal(
    deps: Deps, lead_id: str, name: str, amount: Money, margin: int | None, by: str, deal_id: str = ""
) -> Opportunity:
    """A possible sale, the lead's owner's whoever enters it; whoever has one counts as qualified. `by` (a person or an
    API key's name) is kept on the timeline where that is somebody else. `deal_id` is its id, where that is known
    before."""
    opened: list[Opportunity] = []
    deal_id = deal_id or deps.new_id()

    def change(lead: Stored[Lead], now: datetime) -> list[Put]:
        early = lead.value.status in (LeadStatus.NEW, LeadStatus.ACCEPTED)
        status = LeadStatus.QUALIFIED if early else lead.value.status
        changed = owned(deps, replace(lead.value, status=status, updated_at=now), now)
        owner_id = changed.owner_id
        opened[:] = [Opportunity(deal_id, lead_id, name, amount, OpportunityStage.OPEN, margin, owner_id, now)]
        notes = [] if by == owner_id else [Put(Note(deps.new_id(), lead_id, by, "note", f"{name}: {by}", now), 0)]
        return [Put(changed, lead.version), Put(opened[0], 0), *notes, *_owner_note(deps, lead.value, changed, now)]

    on_lead(deps, lead_id, change)
    return opened[0]


def close_deal(
    deps: Deps, lead_id: str, deal_id: str, stage: OpportunityStage, reason: str = "",
    check: Callable[[Stored[Opportunity]], None] = lambda _deal: None,
) -> Opportunity:  # fmt: skip
    """Won, lost, or open again (the undo of both). Who has nothing won any more is no customer. `check` may refuse
    (raise) for the deal as it is stored now."""
    closed: list[Opportunity] = []

    def change(lead: Stored[Lead], now: datetime) -> list[Put]:
        deal = deps.store.get(Opportunity, lead_id, deal_id)
        if deal is None:
            raise NotFound
        check(deal)
        changed = replace(lead.value, status=status_after(deps, lead.value, deal.value, stage), updated_at=now)
        closed[:] = [replace(deal.value, stage=stage, closed_at=now, lost_reason=reason)]
        if stage is OpportunityStage.OPEN:
            changed = owned(deps, changed, now)
            rep = deps.directory.rep(deal.value.owner_id)
            owner_id = rep.rep_id if rep and rep.active else changed.owner_id
            closed[:] = [replace(closed[0], closed_at=None, owner_id=owner_id)]
        elif changed.status in OPEN_STATUSES:
            changed = owned(deps, changed, now)
        notes = _owner_note(deps, lead.value, changed, now)
        return [Put(closed[0], deal.version), Put(changed, lead.version), *notes]

    on_lead(deps, lead_id, change)
    return closed[0]


def status_after(deps: Deps, lead: Lead, deal: Opportunity, stage: OpportunityStage) -> LeadStatus:
    """Where the lead stands when one of its deals comes to `stage`."""
    if stage is OpportunityStage.WON:
        return LeadStatus.CUSTOMER
    if deal.stage is not OpportunityStage.WON or lead.status is not LeadStatus.CUSTOMER:
        return lead.status
    others = [d.value for d in deps.store.query(Opportunity, lead.lead_id)]
    won = any(d.stage is OpportunityStage.WON and d.opportunity_id != deal.opportunity_id for d in others)
    return lead.status if won else LeadStatus.QUALIFIED


def owned(deps: Deps, lead: Lead, now: datetime) -> Lead:
    """With an owner who works here now: the lead's own, else one by the rules."""
    load = deps.directory.load()
    assignment = keep_or_choose(lead, roster_of(deps.directory), load, load_rules(), now)
    if assignment is lead.assignment:
        return lead
    load[assignment.owner_id] = load.get(assignment.owner_id, 0) + 1
    return replace(lead, assignment=assignment)


def _owner_note(deps: Deps, before: Lead, after: Lead, now: datetime) -> list[Put]:
    """The timeline says that a lead that came up again has a new owner."""
    if after.assignment is None or before.owner_id == after.assignment.owner_id:
        return []
    rep = deps.directory.rep(after.assignment.owner_id)
    text = f"{rep.name if rep else after.assignment.owner_id}: {'; '.join(after.assignment.reasons)}"
    return [Put(Note(deps.new_id(), after.lead_id, "", "owner", text, now), 0)]


def on_lead(deps: Deps, lead_id: str, change: Callable[[Stored[Lead], datetime], list[Put]]) -> Lead:
    """Read, decide, write; anew when somebody else wrote meanwhile."""

    def decide(lead: Stored[Lead]) -> tuple[tuple[Lead, list[Put]], list[Put]]:
        writes = change(lead, deps.clock())
        return (lead.value, writes[MOST_CHANGES:]), writes[:MOST_CHANGES]

    lead, others = until_written(deps, Ref(Lead, (lead_id,)), decide)
    if others:
        # The requests of somebody who asked a hundred times, behind the lead itself. One that changed meanwhile keeps
        # what it has become.
        deps.store.commit_each([[write] for write in others])
        deps.wake()
    return lead


def _open_requests(deps: Deps, lead_id: str) -> list[Stored[Request]]:
    return [r for r in deps.store.query(Request, lead_id) if r.value.state in WAITING_STATES]
