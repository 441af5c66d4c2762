"""A chunk of a list's rows to people and writes: matched against the store and against each other."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.assign.respond import limit_hours, load_limits, respond_by
from chalicelib.flows.explain_rows import RowPreview, explained
from chalicelib.flows.note_before import note_before
from chalicelib.flows.phone_regions import with_regions
from chalicelib.flows.place_lead import (
    Arrival,
    Placement,
    Rulebook,
    place,
    qualify_and_assign,
)
from chalicelib.flows.review_doubts import doubts_of, fresh
from chalicelib.flows.row_desk import (
    JOINED,
    MOST_DOUBTS,
    MOST_NOTES,
    ChunkResult,
    Desk,
    NumberedRow,
    Place,
    Work,
    next_contact,
)
from chalicelib.flows.row_ids import row_id
from chalicelib.flows.rulebook import roster_of, rulebook
from chalicelib.flows.suppression import suppressed
from chalicelib.follow_up.messages import thank_you, thanks_id
from chalicelib.follow_up.policy import ground_of, said_no
from chalicelib.identify.normalise import fits_many, identity
from chalicelib.qualify.rules import score
from chalicelib.records.campaign import Campaign
from chalicelib.records.contact import Contact, Identity, Refusal
from chalicelib.records.lead import Lead, Note
from chalicelib.records.message import Message, MessageState
from chalicelib.records.ports import Deps, Put, Ref
from chalicelib.records.touch import Touch, TouchKind
from chalicelib.records.upload import NO_COUNTRY, Outcome, Upload

# List mail leaves at this pace, behind nobody's confirmation: each row's turn is known when it is written.
MAILS_PER_SECOND = 20


class RowPlacer:
    """Places chunks of one upload. The rules are those of its start, so that all rows are judged alike, and the loads
    count on; who works here and the legal basis are those of each chunk's moment (`renew`).
    `explain` collects what becomes of each row that is not refused, for a preview."""

    def __init__(self, deps: Deps, upload: Upload, explain: list[RowPreview] | None = None) -> None:
        self._deps = deps
        self._explain = explain
        self._upload = upload
        self._now = deps.clock()
        rules = rulebook(deps.directory)
        self._rules = Rulebook(rules.roster, dict(rules.load), rules.score_rules, rules.assign_rules)
        # From the store: it may be as new as the upload, and for one that is not known nobody would be thanked.
        stored = deps.store.get(Campaign, upload.campaign_id or "-")
        self._campaign = stored.value if stored else None
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

    def steps(self, rows: Sequence[NumberedRow], _result: ChunkResult) -> Iterator[tuple[Place, Sequence[NumberedRow]]]:
        """What the rows of a chunk are placed by, in order: of a list all at once."""
        yield self.place, rows

    def place(self, rows: Sequence[NumberedRow], again: bool = False) -> ChunkResult:
        """Match and decide; nothing is written here. `again` when these rows may have been written before."""
        result = ChunkResult()
        home = self._upload.phone_country.removeprefix(NO_COUNTRY)
        read = [(row, with_regions(contact, home)) for row, contact in rows if isinstance(contact, Contact)]
        named = [(row, contact, identity(contact)) for row, contact in read]
        erased = suppressed(self._deps, [who for _, _, who in named])
        people = [person for person, gone in zip(named, erased, strict=True) if not gone]
        result.suppressed = len(named) - len(people)
        result.refused = {row: contact.reason for row, contact in rows if isinstance(contact, Refusal)}
        own = [row_id(self._upload.import_id, row) for row, _, _ in people] if again else []
        desk = Desk(self._deps, [who for _, _, who in people], own)
        for row, contact, who in sorted(people, key=lambda person: fits_many(person[2])):
            self._place_row(desk, row, contact, who)
        result.people = [work for work in desk.works.values() if work.rows]
        self._note_doubts(result.people)
        if self._explain is None:
            note_before(self._deps, self._upload.import_id, result.people)
        if again:
            self._recall_mails(result.people, {row for row, _ in rows})
        return result

    def _note_doubts(self, works: Sequence[Work]) -> None:
        """Who may be somebody else known: written with the person, in one read for the whole chunk."""
        of_pair = {doubt.pair_id: work for work in works for doubt in work.doubts[:MOST_DOUBTS]}
        doubts = {doubt.pair_id: doubt for work in works for doubt in work.doubts[:MOST_DOUBTS]}
        for put in fresh(self._deps, list(doubts.values())):
            work = of_pair[put.record.pair_id]
            work.writes.append(put)
            work.changed = True

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

    def _place_row(self, desk: Desk, row: int, contact: Contact, who: Identity) -> None:
        arrival = self._arrival(row, contact)
        written = desk.works.get(arrival.lead_id)
        if written:
            # This very row made the person before the upload was cut off; all that belongs to it was written with it.
            written.rows.append((row, Outcome.CREATED, "; ".join((*contact.warnings, *who.warnings))))
            return
        placed = place(arrival, who, desk.candidates(who))
        if self._explain is not None:
            known = desk.works.get(placed.lead.lead_id)
            self._explain.append(explained(row, placed, known.lead if known else None, self._upload.import_id))
        work = desk.work_for(placed)
        placed = _refusal_of_mail(self._objection(placed, contact), contact)
        fresh = self._upload.campaign_id not in placed.lead.campaign_ids
        if fresh:
            work.writes.append(Put(placed.touch, if_version=0))
            basis = contact.extra.get("basis") or self._upload.basis
            work.lead = self._judge(placed, basis)
            self._thank(work, basis)
        elif placed.changed:
            lead = placed.lead
            work.lead = replace(lead, score=score(lead.score, lead, placed.touch, self._rules.score_rules))
            if said_no(lead):
                work.unthank()
            if len(work.writes) < MOST_NOTES:
                work.writes.append(Put(self._joined(placed, row), if_version=0))
        work.changed = work.changed or fresh or bool(placed.changed)
        created = work.lead.lead_id == arrival.lead_id
        why = (*placed.match.reasons, *placed.touch.warnings) if placed.known else placed.touch.warnings
        work.rows.append((row, Outcome.CREATED if created else Outcome.MERGED, "; ".join(why)))
        work.doubts += doubts_of(work.lead.lead_id, placed.match.doubts, self._now)
        desk.remember(work, who)

    def _joined(self, placed: Placement, row: int) -> Note:
        """Why the row was taken for this person, where it changed something and is no touch of its own."""
        import_id = self._upload.import_id
        text = f"{import_id} {row} {'; '.join(placed.match.reasons)}"
        return Note(f"{JOINED}-{import_id}-{row}", placed.lead.lead_id, "", JOINED, text, self._now)

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
            occurred_at=min(contact.came_at, self._now) if contact.came_at else None,
        )

    def _objection(self, placed: Placement, contact: Contact) -> Placement:
        """A list that says somebody opted out is believed at once and for good."""
        if contact.extra.get("opt_out") != "yes" or placed.lead.opted_out_at:
            return placed
        lead = replace(placed.lead, opted_out_at=self._now)
        return replace(placed, lead=lead, changed=(*placed.changed, "opted_out_at"))

    def _judge(self, placed: Placement, basis: str) -> Lead:
        """On the list now: how good, whose, to be contacted by which channel and when, or why not at all."""
        judged = qualify_and_assign(placed, self._rules, self._now)
        lead, owner_id = placed.lead, judged.assignment.owner_id
        hours = limit_hours(TouchKind.LIST, judged.score.points, 0, self._limits)
        if (owner_id, hours) not in self._answer_by:
            rep = self._deps.directory.rep(owner_id)
            self._answer_by[owner_id, hours] = respond_by(self._now, rep, hours)
        channel, reason = next_contact(lead, basis)
        return judged.onto(
            lead,
            self._now,
            campaign_ids=(*lead.campaign_ids, self._upload.campaign_id),
            respond_by=self._answer_by[owner_id, hours],
            next_channel=channel,
            next_reason=reason,
        )

    def _thank(self, work: Work, recorded: str) -> None:
        """`recorded` is the basis the row itself names, else the list's."""
        if not work.lead.emails or self._campaign is None or said_no(work.lead):
            return
        turn = self._now + timedelta(seconds=self._mails / MAILS_PER_SECOND)
        message_id = thanks_id(self._campaign.campaign_id)
        basis, gap = ground_of(work.lead, recorded)
        mail = thank_you(work.lead, self._campaign, self._upload.import_id, basis, message_id, turn, gap)
        self._mails += mail.state is MessageState.PENDING
        work.mail = mail.state
        work.writes.append(Put(mail, if_version=0))


def _refusal_of_mail(placed: Placement, contact: Contact) -> Placement:
    """Who said no to mail once is not made to have said yes by another row: the stricter answer stays."""
    extra = placed.lead.extra
    if contact.extra.get("consent") != "no" or said_no(placed.lead):
        return placed
    return replace(
        placed, lead=replace(placed.lead, extra={**extra, "consent": "no"}), changed=(*placed.changed, "extra")
    )


def list_touch_id(campaign_id: str) -> str:
    """One touch for each person and campaign, however often the list comes."""
    return f"list-{campaign_id}"
