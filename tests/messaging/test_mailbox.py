import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chalicelib.messaging.mailbox import MailboxTransport
from chalicelib.records.mail_ports import TransportError
from tests.messaging.post import mail


def test_the_newest_mail_is_listed_first_with_its_recipient_subject_and_time(tmp_path: Path):
    box = MailboxTransport(tmp_path / "made" / "when" / "needed")
    before = datetime.now(UTC)
    for number in range(3):
        box.send(mail(subject=f"第 {number} 封", to=f"p{number}@example.org"))
    newest, middle = box.list(limit=2)
    assert (newest.subject, newest.to) == ("第 2 封", "p2@example.org")
    assert (middle.subject, middle.to) == ("第 1 封", "p1@example.org")
    assert before <= middle.sent_at <= newest.sent_at <= datetime.now(UTC)


def test_a_mailbox_nobody_wrote_to_is_empty(tmp_path: Path):
    box = MailboxTransport(tmp_path / "none")
    assert box.list() == []
    assert box.read("1795316799250479709-7ee7-a@example.com") is None


def test_a_mail_is_read_back_with_fields_bodies_and_attachments(tmp_path: Path):
    box = MailboxTransport(tmp_path, "Example Pumps <hello@example.com>")
    box.send(mail(subject="报名", text="您好\n", html="<p>您好</p>\n", calendar="BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"))
    (entry,) = box.list()
    found = box.read(entry.id)
    assert found is not None
    assert found.entry == entry
    assert ("From", "Example Pumps <hello@example.com>") in found.headers
    assert ("Subject", "报名") in found.headers
    assert (found.text, found.html) == ("您好\n", "<p>您好</p>\n")
    (attachment,) = found.attachments
    assert (attachment.name, attachment.content_type) == ("invite.ics", "application/ics")
    assert attachment.body == b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"


def test_a_mail_without_html_is_read_back_as_text(tmp_path: Path):
    box = MailboxTransport(tmp_path)
    box.send(mail(html=""))
    found = box.read(box.list()[0].id)
    assert found is not None
    assert (found.text, found.html, found.attachments) == ("Hello Ada,\n\nthank you.\n", "", ())


def test_the_same_mail_twice_is_two_files(tmp_path: Path):
    box = MailboxTransport(tmp_path)
    box.send(mail())
    box.send(mail())
    assert len(box.list()) == 2


@pytest.mark.parametrize(
    "id_",
    [
        "",
        "secret",
        "../secret",
        "1795316799250479709-7ee7-../secret",
        "1795316799250479709-7ee7-a/../../secret",
        "1795316799250479709-7ee7-a\\b",
        "1795316799250479709-7ee7-a\x00",
        "1795316799250479709-7ee7-a\n",
        "/etc/passwd",
    ],
)
def test_an_id_that_was_never_given_out_reads_nothing(tmp_path: Path, id_: str):
    (tmp_path / "secret.eml").write_text("Subject: not for you\n\n")
    folder = tmp_path / "mailbox"
    folder.mkdir()
    (folder / "secret.eml").write_text("Subject: not ours\n\n")
    box = MailboxTransport(folder)
    assert box.read(id_) is None
    assert box.list() == []


def test_a_mail_being_written_is_not_listed(tmp_path: Path):
    (tmp_path / ".1795316799250479709-7ee7-a@example.com.part").write_text("Subject: half")
    assert MailboxTransport(tmp_path).list() == []


def test_a_folder_that_cannot_be_written_may_be_tried_later(tmp_path: Path):
    in_the_way = tmp_path / "mailbox"
    in_the_way.write_text("a file")
    with pytest.raises(TransportError) as refusal:
        MailboxTransport(in_the_way).send(mail())
    assert not refusal.value.final
    assert os.listdir(tmp_path) == ["mailbox"]


def test_a_boundary_read_in_an_earlier_mail_cannot_end_a_part(tmp_path: Path):
    box = MailboxTransport(tmp_path)
    box.send(mail(calendar="BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"))
    content = next(tmp_path.iterdir()).read_text()
    for boundary in {line for line in content.splitlines() if line.startswith("--=_")}:
        box.send(mail(text=f"Hello\n{boundary}\nContent-Type: text/html\n\n<b>evil</b>\n", subject="second"))
        found = box.read(box.list()[0].id)
        assert found is not None
        assert found.entry.subject == "second"
        assert "<b>evil</b>" in found.text
        assert found.html == "<p>Hello Ada,</p>\n<p>thank you.</p>\n"
