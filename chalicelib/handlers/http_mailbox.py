"""Mail: the mailbox folder, where mail goes as long as no mail server is set, and the outbox by state."""

from typing import TYPE_CHECKING, Any

from chalice import Response

from chalicelib.flows.find_person import same_case
from chalicelib.handlers.access import sample_sign_in_open
from chalicelib.handlers.console import console_page
from chalicelib.handlers.ledger_filters import read_ledger_filters
from chalicelib.handlers.web import Download, attachment, offset_of, query
from chalicelib.records.lead import Lead
from chalicelib.records.ledgers import Ledger, LedgerQuery
from chalicelib.records.message import Message, MessageKind, MessageState
from chalicelib.records.ports import NotFound, Ref
from chalicelib.records.rep import Rep
from chalicelib.wiring import service

if TYPE_CHECKING:
    from chalicelib.messaging.mailbox import MailboxMail, MailboxTransport

MAILS = 50
# The mail as its reader's program shows it: it can run nothing, load nothing, leave nothing.
MAIL_CSP = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'self'"


def _box() -> "MailboxTransport | None":
    """The mailbox folder, or None where mail goes to a server."""
    settings = service().settings
    # The mail parser stays out of what every cold start imports.
    from chalicelib.messaging.mailbox import MailboxTransport

    return MailboxTransport(settings.data / "mailbox", settings.sender) if settings.keeps_mail else None


def show_mailbox(request: Any, who: Rep) -> Response:
    """The mailbox, newest first; with `state` the outbox rows of that state, with their reasons."""
    box, state = _box(), query(request, "state")
    if state in (*MessageState, "all") or box is None:
        return _outbox_page(request, who, state if state in list(MessageState) else "", box is not None)
    offset = offset_of(request)
    mails = box.list(offset + MAILS + 1)
    counts = service().deps.model.counts()
    return console_page(
        request, who, "mailbox.html", mails=mails[offset : offset + MAILS], more=len(mails) > offset + MAILS,
        offset=offset, limit=MAILS, states=list(MessageState), counts=counts, state=None, box=True,
    )  # fmt: skip


def _outbox_page(request: Any, who: Rep, state: str, box: bool) -> Response:
    deps, kind = service().deps, query(request, "kind")
    kind = kind if kind in list(MessageKind) else ""
    filters = read_ledger_filters(request, who, None, state=state or "all", kind=kind)
    states = frozenset({state} if state else ())
    listed = deps.model.ledger(LedgerQuery(Ledger.MAILS, states, kind=kind, part=filters.part))
    refs: list[Ref[Any]] = [Ref(Message, pair) for pair in listed.lines]
    refs += [Ref(Lead, (lead_id,)) for lead_id, _ in listed.lines]
    found = deps.store.get_many(refs) if refs else []
    messages, leads = found[: len(listed.lines)], found[len(listed.lines) :]
    rows = [(m.value, lead.value if lead else None) for m, lead in zip(messages, leads, strict=True) if m]
    return console_page(
        request, who, "outbox.html", rows=rows, listed=listed, filters=filters, kinds=list(MessageKind),
        states=list(MessageState), counts=deps.model.counts(), state=state or "all", box=box,
    )  # fmt: skip


def _mail(request: Any, who: Rep, mail_id: str) -> "MailboxMail":
    """One mail. What is for its addressee's eyes (a link to sign in by) is there for nobody else, unless whoever sees
    this page may be anybody anyway."""
    box = _box()
    found = box.read(mail_id) if box else None
    if found is None:
        raise NotFound
    private = ("sensitivity", "private") in {(name.lower(), value.lower()) for name, value in found.headers}
    if private and same_case(found.entry.to) != same_case(who.email) and not sample_sign_in_open(request):
        raise NotFound
    return found


def show_mail(request: Any, who: Rep, mail_id: str) -> Response:
    return console_page(request, who, "mail.html", mail=_mail(request, who, mail_id))


def mail_html(request: Any, who: Rep, mail_id: str) -> Response:
    """The mail's HTML for the frame on its page, under a policy of its own."""
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": MAIL_CSP,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
    return Response(_mail(request, who, mail_id).html, headers)


def mail_attachment(request: Any, who: Rep, mail_id: str, number: str) -> Response:
    """An attachment to download, under a name of ours: the mail's own name never goes into a header."""
    attachments = _mail(request, who, mail_id).attachments
    place = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0
    if not 1 <= place <= len(attachments):
        raise NotFound
    found = attachments[place - 1]
    ending = found.name.rpartition(".")[2].lower()
    ending = ending if ending.isascii() and ending.isalnum() and len(ending) <= 5 else "bin"
    calendar = ending == "ics" and found.content_type in ("text/calendar", "application/ics")
    kind = "text/calendar; charset=utf-8" if calendar else "application/octet-stream"
    return Download(found.body, attachment(f"attachment-{place}.{ending}", kind))
