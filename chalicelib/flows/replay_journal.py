"""After a restore the journal says what the saved state does not know: who came, what left, who objected, who is to be
forgotten. Replayed twice it comes to the same.

A submission comes back as it was decided, with its ids, owner and limit: what the visitor was told stays true, where
deciding anew would not. It is a submission all the same: its receipt stands for it once."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.flows.erase_kept import forget_kept, kept_of_erased
from chalicelib.flows.erase_person import erase_person
from chalicelib.flows.keep_post import kept_key
from chalicelib.flows.place_lead import key_refs, key_writes
from chalicelib.flows.replay_kept import wait_again, was_let_in
from chalicelib.flows.replay_receipts import receipt_back
from chalicelib.follow_up.outbox import restored, sent_before
from chalicelib.identify.normalise import identity_of
from chalicelib.records.erasure import Erasure
from chalicelib.records.event import Registration, RegistrationState, SeatCount
from chalicelib.records.journal import Entry, Noted
from chalicelib.records.kept import Kept
from chalicelib.records.kept import Replayed as FromDoor
from chalicelib.records.lead import Lead
from chalicelib.records.message import Message, MessageKind, MessageState
from chalicelib.records.ports import Conflict, Deps, Put, Ref, Write
from chalicelib.records.receipt import Receipt, ReceiptOutcome
from chalicelib.records.touch import WAITING_STATES, Request, RequestState, Touch

# Who was told of a late request before is not told again the moment the service goes on.
TOLD_AGAIN_AFTER = timedelta(days=1)
_ROUNDS = 10


@dataclass(slots=True)
class Replayed:
    """How many of each the journal brought that the restored state did not have, `kept` of what was set aside;
    `dropped`: how many submissions of the erased the restored state had."""

    forms: int = 0
    people: int = 0
    seats: int = 0
    sent: int = 0
    opt_outs: int = 0
    erased: int = 0
    kept: int = 0
    dropped: int = 0
    gone: set[str] = field(default_factory=set)
    left: dict[tuple[str, str], Entry] = field(default_factory=dict)

    def numbers(self) -> dict[str, int]:
        """For people."""
        counted = ("forms", "people", "seats", "sent", "opt_outs", "erased", "kept", "dropped")
        return {name: getattr(self, name) for name in counted}


def replay_journal(deps: Deps, since: datetime | None) -> Replayed:
    """Apply what was noted since then, or all there is; erasures and objections always from the first on."""
    done = Replayed()
    done.gone = {entry.lead_id for entry in deps.journal.read({Noted.ERASURE})}
    done.left = {(entry.lead_id, entry.ids[0]): entry for entry in deps.journal.read({Noted.SENT}, since)}
    seminars: set[str] = set()
    for entry in deps.journal.read({Noted.RECEIVED}, since):
        if entry.lead_id not in done.gone and entry.records:
            _come_back(deps, entry.records, done, seminars)
        elif entry.lead_id in done.gone or not entry.lead_id:
            _address_back(deps, entry)
    for event_id in sorted(seminars):
        _count_seats(deps, event_id)
    for entry in done.left.values():
        _note_left(deps, entry, done)
    for entry in deps.journal.read({Noted.OPT_OUT}):
        _object(deps, entry, done)
    signs: dict[str, datetime] = {}
    for entry in deps.journal.read({Noted.ERASURE}):
        _erase(deps, entry, done)
        signs |= {sign: max(entry.at, signs.get(sign, entry.at)) for sign in entry.ids}
    # Only now: what the erased have sent since is their own new request.
    for entry in deps.journal.read({Noted.SET_ASIDE}, since):
        done.kept += wait_again(deps, entry)
    # Also of those whom the restored state does not know, or whose submission was decided in between.
    done.dropped += forget_kept(deps, kept_of_erased(deps, signs))
    return done


def _come_back(deps: Deps, records: tuple[Any, ...], done: Replayed, seminars: set[str]) -> None:
    first = records[0]
    if isinstance(first, Registration):
        done.seats += _take_seat_back(deps, first)
        seminars.add(first.event_id)
    elif receipt_back(deps, first):
        for _ in range(_ROUNDS):
            if _written(deps, records, done):
                return
        raise Conflict


def _address_back(deps: Deps, entry: Entry) -> None:
    """What an address shown after posting leads to: of somebody erased the receipt, without anything personal; of what
    waited at the door which receipt it got."""
    if entry.lead_id and len(entry.ids) == _RECEIPT_IDS:
        touch_id, request_id, token, outcome, body = entry.ids
        back = Receipt(token, body, ReceiptOutcome(outcome), entry.at, entry.lead_id, touch_id, request_id)
        if writes := receipt_back(deps, back):
            deps.store.commit(writes)
    elif not entry.lead_id:
        deps.store.commit([Put(FromDoor(*entry.ids))])


_RECEIPT_IDS = 5


def _written(deps: Deps, records: tuple[Any, ...], done: Replayed) -> bool:
    """One submission in one transaction; whether nobody else wrote first."""
    lead = next(record for record in records if isinstance(record, Lead))
    before = deps.store.get(Lead, lead.lead_id)
    who = identity_of(lead)
    refs = key_refs(who, deps.digest)
    keys = {ref.ids[0]: key for ref, key in zip(refs, deps.store.get_many(refs), strict=True) if key}
    writes: list[Write] = [Put(_newer(before.value if before else None, lead), before.version if before else 0)]
    writes += key_writes(who, lead.lead_id, keys, deps.digest)
    receipt = next(record for record in records if isinstance(record, Receipt))
    others = [record for record in records if not isinstance(record, Lead | Receipt)]
    *known, kept = deps.store.get_many([*map(_ref, others), Ref(Kept, (receipt.request_id or "-",))])
    writes += [*receipt_back(deps, receipt), *was_let_in(deps, kept, receipt)]
    now = deps.clock()
    for record, stored in zip(others, known, strict=True):
        if stored is None:
            writes.append(Put(_mail_back(record, done, now) if isinstance(record, Message) else record, 0))
    try:
        deps.store.commit(writes)
    except Conflict:
        return False
    if kept:
        deps.blobs.delete(kept_key(receipt.request_id))
    done.forms += 1
    done.people += before is None
    return True


def _newer(before: Lead | None, noted: Lead) -> Lead:
    """The person as last known; an objection stays whichever knew of it."""
    if before is None:
        return noted
    newer = (
        noted
        if (noted.updated_at or noted.created_at or datetime.min) >= (before.updated_at or datetime.min)
        else before
    )
    return replace(newer, opted_out_at=newer.opted_out_at or before.opted_out_at or noted.opted_out_at)


def _mail_back(mail: Message, done: Replayed, now: datetime) -> Message:
    left = done.left.get((mail.lead_id, mail.message_id))
    return sent_before(mail, left.at) if left else restored(mail, now)


def _ref(record: Any) -> Ref[Any]:
    if isinstance(record, Touch):
        return Ref(Touch, (record.lead_id, record.touch_id))
    if isinstance(record, Request):
        return Ref(Request, (record.lead_id, record.request_id))
    return Ref(Message, (record.lead_id, record.message_id))


def _take_seat_back(deps: Deps, place: Registration) -> int:
    stored = deps.store.get(Registration, place.event_id, place.lead_id)
    if stored and stored.value.sequence >= place.sequence:
        return 0
    deps.store.commit([Put(place)])
    return int(stored is None)


def _count_seats(deps: Deps, event_id: str) -> None:
    """From the places themselves, in order of arrival."""
    places = sorted((s.value for s in deps.store.query(Registration, event_id)), key=lambda place: place.registered_at)
    count = deps.store.get(SeatCount, event_id)
    taken = sum(place.state is RegistrationState.CONFIRMED for place in places)
    waiting = tuple(place.lead_id for place in places if place.state is RegistrationState.WAITING)
    known = count.value if count else SeatCount(event_id)
    deps.store.commit([Put(replace(known, taken=taken, waiting=waiting))])


def _note_left(deps: Deps, entry: Entry, done: Replayed) -> None:
    """A mail the restored state would send, or of which it knows nothing."""
    message_id, kind, request_id = entry.ids
    stored = deps.store.get(Message, entry.lead_id, message_id)
    if stored is None:
        if kind == MessageKind.ESCALATION:
            _told_already(deps, entry.lead_id, request_id)
    elif stored.value.state is not MessageState.SENT:
        deps.store.commit([Put(sent_before(stored.value, entry.at), stored.version)])
        done.sent += 1


def _told_already(deps: Deps, lead_id: str, request_id: str) -> None:
    """It was escalated after it was saved: that counts, and is not told anew at once."""
    stored = deps.store.get(Request, lead_id, request_id or "-")
    if stored is None or stored.value.state not in WAITING_STATES:
        return
    by = max(stored.value.respond_by, deps.clock() + TOLD_AGAIN_AFTER)
    told = replace(stored.value, state=RequestState.ESCALATED, escalations=stored.value.escalations + 1, respond_by=by)
    deps.store.commit([Put(told, stored.version)])


def _object(deps: Deps, entry: Entry, done: Replayed) -> None:
    stored = deps.store.get(Lead, entry.lead_id)
    if stored is None:
        _keep_out(deps, entry)
    elif stored.value.opted_out_at is None:
        deps.store.commit([Put(replace(stored.value, opted_out_at=entry.at), stored.version)])
        done.opt_outs += 1


def _erase(deps: Deps, entry: Entry, done: Replayed) -> None:
    _keep_out(deps, entry)
    until = entry.until or entry.at
    if deps.store.get(Lead, entry.lead_id):
        done.dropped += erase_person(deps, entry.lead_id, until - entry.at, entry.at).set_aside
        done.erased += 1
    elif deps.store.get(Erasure, entry.lead_id) is None:
        deps.store.commit([Put(Erasure(entry.lead_id, entry.at, until))])
        deps.store.forget(entry.lead_id)
        done.erased += 1


def _keep_out(deps: Deps, entry: Entry) -> None:
    now = deps.clock()
    live = [each for each in entry.suppressions if each.until > now]
    if live:
        deps.store.commit([Put(each) for each in live])


def doubtful(deps: Deps, messages: Iterable[Ref[Message]]) -> int:
    """Mails that were due before the restore: whether they left nobody knows, so they do not go again."""
    changed = 0
    now = deps.clock()
    for stored in deps.store.get_many(list(messages)):
        if stored and (unsure := restored(stored.value, now)) != stored.value:
            deps.store.commit([Put(unsure, stored.version)])
            changed += 1
    return changed
