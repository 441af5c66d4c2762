import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.assign.working_time import (
    add_working_hours,
    check_week,
    is_working,
    next_opening,
    opening_of,
    opening_tomorrow,
    working_hours_between,
)
from chalicelib.records.rep import WorkingWeek

BERLIN = WorkingWeek("Europe/Berlin")
NIGHTS = WorkingWeek("Europe/Berlin", opens=0, closes=8 * 60, weekdays=(1, 2, 3, 4, 5, 6, 7))
ALWAYS = WorkingWeek("Europe/Berlin", opens=0, closes=24 * 60, weekdays=(1, 2, 3, 4, 5, 6, 7))
HOUR = timedelta(hours=1)


def at(wall: str, zone: str = "Europe/Berlin") -> datetime:
    return datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-24T10:00", 2, "2026-11-24T12:00"),  # within the day
        ("2026-11-24T16:00", 2, "2026-11-25T10:00"),  # over night
        ("2026-11-27T16:00", 2, "2026-11-30T10:00"),  # over the weekend
        ("2026-11-28T12:00", 2, "2026-11-30T11:00"),  # from the weekend
        ("2026-11-24T03:00", 2, "2026-11-24T11:00"),  # from before opening
        ("2026-11-24T17:00", 2, "2026-11-25T11:00"),  # from the closing minute
        ("2026-11-24T09:00", 8, "2026-11-24T17:00"),  # a whole day ends when it closes
        ("2026-11-24T10:00", 16, "2026-11-26T10:00"),  # two working days
        ("2026-11-24T23:00", 0, "2026-11-24T23:00"),  # nothing to wait for
        ("2026-11-24T10:00", 0.5, "2026-11-24T10:30"),
    ],
)
def test_hours_run_in_working_time_only(start: str, hours: float, end: str) -> None:
    assert add_working_hours(at(start), hours, BERLIN) == at(end)


def test_the_day_is_that_of_the_weeks_own_zone() -> None:
    friday_evening_in_berlin = at("2026-11-27T20:00")
    auckland = WorkingWeek("Pacific/Auckland")
    assert add_working_hours(friday_evening_in_berlin, 1, auckland) == at("2026-11-30T10:00", "Pacific/Auckland")
    assert add_working_hours(friday_evening_in_berlin, 1, WorkingWeek("America/New_York")) == at("2026-11-27T21:00")


@pytest.mark.parametrize(("night", "worked"), [("2026-03-29", 7), ("2026-10-25", 9), ("2026-11-24", 8)])
def test_a_shift_over_a_clock_change_has_the_length_it_really_had(night: str, worked: int) -> None:
    start, end = at(f"{night}T00:00"), at(f"{night}T08:00")
    assert working_hours_between(start, end, NIGHTS) == worked
    assert add_working_hours(start, worked, NIGHTS) == end


def test_the_answer_keeps_the_wall_time_over_a_clock_change() -> None:
    assert add_working_hours(at("2026-10-23T16:00"), 2, BERLIN) == at("2026-10-26T10:00")
    assert add_working_hours(at("2026-03-27T16:00"), 2, BERLIN) == at("2026-03-30T10:00")


def test_an_opening_that_the_clock_change_skips_moves_forward() -> None:
    early = WorkingWeek("Europe/Berlin", opens=150, closes=240, weekdays=(7,))  # 02:30 to 04:00, one half hour left
    assert working_hours_between(at("2026-03-29T00:00"), at("2026-03-29T12:00"), early) == 0.5
    within = WorkingWeek("Europe/Berlin", opens=150, closes=181, weekdays=(7,))  # would open at 03:30, after closing
    assert not is_working(at("2026-03-29T03:00"), within)
    assert working_hours_between(at("2026-03-29T00:00"), at("2026-03-29T12:00"), within) == 0


def test_a_week_without_closing_time_counts_every_hour() -> None:
    start = at("2026-10-24T13:00")
    assert add_working_hours(start, 100, ALWAYS) == start + 100 * HOUR
    assert is_working(at("2026-11-29T00:00"), ALWAYS)


def test_public_holidays_are_days_off_where_the_week_names_a_calendar() -> None:
    christmas_eve = at("2026-12-24T16:00")
    assert add_working_hours(christmas_eve, 2, BERLIN) == at("2026-12-25T10:00")
    german = WorkingWeek("Europe/Berlin", holidays_of="DE")
    assert add_working_hours(christmas_eve, 2, german) == at("2026-12-28T10:00")
    assert not is_working(at("2026-12-25T10:00"), german)


def test_a_calendar_may_be_that_of_a_subdivision() -> None:
    epiphany = at("2026-01-06T10:00")
    assert is_working(epiphany, WorkingWeek("Europe/Berlin", holidays_of="DE-HH"))
    assert not is_working(epiphany, WorkingWeek("Europe/Berlin", holidays_of="DE-BY"))


def test_a_weekend_day_worked_in_exchange_for_a_holiday_is_a_working_day() -> None:
    china = WorkingWeek("Asia/Shanghai", holidays_of="CN")
    assert date(2026, 2, 14).isoweekday() == 6
    assert is_working(at("2026-02-14T10:00", "Asia/Shanghai"), china)
    assert not is_working(at("2026-02-20T10:00", "Asia/Shanghai"), china)
    assert not is_working(at("2026-02-21T10:00", "Asia/Shanghai"), china)


def test_the_closing_minute_is_not_working_time() -> None:
    assert is_working(at("2026-11-24T09:00"), BERLIN)
    assert is_working(at("2026-11-24T16:59"), BERLIN)
    assert not is_working(at("2026-11-24T17:00"), BERLIN)
    assert not is_working(at("2026-11-24T08:59"), BERLIN)
    assert not is_working(at("2026-11-28T10:00"), BERLIN)


