"""Builders for the messaging tests: mails, records, and a mail server in this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from aiosmtpd.controller import Controller

from chalicelib.records.event import Registration, RegistrationState, Seminar
from chalicelib.records.mail_ports import Mail
from chalicelib.records.message import Message, MessageKind, MessageState

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SENDER = "Example Pumps <hello@example.com>"


def mail(**changes: Any) -> Mail:
    plain = {
        "to": "ada@example.org",
        "subject": "We have received your request",
        "text": "Hello Ada,\n\nthank you.\n",
        "html": "<p>Hello Ada,</p>\n<p>thank you.</p>\n",
        "message_id": "01JD8Z3V5Q9W2N4K6M8P0R1T3V@example.com",
    }
    return Mail(**(plain | changes))


def seminar(**changes: Any) -> Seminar:
    plain = {
        "event_id": "event1",
        "title": "Choosing a pump",
        "starts_at": datetime(2026, 12, 3, 13, 0, tzinfo=UTC),
        "ends_at": datetime(2026, 12, 3, 15, 0, tzinfo=UTC),
        "zone": "Europe/Berlin",
        "wall_start": "2026-12-03T14:00",
        "place": "Hall 3",
        "seats": 20,
    }
    return Seminar(**(plain | changes))


def registration(**changes: Any) -> Registration:
    plain = {
        "event_id": "event1",
        "lead_id": "lead1",
        "state": RegistrationState.CONFIRMED,
        "registered_at": NOW,
        "uid": "01JD8Z3V5Q9W2N4K6M8P0R1T3W@example.com",
        "email": "ada@example.org",
    }
    return Registration(**(plain | changes))


def message(kind: MessageKind = MessageKind.CONFIRMATION, language: str = "en", **changes: Any) -> Message:
    plain = {
        "message_id": "01JD8Z3V5Q9W2N4K6M8P0R1T3V",
        "lead_id": "lead1",
        "kind": kind,
        "to": "ada@example.org",
        "language": language,
        "state": MessageState.SENDING,
        "due_at": NOW,
        "created_at": NOW,
    }
    return Message(**(plain | changes))


def values(**changes: Any) -> dict[str, Any]:
    """Every value a template may name, as the flow gives them."""
    plain = {
        "brand": "Example Pumps",
        "person_name": "Ada Example",
        "company": "Example Water Ltd",
        "campaign_name": "Water Expo 2026",
        "subject": "Contact",
        "message": "We need ten pumps.\nCan you deliver?",
        "emails": ("ada@example.org",),
        "phones": ("+12025550100",),
        "rep_name": "Rosa Rep",
        "rep_email": "rosa@example.com",
        "score": 72,
        "score_reasons": ("asked for a quotation +30",),
        "owner_reasons": ("serves this country: DE", "fewest open leads: 12"),
        "reasons": "no answer within the limit\nfewest open leads: 3",
        "respond_by": datetime(2026, 11, 23, 14, 0, tzinfo=UTC),
        "zone": "Europe/Berlin",
        "status_url": "https://example.com/s/status-token",
        "lead_url": "https://example.com/app/leads/lead1",
        "link_url": "https://example.com/app/sign-in/link/token",
        "cancel_url": "https://example.com/e/cancel-token",
        "unsubscribe_url": "https://example.com/u/preferences-token",
        "postal_address": "Example Pumps, 1 Example Street, Example Town",
        "promise": "Datasheet of the S200",
        "promise_subject": "datasheet",
        "promised_by": "Rosa Rep",
        "due_on": date(2026, 11, 27),
        "number": "Q-2026-0007",
        "state": "waiting",
        "causes": ("below the floor price: Pump (90.00 EUR)",),
        "reason": "A framework order follows.",
        "decision": "",
        "about": "Rosa Rep",
        "quote_url": "https://example.com/app/leads/lead1/quotes/quote1",
        "seminar": seminar(),
        "registration": registration(),
    }
    return plain | changes


@dataclass
class Desk:
    """What the mail server does with mails, and what it has seen."""

    answers: dict[str, str] = field(default_factory=dict)
    recipients: list[str] = field(default_factory=list)
    attempts: int = 0
    taken: list[bytes] = field(default_factory=list)
    port: int = 0

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        self.attempts += 1
        envelope.mail_from = address
        return self.answers.get("MAIL", "250 ok")

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        self.recipients.append(address)
        envelope.rcpt_tos.append(address)
        return self.answers.get("RCPT", "250 ok")

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if "DATA" not in self.answers:
            self.taken.append(envelope.content)
        if self.answers.get("DATA") == "gone":
            server.transport.abort()
        return self.answers.get("DATA", "250 taken")

    async def handle_QUIT(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if "QUIT" in self.answers:
            server.transport.abort()
        return "221 bye"


class _AnyPort(Controller):
    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server(answers: dict[str, str] | None = None, **options: Any) -> Iterator[Desk]:
    """An SMTP server on a free port, answering as told ("RCPT": "550 unknown")."""
    desk = Desk(answers or {})
    controller = _AnyPort(desk, hostname="127.0.0.1", port=0, **options)
    controller.start()
    desk.port = controller.port
    try:
        yield desk
    finally:
        controller.stop()
