import pytest

from chalicelib.assign.roster import Roster, language_keys
from chalicelib.records.rep import Role
from tests.assign.people import admin, manager, rep


def test_the_order_in_which_people_are_given_does_not_matter() -> None:
    people = [rep("b"), rep("a"), manager("m"), rep("c", active=False)]
    assert Roster.of(people) == Roster.of(reversed(people))
    assert [person.rep_id for person in Roster.of(people).reps] == ["a", "b"]


def test_the_available_are_the_active_reps_but_the_excluded() -> None:
    roster = Roster.of([rep("a"), rep("b"), rep("c", active=False), manager("m")])
    assert [person.rep_id for person in roster.members(roster.available(()))] == ["a", "b"]
    assert [person.rep_id for person in roster.members(roster.available(("a", "m", "nobody")))] == ["b"]


def test_an_active_person_of_any_role_is_active_and_a_stranger_is_not() -> None:
    roster = Roster.of([rep("a"), manager("m"), rep("gone", active=False)])
    assert roster.is_active("a")
    assert roster.is_active("m")
    assert not roster.is_active("gone")
    assert not roster.is_active("stranger")


def test_the_first_active_person_is_of_the_first_role_that_has_one() -> None:
    roster = Roster.of([admin("a"), manager("m2"), manager("m1"), manager("m0", active=False)])
    order = (Role.MANAGER, Role.ADMIN)
    assert roster.first_active(order) == manager("m1")
    assert roster.first_active(order, exclude=("m1", "m2")) == admin("a")
    assert roster.first_active((Role.FINANCE,)) is None


@pytest.mark.parametrize(
    ("listed", "asked", "served"),
    [
        ("en", "en", True),
        ("en-GB", "en-US", True),
        ("EN_gb", "en", True),
        ("zh", "zh-Hans", True),
        ("zh-CN", "zh-Hant", True),
        ("zh-Hans", "zh", True),
        ("zh-Hans-CN", "zh-hans", True),
        ("zh-Hans", "zh-Hant", False),
        ("de", "en", False),
        ("", "en", True),  # an empty entry is no restriction
    ],
)
def test_a_language_is_met_by_primary_language_and_script(listed: str, asked: str, served: bool) -> None:
    roster = Roster.of([rep("a", languages=(listed,))])
    assert bool(roster.languages.serving(language_keys(asked))) is served


@pytest.mark.parametrize(
    "written", ["example.com", " Example.COM ", "@example.com", "sales@example.com", "example.com."]
)
def test_an_account_is_a_domain_however_it_was_written(written: str) -> None:
    assert Roster.of([rep("a", accounts=(written,))]).accounts == {"example.com": 1}


def test_an_account_in_other_letters_is_kept_as_addresses_have_it() -> None:
    assert list(Roster.of([rep("a", accounts=("müller.example",))]).accounts) == ["xn--mller-kva.example"]
    odd = "ü" * 70 + ".example"  # too long for IDNA
    assert list(Roster.of([rep("a", accounts=(odd,))]).accounts) == [odd]
