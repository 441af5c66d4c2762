"""Which stored person a contact is: the heaviest of those it joins, or nobody, with whoever should be looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.records.contact import Contact, Identity
from chalicelib.records.lead import Lead

if TYPE_CHECKING:
    from chalicelib.identify.compare import Comparison, Doubt

MOST_DOUBTS = 3


@dataclass(frozen=True, slots=True)
class Match:
    """`lead_id` is None for a new person; then `weight` and `reasons` are those of the nearest that was not
    joined. `flags` go onto the lead: "names differ" when one mailbox is used under two names. `doubts` are others
    who may be the same person, heaviest first."""

    lead_id: str | None
    weight: float = 0.0
    reasons: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    doubts: "tuple[Doubt, ...]" = ()


NOBODY = Match(None)


def resolve(contact: Contact, identity: Identity, candidates: Sequence[Lead]) -> Match:
    """Choose among the leads found by key, or say that this is a new person.

    The heaviest that joins wins, ties go to the lowest lead_id; but when several fit equally well and only
    by a bare phone or a name and company, none is taken: a second record can be merged later, a stranger's
    history not be taken out of somebody's."""
    if not candidates:
        return NOBODY
    # Somebody nobody knows yet, as most are, is compared with nobody.
    from chalicelib.identify.compare import compare

    compared = [compare(contact, identity, lead) for lead in candidates]
    compared.sort(key=lambda each: (-each.joins, -each.weight, each.lead_id))
    best = compared[0]
    doubts = [each.doubt for each in compared if each.joins or each.doubtful][:MOST_DOUBTS]
    if not best.joins:
        return Match(None, best.weight, best.reasons, doubts=tuple(doubts))
    rivals = [each for each in compared if each.joins and each.lead_id != best.lead_id]
    if not best.strong and ((rivals and rivals[0].weight == best.weight) or _has_twin(best, compared)):
        count = len(rivals) + 1 if rivals else 2
        reason = f"fits several people equally: {count}"
        return Match(None, best.weight, (*best.reasons, reason), doubts=tuple(doubts))
    better = (f"fits better than another person: {rivals[0].lead_id}",) if rivals else ()
    others = tuple([doubt for doubt in doubts if doubt.lead_id != best.lead_id])
    return Match(best.lead_id, best.weight, best.reasons + better, best.flags, others)


def _has_twin(best: "Comparison", compared: "Sequence[Comparison]") -> bool:
    """Whether a match by name and company alone could as well mean another of that name there."""
    return not best.has_key and any(each.namesake for each in compared)
