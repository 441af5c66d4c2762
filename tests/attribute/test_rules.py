import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.attribute.rules import ANCHORED, RULES, Timing, rule_credit, touch_shares
from tests.attribute.tables import by_channel, paths


def shares(model: str, path: str, timing: Timing | None = None) -> list[float]:
    return [round(share, 12) for share in touch_shares(model, paths(f"{path},1,1,0"), timing).tolist()]


@pytest.mark.parametrize(
    ("model", "path", "expected"),
    [
        ("first", "A > B > C", [1, 0, 0]),
        ("last", "A > B > C", [0, 0, 1]),
        ("linear", "A > B > A > C", [0.25, 0.25, 0.25, 0.25]),
        ("position", "A", [1]),
        ("position", "A > B", [0.5, 0.5]),
        ("position", "A > B > C", [0.4, 0.2, 0.4]),
        ("position", "A > B > C > A", [0.4, 0.1, 0.1, 0.4]),
        ("linear_unique", "A > B > A > C", [1 / 3, 1 / 3, 0, 1 / 3]),
        ("last_non_direct", "A > Direct > B > Direct", [0, 0, 1, 0]),
        ("last_non_direct", "direct > (direct)", [0, 1]),
        ("time_decay_position_half", "A > B > C", [1 / 7, 2 / 7, 4 / 7]),
    ],
)
def test_a_rule_shares_a_conversion_as_it_is_defined(model: str, path: str, expected: list[float]) -> None:
    assert shares(model, path) == [round(share, 12) for share in expected]


def test_time_decay_halves_with_every_seven_days() -> None:
    timing = Timing(age_days=np.array([16.0, 9.0, 2.0]))
    assert shares("time_decay", "A > B > C", timing) == [round(share / 7, 12) for share in (1, 2, 4)]


def test_time_decay_of_many_years_does_not_vanish() -> None:
    timing = Timing(age_days=np.array([20_000.0, 10_000.0]))
    assert shares("time_decay", "A > B", timing) == [0, 1]


def anchored(**places: list[int]) -> Timing:
    return Timing(anchors={name: np.array(place) for name, place in places.items()})


@pytest.mark.parametrize(
    ("model", "timing", "expected"),
    [
        ("u_shaped", anchored(lead=[2]), [0.4, 0.2 / 3, 0.4, 0.2 / 3, 0.2 / 3]),
        ("u_shaped", anchored(lead=[0]), [0.8, 0.05, 0.05, 0.05, 0.05]),
        ("w_shaped", anchored(lead=[1], opportunity=[3]), [0.3, 0.3, 0.05, 0.3, 0.05]),
        ("full_path", anchored(lead=[1], opportunity=[3]), [0.225, 0.225, 0.1, 0.225, 0.225]),
        ("full_path", anchored(lead=[1], opportunity=[2], close=[3]), [0.225, 0.225, 0.225, 0.225, 0.1]),
        ("full_path", anchored(lead=[1], opportunity=[3], close=[-1]), [0.225, 0.225, 0.1, 0.225, 0.225]),
    ],
)
def test_a_rule_by_milestones_credits_the_touch_before_each(model: str, timing: Timing, expected: list[float]) -> None:
    assert shares(model, "A > B > C > D > E", timing) == [round(share, 12) for share in expected]


def test_the_share_of_a_missing_anchor_or_of_missing_others_goes_to_the_rest_in_proportion() -> None:
    assert shares("u_shaped", "A > B", anchored(lead=[1])) == [0.5, 0.5]
    assert shares("u_shaped", "A > B", anchored(lead=[-1])) == [round(2 / 3, 12), round(1 / 3, 12)]
    assert shares("w_shaped", "A", anchored(lead=[0], opportunity=[-1])) == [1]


def test_a_rule_without_its_data_is_an_error() -> None:
    with pytest.raises(ValueError, match="times"):
        touch_shares("time_decay", paths("A,1,1,0"))
    with pytest.raises(ValueError, match="lead"):
        touch_shares("u_shaped", paths("A,1,1,0"))


def test_credit_counts_conversions_and_value_of_converting_paths_only() -> None:
    table = paths("A > B,2,30,9", "B,0,0,5", "B > C > B > D,4,8,0")
    credit = rule_credit("position", table)
    assert by_channel(table, credit.conversions) == pytest.approx({"A": 1, "B": 1 + 4 * 0.5, "C": 0.4, "D": 1.6})
    assert by_channel(table, credit.value) == pytest.approx({"A": 15, "B": 15 + 8 * 0.5, "C": 0.8, "D": 3.2})


PATHS = st.lists(
    st.tuples(
        st.lists(st.sampled_from(["A", "B", "C", "Direct"]), min_size=1, max_size=9),
        st.integers(0, 5),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=12,
)


@pytest.mark.parametrize("model", RULES)
@settings(derandomize=True, deadline=None, max_examples=60)
@given(rows=PATHS, seed=st.integers(0, 9))
def test_every_rule_gives_away_all_conversions_and_no_more(
    model: str, rows: list[tuple[list[str], int, int]], seed: int
) -> None:
    table = paths(*(f"{' > '.join(path)},{won},{won * 7},{lost}" for path, won, lost in rows))
    winning = table.only(table.conversions > 0)
    chance = np.random.default_rng(seed)
    at = winning.offsets[:-1] + (chance.random(len(winning.lengths)) * winning.lengths).astype(int)
    anchors = {name: np.where(chance.random(len(at)) < 0.3, -1, at) for name in ("lead", "opportunity")}
    timing = Timing(chance.random(len(winning.codes)) * 90, anchors)
    credit = rule_credit(model, table, timing)
    assert math.isclose(credit.conversions.sum(), table.conversions.sum(), abs_tol=1e-9)
    assert math.isclose(credit.value.sum(), table.value.sum(), abs_tol=1e-9)
    assert (credit.conversions >= -1e-12).all()
    each = touch_shares(model, winning, timing)
    of_touches = np.bincount(winning.codes, each * np.repeat(winning.conversions, winning.lengths), len(table.channels))
    assert credit.conversions == pytest.approx(of_touches)


def test_the_published_shares_add_up_to_one() -> None:
    assert [sum(anchors.values()) + others for anchors, others in ANCHORED.values()] == pytest.approx([1, 1, 1])
