"""A place at a seminar: taken in the same transaction as the sign-up, given back when cancelled."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from chalicelib.flows.place_lead import Placement
from chalicelib.follow_up.messages import seminar_mail
from chalicelib.follow_up.outbox import suppress
from chalicelib.follow_up.seminars import free_seat, reminders, take_seat
from chalicelib.records.contact import Identity
from chalicelib.records.event import Registration, RegistrationState, SeatCount, Seminar
from chalicelib.records.lead import Lead
from chalicelib.records.message import REMINDERS, Message, MessageKind, MessageState
from chalicelib.records.ports import Conflict, Deps, Put, Ref, Stored
from chalicelib.records.touch import Request

_MAIL = {
    RegistrationState.CONFIRMED: MessageKind.SEMINAR_CONFIRMATION,
    RegistrationState.WAITING: MessageKind.SEMINAR_WAITING,
}


@dataclass(frozen=True, slots=True)
class Seat:
    """The seat count and the registrations of the people this may be, as read."""

    event_id: str = ""
    count: Stored[SeatCount] | None = None
    registrations: tuple[Stored[Registration], ...] = field(default=())

    @staticmethod
    def read(event_id: str, counts: Sequence[Stored[Any] | None], found: Sequence[Stored[Any] | None]) -> "Seat":
        return Seat(event_id, counts[0] if counts else None, tuple(r for r in found if r))

    def of(self, lead_id: str) -> Stored[Registration] | None:
        return next((r for r in self.registrations if r.value.lead_id == lead_id), None)


def registration_refs(event_id: str, lead_ids: Sequence[str] = ()) -> list[Ref[Any]]:
    """The seat count, or with people their registrations."""
    if not event_id:
        return []
    if lead_ids:
        return [Ref(Registration, (event_id, lead_id)) for lead_id in lead_ids]
    return [Ref(SeatCount, (event_id,))]


def take_place(deps: Deps, seat: Seat, placed: Placement, request: Request, who: Identity, now: datetime) -> list[Put]:
    """The writes of a sign-up. Who is signed up already keeps the place and gets the confirmation again."""
    seminar = deps.directory.seminar(seat.event_id)
    if seminar is None:
        raise LookupError(f"form {request.form_id} names a seminar that does not exist")
    before = seat.of(placed.lead.lead_id)
    email = who.emails[0] if who.emails else ""
    if before and before.value.state is not RegistrationState.CANCELLED:
        # The mail again, for this request, so that its status page can show it.
        again = replace(before.value, request_id=request.request_id)
        return [Put(seminar_mail(_MAIL[again.state], placed.lead, seminar, again, deps.new_id(), now), 0)]
    count = seat.count.value if seat.count else SeatCount(seat.event_id)
    taken, state = take_seat(count, seminar, placed.lead.lead_id)
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
    )
    mails = _announce(deps, registration, placed.lead, seminar, now)
    registration = replace(registration, message_ids=tuple(m.message_id for m in mails if m.kind in REMINDERS))
    writes = [
        Put(taken, seat.count.version if seat.count else 0),
        Put(registration, before.version if before else 0),
    ]
    return writes + [Put(mail, 0) for mail in mails]


def _announce(deps: Deps, registration: Registration, lead: Lead, seminar: Seminar, now: datetime) -> list[Message]:
    if not registration.email:
        return []
    kind = _MAIL[registration.state]
    mails = [seminar_mail(kind, lead, seminar, registration, deps.new_id(), now)]
    if registration.state is RegistrationState.CONFIRMED:
        mails += reminders(seminar, registration, lead, now, (deps.new_id(), deps.new_id()))
    return mails


def cancel_place(deps: Deps, event_id: str, lead_id: str) -> Registration | None:
    """The visitor gives the place back; the first who waits moves up and is told. None: never signed up.

    A second cancelling changes nothing."""
    while True:
        seat = Ref(SeatCount, (event_id,))
        registered = deps.store.get(Registration, event_id, lead_id)
        count, lead = deps.store.get_many([seat, Ref(Lead, (lead_id,))])
        seminar = deps.directory.seminar(event_id)
        if registered is None or count is None or lead is None or seminar is None:
            return None
        if registered.value.state is RegistrationState.CANCELLED:
            return registered.value
        cancelled, writes = _cancelling(deps, seminar, registered, count, lead.value)
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
    freed, promoted = free_seat(count.value, lead.lead_id, seminar)
    cancelled = replace(before, state=RegistrationState.CANCELLED, cancelled_at=now, sequence=before.sequence + 1)
    writes = [Put(freed, count.version), Put(cancelled, registered.version)]
    writes += _mail(deps, MessageKind.SEMINAR_CANCELLED, cancelled, lead, seminar, now)
    writes += _withdrawn_reminders(deps, before)
    return cancelled, writes + (_promote(deps, seminar, promoted, now) if promoted else [])


def _withdrawn_reminders(deps: Deps, registration: Registration) -> list[Put]:
    """Reminders that have not left yet; the policy would stop them too, but nobody should see them as planned."""
    refs = [Ref(Message, (registration.lead_id, message_id)) for message_id in registration.message_ids]
    found = [stored for stored in deps.store.get_many(refs) if stored]
    return [
        Put(suppress(stored.value, "the registration was cancelled"), stored.version)
        for stored in found
        if stored.value.state is MessageState.PENDING
    ]


def _promote(deps: Deps, seminar: Seminar, lead_id: str, now: datetime) -> list[Put]:
    waiting = deps.store.get(Registration, seminar.event_id, lead_id)
    lead = deps.store.get(Lead, lead_id)
    if waiting is None or lead is None:
        return []
    moved = replace(waiting.value, state=RegistrationState.CONFIRMED, sequence=waiting.value.sequence + 1)
    soon = reminders(seminar, moved, lead.value, now, (deps.new_id(), deps.new_id())) if moved.email else ()
    moved = replace(moved, message_ids=tuple(mail.message_id for mail in soon))
    writes = [Put(moved, waiting.version), *(Put(mail, 0) for mail in soon)]
    return writes + _mail(deps, MessageKind.SEMINAR_PROMOTED, moved, lead.value, seminar, now)


def _mail(
    deps: Deps, kind: MessageKind, registration: Registration, lead: Lead, seminar: Seminar, now: datetime
) -> list[Put]:
    if not registration.email:
        return []
    return [Put(seminar_mail(kind, lead, seminar, registration, deps.new_id(), now), 0)]
