from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.assign.choose import load_rules
from chalicelib.assign.escalate import Escalation, breached, escalate
from chalicelib.assign.respond import load_limits
from chalicelib.assign.roster import Roster
from chalicelib.records.lead import Lead, Score
from chalicelib.records.rep import Rep
from chalicelib.records.touch import Request, RequestState
from tests.assign.people import NOW, admin, lead, manager, rep

HOUR = timedelta(hours=1)


def request(**changed: Any) -> Request:
    given: dict[str, Any] = {
        "request_id": "R1", "lead_id": "L1", "touch_id": "T1", "received_at": NOW - 10 * HOUR, "owner_id": "a",
        "respond_by": NOW - HOUR, "history": ((NOW - 10 * HOUR, "a", "assigned"),),
    }  # fmt: skip
    return Request(**(given | changed))


def escalated(
    asked: Request, people: list[Rep], who: Lead | None = None, load: dict[str, int] | None = None
) -> Escalation:
    who = who if who is not None else lead(owner_id="a")
    return escalate(asked, who, Roster.of(people), load or {}, load_rules(), load_limits(), NOW)


def test_a_request_past_its_limit_without_an_answer_is_breached() -> None:
    assert breached(request(), NOW)
    assert breached(request(state=RequestState.ESCALATED), NOW)


@pytest.mark.parametrize(
    "changed",
    [
        {"respond_by": NOW},
        {"first_responded_at": NOW - 2 * HOUR},
        {"state": RequestState.ANSWERED},
        {"state": RequestState.CLOSED},
    ],
)
def test_a_request_in_time_answered_or_closed_is_not_breached(changed: dict[str, Any]) -> None:
    assert not breached(request(**changed), NOW)


def test_the_first_breach_goes_to_another_rep_who_fits_with_a_new_clock() -> None:
    people = [rep("a", manager_id="m"), rep("b", countries=("DE",)), rep("c", countries=("US",)), manager("m")]
    found = escalated(request(), people, who=lead(owner_id="a", country="DE"), load={"b": 50})
    assert found.request.owner_id == found.assignment.owner_id == "b"
    assert found.request.state is RequestState.ESCALATED
    assert found.request.escalations == 1
    assert found.request.respond_by == NOW + 4 * HOUR
    assert found.request.history == (
        (NOW - 10 * HOUR, "a", "assigned"),
        (NOW, "b", "no answer within the limit"),
    )
    assert found.reason == "no answer within the limit"
    assert found.assignment.rule == "escalation"
    assert found.assignment.assigned_at == NOW
    assert found.assignment.reasons == (
        "no answer within the limit",
        "serves this country: DE",
        "the only rep who fits",
    )


def test_a_hot_lead_keeps_its_shorter_limit() -> None:
    found = escalated(request(), [rep("a"), rep("b")], who=lead(owner_id="a", score=Score(90)))
    assert found.request.respond_by == NOW + 2 * HOUR


def test_the_second_breach_goes_to_the_owners_manager() -> None:
    people = [rep("a", manager_id="m2"), rep("b"), manager("m1"), manager("m2")]
    found = escalated(request(escalations=1, state=RequestState.ESCALATED), people)
    assert found.request.owner_id == "m2"
    assert found.request.escalations == 2
    assert found.assignment.reasons == ("no answer within the limit", "manager of the former owner")


@pytest.mark.parametrize("manager_id", ["", "gone", "stranger", "a"])
def test_without_an_active_manager_the_fallback_answers(manager_id: str) -> None:
    people = [rep("a", manager_id=manager_id), rep("b"), manager("m"), manager("gone", active=False)]
    found = escalated(request(escalations=1), people)
    assert found.request.owner_id == "m"
    assert found.assignment.reasons == ("no answer within the limit", "fallback: manager")


def test_a_manager_who_does_not_answer_either_hands_on_to_the_next() -> None:
    people = [rep("a"), manager("m"), admin("z")]
    found = escalated(request(owner_id="m", escalations=2), people, who=lead(owner_id="m"))
    assert found.request.owner_id == "z"


def test_without_any_manager_or_admin_a_later_breach_goes_to_another_rep() -> None:
    assert escalated(request(escalations=3), [rep("a"), rep("b")]).request.owner_id == "b"


def test_the_first_breach_goes_to_the_fallback_when_there_is_no_other_rep() -> None:
    assert escalated(request(), [rep("a"), rep("b", active=False), manager("m")]).request.owner_id == "m"


@pytest.mark.parametrize("escalations", [0, 1])
def test_the_same_person_keeps_it_only_when_there_is_nobody_else(escalations: int) -> None:
    found = escalated(request(escalations=escalations), [rep("a"), rep("b", active=False)])
    assert found.request.owner_id == "a"
    assert found.assignment.reasons == ("no answer within the limit", "nobody else is active")


def test_an_inactive_person_never_gets_it_even_when_there_is_nobody_else() -> None:
    found = escalated(request(), [rep("a", active=False)])
    assert found.request.owner_id == "unassigned"
    assert found.assignment.reasons == ("no answer within the limit", "no active person: add a rep")


def test_a_request_of_a_former_owner_follows_the_lead_to_its_present_one() -> None:
    who = lead(owner_id="c")
    found = escalated(request(), [rep("a"), rep("b"), rep("c")], who=who)
    assert found.request.owner_id == "c"
    assert found.assignment is who.assignment


def test_a_lead_of_an_inactive_owner_does_not_hold_the_request_there() -> None:
    people = [rep("a"), rep("b"), rep("c", active=False)]
    assert escalated(request(), people, who=lead(owner_id="c")).request.owner_id == "b"
    unowned = replace(lead(), assignment=None)
    assert escalated(request(), people, who=unowned).request.owner_id == "b"
