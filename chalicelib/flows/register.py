"""A place at a seminar: taken in the same transaction as the sign-up, given back when cancelled."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.flows.follow_merges import people_named
from chalicelib.flows.place_lead import Placement
from chalicelib.flows.seats import Seat
from chalicelib.follow_up.messages import seminar_mail
from chalicelib.follow_up.outbox import suppress
from chalicelib.follow_up.seminars import fill_seats, free_seat, is_current, reminders, take_seat
from chalicelib.records.contact import Identity
from chalicelib.records.event import Registration, RegistrationState, SeatCount, Seminar
from chalicelib.records.lead import Lead
from chalicelib.records.message import REMINDERS, Message, MessageKind, MessageState
from chalicelib.records.ports import Conflict, Deps, Put, Ref, Stored
from chalicelib.records.touch import Request

# What a place is told by.
ANNOUNCED_BY = {
    RegistrationState.CONFIRMED: MessageKind.SEMINAR_CONFIRMATION,
    RegistrationState.WAITING: MessageKind.SEMINAR_WAITING,
}


# Those who move up in one transaction, which holds 100 items on DynamoDB; the next one takes the others.
MOST_MOVED = 10


def take_place(deps: Deps, seat: Seat, placed: Placement, request: Request, who: Identity, now: datetime) -> list[Put]:
    """The writes of a sign-up. Who is signed up already keeps the place and gets the confirmation again. Free seats
    go first to those who wait."""
    seminar = seminar_of(deps, seat.event_id, seat.count)
    if seminar is None:
        raise LookupError(f"form {request.form_id} names a seminar that does not exist")
    before = seat.of(placed.lead)
    email = who.emails[0] if who.emails else ""
    if before and before.value.state is not RegistrationState.CANCELLED:
        # The mail again, for this request, so that its status page can show it.
        again = replace(before.value, request_id=request.request_id)
        known = replace(placed.lead, lead_id=again.lead_id)
        return [Put(seminar_mail(ANNOUNCED_BY[again.state], known, seminar, again, deps.new_id(), now), 0)]
    count = seat.count.value if seat.count else SeatCount(seat.event_id)
    filled, promoted = fill_seats(count, seminar, MOST_MOVED)
    taken, state = take_seat(filled, seminar, placed.lead.lead_id)
    registration = Registration(
        event_id=seat.event_id,
        lead_id=placed.lead.lead_id,
        state=state,
        registered_at=now,
        uid=before.value.uid if before else f"{deps.new_id()}@leadline",
        request_id=request.request_id,
        touch_id=placed.touch.touch_id,
        language=request.language,
        email=email,
        sequence=before.value.sequence + 1 if before else 0,
        told=seminar.sequence,
    )
    mails = _announce(deps, registration, placed.lead, seminar, now)
    registration = replace(registration, message_ids=tuple(m.message_id for m in mails if m.kind in REMINDERS))
    writes = [
        Put(taken, seat.count.version if seat.count else 0),
        Put(registration, before.version if before else 0),
    ]
    return writes + [Put(mail, 0) for mail in mails] + _promote(deps, seminar, promoted, now)


def seminar_of(deps: Deps, event_id: str, count: Stored[SeatCount] | None) -> Seminar | None:
    """The seminar as it is for whoever writes the count: the directory's may be a moment old, and the count tells
    so. One that is changed after this is seen by the count's version."""
    seminar = deps.directory.seminar(event_id)
    if seminar is not None and is_current(seminar, count.value if count else None):
        return seminar
    stored = deps.store.get(Seminar, event_id)
    return stored.value if stored else None


def _announce(deps: Deps, registration: Registration, lead: Lead, seminar: Seminar, now: datetime) -> list[Message]:
    if not registration.email:
        return []
    kind = ANNOUNCED_BY[registration.state]
    mails = [seminar_mail(kind, lead, seminar, registration, deps.new_id(), now)]
    if registration.state is RegistrationState.CONFIRMED:
        mails += reminders(seminar, registration, lead, now, (deps.new_id(), deps.new_id()))
    return mails


