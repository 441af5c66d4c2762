import numpy as np
import pytest

from chalicelib.attribute.intervals import revenue_interval


def test_the_interval_covers_what_a_channel_truly_earns_about_nine_times_in_ten() -> None:
    chance = np.random.default_rng(3)
    held = 0
    for _ in range(200):
        own, others = chance.poisson(10), chance.poisson(40)
        values = np.exp(chance.normal(8, 1, own + others))
        parts = np.repeat([1.0, 0.0], [own, others])
        low, high = revenue_interval(own, float(values[:own].sum()), parts, values)
        assert low is not None
        assert high is not None
        held += low <= 10 * np.exp(8.5) <= high
    assert 0.85 <= held / 200 <= 0.98


def test_more_deals_of_the_same_kind_narrow_the_interval() -> None:
    def width(deals: int) -> float:
        values = np.full(deals, 100.0)
        low, high = revenue_interval(deals, 100.0 * deals, np.ones(deals), values)
        assert low is not None
        assert high is not None
        return (high - low) / (100 * deals)

    assert width(100) < width(10) < width(2)


def test_the_same_deals_give_the_same_interval_around_the_credited_revenue() -> None:
    values, parts = np.array([100.0, 200.0, 400.0]), np.array([1.0, 0.5, 0.5])
    interval = revenue_interval(2, 400, parts, values)
    assert interval == revenue_interval(2, 400, parts, values)
    assert interval[0] < 400 < interval[1]
    doubled = revenue_interval(2, 800, parts, values)
    assert doubled == (pytest.approx(interval[0] * 2), pytest.approx(interval[1] * 2))


def test_a_channel_without_a_deal_may_still_have_earned_something() -> None:
    low, high = revenue_interval(0, 0, np.zeros(3), np.array([100.0, 200.0, 400.0]))
    assert low == pytest.approx(0, abs=2)
    assert high is not None
    assert high > 100


def test_deals_without_a_value_have_no_interval() -> None:
    assert revenue_interval(2, 0, np.ones(2), np.zeros(2)) == (None, None)
