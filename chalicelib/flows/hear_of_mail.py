"""News of a mail: its outbox row takes it in, a dead address is noted, a complaint ends promotion."""

from contextlib import suppress
from datetime import timedelta

from chalicelib.flows.dead_addresses import address_digest
from chalicelib.flows.follow_merges import current_leads, surviving
from chalicelib.flows.work_lead import opt_out
from chalicelib.follow_up.mail_news import after, concerns, dead_address, opts_out
from chalicelib.follow_up.messages import complaint_notice
from chalicelib.records.lead import Note
from chalicelib.records.mail_news import DeadAddress, MailNews, NewsKind, StrayNews
from chalicelib.records.message import Message
from chalicelib.records.ports import Conflict, Deps, NotFound, Put, Stored

# The row's own sender writes at the same time; more rivals than this are none of ours.
ROUNDS = 10
# How long news of a mail that is not ours is kept: as long as dead letters are.
STRAY_DAYS = 14
_SYSTEM = ""


def hear(deps: Deps, news: MailNews) -> bool:
    """Take one piece of news in; whether it was of a mail of ours. Again, or late, it changes nothing.

    Raises Conflict when others would not stop writing: then the news has to come again."""
    for round_ in range(ROUNDS):
        stored = _row(deps, news)
        if stored is None:
            _keep_stray(deps, news)
            return False
        try:
            _take_in(deps, stored, news)
        except Conflict:
            if round_ == ROUNDS - 1:
                raise
            continue
        return True
    raise AssertionError("a round ends in one of the three ways above")


def _row(deps: Deps, news: MailNews) -> Stored[Message] | None:
    if not news.lead_id or not news.message_id or "#" in news.lead_id + news.message_id:
        return None
    stored = deps.store.get(Message, news.lead_id, news.message_id)
    return stored if stored and concerns(stored.value, news) else None


def _take_in(deps: Deps, stored: Stored[Message], news: MailNews) -> None:
    before = stored.value
    now_heard = after(before, news)
    if opts_out(before, news):
        # First, and whatever becomes of the rest: nobody who complains gets more of it.
        _end_promotion(deps, before.lead_id)
    writes = [] if now_heard == before else [Put(now_heard, stored.version)]
    if news.kind is NewsKind.BOUNCE:
        writes += _address_writes(deps, before, news)
    if opts_out(before, news) and now_heard != before:
        writes += _complaint_writes(deps, before, news)
    if writes:
        deps.store.commit(writes)
        deps.wake()


def _end_promotion(deps: Deps, lead_id: str) -> None:
    try:
        opt_out(deps, surviving(deps, lead_id))
    except NotFound:
        return


def _address_writes(deps: Deps, message: Message, news: MailNews) -> list[Put]:
    digest = address_digest(deps, message.to)
    known = deps.store.get(DeadAddress, digest)
    dead = dead_address(known.value if known else None, message, news, digest)
    return [Put(dead, known.version if known else 0)] if dead else []


def _complaint_writes(deps: Deps, message: Message, news: MailNews) -> list[Put]:
    """The timeline says so, and the owner is told."""
    (stored,) = current_leads(deps, [message.lead_id])
    if stored is None:
        return []
    lead, now, own_id = stored.value, deps.clock(), f"complaint-{message.message_id}"
    if deps.store.get(Note, lead.lead_id, own_id):
        return []
    note = Note(own_id, lead.lead_id, _SYSTEM, "complaint", news.words, now)
    rep = deps.directory.rep(lead.assignment.owner_id) if lead.assignment else None
    notices = [Put(complaint_notice(lead, rep, own_id, now), 0)] if rep and rep.active else []
    return [Put(note, 0), *notices]


def _keep_stray(deps: Deps, news: MailNews) -> None:
    until = deps.clock() + timedelta(days=STRAY_DAYS)
    stray = StrayNews(news.news_id, news.kind, news.at, news.lead_id, news.message_id, until)
    with suppress(Conflict):
        deps.store.commit([Put(stray, 0)])
