"""The embedded transport: a folder of .eml files, one for each send, and what the mailbox page reads from it."""

import os
import re
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.parser import BytesHeaderParser
from email.policy import SMTP, default
from pathlib import Path

from chalicelib.messaging.mime import build
from chalicelib.records.mail_ports import Mail, TransportError

# Nanoseconds since 1970, then four random digits, so that ids sort by time and two sends are two files.
_ID = re.compile(r"(\d{19})-[0-9a-f]{4}-[A-Za-z0-9@._+-]{1,180}\Z")
_ODD = re.compile(r"[^A-Za-z0-9@._+-]")
_HEAD_BYTES = 8192


@dataclass(frozen=True, slots=True)
class MailboxEntry:
    """One line of the mailbox page."""

    id: str
    to: str
    subject: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class MailboxMail:
    """One mail as a reader shows it; header fields decoded, in their order."""

    entry: MailboxEntry
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    attachments: tuple[Attachment, ...]


def _now() -> datetime:
    return datetime.now(UTC)


class MailboxTransport:
    """Writes mails into `folder` instead of sending them. A mail sent again is a second file."""

    def __init__(
        self,
        folder: Path,
        sender: str = "Leadline <leadline@example.com>",
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._folder = folder
        self._sender = sender
        self._clock = clock

    def send(self, mail: Mail) -> None:
        """Whole or not at all: written beside, then renamed. TransportError when the folder cannot be written."""
        content = build(mail, self._sender, self._clock()).as_bytes()
        name = f"{time.time_ns():019d}-{os.urandom(2).hex()}-{_ODD.sub('_', mail.message_id)[:180]}"
        part = self._folder / f".{name}.part"
        try:
            self._write(part, content)
            part.rename(self._folder / f"{name}.eml")
        except OSError as error:
            with suppress(OSError):
                part.unlink()
            raise TransportError(f"the mailbox folder cannot be written: {error.strerror}") from error

    def _write(self, part: Path, content: bytes) -> None:
        try:
            part.write_bytes(content)
        except FileNotFoundError:
            self._folder.mkdir(parents=True, exist_ok=True)
            part.write_bytes(content)

    def forget(self, mails: Sequence[tuple[str, str]]) -> None:
        """Delete the files of these outbox rows: a file's name ends with the row's Message-ID (messaging/render.py)."""
        names = {name for lead_id, message_id in mails for name in (message_id, f"{lead_id}.{message_id}")}
        for path in self._folder.glob("*.eml"):
            if path.stem.split("-", 2)[-1].rpartition("@")[0] in names:
                path.unlink(missing_ok=True)

    def list(self, limit: int = 100) -> "list[MailboxEntry]":
        """The newest mails, newest first."""
        try:
            names = os.listdir(self._folder)
        except FileNotFoundError:
            return []
        ids = sorted((n.removesuffix(".eml") for n in names if n.endswith(".eml")), reverse=True)
        return [entry for id_ in ids[:limit] if (entry := self._entry(id_))]

    def _entry(self, id_: str) -> MailboxEntry | None:
        content = self._content(id_, _HEAD_BYTES)
        if content is None:
            return None
        head = BytesHeaderParser(policy=default).parsebytes(content)
        return MailboxEntry(id_, str(head["To"]), str(head["Subject"]), _sent_at(id_))

    def _content(self, id_: str, size: int = -1) -> bytes | None:
        """The file's bytes; None for an id we never made (so that no path leaves the folder) or that is gone."""
        if not _ID.match(id_):
            return None
        try:
            with (self._folder / f"{id_}.eml").open("rb") as file:
                return file.read(size)
        except FileNotFoundError:
            return None

    def read(self, id_: str) -> MailboxMail | None:
        """One mail by its id, or None."""
        content = self._content(id_)
        if content is None:
            return None
        message = message_from_bytes(content, policy=SMTP)
        headers = tuple((name, str(value)) for name, value in message.items())
        entry = MailboxEntry(id_, str(message["To"]), str(message["Subject"]), _sent_at(id_))
        return MailboxMail(entry, headers, _body(message, "plain"), _body(message, "html"), _attached(message))


def _sent_at(id_: str) -> datetime:
    return datetime.fromtimestamp(int(id_[:19]) / 1e9, UTC)


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()).replace("\r\n", "\n") if part else ""


def _attached(message: EmailMessage) -> tuple[Attachment, ...]:
    return tuple(_attachment(part) for part in message.iter_attachments())


def _attachment(part: Message) -> Attachment:
    body = part.get_payload(decode=True)
    return Attachment(
        part.get_filename() or "attachment", part.get_content_type(), body if isinstance(body, bytes) else b""
    )
