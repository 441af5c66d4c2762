"""The people a chunk of rows is about: as stored, as changed by the rows before, and what is to be written of each."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any

from chalicelib.flows.follow_merges import current_leads
from chalicelib.flows.place_lead import Placement, candidate_ids, key_writes
from chalicelib.follow_up.policy import ground_of, said_no
from chalicelib.identify.keys import lookup_keys
from chalicelib.identify.merge import UNREACHABLE
from chalicelib.records.contact import MESSENGERS, Contact, Identity, Refusal
from chalicelib.records.doubt import SamePerson
from chalicelib.records.lead import Lead
from chalicelib.records.message import Message, MessageState
from chalicelib.records.ports import Conflict, Deps, Put, Ref, Stored, Write
from chalicelib.records.receipt import MatchKey
from chalicelib.records.upload import Outcome

NO_WAY = "nobody can be reached by this row"
# What an export says of every row that was there before.
KNOWN = "known already"
# Without a semicolon, which is what stands between two reasons of a row.
GIVEN_UP = "others kept changing this person, upload the row again"
GIVEN_UP_BUT_NO = "others kept changing this person, the no to promotion is noted, upload the row again for the rest"
# The kind of a note on why a row was taken for somebody, whose text is the upload's id, the row and the reasons; and
# how many writes of one person a chunk holds at most beside the lead and its keys, since all of them are one
# transaction.
JOINED = "joined"
MOST_NOTES = 20
MOST_DOUBTS = 10

NumberedRow = tuple[int, Contact | Refusal]
# (outcome, lead_id, why) of a row
Ending = tuple[Outcome, str, str]


@dataclass(slots=True)
class Work:
    """One person while a chunk is placed: what is known, and what is to be written. `before` is the person as stored,
    `key_rows` how many rows gave new keys, `note` what an undo will need. `after` are people of the chunk whose
    keys, as they will be, this one's build on."""

    lead: Lead
    version: int
    rows: list[tuple[int, Outcome, str]] = field(default_factory=list)
    writes: list[Put] = field(default_factory=list)
    keys: list[Put] = field(default_factory=list)
    doubts: list[SamePerson] = field(default_factory=list)
    mail: MessageState | None = None
    changed: bool = False
    before: Lead | None = None
    key_rows: int = 0
    note: Put | None = None
    after: set[str] = field(default_factory=set)

    def unthank(self) -> None:
        """Take back the mail that a row before gave rise to; next to it nothing was written yet."""
        self.writes = [put for put in self.writes if not isinstance(put.record, Message)]
        self.mail = None
        channel, reason = next_contact(self.lead, "")
        self.lead = replace(self.lead, next_channel=channel, next_reason=reason)

    @property
    def unreachable(self) -> bool:
        return UNREACHABLE in self.lead.flags

    def said(self, outcome: Outcome, why: str) -> str:
        """The row's remarks, with that nobody can be reached by it where that is so at the end of its chunk."""
        if outcome is not Outcome.CREATED or not self.unreachable:
            return why
        return f"{NO_WAY}; {why}" if why else NO_WAY

    def group(self) -> list[Write]:
        if not self.changed:
            return []
        note = [self.note] if self.note else []
        return [Put(self.lead, self.version), *self.writes, *self.keys, *note]


@dataclass(slots=True)
class ChunkResult:
    """What became of the rows: by person, the rows nobody was made of, and how many were of people who were erased.
    `others` are rows that are about no person; `left` those that did not fit into one transaction."""

    people: list[Work] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)
    suppressed: int = 0
    others: dict[int, Ending] = field(default_factory=dict)
    left: list[Any] = field(default_factory=list)

    def add(self, other: "ChunkResult") -> None:
        self.people += other.people
        self.refused |= other.refused
        self.suppressed += other.suppressed
        self.others |= other.others

    def without(self, answers: Sequence[Conflict | None]) -> "ChunkResult":
        kept = [work for work, answer in zip(self.people, answers, strict=True) if answer is None]
        return ChunkResult(kept, self.refused, self.suppressed, self.others)

    def rows_of(self, answers: Sequence[Conflict | None], rows: Iterable[NumberedRow]) -> list[NumberedRow]:
        """The rows whose person somebody else changed first."""
        failed = {row for work, answer in zip(self.people, answers, strict=True) if answer for row, _, _ in work.rows}
        return [numbered for numbered in rows if numbered[0] in failed] if failed else []

    def give_up(self, rows: Iterable[int], refusing: Set[int] = frozenset()) -> None:
        """`refusing` are rows whose no to promotion is noted all the same."""
        self.refused |= {row: GIVEN_UP_BUT_NO if row in refusing else GIVEN_UP for row in rows}

    def rows(self) -> list[tuple[int, str, str, str]]:
        done = [(row, outcome.value, w.lead.lead_id, w.said(outcome, why)) for w in self.people
                for row, outcome, why in w.rows]  # fmt: skip
        done += [(row, Outcome.REFUSED.value, "", why) for row, why in self.refused.items()]
        done += [(row, outcome.value, lead_id, why) for row, (outcome, lead_id, why) in self.others.items()]
        return sorted(done)

    def tally(self) -> Counter[str]:
        counts: Counter[str] = Counter(outcome.value for work in self.people for _, outcome, _ in work.rows)
        counts[Outcome.REFUSED] += len(self.refused)
        counts.update(outcome.value for outcome, _, _ in self.others.values())
        counts[Outcome.SUPPRESSED] += self.suppressed
        return counts

    @property
    def mails_queued(self) -> int:
        return sum(work.mail is MessageState.PENDING for work in self.people)

    @property
    def mails_held(self) -> int:
        return sum(work.mail is MessageState.HELD for work in self.people)

    @property
    def unreachable(self) -> int:
        return sum(row[1] is Outcome.CREATED for work in self.people if work.unreachable for row in work.rows)


