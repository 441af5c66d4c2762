"""Working time: how far a number of working hours reaches, over nights, weekends, holidays and clock changes.

Times come in and go out in UTC; the week's own zone decides what a day is. A shift that spans a clock change
has the length it really had. A wall time that does not exist moves forward, one that happens twice is the
first (PEP 495, fold 0). Public holidays, and the weekend days worked in exchange for them (China), are those
of the `holidays` library, loaded only for a week that names a calendar.
"""

import math
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chalicelib.records.rep import WorkingWeek

DAY = timedelta(days=1)
MINUTES_OF_A_DAY = 24 * 60
# How far ahead a limit is looked for: a limit of more than ten years is a mistake, not a promise.
MAX_DAYS = 3660


@cache
def check_week(week: WorkingWeek) -> ZoneInfo:
    """The week's zone. ValueError for a week nobody can work in: no weekday, opens >= closes, unknown zone
    or holiday calendar."""
    if not week.weekdays or not set(week.weekdays) <= {1, 2, 3, 4, 5, 6, 7}:
        raise ValueError(f"a working week needs weekdays from 1 to 7: {week.weekdays}")
    if not 0 <= week.opens < week.closes <= MINUTES_OF_A_DAY:
        raise ValueError(f"a working day must open before it closes: {week.opens} to {week.closes}")
    if week.holidays_of:
        _calendar_of(week.holidays_of, 2026)
    try:
        return ZoneInfo(week.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"unknown time zone: {week.zone}") from error


def add_working_hours(start: datetime, hours: float, week: WorkingWeek) -> datetime:
    """The earliest moment by which `hours` of working time have passed since `start`; no hours are `start`.

    `start` and the answer are in UTC. ValueError for a naive start, for hours that are negative or not
    finite, for a limit more than ten years ahead, and for a week nobody can work in.
    """
    if not (math.isfinite(hours) and hours >= 0):
        raise ValueError(f"working hours must be a number from 0: {hours}")
    shifts, day = _first_day(start, week)
    left = timedelta(hours=min(hours, 24.0 * (MAX_DAYS + 2)))
    if not left:
        return start
    for _ in range(MAX_DAYS):
        shift = shifts[day]
        if shift is not None:
            opens = max(shift[0], start)
            if left <= shift[1] - opens:
                return opens + left
            left -= max(shift[1] - opens, timedelta())
        day += DAY
    raise ValueError(f"{hours} working hours reach more than ten years ahead")


def working_hours_between(a: datetime, b: datetime, week: WorkingWeek) -> float:
    """Hours of working time from `a` to `b`; 0 when b is not after a. ValueError as add_working_hours."""
    shifts = _shifts(week)
    day, last = _day(a, shifts.zone), _day(b, shifts.zone)
    worked = timedelta()
    while day <= last:
        shift = shifts[day]
        # Plain comparisons: a board asks this of ten thousand answers.
        if shift is not None and shift[0] < b and a < shift[1]:
            worked += (shift[1] if shift[1] < b else b) - (shift[0] if a < shift[0] else a)
        day += DAY
    return worked / timedelta(hours=1)


def is_working(now: datetime, week: WorkingWeek) -> bool:
    """Whether `now` is in working time; the closing minute itself is not."""
    shifts, day = _first_day(now, week)
    shift = shifts[day]
    return shift is not None and shift[0] <= now < shift[1]


def opening_of(day: date, week: WorkingWeek, after: datetime) -> datetime | None:
    """When work opens (UTC) on the last working day up to `day`; None where that is not later than `after`.
    ValueError as add_working_hours."""
    shifts, first = _first_day(after, week)
    while day >= first:
        shift = shifts[day]
        if shift is not None:
            return shift[0] if shift[0] > after else None
        day -= DAY
    return None


def next_opening(now: datetime, week: WorkingWeek) -> datetime:
    """When work opens (UTC) on the next working day after today's date. ValueError as add_working_hours."""
    shifts, day = _first_day(now, week)
    while (shift := shifts[day := day + DAY]) is None:
        pass
    return shift[0]


def opening_tomorrow(now: datetime, week: WorkingWeek) -> datetime:
    """Tomorrow (UTC), at the hour at which work opens on working days. ValueError as add_working_hours."""
    shifts, day = _first_day(now, week)
    return (datetime.combine(day + DAY, time(), shifts.zone) + timedelta(minutes=week.opens)).astimezone(UTC)


class _Shifts(dict[date, tuple[datetime, datetime] | None]):
    """A week's days, each reckoned when it is first asked for: some ten years of them at most (MAX_DAYS)."""

    def __init__(self, week: WorkingWeek) -> None:
        super().__init__()
        self.zone, self._week = check_week(week), week

    def __missing__(self, day: date) -> tuple[datetime, datetime] | None:
        shift = self[day] = _shift(day, self._week, self.zone)
        return shift


@lru_cache(maxsize=64)
def _shifts(week: WorkingWeek) -> _Shifts:
    return _Shifts(week)


def _first_day(start: datetime, week: WorkingWeek) -> tuple[_Shifts, date]:
    shifts = _shifts(week)
    return shifts, _day(start, shifts.zone)


def _day(moment: datetime, zone: ZoneInfo) -> date:
    if moment.tzinfo is None:
        raise ValueError("working time needs an aware time")
    return moment.astimezone(zone).date()


def _shift(day: date, week: WorkingWeek, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    """When the day's work opens and closes in UTC, or None on a day off."""
    if not _works_on(day, week):
        return None
    midnight = datetime.combine(day, time(), zone)
    opens = (midnight + timedelta(minutes=week.opens)).astimezone(UTC)
    closes = (midnight + timedelta(minutes=week.closes)).astimezone(UTC)
    # Opening inside the hour that a clock change skips moves it forward, perhaps past the closing.
    return (opens, closes) if opens < closes else None


def _works_on(day: date, week: WorkingWeek) -> bool:
    if not week.holidays_of:
        return day.isoweekday() in week.weekdays
    off, worked = _calendar_of(week.holidays_of, day.year)
    return day in worked or (day.isoweekday() in week.weekdays and day not in off)


@cache
def _calendar_of(calendar: str, year: int) -> tuple[frozenset[date], frozenset[date]]:
    """(public holidays, weekend days worked in exchange) of a country or subdivision ("DE", "DE-BY")."""
    import holidays  # 0.15 s of imports that most submissions never need

    country, _, subdivision = calendar.partition("-")
    try:
        found = holidays.country_holidays(country.upper(), subdiv=subdivision or None, years=year)
    except NotImplementedError as error:
        raise ValueError(f"unknown holiday calendar: {calendar}") from error
    worked = {day for day in found.weekend_workdays if day.year == year}
    return frozenset(found.keys()), frozenset(worked)
