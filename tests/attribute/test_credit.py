from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.attribute.credit import split


@pytest.mark.parametrize(
    ("amount", "shares", "parts"),
    [
        (100, [1 / 3, 1 / 3, 1 / 3], [34, 33, 33]),
        (5, [0.4, 0.2, 0.4], [2, 1, 2]),
        (1, [0.5, 0.5], [1, 0]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (7, [0, 2, 0], [0, 7, 0]),
        (9, [1], [9]),
        (0, [], []),
        (0, [0, 0], [0, 0]),
    ],
)
def test_the_largest_remainder_gets_the_last_cent_and_the_earlier_of_equals(
    amount: int, shares: list[float], parts: list[int]
) -> None:
    assert split(amount, shares) == parts


@settings(derandomize=True, deadline=None, max_examples=300)
@given(
    amount=st.integers(-(10**14), 10**14),
    shares=st.lists(st.floats(0, 1e6, allow_subnormal=False), min_size=1, max_size=30).filter(any),
)
def test_parts_add_up_exactly_and_none_is_off_by_a_unit(amount: int, shares: list[float]) -> None:
    parts = split(amount, shares)
    whole = sum(map(Fraction, shares))
    assert sum(parts) == amount
    assert all(abs(part - amount * Fraction(share) / whole) < 1 for part, share in zip(parts, shares, strict=True))
    assert parts == split(amount, shares)


@pytest.mark.parametrize("shares", [[], [0.0], [0.0, 0.0]])
def test_an_amount_needs_somebody_to_go_to(shares: list[float]) -> None:
    with pytest.raises(ValueError, match="nothing"):
        split(1, shares)


@pytest.mark.parametrize("share", [-0.1, float("nan"), float("inf")])
def test_a_share_is_a_number_of_zero_or_more(share: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        split(1, [0.5, share])
