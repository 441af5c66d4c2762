"""Builders for the follow-up tests: a lead, a message, a seminar and a place at it, a moment."""

from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.records.event import Registration, RegistrationState, Seminar
from chalicelib.records.lead import Lead
from chalicelib.records.message import Message, MessageKind, MessageState

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def lead(**changed: Any) -> Lead:
    given: dict[str, Any] = {"lead_id": "L1", "full_name": "Ada Example", "emails": ("ada@example.com",)}
    return Lead(**(given | changed))


def message(kind: MessageKind = MessageKind.CONFIRMATION, **changed: Any) -> Message:
    given: dict[str, Any] = {
        "message_id": "M1", "lead_id": "L1", "kind": kind, "to": "ada@example.com", "language": "en",
        "state": MessageState.PENDING, "due_at": NOW, "created_at": NOW,
    }  # fmt: skip
    return Message(**(given | changed))


def seminar(**changed: Any) -> Seminar:
    """On 3 December 2026 from 14:00 to 15:30 in Berlin."""
    given: dict[str, Any] = {
        "event_id": "E1", "title": "Measuring", "zone": "Europe/Berlin", "wall_start": "2026-12-03T14:00",
        "starts_at": datetime(2026, 12, 3, 13, 0, tzinfo=UTC), "ends_at": datetime(2026, 12, 3, 14, 30, tzinfo=UTC),
        "place": "Room 1", "seats": 2, "campaign_id": "C1",
    }  # fmt: skip
    return Seminar(**(given | changed))


def registration(**changed: Any) -> Registration:
    given: dict[str, Any] = {
        "event_id": "E1", "lead_id": "L1", "state": RegistrationState.CONFIRMED, "registered_at": NOW, "uid": "U1",
        "request_id": "R1", "language": "zh-Hans",
    }  # fmt: skip
    return Registration(**(given | changed))
