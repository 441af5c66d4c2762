from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.follow_up.seminars import (
    fill_seats,
    free_seat,
    reminders,
    seminar_times,
    take_seat,
    wall_to_utc,
)
from chalicelib.records.event import RegistrationState, SeatCount, Seminar
from chalicelib.records.message import MessageKind, MessageState
from tests.follow_up.things import NOW, lead, registration, seminar

CONFIRMED, WAITING = RegistrationState.CONFIRMED, RegistrationState.WAITING


def test_seats_are_given_until_they_are_taken_then_people_wait_in_order() -> None:
    count, states = SeatCount("E1"), []
    for lead_id in "abcd":
        count, state = take_seat(count, seminar(seats=2), lead_id)
        states.append(state)
    assert states == [CONFIRMED, CONFIRMED, WAITING, WAITING]
    assert count == SeatCount("E1", 2, ("c", "d"))


def test_who_waits_already_stays_where_they_are() -> None:
    full = SeatCount("E1", 2, ("c", "d"))
    assert take_seat(full, seminar(seats=9), "d") == (full, WAITING)


def test_nobody_overtakes_those_who_wait() -> None:
    assert take_seat(SeatCount("E1", 2, ("c",)), seminar(seats=3), "d") == (SeatCount("E1", 2, ("c", "d")), WAITING)


def test_a_freed_seat_goes_to_the_first_who_waits() -> None:
    assert free_seat(SeatCount("E1", 2, ("c", "d")), "a") == (SeatCount("E1", 2, ("d",)), "c")
    assert free_seat(SeatCount("E1", 2), "a") == (SeatCount("E1", 1), None)


def test_who_waited_only_leaves_the_list() -> None:
    assert free_seat(SeatCount("E1", 2, ("c", "d")), "d") == (SeatCount("E1", 2, ("c",)), None)


def test_a_seat_that_was_never_taken_cannot_be_given_back() -> None:
    with pytest.raises(ValueError, match="E1"):
        free_seat(SeatCount("E1"), "a")


def test_nobody_moves_up_into_a_seat_that_was_removed() -> None:
    count = SeatCount("E1", 3, ("d",))
    assert free_seat(count, "a", seminar(seats=2)) == (SeatCount("E1", 2, ("d",)), None)
    assert free_seat(count, "a", seminar(seats=3)) == (SeatCount("E1", 3), "d")


def test_added_seats_go_to_those_who_wait() -> None:
    count = SeatCount("E1", 2, ("c", "d", "e"))
    assert fill_seats(count, seminar(seats=4)) == (SeatCount("E1", 4, ("e",)), ("c", "d"))
    assert fill_seats(count, seminar(seats=9)) == (SeatCount("E1", 5), ("c", "d", "e"))
    assert fill_seats(count, seminar(seats=1)) == (count, ())


def test_seats_of_one_seminar_are_not_those_of_another() -> None:
    with pytest.raises(ValueError, match="E2"):
        take_seat(SeatCount("E2"), seminar(), "a")
    with pytest.raises(ValueError, match="E2"):
        fill_seats(SeatCount("E2"), seminar())


people = st.sampled_from([f"L{n}" for n in range(8)])
steps = st.lists(st.tuples(st.sampled_from(["come", "go", "seats"]), people, st.integers(0, 5)), max_size=60)


@settings(derandomize=True, deadline=None)
@given(steps, st.integers(0, 5))
def test_seats_are_never_exceeded_and_nobody_has_two_places(happens: list[tuple[str, str, int]], seats: int) -> None:
    count, event, holders = SeatCount("E1"), seminar(seats=seats), set[str]()
    for what, lead_id, added in happens:
        if what == "come" and lead_id not in holders:
            count, state = take_seat(count, event, lead_id)
            holders |= {lead_id} if state is CONFIRMED else set()
        elif what == "go" and lead_id in holders | set(count.waiting):
            holders -= {lead_id}
            count, promoted = free_seat(count, lead_id)
            holders |= {promoted} if promoted else set()
        elif what == "seats":
            event = seminar(seats=event.seats + added)
            count, moved = fill_seats(count, event)
            holders |= set(moved)
        assert count.taken == len(holders) <= event.seats
        assert len(set(count.waiting)) == len(count.waiting)
        assert not holders & set(count.waiting)
        assert not count.waiting or count.taken == event.seats


