import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.attribute.ordering import in_order

Rows = list[tuple[int, int, int]]


def arrays(rows: Rows) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    person, at, channel = np.array(rows, dtype=np.int64).reshape(-1, 3).T.copy()
    return person, at, channel.astype(np.uint8)


def sorted_rows(rows: Rows) -> Rows:
    return sorted(rows, key=lambda row: row[:2])


def as_rows(columns: tuple[np.ndarray, ...]) -> Rows:
    return list(zip(*(column.tolist() for column in columns), strict=True))


# Times that leave room in the key for the row, for the channel only, and for neither.
SPREADS = [10, 2**58, 2**62]


@pytest.mark.parametrize("spread", SPREADS)
@settings(derandomize=True, deadline=None, max_examples=60)
@given(data=st.data())
def test_touches_come_by_person_and_time_and_ties_as_given(spread: int, data: st.DataObject) -> None:
    times = st.sampled_from([0, 1, 2, spread // 2, spread - 1])
    rows = data.draw(st.lists(st.tuples(st.integers(-2, 1), times, st.integers(0, 1)), max_size=40))
    rows = [*rows, (0, 0, 1), (0, spread, 1), (0, 1, 1)]
    assert as_rows(in_order(*arrays(rows))) == sorted_rows(rows)


def test_two_channels_at_one_instant_do_not_fall_into_the_order_of_the_alphabet() -> None:
    rows = [(2, 2**58, 0), (1, 7, 3), (1, 7, 1), (1, 7, 3), (2, 5, 1), (1, 0, 2)]
    assert [channel for _, _, channel in as_rows(in_order(*arrays(rows)))] == [2, 3, 1, 3, 1, 0]


def test_people_with_widely_spread_numbers_keep_their_ties_too() -> None:
    rows = [(2**30, 5, 1), (2**30, 5, 0), (0, 2**30, 1), (0, 0, 0), (0, 7, 1)]
    assert as_rows(in_order(*arrays(rows))) == sorted_rows(rows)


def test_days_told_in_microseconds_are_packed_by_the_day() -> None:
    day = 86_400_000_000
    rows = [(person, day * at, channel) for person, at, channel in [(3, 400, 2), (1, 9, 2), (3, 400, 1), (1, 2, 0)]]
    assert as_rows(in_order(*arrays(rows))) == sorted_rows(rows)


def test_what_is_in_order_is_given_back_as_it_is() -> None:
    person, at, channel = arrays([(1, 1, 0), (1, 1, 2), (2, 0, 1)])
    assert in_order(person, at, channel)[2] is channel
    assert as_rows(in_order(*arrays([]))) == []


def test_a_time_off_the_step_that_the_first_touches_keep_is_not_rounded_to_it() -> None:
    rows = [(1, 10 * place, 0) for place in range(1200, 0, -1)] + [(1, 17, 1), (1, 13, 0)]
    assert as_rows(in_order(*arrays(rows))) == sorted_rows(rows)


def test_one_person_s_touches_from_the_latest_to_the_earliest_are_turned_round() -> None:
    assert as_rows(in_order(*arrays([(1, 9, 0), (1, 5, 1), (1, 2, 2)]))) == [(1, 2, 2), (1, 5, 1), (1, 9, 0)]