def test_the_hours_between_count_each_working_day() -> None:
    assert working_hours_between(at("2026-11-23T09:00"), at("2026-11-30T09:00"), BERLIN) == 40
    assert working_hours_between(at("2026-11-24T16:00"), at("2026-11-25T10:00"), BERLIN) == 2
    assert working_hours_between(at("2026-11-25T10:00"), at("2026-11-24T10:00"), BERLIN) == 0


@pytest.mark.parametrize(
    "week",
    [
        WorkingWeek(weekdays=()),
        WorkingWeek(weekdays=(0,)),
        WorkingWeek(weekdays=(1, 8)),
        WorkingWeek(opens=540, closes=540),
        WorkingWeek(opens=1020, closes=540),
        WorkingWeek(opens=-1),
        WorkingWeek(closes=1441),
        WorkingWeek(zone="Europe/Nowhere"),
        WorkingWeek(zone=""),
        WorkingWeek(zone="../etc"),
        WorkingWeek(zone="Europe"),
        WorkingWeek(holidays_of="XX"),
        WorkingWeek(holidays_of="DE-ZZ"),
    ],
)
def test_a_week_nobody_can_work_in_is_an_error_never_an_endless_loop(week: WorkingWeek) -> None:
    with pytest.raises(ValueError):
        check_week(week)
    with pytest.raises(ValueError):
        add_working_hours(at("2026-11-24T10:00"), 1, week)


@pytest.mark.parametrize("hours", [-1, float("nan"), float("inf")])
def test_hours_that_are_no_number_from_0_are_an_error(hours: float) -> None:
    with pytest.raises(ValueError, match="from 0"):
        add_working_hours(at("2026-11-24T10:00"), hours, BERLIN)


@pytest.mark.parametrize("week", [BERLIN, ALWAYS])
def test_a_limit_more_than_ten_years_ahead_is_an_error(week: WorkingWeek) -> None:
    with pytest.raises(ValueError, match="ten years"):
        add_working_hours(at("2026-11-24T10:00"), 1e12, week)


def test_a_time_without_zone_is_an_error() -> None:
    with pytest.raises(ValueError, match="aware"):
        is_working(datetime(2026, 11, 24, 10), BERLIN)


def test_the_holidays_library_is_not_loaded_for_a_week_without_calendar() -> None:
    code = (
        "import sys, datetime as d; from chalicelib.records.rep import WorkingWeek;"
        "from chalicelib.assign.working_time import add_working_hours;"
        "add_working_hours(d.datetime(2026, 12, 24, tzinfo=d.UTC), 40, WorkingWeek());"
        "sys.exit('holidays' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


weeks = st.builds(
    WorkingWeek,
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]),
    opens=st.integers(0, 700),
    closes=st.integers(701, 1440),
    weekdays=st.sets(st.integers(1, 7), min_size=1).map(lambda days: tuple(sorted(days))),
    holidays_of=st.sampled_from(["", "DE", "CN"]),
)
starts = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
limits = st.integers(1, 60 * 60 * 60).map(lambda seconds: seconds / 3600)


@settings(derandomize=True, deadline=None)
@given(starts, limits, weeks)
def test_the_hours_between_a_start_and_its_limit_are_the_limits_hours(
    start: datetime, hours: float, week: WorkingWeek
) -> None:
    end = add_working_hours(start, hours, week)
    assert working_hours_between(start, end, week) == pytest.approx(hours, abs=1e-8)
    assert is_working(end - timedelta(microseconds=1), week)


@settings(derandomize=True, deadline=None)
@given(starts, st.timedeltas(timedelta(), timedelta(days=9)), limits, limits, weeks)
def test_who_comes_later_or_waits_longer_is_never_due_earlier(
    start: datetime, later: timedelta, hours: float, more: float, week: WorkingWeek
) -> None:
    end = add_working_hours(start, hours, week)
    assert start < end <= add_working_hours(start + later, hours, week)
    assert end < add_working_hours(start, hours + more, week)


@pytest.mark.parametrize(
    ("day", "after", "opens"),
    [
        ("2026-11-27", "2026-11-24T10:00", "2026-11-27T09:00"),
        ("2026-11-29", "2026-11-24T10:00", "2026-11-27T09:00"),  # a Sunday: the Friday before
        ("2026-11-24", "2026-11-24T08:59", "2026-11-24T09:00"),
        ("2026-11-24", "2026-11-24T09:00", ""),  # work has opened already
        ("2026-11-28", "2026-11-28T08:00", ""),  # no working day left
        ("2026-11-20", "2026-11-24T10:00", ""),
    ],
)
def test_a_day_opens_on_its_last_working_day_as_long_as_that_is_ahead(day: str, after: str, opens: str) -> None:
    assert opening_of(date.fromisoformat(day), BERLIN, at(after)) == (at(opens) if opens else None)


@pytest.mark.parametrize(
    ("now", "workday", "tomorrow"),
    [
        ("2026-11-24T10:00", "2026-11-25T09:00", "2026-11-25T09:00"),
        ("2026-11-27T18:00", "2026-11-30T09:00", "2026-11-28T09:00"),  # a Friday evening
        ("2026-11-27T07:00", "2026-11-30T09:00", "2026-11-28T09:00"),  # today's opening is not the next day's
    ],
)
def test_the_next_working_day_and_tomorrow_begin_when_work_opens(now: str, workday: str, tomorrow: str) -> None:
    assert (next_opening(at(now), BERLIN), opening_tomorrow(at(now), BERLIN)) == (at(workday), at(tomorrow))
