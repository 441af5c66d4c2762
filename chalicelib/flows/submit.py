"""One submission by form, API or scan: one transaction, once.

Round trips: one batch read (receipt and keys), for a known person one more (the people), one commit."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chalicelib.assign.respond import limit_hours, load_limits, respond_by
from chalicelib.flows.place_lead import (
    Arrival,
    Found,
    Judgement,
    Placement,
    candidate_ids,
    key_refs,
    key_writes,
    name_digest,
    place,
    qualify_and_assign,
)
from chalicelib.flows.register import Seat, registration_refs, take_place
from chalicelib.flows.rulebook import rulebook
from chalicelib.follow_up.messages import confirmation, rep_notice
from chalicelib.identify.normalise import identity
from chalicelib.records.contact import Contact, Identity
from chalicelib.records.form import Form
from chalicelib.records.lead import Lead
from chalicelib.records.ports import Conflict, Deps, Put, Ref, Stored
from chalicelib.records.receipt import Receipt, ReceiptOutcome
from chalicelib.records.touch import Request, RequestState, Source, TouchKind

# Without a one-time token the same fields by the same visitor are the same submission for this long (SPEC §3).
SAME_FOR = timedelta(minutes=10)
# Enough for a crowd on one item: each round at least one of them gets through.
ROUNDS = 40


class TokenReused(Exception):
    """The same one-time token came with another body. The first answer is not repeated to whoever sent it."""


class TooBusy(Exception):
    """Others kept writing the same records first; nothing was stored, the caller may try again."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A valid submission. `token` is the caller's one-time token with its namespace, or ""; `visitor` tells
    visitors apart where there is no token (hashed before it is stored)."""

    contact: Contact
    kind: TouchKind
    token: str = ""
    visitor: str = ""
    form: Form | None = None
    campaign_id: str = ""
    source: Source = field(default_factory=Source)
    language: str = "en"
    details: dict[str, str] = field(default_factory=dict)
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the caller is told, the same for every repetition."""

    lead_id: str
    touch_id: str
    request_id: str
    known: bool
    repeated: bool = False


def submit(deps: Deps, submission: Submission) -> Answer:
    """Store the submission and all that follows from it. Raises TokenReused, TooBusy."""
    who = identity(submission.contact)
    token, body = _digests(deps, submission, who)
    for _ in range(ROUNDS):
        now = deps.clock()
        receipt, found, seat = _look_up(deps, submission, who, token)
        if receipt and not _expired(receipt.value, submission, now):
            return _repeat(receipt.value, body)
        answer, writes = _decide(deps, submission, who, found, seat, now)
        kept = _receipt(token, body, answer, now)
        writes.append(Put(kept, if_version=receipt.version if receipt else 0))
        try:
            deps.store.commit(writes)
        except Conflict:
            continue
        deps.wake()
        return answer
    raise TooBusy


def _look_up(
    deps: Deps, submission: Submission, who: Identity, token: str
) -> tuple[Stored[Receipt] | None, Found, Seat]:
    refs = key_refs(who, deps.digest)
    event_id = submission.form.event_id if submission.form else ""
    seats = registration_refs(event_id)
    first, *rest = deps.store.get_many([Ref(Receipt, (token,)), *seats, *refs])
    keys = rest[len(seats) :]
    ids = candidate_ids(keys, name_digest(who, deps.digest))
    known = {ref.ids[0]: key for ref, key in zip(refs, keys, strict=True) if key}
    people = deps.store.get_many([*(Ref(Lead, (i,)) for i in ids), *registration_refs(event_id, ids)]) if ids else []
    candidates = tuple(person for person in people[: len(ids)] if person)
    return first, Found(known, candidates), Seat.read(event_id, rest[: len(seats)], people[len(ids) :])


def _decide(
    deps: Deps, submission: Submission, who: Identity, found: Found, seat: Seat, now: datetime
) -> tuple[Answer, list[Put]]:
    rules = rulebook(deps.directory)
    arrival = _arrival(deps, submission, who, now)
    placed = place(arrival, who, [c.value for c in found.candidates])
    judged = qualify_and_assign(placed, rules, now)
    request = _request(deps, submission, placed, judged, now)
    channel = _channel(placed.lead)
    lead = judged.onto(placed.lead, now, respond_by=request.respond_by, next_channel=channel, next_reason="")
    placed = replace(placed, lead=lead)
    before = found.stored(lead.lead_id)
    writes = [Put(lead, before.version if before else 0), Put(placed.touch, 0), Put(request, 0)]
    writes += key_writes(who, lead.lead_id, found.keys, deps.digest)
    if request.event_id:
        writes += take_place(deps, seat, placed, request, who, now)
    else:
        writes += _messages(deps, submission, placed, request, who, now)
    return Answer(lead.lead_id, placed.touch.touch_id, request.request_id, placed.known), writes


