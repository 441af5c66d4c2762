"""Which stored person a contact is, by weights in the manner of Fellegi and Sunter (JASA 64, 1969).

Each comparison adds the logarithm (base 2, rounded) of how much likelier its outcome is for one person than for
two who share a key. The sum joins from `THRESHOLD` on, within the rulings of `_may_join`; the same e-mail
always joins.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.identify.emails import mailbox
from chalicelib.identify.folding import company_key
from chalicelib.identify.merge import PHONE_AS_GIVEN
from chalicelib.identify.names import STRANGERS, Likeness, likeness, one_slip
from chalicelib.identify.normalise import identity_of
from chalicelib.records.contact import Contact, Identity
from chalicelib.records.lead import Lead

THRESHOLD = 15.0

# E-mail: an address is one person's; a slip in it tells little unless the phone is the same as well.
SAME_EMAIL = 22.0
SAME_MAILBOX = 14.0
ONE_SLIP = 9.0
SAME_ROLE = 13.0
OTHER_EMAIL = -4.0
# Phone: families and switchboards share one, so it needs a compatible name.
SAME_PHONE = 14.0
OTHER_PHONE = -3.0
# Name: weights by likeness. Strangers under one phone or role address must never reach the threshold.
NAMES: dict[Likeness, float] = {
    Likeness.EQUAL: 6.0,
    Likeness.NICKNAME: 4.0,
    Likeness.PART: 5.0,
    Likeness.TYPO: 2.0,
    Likeness.INITIALS: 2.0,
    Likeness.SINGLE: 2.0,
    Likeness.OTHER_SCRIPT: 1.0,
    Likeness.ONE_MISSING: 1.0,
    Likeness.BOTH_MISSING: 5.0,
    Likeness.OTHER_GIVEN: -18.0,
    Likeness.OTHER: -18.0,
}
SAME_COMPANY = 2.0
OTHER_COMPANY = -1.0
# A record without any contact point, against one of the same name and company (or both without a company).
NOTHING_ELSE = 9.0
BOTH_WITHOUT = 2.0
SAME_TITLE = 2.0
OTHER_COUNTRY = -5.0


@dataclass(frozen=True, slots=True)
class Match:
    """`lead_id` is None for a new person; then `weight` and `reasons` are those of the nearest that was not
    joined. `flags` go onto the lead: "names differ" when one mailbox is used under two names."""

    lead_id: str | None
    weight: float = 0.0
    reasons: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """One candidate weighed. `strong`: an e-mail, or a phone with a name, speaks for it."""

    lead_id: str
    weight: float
    reasons: tuple[str, ...]
    flags: tuple[str, ...]
    joins: bool
    strong: bool


NOBODY = Match(None)


def resolve(contact: Contact, identity: Identity, candidates: Sequence[Lead]) -> Match:
    """Choose among the leads found by key, or say that this is a new person.

    The heaviest that joins wins, ties go to the lowest lead_id; but when several fit equally well and only
    by a bare phone or a name and company, none is taken: a second record can be merged later, a stranger's
    history not be taken out of somebody's."""
    if not candidates:
        return NOBODY
    compared = [_compare(contact, identity, lead) for lead in candidates]
    compared.sort(key=lambda each: (-each.joins, -each.weight, each.lead_id))
    best = compared[0]
    if not best.joins:
        return Match(None, best.weight, best.reasons)
    rivals = [each for each in compared if each.joins and each.lead_id != best.lead_id]
    if rivals and not best.strong and rivals[0].weight == best.weight:
        return Match(None, best.weight, (*best.reasons, f"fits several people equally: {len(rivals) + 1}"))
    better = (f"fits better than another person: {rivals[0].lead_id}",) if rivals else ()
    return Match(best.lead_id, best.weight, best.reasons + better, best.flags)


def _compare(contact: Contact, identity: Identity, lead: Lead) -> Comparison:
    known = identity_of(lead)
    names = likeness(identity.name_tokens, known.name_tokens)
    evidence = [*_contact_points(identity, known), (str(names), NAMES[names])]
    if identity.company_key and known.company_key:
        same = identity.company_key == known.company_key
        evidence.append(("same company", SAME_COMPANY) if same else ("another company", OTHER_COMPANY))
    if names is Likeness.EQUAL and not (identity.emails or identity.phones):
        evidence += _without_contact_points(contact, identity, lead)
    weight = sum(points for _, points in evidence)
    messages = {message for message, _ in evidence}
    same_email = "same e-mail" in messages
    return Comparison(
        lead.lead_id,
        weight,
        tuple([f"{message} {'+' if points > 0 else '−'}{abs(points):g}" for message, points in evidence]),
        ("names differ",) if same_email and names in STRANGERS else (),
        joins=same_email or (weight >= THRESHOLD and _may_join(messages, names)),
        strong=same_email or not (names in _UNNAMED or "nothing else to tell them apart" in messages),
    )


def _may_join(messages: set[str], names: Likeness) -> bool:
    """A role address needs the name beside it; name and company alone do only where there is nothing else."""
    keys = messages & _KEYS
    return bool(keys - {"same role address"} if names in _UNNAMED else keys)


_KEYS = frozenset({"same mailbox", "same phone", "same role address", "nothing else to tell them apart"})
_UNNAMED = frozenset({Likeness.ONE_MISSING, Likeness.OTHER_SCRIPT, Likeness.SINGLE})


def _contact_points(identity: Identity, known: Identity) -> list[tuple[str, float]]:
    evidence: list[tuple[str, float]] = []
    same_phone = not set(identity.phones).isdisjoint(known.phones)
    if identity.emails and known.emails:
        evidence.append(_emails(identity, known, same_phone))
    if same_phone:
        evidence.append(("same phone", SAME_PHONE))
    elif identity.phones and known.phones:
        evidence.append(("another phone", OTHER_PHONE))
    return evidence


def _emails(identity: Identity, known: Identity, same_phone: bool) -> tuple[str, float]:
    if not set(identity.personal_emails).isdisjoint(known.personal_emails):
        return "same e-mail", SAME_EMAIL
    if not {*map(mailbox, identity.personal_emails)}.isdisjoint(map(mailbox, known.personal_emails)):
        return "same mailbox", SAME_MAILBOX
    if not set(identity.emails).isdisjoint(known.emails):
        return "same role address", SAME_ROLE
    if same_phone and any(one_slip(a, b) for a in identity.personal_emails for b in known.personal_emails):
        return "e-mail differs by one letter", ONE_SLIP
    return "another e-mail", OTHER_EMAIL


def _without_contact_points(contact: Contact, identity: Identity, lead: Lead) -> list[tuple[str, float]]:
    """What speaks for a namesake when the record brings no e-mail and no readable phone of its own."""
    bare = not (lead.emails or lead.phones)
    if company_key(lead.company) != identity.company_key or not (identity.company_key or bare):
        return []
    written = lead.extra.get(PHONE_AS_GIVEN, "")
    if written and identity.raw_phones and not any(phone in written for phone in identity.raw_phones):
        return []
    evidence = [("nothing else to tell them apart", NOTHING_ELSE)]
    if bare:
        evidence.append(("both without a contact point", BOTH_WITHOUT))
    if contact.title and contact.title == lead.title:
        evidence.append(("same title", SAME_TITLE))
    if identity.country and lead.country and identity.country != lead.country:
        evidence.append(("another country", OTHER_COUNTRY))
    return evidence