# (rows, whether they may have been written before) -> what would become of them
Place = Callable[[Sequence[Any], bool], ChunkResult]


class Desk:
    """The people and keys a chunk is about, as stored and as changed by the rows before."""

    def __init__(self, deps: Deps, identities: Sequence[Identity], own: Sequence[str] = ()) -> None:
        self._digests: dict[str, str] = {}
        self._writers: dict[str, str] = {}
        self._fresh_digest = deps.digest
        digests = {self._digest(key) for who in identities for key in lookup_keys(who)}
        refs = [Ref(MatchKey, (digest,)) for digest in sorted(digests)]
        found = [stored for stored in deps.store.get_many(refs) if stored]
        self._keys: dict[str, Stored[MatchKey]] = {stored.value.digest: stored for stored in found}
        ids = sorted({*own, *(i for stored in found for i in (stored.value.lead_id, *stored.value.others))})
        # A key may name somebody who is part of another record by now.
        leads = [stored for stored in current_leads(deps, ids) if stored]
        self.works: dict[str, Work] = {s.value.lead_id: Work(s.value, s.version, before=s.value) for s in leads}

    def _digest(self, value: str) -> str:
        """Each key's once: it is asked for when reading, matching and writing."""
        known = self._digests.get(value)
        if known is None:
            known = self._digests[value] = self._fresh_digest(value)
        return known

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
        writes = key_writes(who, work.lead.lead_id, self._keys, self._digest)
        work.key_rows += bool(writes)
        for put in writes:
            before = self._writers.get(put.record.digest)
            if before not in (None, work.lead.lead_id):
                work.after.add(str(before))
            self._writers[put.record.digest] = work.lead.lead_id
            work.keys.append(put)
            work.changed = True
            self._keys[put.record.digest] = Stored(put.record, (put.if_version or 0) + 1)


def commit_people(deps: Deps, people: Sequence[Work]) -> list[Conflict | None]:
    """Each person's writes on their own. Who builds on a key that another of them writes comes after, and not at all
    where that one failed: somebody else has written the key, and the version that was expected may be theirs."""
    answers: dict[str, Conflict | None] = {}
    waiting = list(people)
    while waiting:
        open_ids = {work.lead.lead_id for work in waiting}
        # Two that build on each other go together, as if neither did.
        ready = [work for work in waiting if not work.after & (open_ids - {work.lead.lead_id})] or waiting
        doomed = [work for work in ready if any(answers.get(lead_id) for lead_id in work.after)]
        answers |= {work.lead.lead_id: Conflict() for work in doomed}
        good = [work for work in ready if work.lead.lead_id not in answers]
        told = deps.store.commit_each([work.group() for work in good])
        answers |= dict(zip((work.lead.lead_id for work in good), told, strict=True))
        waiting = [work for work in waiting if work.lead.lead_id not in answers]
    return [answers[work.lead.lead_id] for work in people]


def next_contact(lead: Lead, basis: str) -> tuple[str, str]:
    """(channel, reason): mail where a legal basis is recorded, else phone, messenger or letter, else why not."""
    allowed, gap = ground_of(lead, basis)
    refused = lead.opted_out_at or said_no(lead)
    if lead.emails and allowed and not refused:
        return "email", f"legal basis: {allowed}"
    if lead.phones:
        return "phone", "a call by the owner"
    if by_hand := next((name for name in MESSENGERS if lead.extra.get(name)), ""):
        return by_hand, "a message by the owner"
    if lead.extra.get("address") and not lead.emails and not refused:
        return "post", "a letter by the owner"
    if refused:
        return "", "no promotion is wanted"
    if not lead.emails:
        return "", "no e-mail and no phone"
    return "", gap
