"""Two records of one person made one, and one made two again: values in, values out.

The surviving record keeps its owner and what is known of the person by name; an empty field is filled from the other,
whatever else the other says is kept beside. Where the two disagree about a permission the stricter one holds."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from chalicelib.identify.folding import company_key
from chalicelib.identify.merge import MOST_EXTRA, UNREACHABLE, is_reachable
from chalicelib.records.lead import OPEN_STATUSES, Assignment, Lead, LeadStatus, Snooze

# What may be taken from the one that goes, each with the fields of the record it is made of.
CHOICES: dict[str, tuple[str, ...]] = {
    "name": ("full_name", "given_name", "family_name"),
    "company": ("company",),
    "title": ("title",),
    "country": ("country",),
    "language": ("language",),
}
# Under which name the other value is kept beside.
_BESIDE = {"name": "other name", "company": "other company", "title": "other job title"}
_RANK = (LeadStatus.REJECTED, LeadStatus.NEW, LeadStatus.ACCEPTED, LeadStatus.QUALIFIED, LeadStatus.CUSTOMER)

SAME = "both say the same"
SURVIVES = "of the record that stays"
ONLY = "the other record says nothing"
CHOSEN = "chosen by hand"
BOTH = "both are kept"
STRICTER = "the stricter of the two"
FURTHER = "the one that is further along"
HIGHER = "the higher one"
WORKS_HERE = "the owner of the record that stays is not there any more"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of one field: the value that holds, what the other record said (kept beside it), and why."""

    field: str
    value: str
    other: str
    why: str


@dataclass(frozen=True, slots=True)
class United:
    lead: Lead
    outcomes: tuple[Outcome, ...]


def unite(stays: Lead, goes: Lead, chosen: Collection[str], at: datetime, active: Collection[str]) -> United:
    """`stays` with all that `goes` adds. `chosen` names the fields of CHOICES whose value is that of the one that goes
    where both have one; `active` are the rep_ids of who can own a lead."""
    outcomes, changed, beside = _picked(stays, goes, chosen)
    assignment, why = _owner(stays, goes, active)
    outcomes.append(Outcome("owner", assignment.owner_id if assignment else "", goes.owner_id, why))
    status, followed = _status(stays, goes)
    outcomes.append(Outcome("status", status.status.value, followed.status.value, FURTHER))
    score = max(stays.score, goes.score, key=lambda s: s.points)
    outcomes.append(Outcome("score", str(score.points), str(min(stays.score.points, goes.score.points)), HIGHER))
    objected = min((at for at in (stays.opted_out_at, goes.opted_out_at) if at), default=None)
    extra = _extra(stays.extra, goes.extra, beside)
    refused = objected is not None or extra.get("consent") == "no"
    outcomes.append(Outcome("promotion", "no" if refused else "yes", "", STRICTER))
    contact = _contact(stays, goes)
    united = replace(
        stays,
        **changed,
        assignment=assignment,
        status=status.status,
        status_reason=status.status_reason,
        score=score,
        created_at=min((at for at in (stays.created_at, goes.created_at) if at), default=None),
        updated_at=max(each for each in (at, stays.updated_at, goes.updated_at) if each),
        extra=extra,
        agreed_by=stays.agreed_by or goes.agreed_by,
        touch_count=stays.touch_count + goes.touch_count,
        campaign_ids=_both(stays.campaign_ids, goes.campaign_ids),
        respond_by=contact.respond_by,
        next_channel=contact.next_channel,
        next_reason=contact.next_reason,
        opted_out_at=objected,
        snooze=_snooze(stays, goes),
        merged_ids=_both(stays.merged_ids, (goes.lead_id, *goes.merged_ids)),
    )
    reachable = is_reachable(united.emails, united.phones, united.extra)
    flags = tuple([flag for flag in _both(stays.flags, goes.flags) if flag != UNREACHABLE or not reachable])
    key = stays.company_key if united.company == stays.company else company_key(united.company)
    return United(replace(united, flags=flags, company_key=key), tuple(outcomes))


def _picked(stays: Lead, goes: Lead, chosen: Collection[str]) -> tuple[list[Outcome], dict[str, Any], dict[str, str]]:
    """What is said of the fields of which one value holds, or all do; the fields to change; and what is kept beside."""
    outcomes: list[Outcome] = []
    changed: dict[str, Any] = {}
    beside: dict[str, str] = {}
    for name, parts in CHOICES.items():
        outcome = _chosen(name, _shown(stays, parts), _shown(goes, parts), name in chosen)
        outcomes.append(outcome)
        if outcome.why in (CHOSEN, ONLY) and outcome.value == _shown(goes, parts):
            changed |= {part: getattr(goes, part) for part in parts}
        if name in _BESIDE and outcome.other and outcome.why != SAME:
            beside[_BESIDE[name]] = outcome.other
    for name in ("emails", "phones", "products"):
        changed[name] = _both(getattr(stays, name), getattr(goes, name))
        outcomes.append(Outcome(name, ", ".join(changed[name]), "", BOTH))
    return outcomes, changed, beside


