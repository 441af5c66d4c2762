"""Promises from given to settled: by whom, reminded of in time, and broken when their day is over unkept."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime

from chalicelib.assign.working_time import opening_of
from chalicelib.flows.until_written import until_written
from chalicelib.follow_up import promises
from chalicelib.follow_up.messages import promise_notice
from chalicelib.identify.folding import company_key
from chalicelib.records.lead import Lead
from chalicelib.records.message import MessageKind
from chalicelib.records.ports import Conflict, Deps, Put, Ref, Stored, Write
from chalicelib.records.promise import Promise
from chalicelib.records.rep import Rep


@dataclass(frozen=True, slots=True)
class Promised:
    """What was said: a word for what it is about, what exactly, by when; in what kind of contact, and whether the
    customer sees it."""

    subject: str
    text: str
    due_on: date
    visible: bool = False
    source: str = ""
    note_id: str = ""


def customer_of(lead: Lead) -> str:
    """Who a promise binds us to: the company, or the person where none is known."""
    return company_key(lead.company) or lead.lead_id


def make_promise(deps: Deps, lead: Lead, by: Rep, said: Promised, now: datetime) -> Promise:
    """The record, not yet stored: a flow that writes something beside it commits both."""
    return Promise(
        promise_id=deps.new_id(),
        lead_id=lead.lead_id,
        promised_by=by.rep_id,
        subject=said.subject,
        text=said.text,
        due_on=said.due_on,
        zone=by.week.zone,
        due_at=promises.due_at(said.due_on, by.week.zone),
        made_at=now,
        customer=customer_of(lead),
        remind_at=opening_of(said.due_on, by.week, now),
        source=said.source,
        note_id=said.note_id,
        visible=said.visible,
    )


def give_promise(deps: Deps, lead_id: str, by: Rep, said: Promised) -> Promise:
    """Raises NotFound."""

    def decide(lead: Stored[Lead]) -> tuple[Promise, list[Write]]:
        now = deps.clock()
        promise = make_promise(deps, lead.value, by, said, now)
        return promise, [Put(replace(lead.value, updated_at=now), lead.version), Put(promise, 0)]

    return until_written(deps, Ref(Lead, (lead_id,)), decide)


def settle_promise(deps: Deps, lead_id: str, promise_id: str, act: Callable[[Promise], Promise]) -> Promise:
    """Take one of the steps of follow_up.promises. Raises NotFound; ValueError for a step that cannot be taken."""

    def decide(stored: Stored[Promise]) -> tuple[Promise, list[Write]]:
        settled = act(stored.value)
        return settled, [Put(settled, stored.version)]

    return until_written(deps, Ref(Promise, (lead_id, promise_id)), decide)


def mind_promise(deps: Deps, ref: Ref[Promise]) -> Promise | None:
    """What the clock does with one: remind of it on the morning of its day, or call it broken when that is over."""
    now = deps.clock()
    stored = deps.store.get(Promise, *ref.ids)
    lead = deps.store.get(Lead, ref.ids[0])
    if stored is None or lead is None:
        return None
    promise = stored.value
    if promise.settled_at is None and now >= promise.due_at:
        return _told(deps, lead.value, stored, promises.broken(promise, now), MessageKind.PROMISE_BROKEN)
    if promise.remind_at and now >= promise.remind_at:
        return _told(deps, lead.value, stored, promises.reminded(promise), MessageKind.PROMISE_DUE)
    return None


def keeper_of(deps: Deps, promise: Promise, lead: Lead) -> Rep | None:
    """Who has to keep it: whoever gave it; when that person has gone the lead's owner, else the person's manager."""
    giver = deps.directory.rep(promise.promised_by)
    owner = deps.directory.rep(lead.assignment.owner_id) if lead.assignment else None
    manager = deps.directory.rep(giver.manager_id) if giver else None
    return next((rep for rep in (giver, owner, manager) if rep and rep.active), None)


def _told(deps: Deps, lead: Lead, stored: Stored[Promise], changed: Promise, kind: MessageKind) -> Promise | None:
    """Write it down and tell the keeper, of a broken one the manager as well: in one transaction."""
    now = deps.clock()
    giver, keeper = deps.directory.rep(changed.promised_by), keeper_of(deps, changed, lead)
    told = [keeper] if keeper else []
    if kind is MessageKind.PROMISE_BROKEN and keeper and (manager := deps.directory.rep(keeper.manager_id)):
        told.append(manager)
    name = giver.name if giver else changed.promised_by
    notices = [Put(promise_notice(kind, lead, rep, changed, name, deps.new_id(), now), 0) for rep in told]
    try:
        deps.store.commit([Put(changed, stored.version), *notices])
    except Conflict:
        return None
    deps.wake()
    return changed
