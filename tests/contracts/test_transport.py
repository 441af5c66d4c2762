"""What every mail transport must do, run against the mailbox folder, SMTP and SES."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from chalicelib.messaging.mailbox import MailboxTransport
from chalicelib.messaging.ses import SesTransport
from chalicelib.messaging.smtp import SmtpTransport
from chalicelib.records.mail_ports import Transport, TransportError
from tests.contracts.places import PLACES, accepted_mail, aws
from tests.messaging.post import NOW, SENDER, mail, mail_server

CALENDAR = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:报名\r\nEND:VCALENDAR\r\n"


def body(message: EmailMessage, kind: str) -> str:
    return message.get_body((kind,)).get_content().replace("\r\n", "\n")


@dataclass
class Bench:
    transport: Transport
    arrived: Callable[[], list[bytes]]

    def only(self) -> EmailMessage:
        (content,) = self.arrived()
        return message_from_bytes(content, policy=policy.default)


@contextmanager
def open_bench(kind: str, folder: Path) -> Iterator[Bench]:
    if kind == "mailbox":
        transport = MailboxTransport(folder, SENDER, lambda: NOW)
        yield Bench(transport, lambda: [path.read_bytes() for path in sorted(folder.iterdir())])
    elif kind == "smtp":
        with mail_server(enable_SMTPUTF8=True) as desk:
            transport = SmtpTransport("127.0.0.1", desk.port, starttls=False, sender=SENDER, clock=lambda: NOW)
            yield Bench(transport, lambda: desk.taken)
    else:
        with aws(kind) as clients:
            taken = accepted_mail(clients.ses())
            yield Bench(SesTransport(clients.ses, SENDER, clock=lambda: NOW), lambda: taken)


@pytest.fixture(params=["mailbox", "smtp", *PLACES])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    with open_bench(request.param, tmp_path) as opened:
        yield opened


@pytest.fixture(params=["mailbox", "smtp"])
def any_letters(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    """Transports that take an address in any letters (RFC 6531); SES does not."""
    with open_bench(request.param, tmp_path) as opened:
        yield opened


def test_a_plain_mail_arrives_with_its_fields_and_both_bodies(bench: Bench):
    bench.transport.send(mail())
    arrived = bench.only()
    assert arrived["From"] == SENDER
    assert arrived["To"] == "ada@example.org"
    assert arrived["Subject"] == "We have received your request"
    assert arrived["Message-ID"] == "<01JD8Z3V5Q9W2N4K6M8P0R1T3V@example.com>"
    assert arrived["Date"].datetime == NOW
    assert arrived.get_content_type() == "multipart/alternative"
    assert body(arrived, "plain") == "Hello Ada,\n\nthank you.\n"
    assert body(arrived, "html") == "<p>Hello Ada,</p>\n<p>thank you.</p>\n"


def test_a_mail_in_chinese_arrives_as_written_in_seven_bits(bench: Bench):
    subject = "您的席位已确认：如何选择水泵，以及这个标题为什么这么长，一直长到需要折行为止"
    bench.transport.send(mail(subject=subject, text="您好：\n感谢您报名。\n", html="<p>感謝您報名。</p>\n"))
    arrived = bench.only()
    assert arrived["Subject"] == subject
    assert body(arrived, "plain") == "您好：\n感谢您报名。\n"
    assert body(arrived, "html") == "<p>感謝您報名。</p>\n"
    assert bench.arrived()[0].isascii()


def test_an_invitation_arrives_as_alternative_and_as_attachment(bench: Bench):
    bench.transport.send(mail(calendar=CALENDAR, calendar_method="CANCEL"))
    parts = {part.get_content_type(): part for part in bench.only().walk()}
    assert parts["text/calendar"].get_param("method") == "CANCEL"
    assert parts["text/calendar"].get_content_charset() == "utf-8"
    assert parts["text/calendar"].get_payload(decode=True).decode() == CALENDAR
    assert parts["application/ics"].get_filename() == "invite.ics"
    assert parts["application/ics"].get_payload(decode=True).decode() == CALENDAR


def test_further_header_fields_arrive(bench: Bench):
    one_click = ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
    bench.transport.send(mail(headers=(("List-Unsubscribe", "<https://example.com/u/t>"), one_click)))
    assert bench.only()["List-Unsubscribe"] == "<https://example.com/u/t>"
    assert bench.only()["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_local_part_in_other_letters_arrives(any_letters: Bench):
    any_letters.transport.send(mail(to="анна@xn--e1afmkfd.example"))
    assert "анна@xn--e1afmkfd.example" in any_letters.arrived()[0].decode()


@pytest.mark.parametrize(
    "bad",
    [
        {"subject": "Hello\r\nBcc: victim@example.net"},
        {"subject": "Hello\nBcc: victim@example.net"},
        {"subject": "Hello\x00"},
        {"to": "ada@example.org\r\nBcc: victim@example.net"},
        {"to": "ada@example.org, victim@example.net"},
        {"to": "ada@example.org victim@example.net"},
        {"to": "Ada <ada@example.org>"},
        {"to": "ada@example.org\n"},
        {"to": ""},
        {"message_id": "one@example.com>\r\nBcc: victim@example.net"},
        {"headers": (("List-Unsubscribe", "<x>\r\nBcc: victim@example.net"),)},
        {"headers": (("X-One: y\r\nBcc", "victim@example.net"),)},
        {"calendar": CALENDAR, "calendar_method": 'REQUEST"\r\nX: y'},
    ],
)
def test_what_would_smuggle_in_a_field_or_a_recipient_is_refused_for_good(bench: Bench, bad: dict):
    with pytest.raises(TransportError) as refusal:
        bench.transport.send(mail(**bad))
    assert refusal.value.final
    assert bench.arrived() == []


def test_one_call_is_one_mail_and_a_second_call_another_with_the_same_message_id(bench: Bench):
    bench.transport.send(mail())
    assert len(bench.arrived()) == 1
    bench.transport.send(mail())
    ids = {message_from_bytes(content)["Message-ID"] for content in bench.arrived()}
    assert len(bench.arrived()) == 2
    assert len(ids) == 1
