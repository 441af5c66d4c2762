"""How fast somebody answers, in their own working time."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.assign.speed import Speed, speed_of
from chalicelib.records.board import AnswerFact
from chalicelib.records.rep import WorkingWeek

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
FRIDAY = datetime(2026, 3, 6, 16, tzinfo=UTC)
HOUR = timedelta(hours=1)


def answer(received: datetime, hours: float, limit: float | None = 8) -> AnswerFact:
    limit_at = None if limit is None else received + limit * HOUR
    return AnswerFact("anna", received, received + hours * HOUR, limit_at)


def test_half_of_the_answers_came_within_the_median() -> None:
    answers = [answer(MONDAY, hours) for hours in (1, 2, 3, 4, 24 * 30)]
    assert speed_of(answers, WorkingWeek()) == Speed(5, 4, 3.0, 8.0)


def test_a_weekend_is_no_working_time() -> None:
    over_the_weekend = AnswerFact("anna", FRIDAY, FRIDAY + timedelta(days=3), FRIDAY + timedelta(days=4))
    found = speed_of([over_the_weekend], WorkingWeek())
    assert found
    assert found.hours == pytest.approx(8.0)
    assert found.limit == pytest.approx(16.0)


def test_what_was_taken_further_is_not_in_time_and_has_no_limit_left() -> None:
    assert speed_of([answer(MONDAY, 1, None)], WorkingWeek()) == Speed(1, 0, 1.0, None)


def test_who_answered_nothing_has_no_speed() -> None:
    assert speed_of([], WorkingWeek()) is None
