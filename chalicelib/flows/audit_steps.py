"""What of a change is written into the audit trail: of which records which fields, in which words. Values in, values
out. Left out is what has a record of its own that nobody changes (a note or logged call stands on the timeline, with
who and when) and what the service keeps for itself (counts, keys, tickets, when a session was last seen)."""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

from chalicelib.records.api_key import ApiKey
from chalicelib.records.audit import Change, Step
from chalicelib.records.brand import BrandLogo
from chalicelib.records.campaign import Campaign
from chalicelib.records.company import Company
from chalicelib.records.consent_wording import ConsentWording
from chalicelib.records.doubt import KeptApart
from chalicelib.records.erasure import Erasure
from chalicelib.records.event import Registration, Seminar
from chalicelib.records.form import Form
from chalicelib.records.hold import Hold
from chalicelib.records.intake import Intake
from chalicelib.records.kept import Kept
from chalicelib.records.lead import Lead
from chalicelib.records.mail_news import DeadAddress
from chalicelib.records.merge import Merge
from chalicelib.records.message import Message
from chalicelib.records.money import Money
from chalicelib.records.opportunity import Opportunity
from chalicelib.records.ports import Ref
from chalicelib.records.promise import Promise
from chalicelib.records.quote import Product, Quote
from chalicelib.records.rep import Rep, WorkingWeek
from chalicelib.records.sign_in import Session
from chalicelib.records.spend import Spend
from chalicelib.records.task import Task
from chalicelib.records.touch import Request
from chalicelib.records.upload import Upload
from chalicelib.records.visit import Website

# A value this long says what it is about; the whole stands where it was changed.
LONGEST = 300

_LEAD = ("status", "status_reason", "owner_id", "snoozed_until", "opted_out_at", "full_name", "company", "title",
         "emails", "phones", "country", "language")  # fmt: skip
_REP = ("name", "email", "role", "active", "manager_id", "week", "countries", "languages", "products", "accounts",
        "capacity")  # fmt: skip
_FORM = ("title", "fields", "campaign_id", "event_id", "intro", "respond_within_hours", "active", "languages", "thanks",
         "goes_to", "sites")  # fmt: skip
# The fields by kind, in the order in which the kinds are told.
NOTED: dict[type, tuple[str, ...]] = {
    Lead: _LEAD,
    Merge: ("state",),
    Request: ("state", "owner_id"),
    Opportunity: ("name", "amount", "stage", "margin", "owner_id", "lost_reason"),
    Promise: ("subject", "text", "due_on", "state", "reason", "visible"),
    Quote: ("number", "version", "total", "valid_until", "state", "reason", "decision", "settled_reason"),
    Task: ("title", "owner_id", "due_on", "done_at"),
    Registration: ("state",),
    Message: ("state",),
    DeadAddress: ("lifted_at",),
    Erasure: (),
    Company: ("name", "parent_name", "aliases", "domain"),
    Rep: _REP,
    Campaign: ("name", "channel", "starts_on", "ends_on"),
    Spend: ("campaign_id", "spent_on", "amount", "note", "invoice"),
    Product: ("name", "unit", "prices", "active"),
    Form: _FORM,
    BrandLogo: ("kind", "tag"),
    Intake: ("name", "entry", "campaign_id", "return_hosts", "events", "active"),
    Website: ("host",),
    ConsentWording: ("name", "version", "text"),
    Seminar: ("title", "wall_start", "zone", "place", "seats", "description", "campaign_id"),
    Upload: ("file_name", "campaign_id", "state", "basis", "phone_country"),
    Kept: ("state",),
    KeptApart: ("first_id", "second_id"),
    ApiKey: ("name", "scopes", "active", "expires_at"),
    Session: ("way", "browser"),
    Hold: ("released_at",),
}
BY_NAME = {kind.__name__: kind for kind in NOTED}
# Made by others than people, or told by another record that is made with it.
_NOT_WHEN_MADE = frozenset({Message, Request, Session, Registration})
# What is no field of the record itself.
_DERIVED: Mapping[str, Callable[[Any], Any]] = {
    "snoozed_until": lambda lead: lead.snooze.until if lead.snooze else None,
    # In their order, with a star on those that must be filled in.
    "fields": lambda form: tuple(f"{field.name}*" if field.required else field.name for field in form.fields),
}


def step_of(ref: Ref[Any], before: Any, after: Any) -> Step | None:
    """What became of one record; None where nothing of it is noted."""
    if after is None:
        return Step(ref.kind.__name__, ref.ids, "deleted", _changes(before, None)) if before is not None else None
    if before is None:
        made = None if ref.kind in _NOT_WHEN_MADE else _changes(None, after)
        return None if made is None else Step(ref.kind.__name__, ref.ids, "made", made)
    changes = _changes(before, after)
    return Step(ref.kind.__name__, ref.ids, "changed", changes) if changes else None


def whose(record: Any) -> str:
    """The lead a record belongs to, or "". A merge is told with the record that stays."""
    return record.into if isinstance(record, Merge) else str(getattr(record, "lead_id", ""))


def _changes(before: Any, after: Any) -> tuple[Change, ...]:
    record = after if after is not None else before
    read = [(name, _words(before, name), _words(after, name)) for name in NOTED[type(record)]]
    return tuple(Change(name, was, became) for name, was, became in read if was != became)


def _words(record: Any, name: str) -> str:
    if record is None:
        return ""
    value = _DERIVED[name](record) if name in _DERIVED else getattr(record, name)
    text = _text(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _text(value: Any) -> str:
    """A value in words that say the same in every language: dates by ISO 8601, money with its currency's code."""
    if value is None or value is False or value == "":
        return ""
    if value is True:
        return "yes"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, Money):
        return f"{value.amount_minor} {value.currency}"
    if isinstance(value, WorkingWeek):
        return _week(value)
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_text(one)}" for name, one in value.items())
    if isinstance(value, (tuple, list, frozenset)):
        return ", ".join(_text(one) for one in value)
    if is_dataclass(value):
        return " ".join(text for one in fields(value) if (text := _text(getattr(value, one.name))))
    return str(value)


def _week(week: WorkingWeek) -> str:
    hours = "–".join(f"{minute // 60:02d}:{minute % 60:02d}" for minute in (week.opens, week.closes))
    days = ",".join(map(str, week.weekdays))
    return " ".join(part for part in (week.zone, hours, days, week.holidays_of) if part)
