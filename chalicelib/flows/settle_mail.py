"""Mail that needs a person: nobody knows whether it left, or it surely did not. What there is, and what is decided."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from chalicelib.flows.follow_merges import current_leads, surviving
from chalicelib.flows.until_written import until_written
from chalicelib.follow_up import outbox
from chalicelib.follow_up.mail_news import is_dead
from chalicelib.records.lead import Lead, Note
from chalicelib.records.mail_news import DeadAddress, StrayNews
from chalicelib.records.message import PERSONAL, Message, MessageState
from chalicelib.records.ports import Deps, Put, Ref, Stored, Write

AGAIN, SENT, GIVE_UP = "again", "sent", "give_up"
# The note on the timeline is named after what was decided.
_NOTES = {AGAIN: "mail_again", SENT: "mail_sent", GIVE_UP: "mail_given_up"}
SHOWN = 200


@dataclass(frozen=True, slots=True)
class DeadLine:
    """An address that gets no mail, as the mail that came back still says it ("" when that is gone)."""

    dead: DeadAddress
    address: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """`rows` are (mail, its lead), the newest first, and there may be `more`. `strays` are news of mail not ours."""

    rows: tuple[tuple[Message, Lead | None], ...]
    more: bool
    dead: tuple[DeadLine, ...]
    strays: tuple[StrayNews, ...]


def mail_trouble(deps: Deps) -> Trouble:
    """What is unknown, has failed, or was kept back from a dead address, as far as the read model shows it; what was
    settled meanwhile is left out."""
    states = (MessageState.UNKNOWN, MessageState.FAILED, MessageState.SUPPRESSED)
    listed = [deps.model.messages(state, limit=SHOWN) for state in states]
    ids = [pair for page in listed for pair in page]
    mails = deps.store.get_many([Ref(Message, pair) for pair in ids]) if ids else []
    leads = current_leads(deps, [lead_id for lead_id, _ in ids])
    pairs = zip(mails, leads, strict=True)
    rows = [(m.value, lead.value if lead else None) for m, lead in pairs if m and outbox.may_settle(m.value)]
    rows.sort(key=lambda row: row[0].due_at, reverse=True)
    strays = [s.value for s in deps.store.page(StrayNews, limit=SHOWN)]
    more = any(len(page) == SHOWN for page in listed[:2])
    return Trouble(tuple(rows), more, _dead(deps), tuple(sorted(strays, key=_at, reverse=True)))


def _at(stray: StrayNews) -> datetime:
    return stray.at


def _dead(deps: Deps) -> tuple[DeadLine, ...]:
    dead = [s.value for s in deps.store.query(DeadAddress) if is_dead(s.value)][:SHOWN]
    mails = deps.store.get_many([Ref(Message, (d.lead_id, d.message_id)) for d in dead]) if dead else []
    lines = [DeadLine(d, m.value.to if m else "") for d, m in zip(dead, mails, strict=True)]
    return tuple(sorted(lines, key=lambda line: line.dead.since, reverse=True))


def settle(deps: Deps, lead_id: str, message_id: str, decision: str, by: str) -> Message:
    """What a person decided becomes of one mail; the timeline says so. NotFound for no such mail, ValueError for one of
    which nothing is to be decided (any more)."""
    act: Callable[[Message], Message] = {
        AGAIN: lambda m: outbox.send_again(m, deps.clock()),
        SENT: lambda m: outbox.mark_sent(m, deps.clock()),
        GIVE_UP: outbox.give_up,
    }[decision]

    def decide(stored: Stored[Message]) -> tuple[Message, list[Write]]:
        settled = act(stored.value)
        return settled, [Put(settled, stored.version), *_note(deps, stored, decision, by)]

    return until_written(deps, Ref(Message, (lead_id, message_id)), decide)


def _note(deps: Deps, stored: Stored[Message], decision: str, by: str) -> list[Put]:
    message = stored.value
    if message.kind in PERSONAL:
        return []
    return [Put(Note(deps.new_id(), surviving(deps, message.lead_id), by, _NOTES[decision], "", deps.clock()), 0)]
