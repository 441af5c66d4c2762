"""What must be true of a world at rest, whatever went wrong on the way: pure checks over what it holds.

A world is at rest when callers have had their last try, the queues are empty and the clock has nothing left to do. It
is seen from outside: the records, what the read model shows, what was handed to the mail transport, what callers were
told. What is allowed although it is not perfect is counted apart (`Verdict.repeated`, `Verdict.unknown`): a mail whose
fate nobody knows goes again under the same Message-ID if a person waits for it, and never again if it is promotion.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalicelib.assign.choose import UNASSIGNED
from chalicelib.flows.carry_over import CARRIED
from chalicelib.follow_up.outbox import retry_delays
from chalicelib.records.lead import OPEN_STATUSES
from chalicelib.records.mail_news import CAME_BACK, NewsKind
from chalicelib.records.merge import LED_ON, MergeState
from chalicelib.records.message import PROMOTIONAL, MessageKind, MessageState
from chalicelib.records.receipt import ReceiptOutcome
from chalicelib.records.touch import WAITING_STATES, TouchKind
from chalicelib.records.upload import Outcome, UploadState
from tests.state_hash import state_of

# Each request that came with an address is answered by one of these, once.
ANSWERS = frozenset({MessageKind.CONFIRMATION, MessageKind.SEMINAR_CONFIRMATION, MessageKind.SEMINAR_WAITING})
# Where the touches of a receipt come from: everything but lists, whose rows are counted by their upload.
_RECEIVED = frozenset({TouchKind.FORM, TouchKind.API, TouchKind.SCAN, TouchKind.SEMINAR})


@dataclass(frozen=True, slots=True)
class Told:
    """An acknowledgement: what a caller was answered with a status below 300."""

    lead_id: str
    request_id: str


@dataclass(frozen=True, slots=True)
class Post:
    """One thing somebody wants us to have, however often it was sent. `message` is its text, which no other post has;
    `person` the address it came from, "" for none; `told` every acknowledgement, in order."""

    message: str
    person: str = ""
    told: tuple[Told, ...] = ()


@dataclass(frozen=True, slots=True)
class Handed:
    """One handing over of a mail to the transport that took it: the Message-ID without brackets, and whom to."""

    message_id: str
    to: str


@dataclass(frozen=True, slots=True)
class Turn:
    """An import that somebody wanted taken back, or put back: the state (`state_of`) of a world where that has not
    begun, and where it is done. `told` that it would be: it has to be done then."""

    before: str
    done: str
    told: bool = False


@dataclass(frozen=True, slots=True)
class Finished:
    """A world at rest. `records` by the kind's name; `shown` and `open_by_owner` from the read model; `most_repeats`
    is how many mails may have been handed over once more, at most one for each fault (None: as many as were claimed
    again)."""

    now: datetime
    records: Mapping[str, Sequence[Any]]
    shown: Mapping[str, int]
    open_by_owner: Mapping[str, int]
    handed: Sequence[Handed]
    posts: Sequence[Post] = ()
    reported_leads: int | None = None
    most_repeats: int | None = None
    turn: Turn | None = None

    def of(self, kind: str) -> Sequence[Any]:
        return self.records.get(kind, ())

    def led(self, lead_id: str) -> str:
        """The record that id leads to: whoever was merged is part of another."""
        into = {merge.lead_id: merge.into for merge in self.of("Merge") if merge.state in LED_ON}
        while lead_id in into:
            lead_id = into[lead_id]
        return lead_id


@dataclass(slots=True)
class Verdict:
    """`violations` is empty or the world is broken. `repeated` mails went again under their Message-ID after an
    unknown outcome, `unknown` promotion may or may not have left: both are the rule of their kind."""

    violations: list[str] = field(default_factory=list)
    repeated: int = 0
    unknown: int = 0


def judge(finished: Finished) -> Verdict:
    """Every check over one world."""
    verdict = Verdict()
    for check in (_posts, _people, _wholes, _owners, _answers, _dead_addresses, _uploads, _turned, _merged, _counts):
        verdict.violations += check(finished)
    verdict.violations += _mails(finished, verdict)
    return verdict


def _posts(f: Finished) -> Iterator[str]:
    """Every acknowledged post is stored as it was acknowledged; every other is stored once or not at all."""
    touches = defaultdict(list)
    for touch in f.of("Touch"):
        touches[touch.message].append(touch)
    requests = {(r.lead_id, r.request_id): r for r in f.of("Request")}
    for post in f.posts:
        stored = touches.get(post.message, [])
        if len(stored) > 1:
            yield f"doubled: {post.message!r} is stored {len(stored)} times"
        if post.told and not stored:
            yield f"lost: {post.message!r} was acknowledged"
        if len(set(post.told)) > 1:
            yield f"doubled: {post.message!r} was acknowledged as {len(set(post.told))} requests"
        for told in set(post.told):
            request = requests.get((f.led(told.lead_id), told.request_id))
            if request is None:
                yield f"lost: the request that {post.message!r} was acknowledged as"
            elif stored and request.touch_id != stored[0].touch_id:
                yield f"doubled: {post.message!r} was acknowledged as another touch"


def _people(f: Finished) -> Iterator[str]:
    """One address, one person, who can be found again."""
    by_address = defaultdict(list)
    for lead in f.of("Lead"):
        for address in lead.emails:
            by_address[address].append(lead.lead_id)
    for ids in by_address.values():
        if len(ids) > 1:
            yield f"doubled: {len(ids)} people have one address ({', '.join(ids)})"
    for person in {post.person for post in f.posts if post.told and post.person}:
        if person not in by_address:
            yield f"lost: nobody has the address {person}"
    known = {lead.lead_id for lead in f.of("Lead")}
    found = {f.led(lead_id) for key in f.of("MatchKey") for lead_id in (key.lead_id, *key.others)}
    if astray := found - known:
        yield f"half written: match keys name people who are not stored ({', '.join(sorted(astray))})"
    if lost := {lead.lead_id for lead in f.of("Lead") if lead.emails or lead.phones} - found:
        yield f"half written: no match key finds {', '.join(sorted(lost))}"


def _wholes(f: Finished) -> Iterator[str]:
    """What one transaction wrote is there as a whole or not at all."""
    leads = {lead.lead_id: lead for lead in f.of("Lead")}
    touches = {(t.lead_id, t.touch_id): t for t in f.of("Touch")}
    requests = {(r.lead_id, r.request_id) for r in f.of("Request")}
    of_touch = Counter((f.led(r.lead_id), r.touch_id) for r in f.of("Receipt") if r.touch_id)
    for receipt in f.of("Receipt"):
        kept = receipt.outcome in (ReceiptOutcome.ACCEPTED, ReceiptOutcome.MERGED)
        if kept and (f.led(receipt.lead_id), receipt.request_id) not in requests:
            yield f"half written: a receipt without its request {receipt.request_id}"
        if kept and (f.led(receipt.lead_id), receipt.touch_id) not in touches:
            yield f"half written: a receipt without its touch {receipt.touch_id}"
    for key, touch in touches.items():
        if touch.lead_id not in leads:
            yield f"half written: a touch without its lead {touch.lead_id}"
        if touch.kind in _RECEIVED and of_touch[key] != 1:
            yield f"half written: touch {touch.touch_id} has {of_touch[key]} receipts"
    for request in f.of("Request"):
        if (request.lead_id, request.touch_id) not in touches:
            yield f"half written: request {request.request_id} without its touch"
    counted = Counter(t.lead_id for t in f.of("Touch"))
    for lead in leads.values():
        if lead.touch_count != counted[lead.lead_id]:
            yield f"miscounted: {lead.lead_id} counts {lead.touch_count} touches and has {counted[lead.lead_id]}"


def _owners(f: Finished) -> Iterator[str]:
    """Nothing open is nobody's, or somebody's who has left."""
    active = {rep.rep_id for rep in f.of("Rep") if rep.active}
    for lead in f.of("Lead"):
        owner = lead.assignment.owner_id if lead.assignment else UNASSIGNED
        if lead.status in OPEN_STATUSES and owner not in active:
            yield f"without owner: lead {lead.lead_id} ({owner})"
    for request in f.of("Request"):
        if request.state in WAITING_STATES and request.owner_id not in active:
            yield f"without owner: request {request.request_id} ({request.owner_id})"


def _answers(f: Finished) -> Iterator[str]:
    """Who wrote gets one confirmation, and the owner one notice; who is on a list gets one thank-you of a campaign, but
    for who is brought along by an export."""
    touches = {(t.lead_id, t.touch_id): t for t in f.of("Touch")}
    written = Counter((m.request_id, m.kind in ANSWERS, m.kind) for m in f.of("Message"))
    answers: Counter[str] = Counter()
    for (request_id, answers_it, _), number in written.items():
        answers[request_id] += number if answers_it else 0
    for request in f.of("Request"):
        touch = touches.get((request.lead_id, request.touch_id))
        if touch is None:
            continue
        wanted = int(bool(touch.details.get("email")) and touch.kind is not TouchKind.SCAN)
        if answers[request.request_id] != wanted:
            yield f"mail: request {request.request_id} has {answers[request.request_id]} confirmations, not {wanted}"
        notices = written[request.request_id, False, MessageKind.REP_NOTICE]
        # One for each owner it was given to; who gets it by escalation is told by another mail.
        if not request.event_id and not 1 <= notices <= max(1, len(request.history)):
            yield f"mail: request {request.request_id} has {notices} notices to its owner"
    leads = {lead.lead_id: lead for lead in f.of("Lead")}
    exports = {upload.import_id for upload in f.of("Upload") if upload.product}
    thanked = {(f.led(m.lead_id), m.campaign_id) for m in f.of("Message") if m.kind is MessageKind.THANK_YOU}
    for touch in touches.values():
        lead = leads.get(touch.lead_id)
        on_list = touch.kind is TouchKind.LIST and touch.import_id not in exports and lead is not None and lead.emails
        if on_list and (touch.lead_id, touch.campaign_id) not in thanked:
            yield f"mail: no thank-you for {touch.lead_id} of {touch.campaign_id}"


def _mails(f: Finished, verdict: Verdict) -> Iterator[str]:
    """No mail twice and none missing, by Message-ID at the transport."""
    handed = Counter(one.message_id.split("@")[0] for one in f.handed)
    rows = {name_in_mail(m): m for m in f.of("Message")}
    for name, times in handed.items():
        message = rows.get(name)
        if message is None:
            yield f"mail: {name} was handed over and has no outbox row"
            continue
        verdict.repeated += times - 1
        if times > 1 and message.kind in PROMOTIONAL:
            yield f"mail twice: promotion {name} was handed over {times} times"
        if times > message.attempt:
            yield f"mail twice: {name} was handed over {times} times in {message.attempt} claims"
    if f.most_repeats is not None and verdict.repeated > f.most_repeats:
        yield f"mail twice: {verdict.repeated} went again, at most {f.most_repeats} had no known outcome"
    for name, message in rows.items():
        yield from _missing(message, handed[name], f.now, verdict)


def _missing(message: Any, times: int, now: datetime, verdict: Verdict) -> Iterator[str]:
    state, what = message.state, f"{message.kind} {message.message_id} of {message.lead_id}"
    if state is MessageState.FAILED and times and any(heard.kind in CAME_BACK for heard in message.heard):
        # It left, and the mail service says that it will never arrive.
        return
    if state is MessageState.SENT and times == 0:
        yield f"mail missing: {what} says sent and was never handed over"
    elif state in (MessageState.SUPPRESSED, MessageState.HELD, MessageState.FAILED) and times:
        yield f"mail: {what} is {state} and was handed over"
    elif state is MessageState.UNKNOWN and (message.kind in PROMOTIONAL or message.attempt > len(retry_delays())):
        verdict.unknown += 1
    elif state in (MessageState.UNKNOWN, MessageState.SENDING, MessageState.FAILED):
        yield f"mail missing: {what} is {state}"
    elif state is MessageState.PENDING and message.due_at <= now:
        yield f"mail missing: {what} is due and still waits"


def _dead_addresses(f: Finished) -> Iterator[str]:
    """An address from which mail came back is noted as dead."""
    noted = {(dead.lead_id, dead.message_id) for dead in f.of("DeadAddress")}
    bounced = [m for m in f.of("Message") if any(heard.kind is NewsKind.BOUNCE for heard in m.heard)]
    if len({m.to for m in bounced}) > len(noted):
        yield f"lost: {len(bounced)} mails came back, {len(noted)} addresses are dead"


def name_in_mail(message: Any) -> str:
    """The part of the Message-ID before the @ (messaging.render): a row's id names it beside its lead only."""
    return message.message_id if len(message.message_id) == 26 else f"{message.lead_id}.{message.message_id}"


