"""Who is named in a note."""

import pytest

from chalicelib.follow_up.mentions import mentioned
from chalicelib.records.rep import Rep

ANNA = Rep("anna", "Anna Example", "anna@example.com")
BEN = Rep("ben", "Ben Example", "b.example@example.com")
OTHER = Rep("ben-2", "Ben Sample", "ben.sample@example.com")
JING = Rep("chen", "陈静", "jing@example.com")
PEOPLE = (ANNA, BEN, OTHER, JING)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Please call, @Anna", ["anna"]),
        ("@anna, @ANNA Example and (@anna@example)", ["anna"]),
        ("@Ben Example knows him", ["ben"]),
        ("@ben-2 and @b.example", ["ben-2", "ben"]),
        ("请＠陈静看一下", ["chen"]),
        ("@陈静请看", ["chen"]),
        ("write to jana@anna.example.com", []),
        ("@Annabel is at home", []),
        ("@nobody, @ and @", []),
        ("", []),
    ],
)
def test_names_after_an_at_are_found(text: str, named: list[str]) -> None:
    found = mentioned(text, PEOPLE)
    assert [rep.rep_id for rep in found.people] == named
    assert found.unclear == ()


def test_a_name_of_two_is_said_to_be_unclear() -> None:
    found = mentioned("@Ben Sample and @Ben", (*PEOPLE, Rep("x", "", "")))
    assert found.people == (OTHER,)
    assert found.unclear == ("ben",)
