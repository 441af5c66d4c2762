"""What the public status page says about one request. Reading changes nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.flows.work_lead import NotFound
from chalicelib.records.event import Registration, Seminar
from chalicelib.records.message import Message, MessageKind, MessageState
from chalicelib.records.ports import Deps
from chalicelib.records.touch import Request

_CONFIRMING = frozenset({MessageKind.CONFIRMATION, MessageKind.SEMINAR_CONFIRMATION, MessageKind.SEMINAR_WAITING})
_PAGE = 20


@dataclass(frozen=True, slots=True)
class Status:
    """`confirmation` is the confirmation mail's state ("" where no address was given). No personal data."""

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


def read_status(deps: Deps, token: str) -> Status:
    """The request a status token names. Raises NotFound for a forged or expired token."""
    ids = deps.links.read("status", token)
    if ids is None or len(ids) != 2:
        raise NotFound
    stored = deps.store.get(Request, *ids)
    if stored is None:
        raise NotFound
    request = stored.value
    mail = _confirmation(deps, request)
    rep = deps.directory.rep(request.owner_id)
    seminar = deps.directory.seminar(request.event_id) if request.event_id else None
    registered = _registration(deps, request, seminar)
    return Status(
        state=request.state.value,
        subject=request.subject,
        received_at=request.received_at,
        confirmed_at=mail.sent_at if mail else None,
        confirmation=mail.state.value if mail else "",
        owner_name=rep.name if rep else "",
        zone=seminar.zone if seminar else rep.week.zone if rep else "UTC",
        respond_by=None if request.event_id else request.respond_by,
        answered_at=request.first_responded_at,
        escalations=request.escalations,
        handed_over=tuple((when, _name(deps, owner_id)) for when, owner_id, _ in request.history[1:]),
        **registered,
    )


def _confirmation(deps: Deps, request: Request) -> Message | None:
    """Ids rise, and a request's mails are made right after it: what came before is not read, nor what comes long
    after."""
    after = request.request_id
    while page := [m.value for m in deps.store.page(Message, request.lead_id, after=after, limit=_PAGE)]:
        own = [m for m in page if m.request_id == request.request_id and m.kind in _CONFIRMING]
        sent = [m for m in own if m.state is MessageState.SENT]
        if own:
            return sent[0] if sent else own[-1]
        after = page[-1].message_id
    return None


def _registration(deps: Deps, request: Request, seminar: Seminar | None) -> dict[str, Any]:
    none = {"registration": "", "event_title": "", "cancel_path": ""}
    stored = deps.store.get(Registration, request.event_id, request.lead_id) if seminar else None
    if stored is None or seminar is None:
        return none
    # Anybody can sign up with somebody's address: only who took the place may give it back from here.
    own = stored.value.request_id == request.request_id
    path = f"/e/{deps.links.make('seminar', request.event_id, request.lead_id)}" if own else ""
    return {"registration": stored.value.state.value, "event_title": seminar.title, "cancel_path": path}


def _name(deps: Deps, rep_id: str) -> str:
    rep = deps.directory.rep(rep_id)
    return rep.name if rep else ""
