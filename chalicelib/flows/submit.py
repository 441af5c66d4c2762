"""One submission by form, API or scan: one transaction, once.

Round trips: one batch read (receipt and keys), for a known person one more (the people), one commit."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.assign.respond import limit_hours, load_limits, respond_by
from chalicelib.capture.suspicion import repetition
from chalicelib.flows.follow_merges import led_on
from chalicelib.flows.keep_post import SAME_FOR, Also, keep, nothing, own_token
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
from chalicelib.flows.rulebook import rulebook
from chalicelib.flows.seats import Seat, places_of_merged, registration_refs
from chalicelib.flows.submission import Answer, Submission, TokenReused, TooBusy
from chalicelib.follow_up.messages import confirmation, rep_notice
from chalicelib.identify.keys import by_name, lookup_keys
from chalicelib.identify.normalise import identity
from chalicelib.records.contact import Identity
from chalicelib.records.lead import Lead
from chalicelib.records.ports import Conflict, Deps, Put, Ref, Stored, Write
from chalicelib.records.receipt import Receipt, ReceiptOutcome
from chalicelib.records.touch import Request, RequestState, TouchKind

# Enough for a crowd on one item: each round at least one of them gets through.
ROUNDS = 40
# Fewer letters of a message are a greeting, which many may write.
_WORDS = 20


def submit(deps: Deps, submission: Submission, also: Also = nothing, passed: bool = False) -> Answer:
    """Store the submission and all that follows from it, and `also` what has to be true at the same moment. `passed`:
    somebody has looked at it and it is no spam. Raises TokenReused, TooBusy."""
    who = identity(submission.contact)
    token, body = _digests(deps, submission, who)
    further = also(token)
    doubts = () if passed else _doubts(deps, submission, token)
    for _ in range(ROUNDS):
        now = deps.clock()
        receipt, found, seat = _look_up(deps, submission, who, token)
        same = receipt is not None and _same(deps, receipt.value, submission, now)
        if receipt and same and not (passed and receipt.value.outcome is ReceiptOutcome.QUARANTINED):
            return _repeat(deps, receipt.value, body, further)
        if doubts:
            answer, writes = _quarantine(deps, submission, token, doubts)
        else:
            answer, writes = _decide(deps, submission, who, found, seat, now)
        writes += _receipts(receipt, token, body, answer, submission, now)
        try:
            deps.store.commit([*writes, *further])
        except Conflict as conflict:
            if _is_told(conflict, further):
                raise
            continue
        deps.wake()
        return replace(answer, receipt=token)
    raise TooBusy


def _is_told(conflict: Conflict, further: Sequence[Write]) -> bool:
    """Whether what the caller wants to be true at the same moment is not: no further round would change that."""
    names = [type(write.record) if isinstance(write, Put) else write.ref.kind for write in further]
    return conflict.ref is not None and conflict.ref.kind in names


def _doubts(deps: Deps, submission: Submission, token: str) -> tuple[str, ...]:
    """Why a post is to be looked at first: what was seen in it, and whether its words come again and again."""
    if submission.form is None or submission.post is None:
        return submission.suspicions
    message = " ".join(submission.contact.message.split()).casefold()
    found = submission.suspicions
    if len(message) >= _WORDS and (again := repetition(deps.limits.alike(deps.digest(f"words:{message}"), token))):
        found = (*found, again)
    deps.limits.seen(submission.form.form_id, bool(found))
    return found


def _quarantine(deps: Deps, submission: Submission, token: str, doubts: tuple[str, ...]) -> tuple[Answer, list[Put]]:
    assert submission.post is not None
    kept = keep(deps, submission.post, ReceiptOutcome.QUARANTINED, token, doubts)
    return Answer("", "", kept.kept_id, known=False), [Put(kept, 0)]


def _receipts(
    before: Stored[Receipt] | None, token: str, body: str, answer: Answer, submission: Submission,
    now: datetime,
) -> list[Put]:  # fmt: skip
    """The receipt; and the one before it under a name of its own, for it is another submission that stays counted."""
    outcome = ReceiptOutcome.MERGED if answer.known else ReceiptOutcome.ACCEPTED
    if not answer.lead_id:
        outcome = ReceiptOutcome.QUARANTINED
    arrived = _arrived(submission, now)
    receipt = Receipt(token, body, outcome, arrived, answer.lead_id, answer.touch_id, answer.request_id)
    writes = [Put(receipt, before.version if before else 0)]
    if before and before.value.request_id != answer.request_id:
        writes.append(Put(replace(before.value, token=own_token(token, before.value.request_id)), 0))
    return writes


def _arrived(submission: Submission, now: datetime) -> datetime:
    """When it came in; what waited at the door is older than the moment it is stored."""
    return submission.post.received_at if submission.post else now


def _look_up(
    deps: Deps, submission: Submission, who: Identity, token: str
) -> tuple[Stored[Receipt] | None, Found, Seat]:
    refs = key_refs(who, deps.digest)
    event_id = submission.form.event_id if submission.form else ""
    seats = registration_refs(event_id)
    first, *rest = deps.store.get_many([Ref(Receipt, (token,)), *seats, *refs])
    keys = rest[len(seats) :]
    ids = candidate_ids(keys, name_digest(who, deps.digest), by_name=by_name(lookup_keys(who)))
    known = {ref.ids[0]: key for ref, key in zip(refs, keys, strict=True) if key}
    people = deps.store.get_many([*(Ref(Lead, (i,)) for i in ids), *registration_refs(event_id, ids)]) if ids else []
    candidates = led_on(deps, ids, people[: len(ids)])
    places = [*people[len(ids) :], *places_of_merged(deps, event_id, candidates)]
    return first, Found(known, candidates), Seat.read(event_id, rest[: len(seats)], places)


def _decide(
    deps: Deps, submission: Submission, who: Identity, found: Found, seat: Seat, now: datetime
) -> tuple[Answer, list[Put]]:
    rules = rulebook(deps.directory)
    arrival = _arrival(deps, submission, who, now)
    placed = place(arrival, who, [c.value for c in found.candidates])
    judged = qualify_and_assign(placed, rules, now)
    request = _request(deps, submission, placed, judged, _arrived(submission, now))
    due = {"respond_by": request.respond_by, "next_channel": _channel(placed.lead), "next_reason": ""}
    # Whoever only says who they are, and is known, is owed what they were owed before.
    lead = judged.onto(placed.lead, now, **(due if submission.asks or not placed.known else {}))
    # What few submissions need is loaded for those: a visitor waits for it at a cold start.
    if submission.news:
        from chalicelib.follow_up.policy import with_news

        lead = with_news(lead, submission.news)
    placed = replace(placed, lead=lead)
    before = found.stored(lead.lead_id)
    writes = [Put(lead, before.version if before else 0), Put(placed.touch, 0), Put(request, 0)]
    writes += key_writes(who, lead.lead_id, found.keys, deps.digest)
    if placed.match.doubts:
        from chalicelib.flows.review_doubts import doubts_of, fresh

        writes += fresh(deps, doubts_of(lead.lead_id, placed.match.doubts, now))
    if request.event_id:
        from chalicelib.flows.register import take_place

        writes += take_place(deps, seat, placed, request, who, now)
    elif submission.asks:
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
        details=submission.details | _kept_beside(submission, who),
        flags=("late",) if over else (),
        visits_of=submission.visits_of,
    )


def _kept_beside(submission: Submission, who: Identity) -> dict[str, str]:
    told = {"email": who.emails[0]} if who.emails else {}
    return told | ({"submitted at": submission.claimed_at} if submission.claimed_at else {})


def _request(deps: Deps, submission: Submission, placed: Placement, judged: Judgement, now: datetime) -> Request:
    owner_id, form = judged.assignment.owner_id, submission.form
    own_limit = form.respond_within_hours if form else 0
    hours = limit_hours(submission.kind, judged.score.points, own_limit, load_limits())
    event_id = form.event_id if form else ""
    return Request(
        request_id=submission.post.post_id if submission.post else deps.new_id(),
        lead_id=placed.lead.lead_id,
        touch_id=placed.touch.touch_id,
        received_at=now,
        owner_id=owner_id,
        respond_by=respond_by(now, deps.directory.rep(owner_id), hours),
        # A sign-up is answered by its own confirmation; nobody has to call.
        state=RequestState.CLOSED if event_id or not submission.asks else RequestState.OPEN,
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
    if submission.receipt:
        return submission.receipt, body
    if submission.token:
        return deps.digest(f"token:{submission.token}"), body
    return deps.digest(f"fields:{submission.visitor}:{body}"), body


def _same(deps: Deps, receipt: Receipt, submission: Submission, now: datetime) -> bool:
    """A one-time token holds for ever, equal fields for ten minutes between one arrival and the other; but what
    somebody sends who was erased a moment ago is new."""
    if submission.token:
        return True
    if abs(_arrived(submission, now) - receipt.received_at) > SAME_FOR:
        return False
    from chalicelib.flows.suppression import was_erased

    return was_erased(deps, receipt.lead_id) is None


def _repeat(deps: Deps, receipt: Receipt, body: str, further: Sequence[Write]) -> Answer:
    if receipt.body != body:
        raise TokenReused
    if further:
        deps.store.commit(further)
    known = receipt.outcome is ReceiptOutcome.MERGED
    return Answer(receipt.lead_id, receipt.touch_id, receipt.request_id, known, receipt.token, repeated=True)
