"""Whose lead is it? Named account, territory, language, product, then the lightest load.

Who fits is `narrow`'s answer; here the load decides among them. Reps at capacity are passed over while others
fit. Ties go to the lower rep_id.
"""

import json
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from chalicelib.assign.narrow import RULES, Fitting, narrow
from chalicelib.assign.roster import Roster
from chalicelib.records.lead import Assignment, Lead
from chalicelib.records.rep import Rep, Role

__all__ = ["UNASSIGNED", "AssignRules", "Roster", "choose", "keep_or_choose", "load_rules", "rules_of"]

UNASSIGNED = "unassigned"

# More than any load within capacity, so that whoever is at capacity comes after everybody who is not.
_OVERFULL = 1e6


@dataclass(frozen=True, slots=True)
class AssignRules:
    """`rules` by importance; `fallback_roles` answer when no rep can."""

    version: str
    rules: tuple[str, ...]
    fallback_roles: tuple[Role, ...]


def rules_of(data: Mapping[str, Any]) -> AssignRules:
    """Rules from the shape of assign_rules.json. ValueError for an unknown rule or role."""
    unknown = set(data["rules"]) - RULES
    if unknown:
        raise ValueError(f"unknown assignment rule: {', '.join(sorted(unknown))}")
    roles = tuple(Role(role) for role in data["fallback_roles"])
    return AssignRules(data["version"], tuple(data["rules"]), roles)


@cache
def load_rules() -> AssignRules:
    """The rules the product ships with."""
    path = Path(__file__).parent.parent / "data" / "assign_rules.json"
    return rules_of(json.loads(path.read_text("utf-8")))


def choose(
    lead: Lead,
    reps: Sequence[Rep] | Roster,
    load: Mapping[str, int],
    rules: AssignRules,
    now: datetime,
    exclude: Collection[str] = (),
) -> Assignment:
    """Choose the owner, with reasons in words.

    `load` counts open leads by rep_id and is only read: who assigns many leads in one go counts each choice
    up in it, so that the next choice sees it. Give a Roster instead of reps for the same reason. With nobody
    to choose from, the first active person of the fallback roles; failing that, the owner "unassigned".
    """
    roster = reps if isinstance(reps, Roster) else Roster.of(reps)
    available = roster.available(exclude)
    if not available:
        return _fall_back(roster, rules, now, exclude)
    fitting = narrow(lead, roster, available, rules.rules)
    rep, full = _lightest(fitting.reps, load)
    rule, why = _deciding(fitting, rep, full, load)
    bit = roster.bits[rep.rep_id]
    reasons = [reason for reason, true_of in fitting.reasons if true_of & bit]
    return Assignment(rep.rep_id, (*reasons, *why), rule, rules.version, now)


def keep_or_choose(
    lead: Lead, reps: Sequence[Rep] | Roster, load: Mapping[str, int], rules: AssignRules, now: datetime
) -> Assignment:
    """The lead's owner while active (an owner stays on merge), else a new one."""
    roster = reps if isinstance(reps, Roster) else Roster.of(reps)
    former = lead.assignment
    if former is None or former.owner_id == UNASSIGNED:
        return choose(lead, roster, load, rules, now)
    if roster.is_active(former.owner_id):
        return former
    chosen = choose(lead, roster, load, rules, now, exclude=(former.owner_id,))
    return replace(chosen, reasons=("former owner is inactive", *chosen.reasons))


def _lightest(reps: tuple[Rep, ...], load: Mapping[str, int]) -> tuple[Rep, int]:
    """Who has the lightest load relative to capacity, and how many are at capacity. Those who are come last."""
    best, lightest, full = reps[0], math.inf, 0
    for rep in reps:
        carried = load.get(rep.rep_id, 0)
        share = carried / (rep.capacity or 1)
        if carried >= rep.capacity:
            full += 1
            share += _OVERFULL
        if share < lightest:
            best, lightest = rep, share
    return best, full


def _deciding(fitting: Fitting, rep: Rep, full: int, load: Mapping[str, int]) -> tuple[str, tuple[str, ...]]:
    """(the rule that decided, what the load says)."""
    among = len(fitting.reps)
    passed = ("others are at capacity" if full < among else "all who fit are at capacity",) if full else ()
    if among > 1:
        fewest = f"fewest open leads: {load.get(rep.rep_id, 0)} of {rep.capacity}"
        return "account" if fitting.rule == "account" else "load", (*passed, fewest)
    if fitting.rule == "account":
        return "account", passed
    return fitting.rule, (*passed, "the only rep who fits")


def _fall_back(roster: Roster, rules: AssignRules, now: datetime, exclude: Collection[str]) -> Assignment:
    person = roster.first_active(rules.fallback_roles, exclude)
    if person is None:
        reasons: tuple[str, ...] = ("no active person: add a rep",)
        return Assignment(UNASSIGNED, reasons, "fallback", rules.version, now)
    reasons = ("no other rep is active" if exclude else "no rep is active", f"fallback: {person.role}")
    return Assignment(person.rep_id, reasons, "fallback", rules.version, now)
