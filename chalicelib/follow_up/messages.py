"""The messages: which outbox row a decision gives rise to.

A row holds ids, names and ISO times (UTC) as plain strings; the renderer adds links, wording and local time.
It lies beside the lead, so personal data in it dies with the lead. A row for somebody without an address is
born suppressed and says so.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from chalicelib.follow_up.basis import NO_BASIS
from chalicelib.follow_up.outbox import FIRST_DUE
from chalicelib.follow_up.reasons import NO_ADDRESS
from chalicelib.records.lead import Lead
from chalicelib.records.message import REMINDERS, Message, MessageKind, MessageState, of_person
from chalicelib.records.rep import Rep
from chalicelib.records.touch import Request, Touch

if TYPE_CHECKING:
    from chalicelib.records.campaign import Campaign
    from chalicelib.records.event import Registration, Seminar
    from chalicelib.records.promise import Promise
    from chalicelib.records.quote import Quote

SEMINAR_KINDS = REMINDERS | {
    MessageKind.SEMINAR_CONFIRMATION,
    MessageKind.SEMINAR_WAITING,
    MessageKind.SEMINAR_PROMOTED,
    MessageKind.SEMINAR_CANCELLED,
}


def confirmation(lead: Lead, touch: Touch, request: Request, message_id: str, now: datetime) -> Message:
    """To the person who asked: we have it, who answers, by when.

    It goes to the address of this submission (`touch.details["email"]`, normalised) when that is one of the
    lead's, else to the lead's best."""
    given = touch.details.get("email", "")
    to = given if given in lead.emails else _address(lead)
    return Message(
        message_id=message_id,
        lead_id=lead.lead_id,
        kind=MessageKind.CONFIRMATION,
        to=to,
        language=request.language,
        state=_state(to),
        due_at=now + FIRST_DUE,
        created_at=now,
        reason=_missing(to),
        request_id=request.request_id,
        campaign_id=touch.campaign_id,
        context=_of_lead(lead) | _of_request(request),
    )


def rep_notice(
    lead: Lead, rep: Rep, request: Request | None, reasons: Iterable[str], message_id: str, now: datetime
) -> Message:
    """To the new owner: this lead is yours, why, and by when it waits for an answer (if it asked anything).

    `reasons` are the assignment's; they and the score's go one a line."""
    return _notice(MessageKind.REP_NOTICE, lead, rep, request, {"reasons": _lines(reasons)}, message_id, now)


def escalation_notice(
    lead: Lead,
    rep: Rep,
    request: Request,
    former_owner_id: str,
    reasons: Iterable[str],
    message_id: str,
    now: datetime,
) -> Message:
    """To `rep`, the new owner of an escalated request (`request` as it is after the escalation)."""
    told = {
        "former_owner_id": former_owner_id,
        "escalations": str(request.escalations),
        "reasons": _lines(reasons),
    }
    return _notice(MessageKind.ESCALATION, lead, rep, request, told, message_id, now)


def complaint_notice(lead: Lead, rep: Rep, message_id: str, now: datetime) -> Message:
    """To the owner: this person marked a mail of ours as unwanted, and gets no promotion any more."""
    return _notice(MessageKind.COMPLAINT_NOTICE, lead, rep, None, {}, message_id, now)


def thank_you(
    lead: Lead,
    campaign: "Campaign",
    import_id: str,
    basis: str,
    message_id: str,
    now: datetime,
    held_because: str = NO_BASIS,
) -> Message:
    """To a person of a list: pending on a legal basis, held without one until it is recorded.

    The id is the caller's, made of person and campaign, so that there is one thank-you for each pair.
    `held_because` says why there is no basis (`basis.basis_gap`)."""
    to = _address(lead)
    return Message(
        message_id=message_id,
        lead_id=lead.lead_id,
        kind=MessageKind.THANK_YOU,
        to=to,
        language=lead.language,
        state=_state(to) if basis or not to else MessageState.HELD,
        due_at=now + FIRST_DUE,
        created_at=now,
        reason=_missing(to) or ("" if basis else held_because),
        basis=basis,
        campaign_id=campaign.campaign_id,
        import_id=import_id,
        context=_of_lead(lead) | {"campaign_name": campaign.name},
    )


_THANKS = "thanks-"


def is_thanks(message_id: str) -> bool:
    """Whether a mail of that id thanks somebody for being on a list."""
    return message_id.startswith(_THANKS)


def thanks_id(campaign_id: str) -> str:
    """The id of a person's thank-you for a campaign's list: there is one, however often the list comes."""
    return f"{_THANKS}{campaign_id}"


def is_bulk(message_id: str) -> bool:
    """Whether a row is one of a list's mails, by its name alone."""
    return message_id.startswith(_THANKS)


