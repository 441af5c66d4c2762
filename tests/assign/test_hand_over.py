import pytest

from chalicelib.assign.choose import UNASSIGNED, load_rules
from chalicelib.assign.hand_over import next_owner, owner_inactive, somebody_there
from chalicelib.assign.roster import Roster
from chalicelib.records.lead import Assignment, Lead
from chalicelib.records.rep import Rep
from tests.assign.people import NOW, admin, lead, manager, rep

ROSTER = Roster.of([rep("a"), rep("gone", active=False), manager("m")])


@pytest.mark.parametrize("owner_id", ["gone", "stranger", "unassigned"])
def test_a_lead_of_nobody_who_works_here_is_to_be_handed_over(owner_id: str) -> None:
    assert owner_inactive(lead(owner_id=owner_id), ROSTER)


@pytest.mark.parametrize("owner_id", ["a", "m", ""])
def test_a_lead_of_somebody_who_works_here_or_of_nobody_yet_stays(owner_id: str) -> None:
    assert not owner_inactive(lead(owner_id=owner_id), ROSTER)


def taken(known: Lead, former: str, *people: Rep, **load: int) -> Assignment:
    return next_owner(known, former, Roster.of(people), load, load_rules(), NOW)


def test_what_waited_for_somebody_goes_to_the_lightest_load_with_the_reason_stored() -> None:
    found = taken(lead(UNASSIGNED), UNASSIGNED, rep("a"), rep("b"), a=3)
    assert found.owner_id == "b"
    assert found.reasons[0] == "nobody was there to take it before"
    assert found.reasons[-1].startswith("fewest open leads: 0")
    assert (found.version, found.assigned_at) == (load_rules().version, NOW)


def test_what_waited_falls_back_to_a_manager_where_there_is_no_rep() -> None:
    found = taken(lead(UNASSIGNED), UNASSIGNED, rep("gone", active=False), manager("m"))
    assert (found.owner_id, found.reasons[1]) == ("m", "no rep is active")


def test_what_a_leaver_had_goes_to_somebody_else_and_says_why() -> None:
    found = taken(lead("a"), "a", rep("a"), rep("b"))
    assert (found.owner_id, found.reasons[0]) == ("b", "former owner is inactive")


@pytest.mark.parametrize("former", ["a", UNASSIGNED])
def test_what_hangs_on_a_lead_of_another_active_person_goes_to_that_person(former: str) -> None:
    held = lead("b")
    assert taken(held, former, rep("a"), rep("b")) is held.assignment
    assert taken(lead("gone"), former, rep("c"), rep("gone", active=False)).owner_id == "c"


def test_while_nobody_is_there_it_stays_with_nobody() -> None:
    assert taken(lead(UNASSIGNED), UNASSIGNED, rep("gone", active=False)).owner_id == UNASSIGNED


@pytest.mark.parametrize(
    ("people", "there"),
    [
        ((), False),
        ((rep("a", active=False),), False),
        ((rep("a"),), True),
        ((manager("m"),), True),
        ((admin("x"),), True),
    ],
)
def test_somebody_is_there_as_soon_as_one_active_person_can_be_given_a_lead(
    people: tuple[Rep, ...], there: bool
) -> None:
    assert somebody_there(Roster.of(people), load_rules()) is there