def _uploads(f: Finished) -> Iterator[str]:
    """Created + merged + suppressed + refused = rows; each row once, and the people it made are there."""
    leads = {lead.lead_id for lead in f.of("Lead")}
    outcomes = defaultdict(list)
    for chunk in f.of("RowResults"):
        outcomes[chunk.import_id] += chunk.results
    for upload in f.of("Upload"):
        if upload.state not in (UploadState.FINISHED, UploadState.REFUSED, UploadState.UNDONE):
            yield f"lost: upload {upload.import_id} is {upload.state} ({upload.done} of {upload.rows} rows)"
            continue
        results = outcomes[upload.import_id]
        if upload.state is UploadState.REFUSED:
            continue
        tally = Counter(outcome for _, outcome, _, _ in results)
        counted = [getattr(upload, outcome.value) for outcome in Outcome]
        if counted != [tally[outcome.value] for outcome in Outcome] or sum(counted) != upload.rows:
            yield f"miscounted: upload {upload.import_id} says {counted} of {upload.rows} rows, its rows say {tally}"
        if len({row for row, *_ in results}) != len(results):
            yield f"doubled: a row of upload {upload.import_id} has two outcomes"
        made = Counter(lead_id for _, outcome, lead_id, _ in results if outcome == Outcome.CREATED)
        gone = {f.led(lead_id) for _, _, lead_id, _ in results if lead_id} - leads
        # Who was taken back is gone; put back, who came again or was erased meanwhile stays as they are.
        if len(gone) > upload.kept_back and upload.state is not UploadState.UNDONE:
            yield f"lost: {len(gone)} people of upload {upload.import_id}"
        if twice := [lead_id for lead_id, number in made.items() if number > 1]:
            yield f"doubled: {len(twice)} people of upload {upload.import_id} were created twice"


