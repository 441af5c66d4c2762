import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.attribute.journeys import Journeys, Milestones, coded_journeys
from tests.attribute.tables import coded, in_words


def test_a_journey_is_every_touch_up_to_the_conversion_and_none_after() -> None:
    found = coded_journeys(coded([(1, 5, "C"), (1, 1, "A"), (1, 3, "B"), (1, 9, "D")], [(1, 5, 70)]))
    assert in_words(found.table) == ["ABC"]
    assert found.table.value.tolist() == [70]
    assert found.age_days.tolist() == [4, 2, 0]


def test_a_person_who_never_converted_is_a_path_that_led_nowhere() -> None:
    found = coded_journeys(coded([(1, 1, "A"), (2, 1, "B"), (2, 2, "C"), (3, 1, "A")], [(3, 4, 10)]))
    assert in_words(found.table) == ["A", "A", "BC"]
    assert (found.table.conversions.tolist(), found.table.null.tolist()) == ([1, 0, 0], [0, 1, 1])
    assert found.converting == 1


def test_a_second_conversion_has_a_journey_of_its_own() -> None:
    found = coded_journeys(coded([(1, 1, "A"), (1, 3, "B")], [(1, 4, 20), (1, 2, 10)]))
    assert (in_words(found.table), found.table.value.tolist()) == (["A", "AB"], [10, 20])


def test_touches_before_the_lookback_window_do_not_count() -> None:
    touches = [(1, 0, "A"), (1, 4, "B"), (1, 9, "C"), (2, 0, "A"), (2, 50, "B"), (2, 53, "C")]
    found = coded_journeys(coded(touches, [(1, 9, 1)]), lookback_days=5)
    assert in_words(found.table) == ["BC", "BC"]


def test_a_conversion_without_a_touch_before_it_stays_unattributed() -> None:
    won = [(1, 4, 10), (1, 60, 5), (7, 9, 30)]
    found = coded_journeys(coded([(1, 5, "A"), (2, 5, "A")], won), lookback_days=30)
    assert (found.unattributed, found.unattributed_value) == (3, 45)
    # Person 1 bought, so the touch is no path that led nowhere either.
    assert in_words(found.table) == ["A"]
    assert found.table.null.tolist() == [1]


def test_people_are_counted_by_the_channel_of_their_first_touch() -> None:
    found = coded_journeys(coded([(1, 5, "A"), (1, 2, "B"), (2, 5, "A"), (3, 1, "B")]))
    assert found.first_channel.tolist() == [1, 2]


def test_without_touches_everything_is_unattributed() -> None:
    found = coded_journeys(coded([], [(1, 4, 10)]))
    assert (found.unattributed, len(found.table.lengths), found.age_days.tolist()) == (1, 0, [])


def milestones(*rows: tuple[int, str, int]) -> Milestones:
    names = ("lead", "opportunity")
    person, name, at = (
        np.array(column, dtype=np.int64) for column in zip(*((p, names.index(n), a) for p, n, a in rows), strict=True)
    )
    return Milestones(names, person, name, at)


def test_an_anchor_is_the_last_touch_before_the_latest_milestone_before_the_conversion() -> None:
    touches = [(1, 1, "A"), (1, 3, "B"), (1, 5, "C"), (2, 4, "A")]
    passed = milestones(
        (1, "lead", 3), (1, "opportunity", 2), (1, "opportunity", 5), (1, "opportunity", 99), (2, "lead", 3)
    )
    found = coded_journeys(coded(touches, [(1, 6, 1), (2, 9, 1)]), milestones=passed)
    assert found.anchors["lead"].tolist() == [1, -1]
    assert found.anchors["opportunity"].tolist() == [2, -1]


def test_a_milestone_nobody_reached_anchors_nothing() -> None:
    found = coded_journeys(coded([(1, 1, "A")], [(1, 2, 1)]), milestones=milestones((5, "lead", 1)))
    assert {name: place.tolist() for name, place in found.anchors.items()} == {"lead": [-1], "opportunity": [-1]}


def by_hand(touches: list[tuple[int, int, str]], won: list[tuple[int, int, float]], days: int | None) -> list[str]:
    """The definition, one person and conversion at a time."""
    touches = sorted(touches, key=lambda touch: touch[:2])
    window = 10**9 if days is None else days
    found = []
    for person, at, _ in sorted(won):
        found.append("".join(c for p, t, c in touches if p == person and at - window <= t <= at))
    for person in sorted({p for p, _, _ in touches} - {p for p, _, _ in won}):
        mine = [(t, c) for p, t, c in touches if p == person]
        found.append("".join(c for t, c in mine if t >= mine[-1][0] - window))
    return [path for path in found if path]


@settings(derandomize=True, deadline=None, max_examples=200)
@given(
    touches=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 12), st.sampled_from("ABC")), max_size=25),
    won=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 14), st.just(1.0)), max_size=6),
    days=st.none() | st.integers(1, 6),
)
def test_journeys_are_those_found_by_hand(
    touches: list[tuple[int, int, str]], won: list[tuple[int, int, float]], days: int | None
) -> None:
    found: Journeys = coded_journeys(coded(touches, won), days)
    assert in_words(found.table) == by_hand(touches, won, days)
    assert found.converting + found.unattributed == len(won)
    assert len(found.age_days) == found.table.offsets[found.converting]
    assert (found.age_days >= 0).all()
