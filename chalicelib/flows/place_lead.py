"""The middle of every intake: who is this, how good, whose? One contact in, the records to write out."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from chalicelib.assign.choose import AssignRules, Roster, keep_or_choose
from chalicelib.identify.folding import loose
from chalicelib.identify.keys import lookup_keys, match_keys
from chalicelib.identify.merge import changes, enrich, new_lead, without_room
from chalicelib.identify.resolve import Match, resolve
from chalicelib.qualify.rules import ScoreRules, score
from chalicelib.records.contact import Contact, Identity
from chalicelib.records.lead import Assignment, Lead, Score
from chalicelib.records.ports import Digest, Put, Ref, Stored
from chalicelib.records.receipt import OTHERS_LIMIT, MatchKey
from chalicelib.records.touch import OFFLINE, Source, Touch, TouchKind

# A record costs at most two reads of people it may be (SPEC, identity).
CANDIDATES = 2


@dataclass(frozen=True, slots=True)
class Arrival:
    """One captured contact with the circumstances of the touch. Ids are given, so that a retry is the same.

    `occurred_at` where it was before `now`."""

    contact: Contact
    kind: TouchKind
    touch_id: str
    lead_id: str
    now: datetime
    campaign_id: str = ""
    form_id: str = ""
    import_id: str = ""
    row: int = 0
    language: str = "en"
    source: Source = field(default_factory=Source)
    details: dict[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    occurred_at: datetime | None = None
    visits_of: str = ""


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The versioned rules and the people one decision is made with."""

    roster: Roster
    load: dict[str, int]
    score_rules: ScoreRules
    assign_rules: AssignRules


@dataclass(frozen=True, slots=True)
class Placement:
    """What was decided. `changed` names the lead's fields that are not what they were; empty means known as is."""

    lead: Lead
    touch: Touch
    known: bool
    match: Match
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """Whom the store knows by the arrival's keys: digest -> stored key, and the candidates in order of trust."""

    keys: dict[str, Stored[MatchKey]]
    candidates: tuple[Stored[Lead], ...] = ()

    def stored(self, lead_id: str) -> Stored[Lead] | None:
        return next((c for c in self.candidates if c.value.lead_id == lead_id), None)


def key_refs(who: Identity, digest: Digest) -> list[Ref[MatchKey]]:
    """The keys to read: one batch."""
    return [Ref(MatchKey, (digest(key),)) for key in lookup_keys(who)]


def name_digest(who: Identity, digest: Digest) -> str:
    """A short keyed hash of the folded name: enough to tell people apart who share a key."""
    return digest("name:" + loose(" ".join(who.name_tokens)))[:12]


def candidate_ids(
    found: Sequence[Stored[MatchKey] | None], name: str, limit: int | None = CANDIDATES, by_name: int = 0
) -> list[str]:
    """People named by the keys, the likeliest first: those of the same name (`name_digest`) and those a key names
    alone, then those most often named, then in the keys' order of strength. The last `by_name` keys are name and
    company: whom they name comes after all others."""
    strong = _ranked(found[: len(found) - by_name], name)
    weak = _ranked(found[len(found) - by_name :], name)
    return [*strong, *(lead_id for lead_id in weak if lead_id not in strong)][:limit]


def _ranked(found: Sequence[Stored[MatchKey] | None], name: str) -> list[str]:
    named: dict[str, int] = {}
    alone: set[str] = set()
    alike: set[str] = set()
    for stored in found:
        if stored is None:
            continue
        key = stored.value
        ids = (key.lead_id, *key.others)
        if not key.others:
            alone.add(key.lead_id)
        if name in key.names:
            alike.update(lead_id for lead_id, noted in zip(ids, key.names, strict=False) if noted == name)
        for lead_id in ids:
            named[lead_id] = named.get(lead_id, 0) + 1
    if len(named) < 2:
        return list(named)
    return sorted(named, key=lambda i: (-(i in alone) - (i in alike), -named[i]))


def place(arrival: Arrival, who: Identity, candidates: Sequence[Lead]) -> Placement:
    """Match or make the lead, and record the touch."""
    match = resolve(arrival.contact, who, candidates)
    before = next((lead for lead in candidates if lead.lead_id == match.lead_id), None)
    if before is None:
        lead = new_lead(arrival.contact, who, arrival.lead_id, arrival.now, arrival.language)
    else:
        lead = enrich(before, arrival.contact, who, arrival.now, match.flags)
    if arrival.flags:
        lead = replace(lead, flags=tuple(dict.fromkeys((*lead.flags, *arrival.flags))))
    touch = _touch(arrival, lead, who, match.reasons if before else ())
    changed = () if before is None else changes(before, lead)
    return Placement(lead, touch, before is not None, match, changed)


@dataclass(frozen=True, slots=True)
class Judgement:
    """How good the lead is and whose, after one more touch."""

    touch_count: int
    score: Score
    assignment: Assignment

    def onto(self, lead: Lead, now: datetime, **more: Any) -> Lead:
        """The lead with the judgement and whatever else changes: one copy, as there are thousands in a list."""
        return replace(
            lead, updated_at=now, touch_count=self.touch_count, score=self.score, assignment=self.assignment, **more
        )


def qualify_and_assign(placed: Placement, rules: Rulebook, now: datetime) -> Judgement:
    """A new touch counts: score anew and see to the owner. Raises `load` of the owner of a new lead by one."""
    lead, count = placed.lead, placed.lead.touch_count + 1
    seen = lead if count == 1 else replace(lead, touch_count=count)
    points = score(lead.score, seen, placed.touch, rules.score_rules)
    assignment = keep_or_choose(seen, rules.roster, rules.load, rules.assign_rules, now)
    if assignment is not lead.assignment:
        rules.load[assignment.owner_id] = rules.load.get(assignment.owner_id, 0) + 1
    return Judgement(count, points, assignment)


def key_writes(who: Identity, lead_id: str, keys: dict[str, Stored[MatchKey]], digest: Digest) -> list[Put]:
    """The keys this person is to be found by from now on; a key that names others gets this person added."""
    writes = []
    name = name_digest(who, digest)
    for key in match_keys(who):
        hashed = digest(key)
        stored = keys.get(hashed)
        if stored is None:
            writes.append(Put(MatchKey(hashed, lead_id, names=(name,)), if_version=0))
        elif lead_id not in (stored.value.lead_id, *stored.value.others) and len(stored.value.others) < OTHERS_LIMIT:
            writes.append(Put(_with(stored.value, lead_id, name), if_version=stored.version))
    return writes


def _with(key: MatchKey, lead_id: str, name: str) -> MatchKey:
    # Keys of an older release came without names.
    names = key.names + ("",) * (1 + len(key.others) - len(key.names))
    return replace(key, others=(*key.others, lead_id), names=(*names, name))


def _touch(arrival: Arrival, lead: Lead, who: Identity, known_by: tuple[str, ...]) -> Touch:
    left = without_room(lead, arrival.contact)
    return Touch(
        touch_id=arrival.touch_id,
        lead_id=lead.lead_id,
        kind=arrival.kind,
        occurred_at=arrival.occurred_at or arrival.now,
        campaign_id=arrival.campaign_id,
        source=OFFLINE.get(arrival.kind, arrival.source),
        form_id=arrival.form_id,
        import_id=arrival.import_id,
        row=arrival.row,
        message=arrival.contact.message,
        details={**left, **arrival.details} if left else arrival.details,
        warnings=(*arrival.contact.warnings, *who.warnings),
        known_by=known_by,
        visits_of=arrival.visits_of,
    )
