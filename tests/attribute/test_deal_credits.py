from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.attribute.deal_credits import credits_of, journeys_of, touched_by
from chalicelib.attribute.returns import RETURN_MODELS
from chalicelib.attribute.returns_report import Credit, TouchedDeal
from tests.attribute.tables import touch, win


def test_a_deal_s_journey_is_its_lead_s_touches_up_to_the_win_in_order() -> None:
    touches = [touch("l1", 5, "c"), touch("l1", 1, "a"), touch("l2", 1, "b"), touch("l1", 9, "d")]
    (journey,) = journeys_of(touches, [win("o", "l1", 5, 100)])
    assert [one.campaign_id for one in journey] == ["a", "c"]


def test_a_visit_without_a_campaign_takes_no_part() -> None:
    assert journeys_of([touch("l1", 1, "")], [win("o", "l1", 5, 100)]) == [[]]


def test_two_deals_of_a_lead_have_a_journey_each() -> None:
    touches = [touch("l1", 1, "a"), touch("l1", 5, "b")]
    first, second = journeys_of(touches, [win("o1", "l1", 2, 100), win("o2", "l1", 6, 100)])
    assert (len(first), len(second)) == (1, 2)


def test_only_touches_that_earned_something_are_listed() -> None:
    won = [win("o", "l1", 9, 101)]
    journeys = journeys_of([touch("l1", 1, "a"), touch("l1", 2, "b")], won)
    assert list(credits_of("first", won, journeys)) == [
        (Credit("first", "o", "l1", "a", "l1-1-a", 101, "EUR", 1.0), None)
    ]
    assert [(credit.amount_minor, credit.share) for credit, _ in credits_of("linear", won, journeys)] == [
        (51, 0.5),
        (50, 0.5),
    ]


def test_a_deal_without_a_touch_is_credited_to_no_campaign() -> None:
    won = [win("o", "l1", 9, 100, margin=30)]
    assert list(credits_of("linear", won, [[]])) == [(Credit("linear", "o", "l1", "", "", 100, "EUR", 1.0), 30)]
    assert list(touched_by(won, [[]])) == [TouchedDeal("o", "l1", "", "EUR")]


def test_a_deal_is_touched_once_by_a_campaign_however_often_it_came() -> None:
    won = [win("o", "l1", 9, 100)]
    journeys = journeys_of([touch("l1", 1, "a"), touch("l1", 2, "a"), touch("l1", 3, "b")], won)
    assert [deal.campaign_id for deal in touched_by(won, journeys)] == ["a", "b"]


def test_time_decay_sees_the_days_before_the_win() -> None:
    won = [win("o", "l1", 8, 300)]
    journeys = journeys_of([touch("l1", 1, "a"), touch("l1", 8, "b")], won)
    assert [credit.amount_minor for credit, _ in credits_of("time_decay", won, journeys)] == [100, 200]


@pytest.mark.parametrize("model", RETURN_MODELS)
@settings(derandomize=True, deadline=None, max_examples=50)
@given(
    touches=st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 20), st.sampled_from(["a", "b", "c", ""])), max_size=20
    ),
    wins=st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 25), st.integers(0, 10**9), st.none() | st.integers(0, 100)),
        max_size=6,
    ),
)
def test_credits_of_a_deal_add_up_to_its_amount_contribution_and_one(model: str, touches, wins) -> None:
    won = [
        win(f"o{place}", f"l{lead}", day, amount, margin=margin)
        for place, (lead, day, amount, margin) in enumerate(wins)
    ]
    journeys = journeys_of([touch(f"l{lead}", *rest) for lead, *rest in touches], won)
    credits = groupby(credits_of(model, won, journeys), key=lambda row: row[0].opportunity_id)
    for deal, (opportunity, rows) in zip(won, credits, strict=True):
        parts = list(rows)
        assert opportunity == deal.opportunity_id
        assert sum(credit.amount_minor for credit, _ in parts) == deal.amount.amount_minor
        assert sum(credit.share for credit, _ in parts) == pytest.approx(1)
        margins = [margin for _, margin in parts]
        if deal.margin is None:
            assert margins == [None] * len(parts)
        else:
            assert sum(margins) == (deal.amount.amount_minor * deal.margin + 50) // 100
