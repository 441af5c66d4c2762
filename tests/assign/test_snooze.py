"""Setting a lead aside for a while: a snooze stops no clock."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.assign.snooze import LONGEST, asleep, chosen, counts, until
from chalicelib.records.contact import Refusal
from chalicelib.records.lead import Snooze
from chalicelib.records.rep import WorkingWeek
from tests.assign.people import NOW

BERLIN = WorkingWeek(zone="Europe/Berlin")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_a_time_is_the_rep_s_own_wall_time() -> None:
    assert chosen("2026-07-01T09:30", BERLIN) == datetime(2026, 7, 1, 7, 30, tzinfo=UTC)


def test_a_wall_time_that_does_not_exist_moves_forward_and_one_that_happens_twice_is_the_first() -> None:
    assert chosen("2026-03-29T02:30", BERLIN) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert chosen("2026-10-25T02:30", BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("typed", ["", "tomorrow", "2026-13-01T09:00", "2026-07-01T09:30+02:00", "0001-01-01T00:00"])
def test_what_is_no_time_is_refused_by_its_field(typed: str) -> None:
    found = chosen(typed, WorkingWeek(zone="Asia/Shanghai"))
    assert isinstance(found, Refusal)
    assert found.field == "until"


@pytest.mark.parametrize("wanted", [NOW - HOUR, NOW, NOW + LONGEST + HOUR])
def test_it_must_lie_ahead_and_not_too_far(wanted: datetime) -> None:
    assert isinstance(until(wanted, None, NOW), Refusal)


def test_it_ends_an_hour_before_something_falls_due() -> None:
    assert until(NOW + DAY, None, NOW) == NOW + DAY
    assert until(NOW + DAY, NOW + 3 * DAY, NOW) == NOW + DAY
    assert until(NOW + DAY, NOW + 5 * HOUR, NOW) == NOW + 4 * HOUR


@pytest.mark.parametrize("due_at", [NOW - DAY, NOW, NOW + HOUR])
def test_what_falls_due_within_the_hour_cannot_be_set_aside(due_at: datetime) -> None:
    assert isinstance(until(NOW + DAY, due_at, NOW), Refusal)


def test_it_comes_back_by_itself_and_earlier_when_something_new_falls_due() -> None:
    assert asleep(NOW + HOUR, None, NOW)
    assert not asleep(None, None, NOW)
    assert not asleep(NOW, None, NOW)
    assert asleep(NOW + DAY, NOW + 2 * HOUR, NOW)
    assert not asleep(NOW + DAY, NOW + HOUR, NOW)


def test_it_counts_for_its_owner_alone_and_until_the_person_writes_again() -> None:
    snooze = Snooze(NOW + DAY, "anna", NOW)
    assert counts(None, "anna", None) is None
    assert counts(snooze, "anna", None) == NOW + DAY
    assert counts(snooze, "anna", NOW - HOUR) == NOW + DAY
    assert counts(snooze, "anna", NOW + HOUR) is None
    assert counts(snooze, "ben", None) is None
