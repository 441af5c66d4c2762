"""Escalation: a request past its limit is taken to somebody else, with a new clock."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.assign.choose import UNASSIGNED, AssignRules, choose
from chalicelib.assign.respond import ResponseLimits, limit_hours, respond_by
from chalicelib.assign.roster import Roster
from chalicelib.records.lead import Assignment, Lead
from chalicelib.records.touch import WAITING_STATES, Request, RequestState, TouchKind

NO_ANSWER = "no answer within the limit"


@dataclass(frozen=True, slots=True)
class Escalation:
    """What becomes of the request and of the lead's assignment, and why. `assignment` is the lead's own,
    unchanged, when the lead had already gone to somebody else."""

    request: Request
    assignment: Assignment
    reason: str = NO_ANSWER


def breached(request: Request, now: datetime) -> bool:
    """Whether the request still waits for its first answer and its limit has passed."""
    return request.state in WAITING_STATES and request.first_responded_at is None and now > request.respond_by


def escalate(
    request: Request,
    lead: Lead,
    roster: Roster,
    load: Mapping[str, int],
    rules: AssignRules,
    limits: ResponseLimits,
    now: datetime,
) -> Escalation:
    """Take a breached request to the next person.

    To the lead's owner when that is another active person by now (one customer, one rep). Else at the first
    breach to another rep who fits, later to the owner's manager or the fallback. Never to an inactive person,
    and to the same person only when there is nobody else. The new limit runs from `now` in the new owner's
    working time and is no longer than `limits.after_escalation`.
    """
    assignment = _next_owner(request, lead, roster, load, rules, now)
    owner = roster.people.get(assignment.owner_id)
    hours = min(limits.after_escalation, limit_hours(TouchKind.FORM, lead.score.points, 0, limits))
    escalated = replace(
        request,
        state=RequestState.ESCALATED,
        escalations=request.escalations + 1,
        owner_id=assignment.owner_id,
        respond_by=respond_by(now, owner, hours),
        history=(*request.history, (now, assignment.owner_id, NO_ANSWER)),
    )
    return Escalation(escalated, assignment)


def _next_owner(
    request: Request,
    lead: Lead,
    roster: Roster,
    load: Mapping[str, int],
    rules: AssignRules,
    now: datetime,
) -> Assignment:
    former = request.owner_id
    if lead.assignment is not None and _is_other(lead.assignment.owner_id, former, roster):
        return lead.assignment
    chosen = _manager(former, roster, rules, now) if request.escalations else None
    chosen = chosen or choose(lead, roster, load, rules, now, exclude=(former,))
    if chosen.owner_id == UNASSIGNED and roster.is_active(former):
        chosen = replace(chosen, owner_id=former, reasons=("nobody else is active",))
    return replace(chosen, reasons=(NO_ANSWER, *chosen.reasons), rule="escalation")


def _manager(former: str, roster: Roster, rules: AssignRules, now: datetime) -> Assignment | None:
    """The former owner's manager, else the first active person of the fallback roles; None without any."""
    person = roster.people.get(former)
    if person is not None and _is_other(person.manager_id, former, roster):
        return Assignment(person.manager_id, ("manager of the former owner",), "escalation", rules.version, now)
    other = roster.first_active(rules.fallback_roles, exclude=(former,))
    if other is None:
        return None
    return Assignment(other.rep_id, (f"fallback: {other.role}",), "escalation", rules.version, now)


def _is_other(person_id: str, former: str, roster: Roster) -> bool:
    return person_id != former and roster.is_active(person_id)
