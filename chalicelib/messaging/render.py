"""Outbox rows become mails: templates/mail/<kind>.{subject.txt,body.txt,body.html} in the row's language.

What the flow puts into `values`, by kind; all kinds use `brand`, which the renderer may bring. A name that is
missing is an error; a value that is not known is "" (None for `respond_by`, () for reasons). Names in brackets may
be missing altogether, and more names than these do no harm.

| kind | values |
|---|---|
| confirmation | person_name rep_name rep_email respond_by zone status_url |
| rep_notice | person_name company campaign_name subject score score_reasons owner_reasons respond_by zone lead_url |
| | [emails phones message] |
| escalation | person_name company subject rep_name respond_by zone lead_url [reasons emails phones message] |
| complaint_notice | person_name company lead_url |
| thank_you | person_name campaign_name rep_name rep_email unsubscribe_url postal_address |
| seminar_confirmation, seminar_promoted | person_name seminar registration cancel_url [status_url] |
| seminar_waiting | person_name seminar cancel_url [status_url] |
| seminar_cancelled | person_name seminar registration |
| promise_due, promise_broken | person_name company promise promise_subject promised_by due_on lead_url |
| | [emails phones] |
| quote_waiting, quote_decided | person_name company number causes reason decision about quote_url, of the latter |
| | state |
| sign_in_link | person_name link_url |
| reminder_day, reminder_hour | person_name seminar registration cancel_url |

`due_on` is a date, `respond_by` an aware datetime and `zone` the IANA zone it is shown in; `score` is 0 to 100; the
reasons are texts of the form `message[: value][ ±points]` (a sequence, or one a line): `owner_reasons` say why this
rep, `reasons` why the request was passed on; `seminar` and `registration` are the records (the calendar entry is made
of them); URLs are absolute. What a visitor wrote is repeated to nobody but our own people, the name apart: a
confirmation cannot be made to carry a stranger's text.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parseaddr
from typing import Any, Literal

from chalicelib.messaging.calendar import invitation
from chalicelib.messaging.languages import LANGUAGES, negotiate
from chalicelib.messaging.mime import domain_of
from chalicelib.messaging.templates import environment
from chalicelib.records.mail_ports import Mail
from chalicelib.records.message import PERSONAL, PROMOTIONAL, Message, MessageKind

NAME_LENGTH = 80
_SUBJECT_LENGTH = 200
_MESSAGE_LENGTH = 4000

_METHODS: dict[MessageKind, Literal["REQUEST", "CANCEL"]] = {
    MessageKind.SEMINAR_CONFIRMATION: "REQUEST",
    MessageKind.SEMINAR_PROMOTED: "REQUEST",
    MessageKind.REMINDER_DAY: "REQUEST",
    MessageKind.REMINDER_HOUR: "REQUEST",
    MessageKind.SEMINAR_CANCELLED: "CANCEL",
}

# Control characters, and those that turn the reading direction or are not seen.
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_LINKS = re.compile(r"[.。．｡](?=\w)|[:：@＠](?=\S)")
_BLANK_LINES = re.compile(r"\n{3,}")
_ULID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")
_NOT_IN_URL = re.compile(r"[\s<>\"]")


def plain_name(text: str) -> str:
    """A name as a visitor gave it, on one line of at most 80 characters that no mail client makes a link of:
    a space parts what would read as an address ("http: //evil. example")."""
    line = " ".join(_UNSEEN.sub(" ", text).split())
    parted = _LINKS.sub(lambda found: f"{found.group()} ", line)
    return parted if len(parted) <= NAME_LENGTH else f"{parted[: NAME_LENGTH - 1].rstrip()}…"


def _now() -> datetime:
    return datetime.now(UTC)


class MailRenderer:
    """Renders the mails of one sender (an address or "Name <address>"), who also organises the seminars.

    `brand` and `postal_address` are used where the values do not have their own."""

    def __init__(
        self, sender: str, brand: str = "", postal_address: str = "", clock: Callable[[], datetime] = _now
    ) -> None:
        self._name, self._address = parseaddr(sender)
        self._domain = domain_of(sender)
        self._clock = clock
        shared = {"brand": brand, "postal_address": postal_address}
        self._shared = {name: value for name, value in shared.items() if value}

    def mail(self, message: Message, values: Mapping[str, Any]) -> Mail:
        """The mail of an outbox row. Its Message-ID is the row's, so that sending it again is the same mail.

        Raises jinja2.UndefinedError or KeyError for a value the kind needs and lacks, ValueError for a promotional
        mail without unsubscribe link and postal address.
        """
        language = message.language if message.language in LANGUAGES else negotiate(message.language)
        find = environment(language).get_template
        values = {**self._shared, **values}
        shown = _shown(values)
        method = _METHODS.get(message.kind)
        return Mail(
            to=message.to,
            subject=_one_line(find(f"mail/{message.kind}.subject.txt").render(shown)),
            text=_BLANK_LINES.sub("\n\n", find(f"mail/{message.kind}.body.txt").render(shown)).strip() + "\n",
            html=find(f"mail/{message.kind}.body.html").render(shown),
            message_id=f"{_unique_id(message)}@{self._domain}",
            calendar=self._calendar(method, values) if method else "",
            calendar_method=method or "REQUEST",
            headers=_headers(message.kind, values),
            about=(message.lead_id, message.message_id, message.attempt_id),
        )

    def _calendar(self, method: Literal["REQUEST", "CANCEL"], values: Mapping[str, Any]) -> str:
        return invitation(
            values["seminar"],
            values["registration"],
            method,
            self._address,
            self._name or values["brand"],
            self._clock(),
        )


def _unique_id(message: Message) -> str:
    """A row's id names it beside its lead only; in a Message-ID it must be the only one of the world (RFC 5322
    3.6.4). A ULID is."""
    return message.message_id if _ULID.fullmatch(message.message_id) else f"{message.lead_id}.{message.message_id}"


def _shown(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with what a visitor wrote made harmless."""
    shown = dict(values)
    for name in ("person_name", "company"):
        if name in shown:
            shown[name] = plain_name(shown[name])
    for name in ("reasons", "score_reasons", "owner_reasons", "causes"):
        if isinstance(shown.get(name), str):
            shown[name] = tuple(shown[name].splitlines())
    for name in ("subject", "message", "promise", "promise_subject"):
        if name in shown:
            shown[name] = _UNSEEN.sub("", shown[name].replace("\r\n", "\n"))[:_MESSAGE_LENGTH]
    return shown


def _one_line(subject: str) -> str:
    return " ".join(_UNSEEN.sub(" ", subject).split())[:_SUBJECT_LENGTH]


def _headers(kind: MessageKind, values: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """RFC 8058 one-click for promotion; RFC 3834 for the rest, so that nobody's absence notice answers it."""
    if kind in PERSONAL:
        # RFC 4021 2.1.55: for its addressee's eyes; the mailbox page keeps to it.
        return (("Auto-Submitted", "auto-generated"), ("Sensitivity", "Private"))
    if kind not in PROMOTIONAL:
        return (("Auto-Submitted", "auto-generated"),)
    url = values["unsubscribe_url"]
    if not url or _NOT_IN_URL.search(url) or not values["postal_address"].strip():
        raise ValueError("a promotional mail needs an unsubscribe link and a postal address")
    return (("List-Unsubscribe", f"<{url}>"), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