IDS = ("M1", "M2")


def due(event: Seminar, now: datetime) -> list[tuple[str, datetime]]:
    return [(made.kind, made.due_at) for made in reminders(event, registration(), lead(), now, IDS)]


def test_reminders_are_due_the_day_before_and_an_hour_before() -> None:
    day, hour = reminders(seminar(), registration(), lead(), NOW, IDS)
    assert (day.kind, day.message_id, day.due_at) == (
        MessageKind.REMINDER_DAY, "M1", datetime(2026, 12, 2, 13, 0, tzinfo=UTC),
    )  # fmt: skip
    assert (hour.kind, hour.message_id, hour.due_at) == (
        MessageKind.REMINDER_HOUR, "M2", datetime(2026, 12, 3, 12, 0, tzinfo=UTC),
    )  # fmt: skip
    assert {day.state, hour.state} == {MessageState.PENDING}


def test_the_day_before_is_at_the_same_wall_time_over_a_clock_change() -> None:
    sunday = seminar(wall_start="2026-10-25T14:00", starts_at=wall_to_utc("2026-10-25T14:00", "Europe/Berlin"))
    assert due(sunday, datetime(2026, 10, 1, tzinfo=UTC)) == [
        ("reminder_day", datetime(2026, 10, 24, 12, 0, tzinfo=UTC)),
        ("reminder_hour", datetime(2026, 10, 25, 12, 0, tzinfo=UTC)),
    ]


def test_who_signs_up_late_gets_only_what_is_still_to_come() -> None:
    begins = seminar().starts_at
    assert [kind for kind, _ in due(seminar(), begins - timedelta(hours=3))] == ["reminder_hour"]
    assert due(seminar(), begins - timedelta(minutes=60)) == []
    assert due(seminar(), begins + timedelta(minutes=1)) == []


@pytest.mark.parametrize("state", [WAITING, RegistrationState.CANCELLED])
def test_who_has_no_seat_is_not_reminded(state: RegistrationState) -> None:
    assert reminders(seminar(), registration(state=state), lead(), NOW, IDS) == ()


@pytest.mark.parametrize(
    ("wall", "zone", "utc"),
    [
        ("2026-12-03T14:00", "Europe/Berlin", datetime(2026, 12, 3, 13, 0, tzinfo=UTC)),
        ("2026-12-03T14:00", "Asia/Shanghai", datetime(2026, 12, 3, 6, 0, tzinfo=UTC)),
        ("2026-12-03T14:00", "America/New_York", datetime(2026, 12, 3, 19, 0, tzinfo=UTC)),
        ("2026-03-29T02:30", "Europe/Berlin", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),  # skipped: 03:30
        ("2026-10-25T02:30", "Europe/Berlin", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # twice: the first
    ],
)
def test_a_wall_time_is_that_of_its_zone(wall: str, zone: str, utc: datetime) -> None:
    assert wall_to_utc(wall, zone) == utc


@pytest.mark.parametrize(
    ("wall", "zone"),
    [
        ("", "UTC"),
        ("tomorrow", "UTC"),
        ("2026-02-30T10:00", "UTC"),
        ("2026-12-03T14:00Z", "UTC"),
        ("2026-12-03T14:00+01:00", "UTC"),
        ("2026-12-03T14:00", "Europe/Nowhere"),
        ("2026-12-03T14:00", ""),
        ("2026-12-03T14:00", "Europe"),
    ],
)
def test_what_is_no_wall_time_or_no_zone_is_an_error(wall: str, zone: str) -> None:
    with pytest.raises(ValueError):
        wall_to_utc(wall, zone)


def test_a_seminar_ends_after_it_starts() -> None:
    chosen = seminar_times("2026-12-03T14:00", "2026-12-03T15:30", "Europe/Berlin")
    assert chosen == (datetime(2026, 12, 3, 13, 0, tzinfo=UTC), datetime(2026, 12, 3, 14, 30, tzinfo=UTC))
    with pytest.raises(ValueError, match="must end"):
        seminar_times("2026-12-03T14:00", "2026-12-03T14:00", "Europe/Berlin")
