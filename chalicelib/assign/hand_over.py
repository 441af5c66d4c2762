"""Handover: which leads are left with somebody who no longer works here."""

from chalicelib.assign.roster import Roster
from chalicelib.records.lead import Lead


def owner_inactive(lead: Lead, roster: Roster) -> bool:
    """Whether the lead is owned by nobody who works here now: an inactive or unknown person, or "unassigned".

    A lead that was never given to anybody has no owner who could be inactive."""
    return lead.assignment is not None and not roster.is_active(lead.assignment.owner_id)
