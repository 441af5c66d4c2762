"""Seminars: seats that cannot be exceeded, a waiting list in order of arrival, reminders, and times.

A wall time that does not exist moves forward, one that happens twice is the first (RFC 5545 3.3.5; PEP 495).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chalicelib.follow_up.messages import seminar_mail
from chalicelib.records.event import Registration, RegistrationState, SeatCount, Seminar
from chalicelib.records.lead import Lead
from chalicelib.records.message import Message, MessageKind

DAY_BEFORE = timedelta(days=1)
HOUR_BEFORE = timedelta(hours=1)


def take_seat(count: SeatCount, seminar: Seminar, lead_id: str) -> tuple[SeatCount, RegistrationState]:
    """Give a seat, or a place at the end of the waiting list. Who waits already stays where they are.

    The count does not know who holds its seats: ask the registration first. Nobody overtakes those who wait,
    so after seats were added `fill_seats` comes first."""
    _check(count, seminar)
    if lead_id in count.waiting:
        return count, RegistrationState.WAITING
    if count.taken < seminar.seats and not count.waiting:
        return replace(count, taken=count.taken + 1), RegistrationState.CONFIRMED
    return replace(count, waiting=(*count.waiting, lead_id)), RegistrationState.WAITING


def free_seat(count: SeatCount, lead_id: str, seminar: Seminar | None = None) -> tuple[SeatCount, str | None]:
    """Give a place back; answers who moves up from the waiting list, if anybody.

    Who was waiting only leaves the list. With `seminar` given nobody moves up while more seats are taken than
    it has (seats were reduced). ValueError when no seat is taken that could be given back."""
    if lead_id in count.waiting:
        return replace(count, waiting=tuple(other for other in count.waiting if other != lead_id)), None
    if count.taken == 0:
        raise ValueError(f"no seat is taken at {count.event_id}")
    if not count.waiting or (seminar is not None and count.taken > seminar.seats):
        return replace(count, taken=count.taken - 1), None
    return replace(count, waiting=count.waiting[1:]), count.waiting[0]


def fill_seats(count: SeatCount, seminar: Seminar, most: int | None = None) -> tuple[SeatCount, tuple[str, ...]]:
    """Move up as many from the waiting list as there are free seats (seats were added), at most `most`; who, in
    order."""
    _check(count, seminar)
    free = max(seminar.seats - count.taken, 0)
    free = free if most is None else min(free, most)
    promoted = count.waiting[:free]
    return replace(count, taken=count.taken + len(promoted), waiting=count.waiting[free:]), promoted


def counted_for(count: SeatCount, seminar: Seminar) -> SeatCount:
    """The count with the seminar's present seats and sequence."""
    _check(count, seminar)
    return replace(count, seats=seminar.seats, sequence=seminar.sequence)


def is_current(seminar: Seminar, count: SeatCount | None) -> bool:
    """Whether this is the seminar the count was last written for (as far as the count says)."""
    return not count or not count.seats or (count.seats, count.sequence) == (seminar.seats, seminar.sequence)


def reminders(
    seminar: Seminar, registration: Registration, lead: Lead, now: datetime, ids: Sequence[str]
) -> tuple[Message, ...]:
    """The reminders still to come for a confirmed place: at the seminar's wall time the day before, and one
    hour before. `ids` are the two messages' ids in that order, used or not."""
    if registration.state is not RegistrationState.CONFIRMED:
        return ()
    day_before = (datetime.fromisoformat(seminar.wall_start) - DAY_BEFORE).isoformat()
    plan = (
        (MessageKind.REMINDER_DAY, ids[0], wall_to_utc(day_before, seminar.zone)),
        (MessageKind.REMINDER_HOUR, ids[1], seminar.starts_at - HOUR_BEFORE),
    )
    return tuple(
        seminar_mail(kind, lead, seminar, registration, message_id, now, due_at)
        for kind, message_id, due_at in plan
        if due_at > now
    )


def wall_to_utc(wall: str, zone: str) -> datetime:
    """The UTC time of a wall time ("2026-12-03T14:00") in an IANA zone. ValueError for text that is no wall
    time, for one that carries an offset, and for an unknown zone."""
    local = datetime.fromisoformat(wall)
    if local.tzinfo is not None:
        raise ValueError(f"a wall time has no offset: {wall}")
    try:
        return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError(f"unknown time zone: {zone}") from error


def seminar_times(wall_start: str, wall_end: str, zone: str) -> tuple[datetime, datetime]:
    """(starts_at, ends_at) in UTC of what a person chose. ValueError as wall_to_utc, and for an end that is
    not after the start."""
    starts_at, ends_at = wall_to_utc(wall_start, zone), wall_to_utc(wall_end, zone)
    if ends_at <= starts_at:
        raise ValueError(f"a seminar must end after it starts: {wall_start} to {wall_end}")
    return starts_at, ends_at


def _check(count: SeatCount, seminar: Seminar) -> None:
    if count.event_id != seminar.event_id:
        raise ValueError(f"seats of {count.event_id} are not those of {seminar.event_id}")
