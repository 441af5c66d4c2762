"""A chunk of a list's rows to people and writes: matched against the store and against each other."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chalicelib.assign.respond import limit_hours, load_limits, respond_by
from chalicelib.flows.place_lead import (
    Arrival,
    Placement,
    Rulebook,
    candidate_ids,
    key_writes,
    place,
    qualify_and_assign,
)
from chalicelib.flows.rulebook import roster_of, rulebook
from chalicelib.follow_up.basis import basis_gap, promotional_basis
from chalicelib.follow_up.messages import thank_you
from chalicelib.identify.keys import lookup_keys
from chalicelib.identify.normalise import identity
from chalicelib.qualify.rules import score
from chalicelib.records.contact import Contact, Identity, Refusal
from chalicelib.records.lead import Lead
from chalicelib.records.message import Message, MessageState
from chalicelib.records.ports import Conflict, Deps, Put, Ref, Stored, Write
from chalicelib.records.receipt import MatchKey
from chalicelib.records.touch import Touch, TouchKind
from chalicelib.records.upload import Outcome, Upload

NumberedRow = tuple[int, Contact | Refusal]
# How reasons of a match read: "same phone +14", "fits better than another person: …".
_MATCHED = re.compile(r" [+−][\d.]+$|^fits ")
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

# List mail leaves at this pace, behind nobody's confirmation: each row's turn is known when it is written.
MAILS_PER_SECOND = 20


@dataclass(slots=True)
class Work:
    """One person while a chunk is placed: what is known, and what is to be written."""

    lead: Lead
    version: int
    rows: list[tuple[int, Outcome, str]] = field(default_factory=list)
    writes: list[Put] = field(default_factory=list)
    keys: list[Put] = field(default_factory=list)
    mail: MessageState | None = None
    changed: bool = False

    def group(self) -> list[Write]:
        return [Put(self.lead, self.version), *self.writes, *self.keys] if self.changed else []


@dataclass(slots=True)
class ChunkResult:
    """What became of the rows: by person, and the rows nobody was made of."""

    people: list[Work] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)

    def add(self, other: "ChunkResult") -> None:
        self.people += other.people
        self.refused |= other.refused

    def writes(self) -> list[list[Write]]:
        return [work.group() for work in self.people]

    def without(self, answers: Sequence[Conflict | None]) -> "ChunkResult":
        kept = [work for work, answer in zip(self.people, answers, strict=True) if answer is None]
        return ChunkResult(kept, self.refused)

    def rows_of(self, answers: Sequence[Conflict | None], rows: Iterable[NumberedRow]) -> list[NumberedRow]:
        """The rows whose person somebody else changed first."""
        failed = {row for work, answer in zip(self.people, answers, strict=True) if answer for row, _, _ in work.rows}
        return [numbered for numbered in rows if numbered[0] in failed] if failed else []

    def give_up(self, rows: Iterable[int]) -> None:
        self.refused |= dict.fromkeys(rows, "others kept changing this person; upload the row again")

    def rows(self) -> list[tuple[int, str, str, str]]:
        done = [(row, outcome.value, w.lead.lead_id, why) for w in self.people for row, outcome, why in w.rows]
        done += [(row, Outcome.REFUSED.value, "", why) for row, why in self.refused.items()]
        return sorted(done)

    def tally(self) -> Counter[str]:
        counts: Counter[str] = Counter(outcome.value for work in self.people for _, outcome, _ in work.rows)
        counts[Outcome.REFUSED] += len(self.refused)
        return counts

    @property
    def mails_queued(self) -> int:
        return sum(work.mail is MessageState.PENDING for work in self.people)

    @property
    def mails_held(self) -> int:
        return sum(work.mail is MessageState.HELD for work in self.people)

    @property
    def unreachable(self) -> int:
        return sum(
            row[1] is Outcome.CREATED for work in self.people if not (work.lead.emails or work.lead.phones)
            for row in work.rows
        )  # fmt: skip


class RowPlacer:
    """Places chunks of one upload. The rules are those of its start, so that all rows are judged alike, and the loads
    count on; who works here and the legal basis are those of each chunk's moment (`renew`)."""

    def __init__(self, deps: Deps, upload: Upload) -> None:
        self._deps = deps
        self._upload = upload
        self._now = deps.clock()
        rules = rulebook(deps.directory)
        self._rules = Rulebook(rules.roster, dict(rules.load), rules.score_rules, rules.assign_rules)
        self._campaign = deps.directory.campaign(upload.campaign_id)
        self._limits = load_limits()
        self._answer_by: dict[tuple[str, float], datetime] = {}
        self._mails = 0

    def renew(self, upload: Upload) -> None:
        """Before each chunk: the upload as stored, and the people who work here now. Mails queue up behind those of
        the chunks before."""
        self._upload = upload
        self._mails = max(self._mails, upload.mails_queued)
        self._deps.directory.forget()
        self._rules = replace(self._rules, roster=roster_of(self._deps.directory))
        self._answer_by.clear()

    def place(self, rows: Sequence[NumberedRow], again: bool = False) -> ChunkResult:
        """Match and decide; nothing is written here. `again` when these rows may have been written before."""
        result = ChunkResult()
        people = [(row, contact, identity(contact)) for row, contact in rows if isinstance(contact, Contact)]
        result.refused = {row: contact.reason for row, contact in rows if isinstance(contact, Refusal)}
        own = [row_id(self._upload.import_id, row) for row, _, _ in people] if again else []
        desk = _Desk(self._deps, [who for _, _, who in people], own)
        for row, contact, who in people:
            self._place_row(desk, row, contact, who)
        result.people = [work for work in desk.works.values() if work.rows]
        if again:
            self._recall_mails(result.people, {row for row, _ in rows})
        return result

    def _recall_mails(self, works: Sequence[Work], rows: set[int]) -> None:
        """The mails these very rows gave rise to before an upload that was cut off: they count as theirs."""
        known = [work for work in works if work.version and not work.mail]
        campaign_id = self._upload.campaign_id
        mails = self._deps.store.get_many([Ref(Message, (w.lead.lead_id, thanks_id(campaign_id))) for w in known])
        touches = self._deps.store.get_many([Ref(Touch, (w.lead.lead_id, list_touch_id(campaign_id))) for w in known])
        for work, mail, touch in zip(known, mails, touches, strict=True):
            ours = touch and touch.value.import_id == self._upload.import_id and touch.value.row in rows
            if mail and ours and mail.value.state is not MessageState.SUPPRESSED:
                held = mail.value.state is MessageState.HELD
                work.mail = MessageState.HELD if held else MessageState.PENDING

    def _place_row(self, desk: "_Desk", row: int, contact: Contact, who: Identity) -> None:
        arrival = self._arrival(row, contact)
        written = desk.works.get(arrival.lead_id)
        if written:
            # This very row made the person before the upload was cut off; all that belongs to it was written with it.
            written.rows.append((row, Outcome.CREATED, "; ".join((*contact.warnings, *who.warnings))))
            return
        placed = place(arrival, who, desk.candidates(who))
        work = desk.work_for(placed)
        placed = self._objection(placed, contact)
        fresh = self._upload.campaign_id not in placed.lead.campaign_ids
        if fresh:
            work.writes.append(Put(placed.touch, if_version=0))
            work.lead = self._judge(placed)
            self._thank(work)
        elif placed.changed:
            lead = placed.lead
            work.lead = replace(lead, score=score(lead.score, lead, placed.touch, self._rules.score_rules))
        work.changed = work.changed or fresh or bool(placed.changed)
        created = work.lead.lead_id == arrival.lead_id
        why = (*placed.match.reasons, *placed.touch.warnings) if placed.known else placed.touch.warnings
        work.rows.append((row, Outcome.CREATED if created else Outcome.MERGED, "; ".join(why)))
        desk.remember(work, who)

    def _arrival(self, row: int, contact: Contact) -> Arrival:
        language = contact.language or ("zh-Hans" if contact.country in ("CN", "China", "中国") else "en")
        return Arrival(
            contact=contact,
            kind=TouchKind.LIST,
            touch_id=list_touch_id(self._upload.campaign_id),
            lead_id=row_id(self._upload.import_id, row),
            now=self._now,
            campaign_id=self._upload.campaign_id,
            import_id=self._upload.import_id,
            row=row,
            language=language,
            details=contact.extra,
        )

    def _objection(self, placed: Placement, contact: Contact) -> Placement:
        """A list that says somebody opted out is believed at once and for good."""
        if contact.extra.get("opt_out") != "yes" or placed.lead.opted_out_at:
            return placed
        lead = replace(placed.lead, opted_out_at=self._now)
        return replace(placed, lead=lead, changed=(*placed.changed, "opted_out_at"))

    def _judge(self, placed: Placement) -> Lead:
        """On the list now: how good, whose, to be contacted by which channel and when, or why not at all."""
        judged = qualify_and_assign(placed, self._rules, self._now)
        lead, owner_id = placed.lead, judged.assignment.owner_id
        hours = limit_hours(TouchKind.LIST, judged.score.points, 0, self._limits)
        if (owner_id, hours) not in self._answer_by:
            rep = self._deps.directory.rep(owner_id)
            self._answer_by[owner_id, hours] = respond_by(self._now, rep, hours)
        channel, reason = next_contact(lead, self._upload.basis)
        return judged.onto(
            lead,
            self._now,
            campaign_ids=(*lead.campaign_ids, self._upload.campaign_id),
            respond_by=self._answer_by[owner_id, hours],
            next_channel=channel,
            next_reason=reason,
        )

    def _thank(self, work: Work) -> None:
        if not work.lead.emails or self._campaign is None:
            return
        turn = self._now + timedelta(seconds=self._mails / MAILS_PER_SECOND)
        message_id = thanks_id(self._campaign.campaign_id)
        country, recorded = work.lead.country, self._upload.basis
        basis, gap = promotional_basis(country, recorded), basis_gap(country, recorded)
        mail = thank_you(work.lead, self._campaign, self._upload.import_id, basis, message_id, turn, gap)
        self._mails += mail.state is MessageState.PENDING
        work.mail = mail.state
        work.writes.append(Put(mail, if_version=0))


