"""A request past its limit goes to somebody else, who is told; nobody waits unseen."""

from dataclasses import replace
from typing import Any

from chalicelib.assign.choose import load_rules
from chalicelib.assign.escalate import breached, escalate
from chalicelib.assign.respond import load_limits
from chalicelib.flows.rulebook import roster_of
from chalicelib.follow_up.messages import escalation_notice
from chalicelib.records.lead import Lead
from chalicelib.records.ports import Conflict, Deps, Put, Ref
from chalicelib.records.touch import Request


def escalate_request(deps: Deps, ref: Ref[Request]) -> Request | None:
    """Escalate if the limit has passed and nobody answered; the new state of the request, or None."""
    now = deps.clock()
    refs: list[Ref[Any]] = [ref, Ref(Lead, (ref.ids[0],))]
    request, lead = deps.store.get_many(refs)
    if request is None or lead is None or not breached(request.value, now):
        return None
    roster, load = roster_of(deps.directory), deps.directory.load()
    done = escalate(request.value, lead.value, roster, load, load_rules(), load_limits(), now)
    owned = replace(lead.value, assignment=done.assignment, respond_by=done.request.respond_by, updated_at=now)
    writes = [Put(done.request, request.version), Put(owned, lead.version)]
    rep = deps.directory.rep(done.request.owner_id)
    if rep:
        former = request.value.owner_id
        notice = escalation_notice(owned, rep, done.request, former, done.assignment.reasons, deps.new_id(), now)
        writes.append(Put(notice, 0))
    try:
        deps.store.commit(writes)
    except Conflict:
        return None
    # Counted at once, so that one sweep does not heap all that is late on one person.
    load[done.request.owner_id] = load.get(done.request.owner_id, 0) + 1
    deps.wake()
    return done.request
