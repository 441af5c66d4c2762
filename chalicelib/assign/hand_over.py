"""Handover: which leads are left with nobody who works here, and who takes them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from chalicelib.assign.choose import UNASSIGNED, AssignRules, choose
from chalicelib.assign.roster import Roster
from chalicelib.records.lead import Assignment, Lead

LEFT = "former owner is inactive"
NOBODY_THERE = "nobody was there to take it before"


def owner_inactive(lead: Lead, roster: Roster) -> bool:
    """Whether the lead is owned by nobody who works here now: an inactive or unknown person, or "unassigned".

    A lead that was never given to anybody has no owner who could be inactive."""
    return lead.assignment is not None and not roster.is_active(lead.assignment.owner_id)


def somebody_there(roster: Roster, rules: AssignRules) -> bool:
    """Whether anybody can be given a lead at all: a rep, or failing that somebody of the fallback roles."""
    return bool(roster.available(())) or roster.first_active(rules.fallback_roles, ()) is not None


def next_owner(
    lead: Lead, former_id: str, roster: Roster, load: Mapping[str, int], rules: AssignRules, now: datetime
) -> Assignment:
    """Who takes what `former_id` had of this lead, somebody who left or "unassigned": the lead's own owner where that
    is another active person, else a new one by the rules, with the reason why it moves. Still "unassigned" while
    nobody is there."""
    held = lead.assignment
    if held is not None and held.owner_id != former_id and roster.is_active(held.owner_id):
        return held
    waited = former_id == UNASSIGNED
    chosen = choose(lead, roster, load, rules, now, exclude=() if waited else (former_id,))
    return replace(chosen, reasons=(NOBODY_THERE if waited else LEFT, *chosen.reasons))
