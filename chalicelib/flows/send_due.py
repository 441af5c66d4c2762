"""One outbox row from due to delivered: claim, look again whether it may go, render, hand over once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from chalicelib.flows.cap_confirmations import is_one_too_many
from chalicelib.flows.dead_addresses import dead_ref
from chalicelib.flows.follow_merges import find_below, people_named
from chalicelib.flows.mail_values import values_for
from chalicelib.flows.sign_in_link import mail_values
from chalicelib.flows.suppression import is_barred
from chalicelib.follow_up import outbox
from chalicelib.follow_up.mail_news import is_dead
from chalicelib.follow_up.policy import Blocked, check
from chalicelib.follow_up.reasons import ENOUGH
from chalicelib.records.event import Registration, Seminar
from chalicelib.records.lead import Lead
from chalicelib.records.mail_ports import Busy, NoWord, Paced, TransportError
from chalicelib.records.message import BULK, INTERNAL, PERSONAL, PROMOTIONAL, Message, MessageState
from chalicelib.records.ports import Conflict, Deps, Put, Ref, Stored, StoreUnavailable
from chalicelib.records.touch import Request, Touch

R = TypeVar("R")

# Each attempt waits as long as the engine thinks right.
_NOTED = 3
UNREAD_WAIT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a message is about, as it is at the moment of sending."""

    lead: Lead
    request: Request | None
    seminar: Seminar | None
    registration: Registration | None
    touch: Touch | None = None
    dead_address: bool = False


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
    wait = _turn(deps, stored.value)
    if wait:
        later = outbox.put_off(stored.value, outbox.FULL, now + timedelta(seconds=wait))
        return MessageState.PENDING if _write(deps, later, stored.version) else None
    now = deps.clock()
    claimed = _write(deps, outbox.claim(stored.value, now), stored.version)
    if claimed is None:
        return None
    return _deliver(deps, claimed)


def _turn(deps: Deps, message: Message) -> float:
    """Wait for the row's turn where the transport has a pace: 0, or the seconds until it is worth asking again. Before
    the claim, so that no row waits claimed."""
    transport = deps.transport
    return transport.pace.take(message.kind in BULK) if isinstance(transport, Paced) else 0.0


def _deliver(deps: Deps, claimed: Stored[Message]) -> MessageState:
    """What became of a claimed row. One that nobody answered for stays claimed: after its grace the rule of its kind
    says whether it goes again (`outbox.lost`)."""
    message = claimed.value
    try:
        values = _values(deps, message)
    except StoreUnavailable:
        # Nothing was handed over, so that nobody has to wait for the grace, and no attempt is used up.
        values = outbox.put_off(message, outbox.UNREAD, deps.clock() + UNREAD_WAIT)
    try:
        done = values if isinstance(values, Message) else _hand_over(deps, message, values)
    except NoWord:
        return message.state
    _note(deps, done, claimed.version)
    return done.state


def _note(deps: Deps, done: Message, version: int) -> None:
    """Write down what became of it, in a few attempts: what is not noted goes again after its grace."""
    for attempt in range(_NOTED):
        try:
            _write(deps, done, version)
        except StoreUnavailable:
            if attempt == _NOTED - 1:
                raise
            continue
        return


def _values(deps: Deps, message: Message) -> dict[str, Any] | Message:
    """What the mail says, or the row as it is when it may not go."""
    return _to_a_person(deps, message) if message.kind in PERSONAL else _about_a_lead(deps, message)


def _to_a_person(deps: Deps, message: Message) -> dict[str, Any] | Message:
    values = mail_values(deps, message)
    return outbox.suppress(message, values) if isinstance(values, str) else values


def _about_a_lead(deps: Deps, message: Message) -> dict[str, Any] | Message:
    around = _surroundings(deps, message)
    if around is None:
        return outbox.suppress(message, "the person is no longer stored")
    verdict = _verdict(deps, message, around)
    if verdict is not None:
        act = outbox.suppress if verdict.final else outbox.hold
        return act(message, verdict.reason)
    return values_for(deps, message, around)


def _verdict(deps: Deps, message: Message, around: Surroundings) -> Blocked | None:
    suppressed = {around.lead.lead_id} if around.lead.opted_out_at else set()
    if message.kind in PROMOTIONAL and is_barred(deps, message.to):
        suppressed.add(around.lead.lead_id)
    if is_one_too_many(deps, message, around.lead):
        return Blocked(ENOUGH, final=True)
    now = deps.clock()
    verdict = check(message, around.lead, suppressed, now, around.seminar, around.registration, around.dead_address)
    return verdict if isinstance(verdict, Blocked) else None


def _hand_over(deps: Deps, message: Message, values: dict[str, Any]) -> Message:
    try:
        mail = deps.renderer.mail(message, values)
        deps.transport.send(mail)
    except Busy as error:
        if isinstance(deps.transport, Paced):
            deps.transport.pace.refused(error.seconds)
        return outbox.put_off(message, outbox.FULL, deps.clock() + timedelta(seconds=error.seconds))
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
    # Not the directory's, which may be older than the change this very mail tells of.
    refs += [Ref(Seminar, (message.event_id or "-",)), dead_ref(deps, message.to)]
    found = [stored.value if stored else None for stored in deps.store.get_many(refs)]
    lead, request, registration, seminar, known = found
    (lead,) = (lead,) if lead else people_named(deps, [message.lead_id])
    if lead is None:
        return None
    if request is None and message.request_id:
        request = _value(find_below(deps, Request, message.lead_id, message.request_id))
    asks = request if message.kind in INTERNAL else None
    touch = _value(deps.store.get(Touch, asks.lead_id, asks.touch_id)) if asks else None
    return Surroundings(lead, request, seminar, registration, touch, is_dead(known))


def _value(stored: Stored[R] | None) -> R | None:
    return stored.value if stored else None
