"""What news of a mail does to its outbox row: the second writer of `sent`, told in any order and more than once.

The news names one handing over of the row (`Message.attempt_id`). That a mail has left is proof whichever handing over
it was, unless something came back since; that it came back counts for the last handing over alone, as a later one has
a fate of its own.
"""

from dataclasses import replace
from datetime import datetime

from chalicelib.records.heard import CAME_BACK, Heard, NewsKind
from chalicelib.records.mail_news import DeadAddress, MailNews
from chalicelib.records.message import INTERNAL, PERSONAL, Message, MessageState

RETURNED = "the mail came back"
REJECTED = "the mail service does not send it"


def concerns(m: Message, news: MailNews) -> bool:
    """Whether the news can be of this row: it was handed over at all, and to that address."""
    handed_over = m.attempt > 0 or m.again > 0 or m.state is MessageState.UNKNOWN
    to = m.to.strip().casefold()
    return handed_over and (not news.recipients or to in (r.strip().casefold() for r in news.recipients))


def after(m: Message, news: MailNews) -> Message:
    """The row once the news is heard; the same row where that says nothing new."""
    heard = m if _tells_nobody(m, news) else _noted(m, news)
    latest = not news.attempt or news.attempt == m.attempt_id
    if news.kind in CAME_BACK:
        return _returned(heard, news) if latest else heard
    returned = any(one.kind in CAME_BACK for one in m.heard)
    if m.state is MessageState.SENT or (returned and (not latest or m.state is MessageState.FAILED)):
        return heard
    return replace(heard, state=MessageState.SENT, sent_at=news.at, reason="")


def _tells_nobody(m: Message, news: MailNews) -> bool:
    """News that is not kept: that it left, which the row itself says; and of a notice to our own people that it
    arrived, which would be a write for each lead that nobody reads."""
    return news.kind is NewsKind.SEND or (news.kind is NewsKind.DELIVERY and m.kind in INTERNAL)


def _returned(m: Message, news: MailNews) -> Message:
    told = REJECTED if news.kind is NewsKind.REJECT else RETURNED
    reason = f"{told}: {news.words}" if news.words else told
    if m.state is MessageState.FAILED and m.reason == reason:
        return m
    return replace(m, state=MessageState.FAILED, reason=reason, due_at=news.at)


def _noted(m: Message, news: MailNews) -> Message:
    """One entry of a kind, the latest."""
    before = next((one for one in m.heard if one.kind is news.kind), None)
    if before and before.at >= news.at:
        return m
    others = tuple(one for one in m.heard if one.kind is not news.kind)
    return replace(m, heard=(*others, Heard(news.kind, news.at, news.words)))


def dead_address(known: DeadAddress | None, m: Message, news: MailNews, digest: str) -> DeadAddress | None:
    """What is noted of the address a mail came back from; None where it is known, or was lifted since."""
    if news.kind is not NewsKind.BOUNCE:
        return None
    if known and (known.lifted_at is None or known.lifted_at >= news.at):
        return None
    return DeadAddress(digest, news.at, m.lead_id, m.message_id)


def is_dead(known: DeadAddress | None) -> bool:
    """Whether mail to the address is held back."""
    return known is not None and known.lifted_at is None


def lifted(known: DeadAddress, by: str, now: datetime) -> DeadAddress:
    """Mail goes there again; what came back before now is not news any more."""
    return replace(known, lifted_at=now, lifted_by=by)


def opts_out(m: Message, news: MailNews) -> bool:
    """Whether a complaint ends promotion: one of our own people's about our own notices does not."""
    return news.kind is NewsKind.COMPLAINT and m.kind not in INTERNAL | PERSONAL
