"""Signing in by a link in a mail: asked for, looked at (which changes nothing), and used once.

The mailed token is the signed id of a ticket; the store holds the id's digest only, and the outbox the id without the
signature, so that neither opens anything. A link asked for by a stranger is stored like any other and mailed to nobody:
the answer, and what it costs to give it, say nothing about who is known."""

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from chalicelib.flows.find_person import person_with, same_case
from chalicelib.flows.sessions import start_session
from chalicelib.follow_up.messages import sign_in_mail
from chalicelib.records.message import Message
from chalicelib.records.ports import Conflict, Deps, Put, Ref, Stored
from chalicelib.records.rep import Rep
from chalicelib.records.sign_in import SignInWay, Ticket, TicketKind

LINK_LIFE = timedelta(minutes=15)
PURPOSE = "sign-in"


class LinkState(StrEnum):
    """`elsewhere`: another browser asked for it."""

    OPEN = "open"
    EXPIRED = "expired"
    USED = "used"
    FORGED = "forged"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What the session's cookie holds, whose it is, and where to go on."""

    cookie: str
    rep_id: str
    goes_on: str


def request_link(deps: Deps, email: str, browser: str, language: str, goes_on: str) -> None:
    """Mail a link to the person with that address, for the browser with that digest."""
    rep = person_with(deps, email)
    ticket_id, ticket = _ticket(deps, rep, browser, goes_on)
    writes = [Put(ticket, if_version=0)]
    if rep is not None:
        writes.append(Put(sign_in_mail(rep, ticket_id, language, deps.new_id(), deps.clock()), if_version=0))
    deps.store.commit(writes)
    deps.wake()


def make_link(deps: Deps, rep: Rep) -> str:
    """The address of a link for whoever can reach the store anyway: it is shown, not mailed, and opens anywhere."""
    ticket_id, ticket = _ticket(deps, rep, "", "")
    deps.store.commit([Put(ticket, if_version=0)])
    return link_address(deps, ticket_id)


def link_address(deps: Deps, ticket_id: str) -> str:
    return deps.links.absolute(f"/app/sign-in/link/{deps.links.make(PURPOSE, ticket_id)}")


def look_at_link(deps: Deps, token: str, browser: str) -> LinkState:
    """What the link is good for, in the browser with that digest. Changes nothing."""
    return _look(deps, token, browser)[0]


def use_link(deps: Deps, token: str, browser: str, browser_name: str, instead_of: str) -> SignedIn | LinkState:
    """Sign in, once; or why not."""
    state, ticket = _look(deps, token, browser)
    if state is not LinkState.OPEN or ticket is None:
        return state
    used = Put(replace(ticket.value, used_at=deps.clock()), ticket.version)
    try:
        cookie = start_session(deps, ticket.value.rep_id, SignInWay.LINK, browser_name, (used,), instead_of)
    except Conflict:
        return LinkState.USED
    return SignedIn(cookie, ticket.value.rep_id, ticket.value.goes_on)


def mail_values(deps: Deps, message: Message) -> dict[str, Any] | str:
    """What the mail's template may name, or why it must not go any more. Asked at the moment of sending."""
    ticket_id, rep_id = message.context["ticket_id"], message.context["rep_id"]
    refs: list[Ref[Any]] = [Ref(Ticket, (_digest(deps, ticket_id),)), Ref(Rep, (rep_id,))]
    ticket, rep = deps.store.get_many(refs)
    if rep is None or not rep.value.active or same_case(rep.value.email) != same_case(message.to):
        return "the person cannot sign in any more"
    if ticket is None or ticket.value.used_at or deps.clock() >= ticket.value.expires_at:
        return "the link has expired"
    return {"person_name": rep.value.name, "link_url": link_address(deps, ticket_id)}


def _ticket(deps: Deps, rep: Rep | None, browser: str, goes_on: str) -> tuple[str, Ticket]:
    ticket_id = secrets.token_urlsafe(18)
    rep_id = rep.rep_id if rep else ""
    until = deps.clock() + LINK_LIFE
    return ticket_id, Ticket(_digest(deps, ticket_id), TicketKind.LINK, until, rep_id, browser, goes_on[:500])


def _digest(deps: Deps, ticket_id: str) -> str:
    return deps.digest(f"ticket:{ticket_id}")


def _look(deps: Deps, token: str, browser: str) -> tuple[LinkState, Stored[Ticket] | None]:
    ids = deps.links.read(PURPOSE, token)
    if ids is None:
        return LinkState.FORGED, None
    ticket = deps.store.get(Ticket, _digest(deps, ids[0]))
    if ticket is None or ticket.value.kind is not TicketKind.LINK or deps.clock() >= ticket.value.expires_at:
        return LinkState.EXPIRED, None
    if ticket.value.used_at:
        return LinkState.USED, None
    if ticket.value.browser and ticket.value.browser != browser:
        return LinkState.ELSEWHERE, None
    rep = deps.store.get(Rep, ticket.value.rep_id)
    if rep is None or not rep.value.active:
        return LinkState.EXPIRED, None
    return LinkState.OPEN, ticket