def seminar_mail(
    kind: MessageKind,
    lead: Lead,
    seminar: "Seminar",
    registration: "Registration",
    message_id: str,
    now: datetime,
    due_at: datetime | None = None,
) -> Message:
    """A mail about one place at a seminar, at once or at `due_at`. ValueError for a kind that is not one.

    `sequence` is the calendar entry's: the later of the seminar's and the registration's changes."""
    if kind not in SEMINAR_KINDS:
        raise ValueError(f"{kind} is not a mail about a seminar")
    to = registration.email or _address(lead)
    return Message(
        message_id=message_id,
        lead_id=lead.lead_id,
        kind=kind,
        to=to,
        language=registration.language,
        state=_state(to),
        due_at=due_at or now + FIRST_DUE,
        created_at=now,
        reason=_missing(to),
        request_id=registration.request_id,
        campaign_id=seminar.campaign_id,
        event_id=seminar.event_id,
        context=_of_lead(lead) | _of_seminar(seminar, registration),
    )


def sign_in_mail(rep: Rep, ticket_id: str, language: str, message_id: str, now: datetime) -> Message:
    """To one of our own people, who asked for it: a link to sign in by. The row holds the ticket's id, which opens
    nothing without the signature that the link gets when it is sent."""
    return Message(
        message_id=message_id,
        lead_id=of_person(rep.rep_id),
        kind=MessageKind.SIGN_IN_LINK,
        to=rep.email,
        language=language,
        state=_state(rep.email),
        due_at=now + FIRST_DUE,
        created_at=now,
        reason=_missing(rep.email),
        context={"rep_id": rep.rep_id, "ticket_id": ticket_id},
    )


def promise_notice(
    kind: MessageKind, lead: Lead, rep: Rep, promise: "Promise", promised_by: str, message_id: str, now: datetime
) -> Message:
    """To `rep`: what was promised is due today, or was not kept in its time. `promised_by` is a name."""
    told = {
        "promise": promise.text,
        "promise_subject": promise.subject,
        "due_on": promise.due_on.isoformat(),
        "promised_by": promised_by,
    }
    return _notice(kind, lead, rep, None, told, message_id, now)


def quote_notice(
    kind: MessageKind, lead: Lead, rep: Rep, quote: "Quote", about: str, message_id: str, now: datetime
) -> Message:
    """To the manager: a quote waits for a word; to the rep: what the word was. `about` names the other of the two."""
    told = {
        "quote_id": quote.quote_id,
        "number": quote.number,
        "state": quote.state.value,
        "causes": _lines(quote.causes),
        "reason": quote.reason,
        "decision": quote.decision,
        "about": about,
    }
    return _notice(kind, lead, rep, None, told, message_id, now)


def made_for(seminar: "Seminar", registration: "Registration") -> str:
    """Which state of seminar and registration a mail speaks of: their sequences, "2.0"."""
    return f"{seminar.sequence}.{registration.sequence}"


def _notice(
    kind: MessageKind,
    lead: Lead,
    rep: Rep,
    request: Request | None,
    told: dict[str, str],
    message_id: str,
    now: datetime,
) -> Message:
    context = _of_lead(lead) | _of_score(lead) | {"rep_id": rep.rep_id, "rep_name": rep.name} | told
    return Message(
        message_id=message_id,
        lead_id=lead.lead_id,
        kind=kind,
        to=rep.email,
        language=rep.languages[0] if rep.languages else "en",
        state=_state(rep.email),
        due_at=now + FIRST_DUE,
        created_at=now,
        reason=_missing(rep.email),
        request_id=request.request_id if request else "",
        context=context | (_of_request(request) if request else {}),
    )


def _of_lead(lead: Lead) -> dict[str, str]:
    return {"lead_id": lead.lead_id, "name": lead.full_name, "company": lead.company}


def _of_score(lead: Lead) -> dict[str, str]:
    return {"score": str(lead.score.points), "score_reasons": _lines(lead.score.reasons)}


def _of_request(request: Request) -> dict[str, str]:
    return {
        "request_id": request.request_id,
        "subject": request.subject,
        "owner_id": request.owner_id,
        "received_at": request.received_at.isoformat(),
        "respond_by": request.respond_by.isoformat(),
    }


def _of_seminar(seminar: "Seminar", registration: "Registration") -> dict[str, str]:
    return {
        "event_id": seminar.event_id,
        "title": seminar.title,
        "place": seminar.place,
        "starts_at": seminar.starts_at.isoformat(),
        "ends_at": seminar.ends_at.isoformat(),
        "zone": seminar.zone,
        "wall_start": seminar.wall_start,
        "uid": registration.uid,
        "sequence": str(max(seminar.sequence, registration.sequence)),
        "made_for": made_for(seminar, registration),
    }


def _lines(reasons: Iterable[str]) -> str:
    return "\n".join(reasons)


def _address(lead: Lead) -> str:
    return lead.emails[0] if lead.emails else ""


def _state(to: str) -> MessageState:
    return MessageState.PENDING if to else MessageState.SUPPRESSED


def _missing(to: str) -> str:
    return "" if to else NO_ADDRESS