def _arrival(deps: Deps, submission: Submission, who: Identity, now: datetime) -> Arrival:
    campaign = deps.directory.campaign(submission.campaign_id)
    over = campaign is not None and campaign.ends_on is not None and now.date() > campaign.ends_on
    return Arrival(
        contact=submission.contact,
        kind=submission.kind,
        touch_id=deps.new_id(),
        lead_id=deps.new_id(),
        now=now,
        campaign_id=submission.campaign_id,
        form_id=submission.form.form_id if submission.form else "",
        language=submission.language,
        source=submission.source,
        # The confirmation goes to the address of this submission, not to an older one of the same person.
        details=submission.details | ({"email": who.emails[0]} if who.emails else {}),
        flags=("late",) if over else (),
    )


def _request(deps: Deps, submission: Submission, placed: Placement, judged: Judgement, now: datetime) -> Request:
    owner_id, form = judged.assignment.owner_id, submission.form
    own_limit = form.respond_within_hours if form else 0
    hours = limit_hours(submission.kind, judged.score.points, own_limit, load_limits())
    event_id = form.event_id if form else ""
    return Request(
        request_id=deps.new_id(),
        lead_id=placed.lead.lead_id,
        touch_id=placed.touch.touch_id,
        received_at=now,
        owner_id=owner_id,
        respond_by=respond_by(now, deps.directory.rep(owner_id), hours),
        # A sign-up is answered by its own confirmation; nobody has to call.
        state=RequestState.CLOSED if event_id else RequestState.OPEN,
        subject=submission.subject,
        form_id=form.form_id if form else "",
        event_id=event_id,
        language=submission.language,
        history=((now, owner_id, "; ".join(judged.assignment.reasons)),),
    )


def _messages(
    deps: Deps, submission: Submission, placed: Placement, request: Request, who: Identity, now: datetime
) -> Iterator[Put]:
    lead = placed.lead
    if who.emails and submission.kind is not TouchKind.SCAN:
        yield Put(confirmation(lead, placed.touch, request, deps.new_id(), now), 0)
    rep = deps.directory.rep(request.owner_id)
    if rep:
        reasons = lead.assignment.reasons if lead.assignment else ()
        yield Put(rep_notice(lead, rep, request, reasons, deps.new_id(), now), 0)


def _channel(lead: Lead) -> str:
    return "phone" if lead.phones else "email" if lead.emails else ""


def _digests(deps: Deps, submission: Submission, who: Identity) -> tuple[str, str]:
    """(receipt token, body digest) over the normalised fields: blanks and letter case do not make another body."""
    contact = submission.contact
    texts = [contact.full_name, contact.given_name, contact.family_name, contact.company, contact.title]
    texts += [contact.message, contact.badge_id, *contact.products, *submission.details.values()]
    folded = [" ".join(text.split()).casefold() for text in texts]
    scope = submission.form.form_id if submission.form else submission.campaign_id
    body = deps.digest(json.dumps([scope, folded, who.emails, who.phones, who.raw_phones]))
    if submission.token:
        return deps.digest(f"token:{submission.token}"), body
    return deps.digest(f"fields:{submission.visitor}:{body}"), body


def _expired(receipt: Receipt, submission: Submission, now: datetime) -> bool:
    return not submission.token and now - receipt.received_at > SAME_FOR


def _repeat(receipt: Receipt, body: str) -> Answer:
    if receipt.body != body:
        raise TokenReused
    known = receipt.outcome is ReceiptOutcome.MERGED
    return Answer(receipt.lead_id, receipt.touch_id, receipt.request_id, known, repeated=True)


def _receipt(token: str, body: str, answer: Answer, now: datetime) -> Receipt:
    outcome = ReceiptOutcome.MERGED if answer.known else ReceiptOutcome.ACCEPTED
    return Receipt(token, body, outcome, now, answer.lead_id, answer.touch_id, answer.request_id)
