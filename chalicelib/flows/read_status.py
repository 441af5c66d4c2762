"""What the public status page says about one request. Reading changes nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.flows.follow_merges import find_below
from chalicelib.flows.keep_post import find_receipt
from chalicelib.flows.suppression import was_erased
from chalicelib.follow_up.reasons import ENOUGH
from chalicelib.records.erasure import Erasure
from chalicelib.records.event import Registration, Seminar
from chalicelib.records.ids import made_at
from chalicelib.records.kept import Replayed
from chalicelib.records.lead import Lead
from chalicelib.records.message import Message, MessageKind, MessageState
from chalicelib.records.ports import Deps, Gone, NotFound, Ref, StoreUnavailable
from chalicelib.records.promise import Promise, PromiseState
from chalicelib.records.receipt import ERASED
from chalicelib.records.touch import Request

_CONFIRMING = frozenset({MessageKind.CONFIRMATION, MessageKind.SEMINAR_CONFIRMATION, MessageKind.SEMINAR_WAITING})
_PAGE = 20


@dataclass(frozen=True, slots=True)
class Status:
    """`confirmation` is the confirmation mail's state ("" where no address was given, "enough" where
    several went to the address within a day). No personal data.
    `promises` are those the customer is shown. `lead_id` is "" as long as it is nobody's."""

    state: str
    subject: str
    received_at: datetime
    confirmed_at: datetime | None
    confirmation: str
    owner_name: str
    zone: str
    respond_by: datetime | None
    answered_at: datetime | None
    escalations: int
    handed_over: tuple[tuple[datetime, str], ...]
    registration: str
    event_title: str
    cancel_path: str
    promises: tuple[Promise, ...] = ()
    lead_id: str = ""


# Received, and not with anybody yet: it waits for the store, or for somebody to look at it. Which, is not told.
RECEIVED = "received"


def waiting_status(received_at: datetime) -> Status:
    return Status(RECEIVED, "", received_at, None, "", "", "UTC", None, None, 0, (), "", "", "")


def read_status(deps: Deps, token: str) -> Status | Erasure:
    """The request of a status token, or that who sent it was erased. Raises NotFound for a forged token, Gone for one
    of ours that leads nowhere."""
    ids = _ids_of(deps, token)
    if isinstance(ids, Status):
        return ids
    request = _request(deps, ids)
    if request is None:
        erasure = was_erased(deps, ids[0])
        if erasure is None:
            raise Gone
        return erasure
    return _status(deps, request)


def lead_of_status(deps: Deps, token: str) -> str:
    """Whose request it is. Raises NotFound for a forged token and for what is nobody's yet or any more."""
    ids = _ids_of(deps, token)
    request = None if isinstance(ids, Status) else _request(deps, ids)
    if request is None:
        raise NotFound
    return request.lead_id


def _ids_of(deps: Deps, token: str) -> tuple[str, ...] | Status:
    """(lead_id, request_id) that the token of a status or of a receipt leads to, or how it waits."""
    ids = deps.links.read("status", token)
    return ids if ids is not None else _of_receipt(deps, deps.links.read("receipt", token) or ())


def _request(deps: Deps, ids: tuple[str, ...]) -> Request | None:
    stored = find_below(deps, Request, *ids) if len(ids) == 2 else None
    return stored.value if stored else None


def _of_receipt(deps: Deps, ids: tuple[str, ...]) -> tuple[str, ...] | Status:
    """Of (receipt, request) or, from the door, (request): the lead and request it became, or how it waits."""
    if len(ids) == 1:
        try:
            replayed = deps.store.get(Replayed, ids[0])
        except StoreUnavailable:
            replayed = None
        if replayed is None:
            return waiting_status(made_at(ids[0]))
        ids = (replayed.value.receipt, ids[0])
    if len(ids) != 2:
        raise NotFound
    receipt = find_receipt(deps, *ids)
    if receipt is None or (not receipt.value.lead_id and receipt.value.reason == ERASED):
        raise Gone
    if not receipt.value.lead_id:
        return waiting_status(receipt.value.received_at)
    return receipt.value.lead_id, receipt.value.request_id


