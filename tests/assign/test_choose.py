from collections import Counter
from dataclasses import replace

import pytest

from chalicelib.assign.choose import Roster, choose, keep_or_choose, load_rules, rules_of
from chalicelib.records.rep import Rep, Role
from tests.assign.people import NOW, admin, lead, manager, rep

RULES = load_rules()


def test_the_owner_comes_with_reasons_rule_version_and_time() -> None:
    people = [
        rep("a", countries=("DE",), languages=("de",)),
        rep("b", countries=("DE",), languages=("de",)),
        rep("c", countries=("US",)),
    ]
    chosen = choose(lead(country="DE", language="de"), people, {"a": 13, "b": 12}, RULES, NOW)
    assert chosen.owner_id == "b"
    assert chosen.reasons == ("serves this country: DE", "speaks: de", "fewest open leads: 12 of 200")
    assert (chosen.rule, chosen.version, chosen.assigned_at) == ("load", RULES.version, NOW)


def test_the_holder_of_the_account_is_chosen_for_that_alone() -> None:
    people = [rep("a"), rep("b", accounts=("example.com",))]
    chosen = choose(lead(emails=("x@example.com",), country="DE"), people, {"b": 150}, RULES, NOW)
    assert (chosen.owner_id, chosen.reasons, chosen.rule) == ("b", ("account: example.com",), "account")


def test_load_decides_among_the_holders_of_one_account() -> None:
    people = [rep("a", accounts=("example.com",)), rep("b", accounts=("example.com",))]
    chosen = choose(lead(emails=("x@example.com",)), people, {"a": 1}, RULES, NOW)
    assert chosen.owner_id == "b"
    assert chosen.reasons == ("account: example.com", "fewest open leads: 0 of 200")
    assert chosen.rule == "account"


def test_the_only_one_who_fits_is_chosen_whatever_their_load() -> None:
    chosen = choose(
        lead(country="DE"), [rep("a", countries=("DE",)), rep("b", countries=("US",))], {"a": 9}, RULES, NOW
    )
    assert chosen.reasons == ("serves this country: DE", "the only rep who fits")
    assert (chosen.owner_id, chosen.rule) == ("a", "territory")


def test_load_counts_relative_to_capacity() -> None:
    people = [rep("a", capacity=10), rep("b", capacity=100)]
    assert choose(lead(), people, {"a": 5, "b": 40}, RULES, NOW).owner_id == "b"
    assert choose(lead(), people, {"a": 3, "b": 40}, RULES, NOW).owner_id == "a"


def test_a_tie_goes_to_the_lower_id() -> None:
    assert choose(lead(), [rep("b"), rep("a")], {}, RULES, NOW).owner_id == "a"


def test_who_is_at_capacity_is_passed_over_while_others_fit() -> None:
    people = [rep("a", capacity=10), rep("b", capacity=1000), rep("c", capacity=0)]
    chosen = choose(lead(), people, {"a": 10, "b": 999}, RULES, NOW)
    assert chosen.owner_id == "b"
    assert chosen.reasons == ("others are at capacity", "fewest open leads: 999 of 1000")


def test_when_all_who_fit_are_at_capacity_the_least_overloaded_takes_it() -> None:
    people = [rep("a", capacity=10), rep("b", capacity=10), rep("c", capacity=0), rep("d", countries=("US",))]
    chosen = choose(lead(country="DE"), people, {"a": 20, "b": 11, "c": 2}, RULES, NOW)
    assert chosen.owner_id == "b"
    assert chosen.reasons == ("all who fit are at capacity", "fewest open leads: 11 of 10")
    alone = choose(lead(), [rep("a", capacity=10)], {"a": 10}, RULES, NOW)
    assert alone.reasons == ("all who fit are at capacity", "the only rep who fits")


def test_nobody_inactive_excluded_or_of_another_role_is_chosen() -> None:
    people = [rep("a", active=False), manager("b"), rep("c"), rep("d"), rep("e", role=Role.MARKETER)]
    assert choose(lead(), people, {"d": 5}, RULES, NOW, exclude=("c",)).owner_id == "d"


@pytest.mark.parametrize(
    ("people", "owner_id", "reasons"),
    [
        (
            [admin("a"), manager("m2"), manager("m1"), rep("r", active=False)],
            "m1",
            ("no rep is active", "fallback: manager"),
        ),
        ([admin("a"), manager("m", active=False)], "a", ("no rep is active", "fallback: admin")),
        ([rep("r", active=False)], "unassigned", ("no active person: add a rep",)),
        ([], "unassigned", ("no active person: add a rep",)),
    ],
)
def test_without_an_active_rep_the_named_fallback_answers(
    people: list[Rep], owner_id: str, reasons: tuple[str, ...]
) -> None:
    chosen = choose(lead(), people, {}, RULES, NOW)
    assert (chosen.owner_id, chosen.reasons, chosen.rule) == (owner_id, reasons, "fallback")


def test_the_fallback_is_not_an_excluded_person_either() -> None:
    chosen = choose(lead(), [rep("r"), manager("m1"), manager("m2")], {}, RULES, NOW, exclude=("r", "m1"))
    assert (chosen.owner_id, chosen.reasons) == ("m2", ("no other rep is active", "fallback: manager"))


def test_counting_each_choice_up_spreads_a_list_evenly() -> None:
    roster = Roster.of([rep(name, capacity=capacity) for name, capacity in (("a", 100), ("b", 100), ("c", 200))])
    load = Counter({"a": 20})
    for _ in range(100):
        load[choose(lead(), roster, load, RULES, NOW).owner_id] += 1
    assert load == {"a": 30, "b": 30, "c": 60}


def test_the_owner_stays_while_active() -> None:
    owned = lead(owner_id="m")
    assert keep_or_choose(owned, [rep("a"), manager("m")], {}, RULES, NOW) is owned.assignment


def test_an_inactive_owner_is_replaced_and_the_reason_says_so() -> None:
    chosen = keep_or_choose(lead(owner_id="gone"), [rep("gone", active=False), rep("a")], {}, RULES, NOW)
    assert chosen.owner_id == "a"
    assert chosen.reasons == ("former owner is inactive", "the only rep who fits")


@pytest.mark.parametrize("owner_id", ["", "unassigned"])
def test_a_lead_nobody_owns_gets_an_owner(owner_id: str) -> None:
    assert keep_or_choose(lead(owner_id=owner_id), [rep("a")], {}, RULES, NOW).reasons == ("the only rep who fits",)


def test_the_rules_come_from_data_and_an_unknown_rule_or_role_is_an_error() -> None:
    data = {"version": "x", "rules": ["territory"], "fallback_roles": ["admin"]}
    rules = rules_of(data)
    people = [rep("a"), rep("b", accounts=("example.com",))]
    assert choose(lead(emails=("x@example.com",)), people, {}, rules, NOW).owner_id == "a"
    assert choose(lead(), [manager("m"), admin("z")], {}, rules, NOW).owner_id == "z"
    with pytest.raises(ValueError, match="unknown assignment rule: weather"):
        rules_of(data | {"rules": ["weather"]})
    with pytest.raises(ValueError, match="boss"):
        rules_of(data | {"fallback_roles": ["boss"]})


def test_the_load_given_is_only_read() -> None:
    load: dict[str, int] = {}
    choose(lead(), [rep("a"), rep("b")], load, RULES, NOW)
    assert load == {}
    assert replace(RULES, version="2") != RULES
