from dataclasses import replace

import pytest

from chalicelib.attribute.channel_returns import ChannelReturn, channel_returns
from chalicelib.attribute.intervals import ENOUGH_DEALS
from chalicelib.attribute.journeys import Journeys, coded_journeys
from chalicelib.attribute.rules import rule_credit
from chalicelib.attribute.touches import SpendColumns
from tests.attribute.tables import coded


def lines(journeys: Journeys, *spend: tuple[str, str, float], margin: float | None = None) -> dict[str, ChannelReturn]:
    channel, campaign, amount = zip(*spend, strict=True)
    credits = {"linear": rule_credit("linear", journeys.table)}
    found = channel_returns(journeys, credits, SpendColumns([], channel, campaign, amount), margin)
    assert isinstance(found, dict)
    return found["linear"]


def deals(count: int) -> Journeys:
    """Each person is touched by A, then B, and buys for 100."""
    touches = [(person, at, channel) for person in range(count) for at, channel in ((1, "A"), (2, "B"))]
    return coded_journeys(coded(touches, [(person, 3, 100) for person in range(count)]))


def test_a_channel_s_line_compares_what_it_cost_with_what_it_is_credited() -> None:
    line = lines(deals(4), ("A", "", 50), ("A", "", 50))["A"]
    assert (line.spend, line.leads, line.wins, line.revenue, line.revenue_per_spend) == (100, 4, 2, 200, 2)
    assert line.low is not None
    assert line.high is not None
    assert line.low < 2 < line.high
    assert (line.contribution, line.roi) == (None, None)


def test_few_deals_are_not_enough_to_say() -> None:
    assert not lines(deals(ENOUGH_DEALS - 1), ("A", "", 1))["A"].enough
    assert lines(deals(ENOUGH_DEALS), ("A", "", 1))["A"].enough


def test_a_channel_without_spend_has_no_figure_per_spend() -> None:
    line = lines(deals(4), ("A", "", 10), margin=50)["B"]
    assert (line.spend, line.revenue_per_spend, line.low, line.high, line.roi) == (0, None, None, None, None)
    assert line.contribution == 100
    assert {"contribution", "roi"} <= line.as_json().keys()


def test_contribution_and_return_need_a_margin() -> None:
    line = lines(deals(4), ("A", "", 50), margin=40)["A"]
    assert (line.contribution, line.roi) == (80, pytest.approx(0.6))
    assert "roi" not in lines(deals(4), ("A", "", 50))["A"].as_json()


def test_spend_on_a_campaign_follows_its_touches_and_all_spend_adds_up() -> None:
    journeys = replace(deals(4), campaign_touches={"x": {"A": 1, "B": 3}})
    found = lines(journeys, ("", "x", 40), ("Z", "", 5), ("", "unknown", 7))
    assert {name: line.spend for name, line in found.items()} == {"A": 10, "B": 30, "Z": 5, "unknown": 7}
    assert (found["Z"].wins, found["Z"].leads, found["Z"].revenue_per_spend, found["Z"].enough) == (0, 0, 0, False)