def cancel_place(deps: Deps, event_id: str, lead_id: str) -> Registration | None:
    """The visitor gives the place back; the first who waits moves up and is told. None: never signed up.

    A second cancelling changes nothing."""
    while True:
        registered = deps.store.get(Registration, event_id, lead_id)
        count = deps.store.get(SeatCount, event_id)
        (lead,) = people_named(deps, [lead_id])
        seminar = seminar_of(deps, event_id, count)
        if registered is None or count is None or lead is None or seminar is None:
            return None
        if registered.value.state is RegistrationState.CANCELLED:
            return registered.value
        cancelled, writes = _cancelling(deps, seminar, registered, count, lead)
        try:
            deps.store.commit(writes)
        except Conflict:
            continue
        deps.wake()
        return cancelled


def _cancelling(
    deps: Deps, seminar: Seminar, registered: Stored[Registration], count: Stored[SeatCount], lead: Lead
) -> tuple[Registration, list[Put]]:
    now, before = deps.clock(), registered.value
    freed, first = free_seat(count.value, lead.lead_id, seminar)
    filled, others = fill_seats(freed, seminar, MOST_MOVED)
    cancelled = replace(before, state=RegistrationState.CANCELLED, cancelled_at=now, sequence=before.sequence + 1)
    writes = [Put(filled, count.version), Put(cancelled, registered.version)]
    writes += _mail(deps, MessageKind.SEMINAR_CANCELLED, cancelled, lead, seminar, now)
    writes += withdrawn_reminders(deps, before, "the registration was cancelled")
    return cancelled, writes + _promote(deps, seminar, (first, *others) if first else others, now)


def withdrawn_reminders(deps: Deps, registration: Registration, reason: str) -> list[Put]:
    """Reminders that have not left yet; the policy would stop them too, but nobody should see them as planned."""
    refs = [Ref(Message, (registration.lead_id, message_id)) for message_id in registration.message_ids]
    found = [stored for stored in deps.store.get_many(refs) if stored]
    return [
        Put(suppress(stored.value, reason), stored.version)
        for stored in found
        if stored.value.state is MessageState.PENDING
    ]


def _promote(deps: Deps, seminar: Seminar, lead_ids: Sequence[str], now: datetime) -> list[Put]:
    """Those move up from the waiting list, each with mail and reminders."""
    return [put for who in people_at(deps, seminar.event_id, lead_ids) for put in moved_up(deps, seminar, *who, now)]


def people_at(deps: Deps, event_id: str, lead_ids: Sequence[str]) -> Iterator[tuple[Stored[Registration], Lead]]:
    """Registrations with their people, whichever record they are part of by now."""
    refs = [Ref(Registration, (event_id, lead_id)) for lead_id in lead_ids]
    found = deps.store.get_many(refs) if refs else []
    for registration, lead in zip(found, people_named(deps, lead_ids), strict=True):
        if registration and lead:
            yield registration, lead


def moved_up(deps: Deps, seminar: Seminar, waiting: Stored[Registration], lead: Lead, now: datetime) -> list[Put]:
    """The writes of one person's move from the waiting list to a seat."""
    moved = replace(waiting.value, state=RegistrationState.CONFIRMED, sequence=waiting.value.sequence + 1)
    return told_anew(deps, MessageKind.SEMINAR_PROMOTED, seminar, Stored(moved, waiting.version), lead, now)


def told_anew(
    deps: Deps, kind: MessageKind, seminar: Seminar, registered: Stored[Registration], lead: Lead, now: datetime
) -> list[Put]:
    """The registration with a mail and the reminders that hold from now on, which it names."""
    registration = replace(registered.value, told=seminar.sequence)
    ids = (deps.new_id(), deps.new_id())
    soon = reminders(seminar, registration, lead, now, ids) if registration.email else ()
    registration = replace(registration, message_ids=tuple(mail.message_id for mail in soon))
    writes = [Put(registration, registered.version), *(Put(mail, 0) for mail in soon)]
    return writes + _mail(deps, kind, registration, lead, seminar, now)


def _mail(
    deps: Deps, kind: MessageKind, registration: Registration, lead: Lead, seminar: Seminar, now: datetime
) -> list[Put]:
    if not registration.email:
        return []
    return [Put(seminar_mail(kind, lead, seminar, registration, deps.new_id(), now), 0)]
