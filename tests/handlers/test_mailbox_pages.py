"""The mailbox folder and the outbox in the console."""

import re
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from chalicelib import wiring
from chalicelib.records.ledgers import LEDGER_PAGE
from chalicelib.records.mail_ports import Mail
from chalicelib.records.message import Message, MessageKind, MessageState
from tests.handlers.desk import NOW, Desk, open_desk, words


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_desk(tmp_path)


def mail_paths(desk: Desk) -> list[str]:
    return re.findall(r'href="(/app/mailbox/[^"?]+)"', desk.get("/app/mailbox").text)


def test_an_empty_mailbox_says_how_to_fill_it(desk: Desk) -> None:
    assert "No mail has gone out yet." in desk.page("/app/mailbox")


def test_delivered_mail_is_listed_newest_first_and_opens(desk: Desk) -> None:
    desk.ask()
    desk.ask(name="Timo", email="timo@customer.example.net", phone="")
    desk.world.later(minutes=1)
    newest, *others = mail_paths(desk)
    assert len(others) == 3
    shown = desk.page(newest)
    assert "timo@customer.example.net" in shown
    assert "Header fields" in shown
    assert "Message-ID" in shown


def test_the_mail_as_html_can_run_load_and_leave_nothing(desk: Desk) -> None:
    desk.world.deps.transport.send(
        Mail("a@example.com", "S", "text", "<script>alert(1)</script><p>Hi</p>", "id@example.com")
    )
    (path,) = mail_paths(desk)
    page = desk.get(path).text
    assert f'<iframe class="mail-frame" sandbox src="{path}/html"' in page
    assert "alert(1)" not in page
    framed = desk.get(f"{path}/html")
    assert framed.headers["content-security-policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'self'"
    )
    assert "<p>Hi</p>" in framed.text


def test_a_calendar_file_downloads_under_a_name_of_ours(desk: Desk) -> None:
    desk.ask("seminar")
    desk.world.later(minutes=1)
    path = next(p for p in mail_paths(desk) if "Attachments" in desk.page(p))
    answer = desk.get(f"{path}/attachments/1")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="attachment-1.ics"'
    assert answer.text.startswith("BEGIN:VCALENDAR")
    for number in ("0", "9", "x", "1000"):
        assert desk.get(f"{path}/attachments/{number}").status_code == 404


@pytest.mark.parametrize("accept", ["text/html", "application/pdf", "*/*", ""])
def test_any_attachment_downloads_whatever_its_reader_says_to_accept(desk: Desk, accept: str) -> None:
    mail, body = EmailMessage(), bytes(range(256))
    mail["To"], mail["Subject"] = "a@example.com", "Offer"
    mail.set_content("text")
    mail.add_attachment(body, maintype="application", subtype="pdf", filename="offer.pdf")
    box = wiring.service().settings.data / "mailbox"
    box.mkdir()
    (box / f"{1:019d}-0000-offer.eml").write_bytes(mail.as_bytes())
    (path,) = mail_paths(desk)
    answer = desk.get(f"{path}/attachments/1", Accept=accept)
    assert answer.status_code == 200, answer.text
    assert answer.content == body
    assert answer.headers["content-type"] == "application/octet-stream"


def test_a_long_mailbox_is_paged(desk: Desk) -> None:
    for number in range(51):
        desk.world.deps.transport.send(Mail("a@example.com", f"Mail {number}", "t", "", f"{number}@example.com"))
    assert "Mail 0" not in desk.page("/app/mailbox").replace("Mail 0 ", "Mail 0")
    assert len(mail_paths(desk)) == 50
    assert "Mail 0" in desk.page("/app/mailbox?offset=50")


@pytest.mark.parametrize("path", ["..%2Fsecret", "nobody", "%00"])
def test_a_mail_made_up_is_not_found(desk: Desk, path: str) -> None:
    for tail in ("", "/html", "/attachments/1"):
        assert desk.get(f"/app/mailbox/{path}{tail}").status_code == 404


def test_the_outbox_shows_each_state_with_its_reason(desk: Desk) -> None:
    desk.ask()
    lead_id = desk.lead_path().rpartition("/")[2]
    to, kind, reason = "jana@customer.example.com", MessageKind.THANK_YOU, "no legal basis is recorded for this list"
    held = Message("m-1", lead_id, kind, to, "en", MessageState.HELD, NOW, NOW, reason=reason)
    failed = replace(held, message_id="m-2", state=MessageState.FAILED, reason="the mailbox does not exist")
    desk.world.put(held, failed)
    desk.world.work()
    shown = desk.page("/app/mailbox?state=held")
    assert "Thank-you mail Held no legal basis is recorded for this list" in shown
    assert "the mailbox does not exist" not in shown
    everything = desk.page("/app/mailbox?state=all")
    assert "the mailbox does not exist" in everything
    assert "Confirmation" in everything
    assert "There is no such mail." in desk.page("/app/mailbox?state=suppressed")


def test_the_outbox_is_paged_filtered_searched_and_sorted(desk: Desk) -> None:
    desk.ask()
    desk.ask(name="Mona Muster", email="mona@muster.example.com", company="Muster AG", phone="+49 30 777777")
    lead_id = desk.lead_path("mona").rpartition("/")[2]
    made = [Message(f"m-{n}", lead_id, MessageKind.THANK_YOU, f"to-{n}@example.com", "en", MessageState.HELD, NOW,
                    NOW + timedelta(minutes=n)) for n in range(LEDGER_PAGE + 1)]  # fmt: skip
    desk.world.put(*made)
    desk.world.work()
    held = "/app/mailbox?state=held"
    first = desk.page(held)
    assert "1 to 50 of 51" in first
    assert "to-0@" not in first
    assert "to-0@" in desk.page(f"{held}&offset=50")
    assert "to-0@" in desk.page(f"{held}&turned=yes")
    everything = "/app/mailbox?state=all"
    assert "Thank-you" not in desk.page(f"{everything}&kind=confirmation").partition("When")[2]
    assert "jana@customer" in desk.page(f"{everything}&text=jana").partition("When")[2]
    assert "to-0@" not in desk.page(f"{everything}&text=jana")
    by_name = desk.page(f"{everything}&sort=person").partition("When")[2]
    assert by_name.index("Jana Beispiel") < by_name.index("Mona Muster")
    assert 'aria-sort="ascending"' in desk.get(f"{everything}&sort=person").text
    # No mail is anybody's: an address with a colleague's name shows all of it.
    for whose in ("mine=yes", "of=anna"):
        assert "1 to 50 of 51" in desk.page(f"{held}&{whose}")
    assert "There is no such mail. Take a filter away" in desk.page(f"{held}&kind=confirmation")


def test_with_a_mail_server_the_page_is_the_outbox(desk: Desk) -> None:
    desk.ask()
    found = wiring.service()
    wiring.use(replace(found, settings=replace(found.settings, smtp_host="mail.example.com")))
    shown = desk.get("/app/mailbox")
    assert "Every mail that was decided on" in words(shown.text)
    assert 'href="/app/mailbox"' in shown.text
    assert ">Mailbox</a>" not in shown.text.partition('class="tabs"')[2]
    assert desk.get("/app/mailbox/anything").status_code == 404
