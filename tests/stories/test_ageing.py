"""The ageing by which time passes in stories moves all of a person's times, and nothing else."""

from datetime import UTC, date, datetime, timedelta

from chalicelib.records.event import Seminar
from chalicelib.records.message import Message, MessageKind, MessageState
from chalicelib.records.touch import Request
from tests.stories.ageing import aged

NOW = datetime(2026, 3, 30, 8, 0, tzinfo=UTC)
WEEK = timedelta(days=7)


def test_every_time_in_a_record_moves_those_in_its_history_too() -> None:
    request = Request("r", "l", "t", NOW, "anna", NOW + WEEK, history=((NOW, "anna", "fewest open leads: 1 of 200"),))
    moved = aged(request, WEEK)
    assert (moved.received_at, moved.respond_by) == (NOW - WEEK, NOW)
    assert moved.history == ((NOW - WEEK, "anna", "fewest open leads: 1 of 200"),)
    assert moved.first_responded_at is None


def test_what_a_mail_was_made_with_moves_as_well() -> None:
    context = {
        "starts_at": "2026-03-30T08:00:00+00:00",
        "due_on": "2026-04-01",
        "said": "2026-03-30 at noon",
        "n": "2026",
    }
    message = Message("m", "l", MessageKind.REMINDER_DAY, "a@example.com", "en", MessageState.PENDING, NOW, NOW,
                      context=context)  # fmt: skip
    assert aged(message, WEEK).context == {
        "starts_at": "2026-03-23T08:00:00+00:00", "due_on": "2026-03-25", "said": "2026-03-30 at noon", "n": "2026",
    }  # fmt: skip


def test_a_seminar_keeps_the_wall_time_of_its_hour_across_a_change_to_summer_time() -> None:
    seminar = Seminar("s", "S", NOW, NOW + timedelta(hours=2), "Europe/Berlin", "2026-03-30T10:00", "Hall", 2)
    assert aged(seminar, WEEK).wall_start == "2026-03-23T09:00"


def test_a_date_moves_by_whole_days() -> None:
    assert aged(date(2026, 3, 30), timedelta(hours=40)) == date(2026, 3, 29)
