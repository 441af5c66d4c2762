"""Seminars: a time, a place, seats, and who comes."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Seminar:
    """`starts_at`/`ends_at` in UTC; `zone` and `wall_start` ("2026-12-03T14:00") are what a person chose.
    `sequence` rises with each change (RFC 5545 3.8.7.4); `told_sequence` is the last that everybody who signed up
    was told of, None for a seminar of before this was kept (all of it was told)."""

    event_id: str
    title: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    wall_start: str
    place: str
    seats: int
    sequence: int = 0
    description: str = ""
    campaign_id: str = ""
    told_sequence: int | None = None

    @property
    def untold(self) -> bool:
        return self.told_sequence is not None and self.told_sequence < self.sequence


class RegistrationState(StrEnum):
    CONFIRMED = "confirmed"
    WAITING = "waiting"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Registration:
    """One person's place at a seminar. `uid` is the calendar entry's, the same for all its mails. `message_ids` are
    the reminders that hold now, `told` is the seminar's `sequence` the person knows of."""

    event_id: str
    lead_id: str
    state: RegistrationState
    registered_at: datetime
    uid: str
    request_id: str = ""
    touch_id: str = ""
    language: str = "en"
    email: str = ""
    message_ids: tuple[str, ...] = ()
    sequence: int = 0
    cancelled_at: datetime | None = None
    told: int = 0


@dataclass(frozen=True, slots=True)
class SeatCount:
    """How many seats are taken and who waits, in order of arrival. One small item a seminar, changed only
    in the transaction that takes or frees a seat, or changes the seminar: `seats` and `sequence` are the seminar's,
    so that whoever takes a seat sees that what they know of the seminar is old (0 seats: not written yet)."""

    event_id: str
    taken: int = 0
    waiting: tuple[str, ...] = ()
    seats: int = 0
    sequence: int = 0