def _turned(f: Finished) -> Iterator[str]:
    """What was to be taken back, or put back, is so entirely, or has not begun and nobody was told that it would be."""
    if f.turn is None:
        return
    state = state_of(record for records in f.records.values() for record in records)
    if state == f.turn.done:
        return
    if state != f.turn.before:
        yield "half written: an import is taken back, or put back, in part"
    elif f.turn.told:
        yield "lost: an import was to be taken back, or put back, and is not"


def _merged(f: Finished) -> Iterator[str]:
    """Who was made one is one, with all that lies with both; who was parted is two."""
    leads = {lead.lead_id for lead in f.of("Lead")}
    for merge in f.of("Merge"):
        if merge.state not in (MergeState.MERGED, MergeState.PARTED):
            yield f"half merged: {merge.lead_id} is {merge.state}"
        elif merge.state is MergeState.MERGED and merge.lead_id in leads:
            yield f"doubled: {merge.lead_id} is merged and still there"
        elif merge.state is MergeState.MERGED and f.led(merge.lead_id) not in leads:
            yield f"lost: {merge.lead_id} was merged and leads nowhere"
        elif merge.state is MergeState.PARTED and not {merge.lead_id, f.led(merge.into)} <= leads:
            yield f"lost: {merge.lead_id} or {merge.into} is not there after they were parted"
    left = {
        (type(r).__name__, r.lead_id) for kind in CARRIED for r in f.of(kind.__name__) if f.led(r.lead_id) != r.lead_id
    }
    if left:
        yield f"half merged: left behind are {sorted(left)}"


