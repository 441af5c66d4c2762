"""Whose leads somebody sees, and whom they may change."""

from datetime import UTC, datetime

import pytest

from chalicelib.assign.visibility import Sight, may_manage, may_merge, sees_source, sight_of
from chalicelib.records.lead import Assignment, Lead
from chalicelib.records.rep import Rep, Role

ANNA = Rep("anna", "Anna Example", "anna@example.com")
BEN = Rep("ben", "Ben Example", "ben@example.com")
GONE = Rep("gone", "Gone Example", "gone@example.com", active=False)
EVA = Rep("eva", "Eva Example", "eva@example.com", Role.MANAGER)
EVERYBODY = (ANNA, BEN, GONE, EVA)


def _owned(owner_id: str) -> Assignment:
    return Assignment(owner_id, (), "rule", "1", datetime(2026, 3, 2, tzinfo=UTC))


def test_a_rep_sees_the_own_leads_and_those_no_rep_has_in_hand() -> None:
    sight = sight_of(ANNA, EVERYBODY)
    seen = [owner for owner in ("anna", "ben", "gone", "eva", "", "unassigned", "stranger") if sight.sees_of(owner)]
    assert seen == ["anna", "gone", "eva", "", "unassigned"]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.REP])
def test_everybody_else_sees_all(role: Role) -> None:
    assert sight_of(Rep("x", "X", "x@example.com", role), EVERYBODY) == Sight(None)


@pytest.mark.parametrize(
    ("role", "uploaded_by", "seen"),
    [
        (Role.MARKETER, "x", True),
        (Role.MARKETER, "eva", False),
        (Role.MARKETER, "web site", True),
        (Role.MANAGER, "anna", True),
        (Role.ADMIN, "anna", True),
        (Role.REP, "x", False),
        (Role.REP, "web site", False),
        (Role.FINANCE, "x", False),
    ],
)
def test_rows_that_became_nobody_are_for_who_uploaded_them_and_who_leads(
    role: Role, uploaded_by: str, seen: bool
) -> None:
    me = Rep("x", "X", "x@example.com", role)
    assert sees_source(me, uploaded_by, (*EVERYBODY, me)) is seen


def test_an_administrator_changes_everybody_a_manager_reps_alone() -> None:
    allowed = {
        person: [role for role in Role if may_manage(Rep("x", "X", "x@example.com", person), role)] for person in Role
    }
    assert allowed == {
        Role.ADMIN: list(Role),
        Role.MANAGER: [Role.REP],
        Role.MARKETER: [],
        Role.REP: [],
        Role.FINANCE: [],
    }


def test_a_rep_merges_the_own_leads_alone_and_finance_none() -> None:
    mine, others = Lead("L1", assignment=_owned("anna")), Lead("L2", assignment=_owned("ben"))
    anna = Rep("anna", "Anna", "anna@example.com")
    assert may_merge(anna, mine, mine)
    assert not may_merge(anna, mine, others)
    for role in (Role.MARKETER, Role.MANAGER, Role.ADMIN):
        assert may_merge(Rep("eva", "Eva", "eva@example.com", role), mine, others)
    assert not may_merge(Rep("fin", "Fin", "fin@example.com", Role.FINANCE), mine)