class _Desk:
    """The people and keys a chunk is about, as stored and as changed by the rows before."""

    def __init__(self, deps: Deps, identities: Sequence[Identity], own: Sequence[str] = ()) -> None:
        self._digest = deps.digest
        digests = {self._digest(key) for who in identities for key in lookup_keys(who)}
        refs = [Ref(MatchKey, (digest,)) for digest in sorted(digests)]
        found = [stored for stored in deps.store.get_many(refs) if stored]
        self._keys: dict[str, Stored[MatchKey]] = {stored.value.digest: stored for stored in found}
        ids = sorted({*own, *(i for stored in found for i in (stored.value.lead_id, *stored.value.others))})
        leads = [stored for stored in deps.store.get_many([Ref(Lead, (i,)) for i in ids]) if stored]
        self.works: dict[str, Work] = {s.value.lead_id: Work(s.value, s.version) for s in leads}

    def candidates(self, who: Identity) -> list[Lead]:
        # All of them: they are in memory already.
        keys = [self._keys.get(self._digest(key)) for key in lookup_keys(who)]
        named = candidate_ids(keys, "", limit=None)
        return [self.works[lead_id].lead for lead_id in named if lead_id in self.works]

    def work_for(self, placed: Placement) -> Work:
        work = self.works.setdefault(placed.lead.lead_id, Work(placed.lead, 0))
        work.lead = placed.lead
        return work

    def remember(self, work: Work, who: Identity) -> None:
        for put in key_writes(who, work.lead.lead_id, self._keys, self._digest):
            work.keys.append(put)
            work.changed = True
            self._keys[put.record.digest] = Stored(put.record, (put.if_version or 0) + 1)


