"""What a form, a list row and an idle month cost, held to its limits: counted, not timed."""

import re
from pathlib import Path
from typing import Any

import pytest

from chalicelib.costs.idle import IdleItem, after_free
from chalicelib.costs.measure import forms, idle, opened, rows
from chalicelib.costs.report import report, told


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return report()


def test_a_new_person_costs_two_round_trips_a_known_one_three(document: dict[str, Any]) -> None:
    assert document["forms"]["round_trips_of_one"] <= 2
    assert document["known_forms"]["round_trips_of_one"] <= 3


@pytest.mark.parametrize("part", ["forms", "known_forms"])
def test_a_form_with_its_confirmations_whole_life_stays_within_its_write_units(
    document: dict[str, Any], part: str
) -> None:
    assert 0 < document[part]["write_units_of_one"] <= 24
    assert 0 < document[part]["write_units_of_its_notice"] <= 8
    assert document[part]["mails"] == 2_000, "a confirmation and a notice each"


def test_a_list_row_stays_within_its_write_units(document: dict[str, Any]) -> None:
    assert 0 < document["rows"]["write_units_of_one_without_mail"] <= 16
    assert document["rows"]["mails"] == 1_000


def test_a_month_in_which_nobody_comes_costs_three_dollars_at_most(document: dict[str, Any]) -> None:
    assert 0 < document["idle"]["usd_after_always_free"] <= 3
    assert document["idle"]["usd_after_always_free"] <= document["idle"]["usd"]
    whats = {item["what"] for item in document["idle"]["items"]}
    assert {"alarms", "the clock's reads", "logs", "table, recovery to any second", "bucket"} <= whats


def test_what_an_account_gets_for_nothing_it_gets_once() -> None:
    asked = [IdleItem("one queue", "sqs_million_requests", 0.6), IdleItem("another", "sqs_million_requests", 0.6)]
    assert after_free(asked) == pytest.approx(0.2 * 0.40)


PAGE = (Path(__file__).resolve().parents[2] / "docs" / "deploy.md").read_text("utf-8")
LINES = {
    "forms": "forms by new people, with all that follows",
    "known_forms": "forms by people who are known",
    "rows": "rows of a list, each mailed on a legal basis",
}


@pytest.mark.parametrize("part", LINES)
def test_the_page_says_what_is_counted(document: dict[str, Any], part: str) -> None:
    counted = document[part]
    cells = [f"{round(counted[name], -2):,.0f}" for name in ("store_calls", "read_units", "write_units", "mails")]
    assert f"| {LINES[part]} | {' | '.join(cells)} | {counted['usd']:.2f} |" in PAGE


def test_the_page_says_what_an_idle_month_costs(document: dict[str, Any]) -> None:
    """Within what the seconds of another machine make of it."""
    found = re.search(r"\*\*together\*\* \| \*\*([\d.]+)\*\* \|\n\|[^|]+\| ([\d.]+) \|", PAGE)
    assert found
    assert float(found[1]) == pytest.approx(document["idle"]["usd"], abs=0.06)
    assert float(found[2]) == pytest.approx(document["idle"]["usd_after_always_free"], abs=0.06)


def test_the_parts_add_up_to_the_money(document: dict[str, Any]) -> None:
    for part in ("forms", "known_forms", "rows", "idle"):
        assert document[part]["usd"] == pytest.approx(sum(i["usd"] for i in document[part]["items"]), abs=0.001)


def test_the_units_of_one_are_those_of_a_thousand(document: dict[str, Any]) -> None:
    for part in ("forms", "known_forms"):
        one = document[part]["write_units_of_one"] + document[part]["write_units_of_its_notice"]
        assert document[part]["write_units"] == pytest.approx(1_000 * one)


def test_prices_say_where_and_when_they_held(document: dict[str, Any]) -> None:
    assert (document["currency"], document["per"]) == ("USD", 1_000)
    assert document["region"]
    assert document["date"] >= "2026"
    assert "price" in document["source"]


def test_people_are_told_each_part(document: dict[str, Any]) -> None:
    text = told(document)
    for words in ("1,000 forms by new people", "1,000 rows of a list", "A month in which nobody comes", "SES mails"):
        assert words in text


def test_a_form_is_counted_the_same_however_many_there_are() -> None:
    with opened(warm=True) as world:
        few = forms(world, known=False, count=3)
    with opened(warm=True) as world:
        more = forms(world, known=False, count=9)
    assert (few.trips, few.form_units, few.notice_units) == (more.trips, more.form_units, more.notice_units)


def test_nothing_is_written_while_nobody_comes_and_the_clock_looks_once() -> None:
    with opened() as world:
        used = idle(world, ticks=2)
    assert used.bill.write_units == 0
    assert used.runs == {"on_tick": 2}
    # One look over the eight shards, the people and the seminars; the read model's log is listed once.
    assert used.bill.calls["Query"] <= 2 * 10
    assert used.s3["list"] <= 2


def test_each_row_of_the_list_becomes_a_person_with_a_mail() -> None:
    with opened() as world:
        done = rows(world, count=40)
        assert sum(world.deps.model.open_by_owner().values()) == 40
    assert done.use.mails == 40
