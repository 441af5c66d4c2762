from datetime import date

import pytest

from chalicelib.attribute.journeys import Journeys
from chalicelib.attribute.touches import (
    ConversionColumns,
    TouchColumns,
    journeys,
    read_conversions,
    read_milestones,
    read_spend,
    read_touches,
)
from chalicelib.records.contact import Refusal
from tests.attribute.tables import in_words

TOUCHES = "person_id,touched_at,channel,campaign\n"
WON = "person_id,converted_at,value,currency\n"
SPEND = "date,channel,campaign,amount,currency\n"
MILESTONES = "person_id,milestone,at\n"


def made(touches: str, won: str, lookback: float | None = None, milestones: str = "") -> Journeys:
    seen, bought = read_touches(TOUCHES + touches), read_conversions(WON + won)
    assert isinstance(seen, TouchColumns), seen
    assert isinstance(bought, ConversionColumns), bought
    passed = read_milestones(MILESTONES + milestones) if milestones else None
    assert not isinstance(passed, Refusal)
    found = journeys(seen, bought, lookback, passed)
    assert isinstance(found, Journeys), found
    return found


def test_the_journeys_in_two_files() -> None:
    found = made("p,2026-01-03,B,\np,2026-01-01,A,\nq,2026-01-01,C,", "p,2026-01-05,70,eur\nr,2026-01-05,9,")
    assert in_words(found.table) == ["AB", "C"]
    assert (found.unattributed, found.unattributed_value, found.currency) == (1, 9, "EUR")


def test_a_touch_on_the_day_of_a_conversion_known_by_its_day_counts() -> None:
    assert in_words(made("p,2026-01-05T16:00:00+02:00,A,", "p,2026-01-05,1,").table) == ["A"]
    assert made("p,2026-01-05T16:00,A,", "p,2026-01-05T15:59,1,").unattributed == 1


def test_the_lookback_is_in_days() -> None:
    assert in_words(made("p,2026-01-01,A,\np,2026-01-03,B,", "p,2026-01-05T00:00,1,", 2).table) == ["B"]


@pytest.mark.parametrize("days", [0, -1, float("nan"), float("inf")])
def test_a_lookback_is_above_zero(days: float) -> None:
    found = journeys(TouchColumns([], [], [], []), ConversionColumns([], [], []), days)
    assert isinstance(found, Refusal)
    assert found.reason.startswith("not a number of days above zero")


def test_milestones_are_known_by_several_names_and_a_close_is_optional() -> None:
    touches, won = "p,2026-01-01,A,\np,2026-01-03,B,\np,2026-01-05,C,", "p,2026-01-09,1,"
    found = made(touches, won, milestones="p,Lead Created,2026-01-01\np,opportunity,2026-01-04")
    assert {name: place.tolist() for name, place in found.anchors.items()} == {"lead": [0], "opportunity": [1]}
    assert made(touches, won, milestones="p,won,2026-01-04").anchors["close"].tolist() == [1]


def test_touches_are_counted_by_campaign_and_channel() -> None:
    found = made("p,2026-01-01,A,x\np,2026-01-02,A,x\nq,2026-01-02,B,x\nq,2026-01-02,B,", "p,2026-01-05,1,")
    assert found.campaign_touches == {"x": {"A": 2, "B": 1}}


def test_spend_is_for_a_channel_or_a_campaign_and_may_be_a_credit_note() -> None:
    found = read_spend(SPEND + "2026-01-05,A,,10.5,EUR\n2026/1/6,,x,-2,")
    assert not isinstance(found, Refusal)
    assert (found.spent_on, found.channel, found.campaign) == (
        [date(2026, 1, 5), date(2026, 1, 6)],
        ["A", ""],
        ["", "x"],
    )
    assert (found.amount, found.currency) == ([10.5, -2], "EUR")


@pytest.mark.parametrize(
    ("reader", "text", "refusal"),
    [
        (read_touches, TOUCHES + "p,2026-01-05,A,\n,2026-01-05,A,", Refusal("person_id", "a value is missing", 2)),
        (read_touches, TOUCHES + "p,soon,A,", Refusal("touched_at", "not a date or time: soon", 1)),
        (read_touches, TOUCHES + "p,2026-01-05,,", Refusal("channel", "a value is missing", 1)),
        (read_touches, "a,b\n1,2", Refusal("person_id", "a column is missing: person_id")),
        (read_conversions, "", Refusal("file", "the file is empty")),
        (read_conversions, WON + ",2026-01-05,1,", Refusal("person_id", "a value is missing", 1)),
        (read_conversions, WON + "p,2026-02-30,1,", Refusal("converted_at", "not a date or time: 2026-02-30", 1)),
        (read_conversions, WON + "p,2026-02-03,-1,", Refusal("value", "not a number of zero or more: -1", 1)),
        (
            read_conversions,
            WON + "p,2026-02-03,1,EUR\np,2026-02-03,1,usd",
            Refusal("currency", "amounts in several currencies cannot be added: EUR, USD"),
        ),
        (read_spend, "date,amount\n", Refusal("file", "the file has a header and no rows")),
        (read_spend, SPEND + "2026-01-05,,,1,", Refusal("channel", "a value is missing", 1)),
        (read_spend, SPEND + "early,A,,1,", Refusal("date", "not a date: early", 1)),
        (read_spend, SPEND + "2026-01-05,A,,much,", Refusal("amount", "not a number: much", 1)),
        (
            read_spend,
            SPEND + "2026-01-05,A,,1,EUR\n2026-01-05,A,,1,CNY",
            Refusal("currency", "amounts in several currencies cannot be added: EUR, CNY"),
        ),
        (read_milestones, "person_id\np", Refusal("milestone", "a column is missing: milestone")),
        (read_milestones, MILESTONES + ",lead,2026-01-05", Refusal("person_id", "a value is missing", 1)),
        (
            read_milestones,
            MILESTONES + "p,lunch,2026-01-05",
            Refusal("milestone", "not a milestone (lead, opportunity, close): lunch", 1),
        ),
        (read_milestones, MILESTONES + "p,lead,", Refusal("at", "a value is missing", 1)),
    ],
)
def test_a_row_that_cannot_be_read_is_refused_with_its_number(reader, text: str, refusal: Refusal) -> None:
    assert reader(text) == refusal
