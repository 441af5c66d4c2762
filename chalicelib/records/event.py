"""Seminars: a time, a place, seats, and who comes."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Seminar:
    """`starts_at`/`ends_at` in UTC; `zone` and `wall_start` ("2026-12-03T14:00") are what a person chose.
    `sequence` rises with each change (RFC 5545 3.8.7.4)."""

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


class RegistrationState(StrEnum):
    CONFIRMED = "confirmed"
    WAITING = "waiting"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Registration:
    """One person's place at a seminar. `uid` is the calendar entry's, the same for all its mails."""

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


@dataclass(frozen=True, slots=True)
class SeatCount:
    """How many seats are taken and who waits, in order of arrival. One small item a seminar, changed only
    in the transaction that takes or frees a seat."""

    event_id: str
    taken: int = 0
    waiting: tuple[str, ...] = ()