def _status(deps: Deps, request: Request) -> Status:
    mail = _confirmation(deps, request)
    rep = deps.directory.rep(request.owner_id)
    seminar = deps.directory.seminar(request.event_id) if request.event_id else None
    registered = _registration(deps, request, seminar)
    return Status(
        state=request.state.value,
        subject=request.subject,
        received_at=request.received_at,
        confirmed_at=mail.sent_at if mail else None,
        confirmation=_state_of(mail) if mail else "",
        owner_name=rep.name if rep else "",
        zone=seminar.zone if seminar else rep.week.zone if rep else "UTC",
        respond_by=None if request.event_id else request.respond_by,
        answered_at=request.first_responded_at,
        escalations=request.escalations,
        handed_over=tuple((when, _name(deps, owner_id)) for when, owner_id, _ in request.history[1:]),
        promises=_promises(deps, request),
        lead_id=request.lead_id,
        **registered,
    )


def _state_of(mail: Message) -> str:
    return "enough" if mail.state is MessageState.SUPPRESSED and mail.reason == ENOUGH else mail.state.value


def _promises(deps: Deps, request: Request) -> tuple[Promise, ...]:
    """What was promised since this request, as far as the customer is to see it; a broken one is an open one there."""
    given = (stored.value for stored in deps.store.query(Promise, request.lead_id))
    shown = (p for p in given if p.visible and p.state is not PromiseState.WITHDRAWN)
    return tuple(sorted((p for p in shown if p.made_at >= request.received_at), key=lambda p: p.due_at))


def _confirmation(deps: Deps, request: Request) -> Message | None:
    """Ids rise, and a request's mails are made right after it: what came before is not read, nor what comes long
    after."""
    own = _confirmation_below(deps, request, request.lead_id)
    others = (_confirmation_below(deps, request, lead_id) for lead_id in _merged_ids(deps, request)) if not own else ()
    return own or next((mail for mail in others if mail), None)


def _merged_ids(deps: Deps, request: Request) -> tuple[str, ...]:
    """Mail and seats keep the id they were made under. Read only where there is nothing under the present one."""
    lead = deps.store.get(Lead, request.lead_id)
    return lead.value.merged_ids if lead else ()


def _confirmation_below(deps: Deps, request: Request, lead_id: str) -> Message | None:
    after = request.request_id
    while page := [m.value for m in deps.store.page(Message, lead_id, after=after, limit=_PAGE)]:
        own = [m for m in page if m.request_id == request.request_id and m.kind in _CONFIRMING]
        sent = [m for m in own if m.state is MessageState.SENT]
        if own:
            return sent[0] if sent else own[-1]
        after = page[-1].message_id
    return None


def _registration(deps: Deps, request: Request, seminar: Seminar | None) -> dict[str, Any]:
    none = {"registration": "", "event_title": "", "cancel_path": ""}
    stored = deps.store.get(Registration, request.event_id, request.lead_id) if seminar else None
    if seminar and (stored is None or stored.value.request_id != request.request_id):
        ids = _merged_ids(deps, request)
        places = deps.store.get_many([Ref(Registration, (request.event_id, i)) for i in ids]) if ids else []
        held = [place for place in places if place]
        stored = next((p for p in held if p.value.request_id == request.request_id), stored or next(iter(held), None))
    if stored is None or seminar is None:
        return none
    # Anybody can sign up with somebody's address: only who took the place may give it back from here.
    own = stored.value.request_id == request.request_id
    path = f"/e/{deps.links.make('seminar', request.event_id, stored.value.lead_id)}" if own else ""
    return {"registration": stored.value.state.value, "event_title": seminar.title, "cancel_path": path}


def _name(deps: Deps, rep_id: str) -> str:
    rep = deps.directory.rep(rep_id)
    return rep.name if rep else ""