def next_contact(lead: Lead, basis: str) -> tuple[str, str]:
    """(channel, reason): mail where a legal basis is recorded, else the phone, else why not."""
    allowed = promotional_basis(lead.country, basis)
    if lead.emails and allowed and not lead.opted_out_at:
        return "email", f"legal basis: {allowed}"
    if lead.phones:
        return "phone", "a call by the owner"
    if lead.opted_out_at:
        return "", "no promotion is wanted"
    if not lead.emails:
        return "", "no e-mail and no phone"
    return "", basis_gap(lead.country, basis)


def list_touch_id(campaign_id: str) -> str:
    """One touch for each person and campaign, however often the list comes."""
    return f"list-{campaign_id}"


def thanks_id(campaign_id: str) -> str:
    """The id of a person's thank-you for a campaign's list: there is one, however often the list comes."""
    return f"thanks-{campaign_id}"


def has_remark(outcome: str, reason: str) -> bool:
    """Whether a row was kept with something to look at, beside why it was matched (`identify.resolve`)."""
    kept = outcome in (Outcome.CREATED, Outcome.MERGED)
    return kept and any(part and not _MATCHED.search(part) for part in reason.split("; "))


def row_id(import_id: str, row: int) -> str:
    """The id of the lead a row makes: the upload's id with the row in its last six places. Rising, and always
    the same for the same row, so that an upload cut off half way knows its own people again."""
    tail = "".join(_CROCKFORD[row >> shift & 31] for shift in range(25, -1, -5))
    return import_id[:20] + tail