def _counts(f: Finished) -> Iterator[str]:
    """Counters and the read model hold what the store holds."""
    named = {"leads": "Lead", "touches": "Touch", "requests": "Request", "opportunities": "Opportunity"}
    for name, kind in named.items():
        if f.shown.get(name, 0) != len(f.of(kind)):
            yield f"miscounted: the read model shows {f.shown.get(name, 0)} {name}, stored are {len(f.of(kind))}"
    for prefix, kind, attribute in (("message", "Message", "state"), ("receipt", "Receipt", "outcome"),
                                    ("request", "Request", "state")):  # fmt: skip
        stored = Counter(f"{prefix}.{getattr(record, attribute).value}" for record in f.of(kind))
        shown = {name: n for name, n in f.shown.items() if name.startswith(f"{prefix}.") and n}
        if shown != stored:
            yield f"miscounted: the read model shows {shown}, stored are {dict(stored)}"
    owned = Counter(_owner(lead) for lead in f.of("Lead") if lead.status in OPEN_STATUSES)
    if owned != Counter(f.open_by_owner):
        yield f"miscounted: open leads by owner are shown as {dict(f.open_by_owner)}, stored are {dict(owned)}"
    for workload in f.of("Workload"):
        if Counter(workload.leads) != owned:
            yield f"miscounted: the workload is noted as {workload.leads}, open are {dict(owned)}"
    if f.reported_leads is not None and f.reported_leads != len(f.of("Lead")):
        yield f"miscounted: the report has {f.reported_leads} leads, stored are {len(f.of('Lead'))}"


def _owner(lead: Any) -> str:
    return lead.assignment.owner_id if lead.assignment else ""


def by_kind(records: Iterable[Any]) -> dict[str, list[Any]]:
    """Records under the name of their kind, as `Finished` wants them."""
    found: dict[str, list[Any]] = defaultdict(list)
    for record in records:
        found[type(record).__name__].append(record)
    return dict(found)
