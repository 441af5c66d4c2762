"""Whose team somebody leads."""

from chalicelib.assign.teams import team_of
from chalicelib.records.rep import Rep

PEOPLE = [
    Rep("head", "Head", "head@example.com"),
    Rep("eva", "Eva", "eva@example.com", manager_id="head"),
    Rep("anna", "Anna", "anna@example.com", manager_id="eva"),
    Rep("mia", "Mia", "mia@example.com"),
    Rep("left", "Left", "left@example.com", manager_id="right"),
    Rep("right", "Right", "right@example.com", manager_id="left"),
]


def test_a_team_is_everybody_below_and_the_leader() -> None:
    assert team_of("head", PEOPLE) == {"head", "eva", "anna"}
    assert team_of("eva", PEOPLE) == {"eva", "anna"}


def test_nobody_below_is_no_team() -> None:
    assert team_of("mia", PEOPLE) == frozenset()
    assert team_of("anna", PEOPLE) == frozenset()


def test_people_who_report_to_each_other_are_one_team() -> None:
    assert team_of("left", PEOPLE) == team_of("right", PEOPLE) == {"left", "right"}
