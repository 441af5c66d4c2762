"""Setting a lead aside: until when, and when it comes back all the same.

A snooze stops no clock. So it never reaches into the last hour before something of the lead falls due, and it ends
early when something new falls due or the person writes again. Values in, values out."""

from datetime import UTC, datetime, timedelta

from chalicelib.assign.working_time import check_week
from chalicelib.records.contact import Refusal
from chalicelib.records.lead import Snooze
from chalicelib.records.rep import WorkingWeek

# Before a limit the owner has to see the lead for so long at least.
WARNING = timedelta(hours=1)
LONGEST = timedelta(days=180)


def chosen(wall: str, week: WorkingWeek) -> datetime | Refusal:
    """The moment (UTC) of a time as typed in the week's zone ("2026-03-31T09:00"). One that does not exist moves
    forward, one that happens twice is the first (PEP 495)."""
    try:
        local = datetime.fromisoformat(wall)
    except ValueError:
        return Refusal("until", "a day and an hour")
    if local.tzinfo is not None:
        return Refusal("until", "a day and an hour")
    try:
        return local.replace(tzinfo=check_week(week)).astimezone(UTC)
    except OverflowError:
        return Refusal("until", "a moment ahead, at most half a year")


def until(wanted: datetime, due_at: datetime | None, now: datetime) -> datetime | Refusal:
    """How long it can be set aside: as wanted, or until an hour before something falls due (`due_at`)."""
    if not now < wanted <= now + LONGEST:
        return Refusal("until", "a moment ahead, at most half a year")
    if not possible(due_at, now):
        return Refusal("until", "it falls due within the hour or has already, so it cannot be snoozed")
    return wanted if due_at is None else min(wanted, due_at - WARNING)


def possible(due_at: datetime | None, now: datetime) -> bool:
    """Whether it can be set aside at all: nothing of it falls due within the hour or has already."""
    return due_at is None or now < due_at - WARNING


def asleep(until: datetime | None, due_at: datetime | None, now: datetime) -> bool:
    """Whether it stays out of sight: nothing has woken it. `due_at` is the next that falls due, as known now."""
    return until is not None and now < until and possible(due_at, now)


def counts(snooze: Snooze | None, owner_id: str, asked_at: datetime | None) -> datetime | None:
    """Until when a stored snooze is good: not for another owner, nor once the person wrote again (`asked_at`, when the
    latest request that waits came in)."""
    if snooze is None or snooze.by != owner_id or (asked_at is not None and asked_at > snooze.at):
        return None
    return snooze.until