def _shown(lead: Lead, parts: tuple[str, ...]) -> str:
    return next((getattr(lead, part) for part in parts if getattr(lead, part)), "")


def _chosen(name: str, ours: str, theirs: str, wanted: bool) -> Outcome:
    if ours == theirs:
        return Outcome(name, ours, theirs, SAME)
    if not ours or not theirs:
        return Outcome(name, ours or theirs, "", ONLY)
    return Outcome(name, theirs, ours, CHOSEN) if wanted else Outcome(name, ours, theirs, SURVIVES)


def _both(ours: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*ours, *theirs)))


def _owner(stays: Lead, goes: Lead, active: Collection[str]) -> tuple[Assignment | None, str]:
    """The owner stays; only where that one has gone, or there is none, the other's takes over."""
    if stays.owner_id not in active and goes.owner_id in active:
        return goes.assignment, WORKS_HERE
    return stays.assignment, SURVIVES


def _status(stays: Lead, goes: Lead) -> tuple[Lead, Lead]:
    """(whose status holds, the other): who is further; who was turned down in one place and is open in another is
    open."""
    if _RANK.index(goes.status) > _RANK.index(stays.status):
        return goes, stays
    return stays, goes


def _contact(stays: Lead, goes: Lead) -> Lead:
    """Whose next contact holds: the one that is due first."""
    if stays.respond_by is None or (goes.respond_by is not None and goes.respond_by < stays.respond_by):
        return goes if goes.respond_by is not None else stays
    return stays


def _snooze(stays: Lead, goes: Lead) -> Snooze | None:
    """Set aside only as far as both are: what is open of the other has to be seen."""
    if goes.status in OPEN_STATUSES and goes.snooze is None:
        return None
    return stays.snooze


def _extra(ours: Mapping[str, str], theirs: Mapping[str, str], beside: Mapping[str, str]) -> dict[str, str]:
    """Nothing of ours is overwritten; what they say otherwise stands beside it as "other …"."""
    merged = dict(ours)
    room = MOST_EXTRA - sum(len(name) + len(value) for name, value in ours.items())
    added = {name if name not in ours else f"other {name}": value
             for name, value in theirs.items() if ours.get(name) != value and name != "consent"}  # fmt: skip
    for name, value in {**added, **beside}.items():
        named = _free(merged, name, value)
        if named and len(named) + len(value) <= room:
            merged[named] = value
            room -= len(named) + len(value)
    if "consent" in theirs and merged.get("consent") != "no":
        merged["consent"] = theirs["consent"] if theirs["consent"] == "no" else merged.get("consent", theirs["consent"])
    return merged


def _free(known: Mapping[str, str], name: str, value: str) -> str:
    """The name under which the value can be added, "" where it is there."""
    number, free = 1, name
    while free in known:
        if known[free] == value:
            return ""
        number += 1
        free = f"{name} {number}"
    return free


# Follow from others, or are counted.
_QUIET = frozenset({"updated_at", "touch_count", "score", "respond_by", "next_channel", "next_reason", "company_key"})


def part(before: Lead, merged: Lead, now: Lead) -> tuple[Lead, tuple[str, ...]]:
    """The surviving record without what the merge brought, and which of its fields were changed since and stay so.

    `before` the merge, as the merge left it, and as it is now. Field by field: what nobody changed since is as before;
    of tuples and extras exactly what the merge added goes."""
    parted: dict[str, Any] = {}
    stays: list[str] = []
    for name in (field.name for field in fields(Lead)):
        was, made, is_now = (getattr(lead, name) for lead in (before, merged, now))
        if is_now == made:
            parted[name] = was
            continue
        parted[name] = _without(was, made, is_now)
        if name not in _QUIET:
            stays.append(name)
    parted["touch_count"] = now.touch_count - (merged.touch_count - before.touch_count)
    return Lead(**parted), tuple(stays)


def _without(was: Any, made: Any, is_now: Any) -> Any:
    if isinstance(is_now, tuple):
        return tuple([value for value in is_now if value in was or value not in made])
    if isinstance(is_now, dict):
        changed = {name: value for name, value in is_now.items() if made.get(name) != value}
        return {name: was[name] for name in was if name in is_now and name not in changed} | changed
    return is_now


def as_before(gone: Lead, merged: Lead, now: Lead) -> Lead:
    """The record that went, back again. An objection made since was the person's, whichever of the two that is: it
    holds for both."""
    objected = now.opted_out_at if now.opted_out_at != merged.opted_out_at else None
    back = replace(gone, opted_out_at=gone.opted_out_at or objected)
    if now.extra.get("consent") == "no" and merged.extra.get("consent") != "no":
        back = replace(back, extra={**back.extra, "consent": "no"})
    return back
