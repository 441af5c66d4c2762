"""Contacts and leads to compare."""

from datetime import UTC, datetime
from typing import Any

from chalicelib.identify.merge import new_lead
from chalicelib.identify.normalise import identity
from chalicelib.identify.resolve import Match, resolve
from chalicelib.records.contact import Contact
from chalicelib.records.lead import Lead

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PHONE = "+493023125010"
OTHER_PHONE = "+493023125011"


def contact(name: str = "", email: str = "", phone: str = "", **more: Any) -> Contact:
    return Contact(full_name=name, emails=(email,) if email else (), phones=(phone,) if phone else (), **more)


def lead(name: str = "", email: str = "", phone: str = "", lead_id: str = "L1", **more: Any) -> Lead:
    given = contact(name, email, phone, **more)
    return new_lead(given, identity(given), lead_id, NOW)


def who(given: Contact, *candidates: Lead) -> Match:
    return resolve(given, identity(given), candidates)
