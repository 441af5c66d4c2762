"""One outbox row from due to delivered: claim, look again whether it may go, render, hand over once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.flows.mail_values import values_for
from chalicelib.follow_up import outbox
from chalicelib.follow_up.policy import Blocked, check
from chalicelib.records.event import Registration, Seminar
from chalicelib.records.lead import Lead
from chalicelib.records.message import INTERNAL, Message, MessageState
from chalicelib.records.ports import Conflict, Deps, Put, Ref, Stored, TransportError
from chalicelib.records.touch import Request, Touch


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a message is about, as it is at the moment of sending."""

    lead: Lead
    request: Request | None
    seminar: Seminar | None
    registration: Registration | None
    touch: Touch | None = None


def send_message(deps: Deps, ref: Ref[Message]) -> MessageState | None:
    """Send one row if it is due and nobody else has claimed it. The new state, or None where nothing was to do."""
    now = deps.clock()
    stored = deps.store.get(Message, *ref.ids)
    if stored is None:
        return None
    if stored.value.state is MessageState.SENDING:
        return _take_back(deps, stored, now)
    if not outbox.is_due(stored.value, now):
        return None
    claimed = _write(deps, outbox.claim(stored.value, now), stored.version)
    if claimed is None:
        return None
    return _deliver(deps, claimed)


def _deliver(deps: Deps, claimed: Stored[Message]) -> MessageState:
    message = claimed.value
    around = _surroundings(deps, message)
    done: Message
    if around is None:
        done = outbox.suppress(message, "the person is no longer stored")
    else:
        verdict = _verdict(message, around, deps.clock())
        if verdict is not None:
            act = outbox.suppress if verdict.final else outbox.hold
            done = act(message, verdict.reason)
        else:
            done = _hand_over(deps, message, around)
    _write(deps, done, claimed.version)
    return done.state


def _verdict(message: Message, around: Surroundings, now: datetime) -> Blocked | None:
    suppressed = {around.lead.lead_id} if around.lead.opted_out_at else set()
    verdict = check(message, around.lead, suppressed, now, around.seminar, around.registration)
    return verdict if isinstance(verdict, Blocked) else None


def _hand_over(deps: Deps, message: Message, around: Surroundings) -> Message:
    try:
        mail = deps.renderer.mail(message, values_for(deps, message, around))
        deps.transport.send(mail)
    except TransportError as error:
        act = outbox.failed if error.final else outbox.retry
        return act(message, str(error), deps.clock())
    return outbox.sent(message, deps.clock())


def _take_back(deps: Deps, stored: Stored[Message], now: datetime) -> MessageState | None:
    """A row whose sender died while sending: the rule of its kind says whether it goes again."""
    if stored.value.claimed_at is None or now - stored.value.claimed_at < outbox.GRACE:
        return None
    written = _write(deps, outbox.lost(stored.value, now), stored.version)
    return written.value.state if written else None


def _write(deps: Deps, message: Message, version: int) -> Stored[Message] | None:
    try:
        deps.store.commit([Put(message, version)])
    except Conflict:
        return None
    return Stored(message, version + 1)


def _surroundings(deps: Deps, message: Message) -> Surroundings | None:
    refs: list[Ref[Any]] = [Ref(Lead, (message.lead_id,))]
    refs.append(Ref(Request, (message.lead_id, message.request_id or "-")))
    refs.append(Ref(Registration, (message.event_id or "-", message.lead_id)))
    lead, request, registration = (stored.value if stored else None for stored in deps.store.get_many(refs))
    if lead is None:
        return None
    seminar = deps.directory.seminar(message.event_id) if message.event_id else None
    asked = deps.store.get(Touch, lead.lead_id, request.touch_id) if request and message.kind in INTERNAL else None
    return Surroundings(lead, request, seminar, registration, asked.value if asked else None)
