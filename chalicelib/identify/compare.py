"""How much a contact and a stored person speak for being one, by weights in the manner of Fellegi and Sunter (JASA 64,
1969).

Each comparison adds the logarithm (base 2, rounded) of how much likelier its outcome is for one person than for
two who share a key. The sum joins from `THRESHOLD` on, within the rulings of `_may_join`; the same e-mail
always joins.
"""

from dataclasses import dataclass

from chalicelib.identify.emails import mailbox
from chalicelib.identify.folding import name_tokens
from chalicelib.identify.merge import PHONE_AS_GIVEN
from chalicelib.identify.names import STRANGERS, Likeness, likeness, one_slip
from chalicelib.identify.normalise import identity_of
from chalicelib.identify.word_lists import words_of
from chalicelib.records.contact import Contact, Identity
from chalicelib.records.lead import Lead

THRESHOLD = 15.0

# E-mail: an address is one person's; a slip in it tells little unless the phone is the same as well.
SAME_EMAIL = 22.0
SAME_MAILBOX = 14.0
ONE_SLIP = 9.0
SAME_LOCAL_PART = 1.0
SAME_ROLE = 13.0
OTHER_EMAIL = -4.0
# Phone: families and switchboards share one, so it needs a compatible name.
SAME_PHONE = 14.0
OTHER_PHONE = -3.0
# Name: weights by likeness. Strangers under one phone or role address must never reach the threshold.
NAMES: dict[Likeness, float] = {
    Likeness.EQUAL: 6.0,
    Likeness.NICKNAME: 4.0,
    Likeness.PINYIN: 4.0,
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
# Two people to whom a shared key points are shown to a human from here on.
DOUBTFUL = 10.0
_TELLING = 4  # letters before the @ from which the same ones at two domains are no chance
# Other systems number their records alike (17 is in each): it needs the name beside it.
SAME_EXTERNAL_ID = 10.0
_EXTERNAL_ID = "external_id"
SAME_COMPANY = 2.0
OTHER_COMPANY = -1.0
# A record without any contact point, against one of the same name and company (or both without a company).
NOTHING_ELSE = 9.0
BOTH_WITHOUT = 2.0
SAME_TITLE = 2.0
OTHER_COUNTRY = -5.0


@dataclass(frozen=True, slots=True)
class Doubt:
    """Somebody known who may be the same person: for a human to decide."""

    lead_id: str
    weight: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One candidate weighed. `strong`: an e-mail, or a phone with the whole name, speaks for it. `doubtful`: a human
    should look at it, as it does not join. `namesake`: one of the same name at the same company who does not join.
    `has_key`: a contact point in common speaks for it."""

    lead_id: str
    weight: float
    reasons: tuple[str, ...]
    flags: tuple[str, ...]
    joins: bool
    strong: bool
    doubtful: bool
    namesake: bool
    has_key: bool

    @property
    def doubt(self) -> Doubt:
        return Doubt(self.lead_id, self.weight, self.reasons)


def compare(contact: Contact, identity: Identity, lead: Lead) -> Comparison:
    """What speaks for and against, in words with its points, and what follows from it."""
    known = identity_of(lead)
    names = likeness(identity.name_tokens, known.name_tokens)
    evidence = [*_contact_points(identity, known), (_named(names, contact, lead), NAMES[names])]
    evidence += _companies(identity, known)
    if contact.extra and contact.extra.get(_EXTERNAL_ID, "") == lead.extra.get(_EXTERNAL_ID):
        evidence.append(("same external id", SAME_EXTERNAL_ID))
    if names is Likeness.EQUAL and (_is_bare(identity) or _is_bare(known)):
        evidence += _without_contact_points(contact, identity, lead, known)
    weight = sum(points for _, points in evidence)
    messages = {message for message, _ in evidence}
    same_email = "same e-mail" in messages
    joins = same_email or (weight >= THRESHOLD and _may_join(messages, names))
    return Comparison(
        lead.lead_id,
        weight,
        tuple([f"{message} {'+' if points > 0 else '−'}{abs(points):g}" for message, points in evidence]),
        ("names differ",) if same_email and names in STRANGERS else (),
        joins=joins,
        strong=same_email or (names in _WHOLE and "nothing else to tell them apart" not in messages),
        doubtful=not joins and _for_a_human(messages, names, weight),
        namesake=not joins and names is Likeness.EQUAL and not messages.isdisjoint(_ONE_COMPANY),
        has_key=not messages.isdisjoint(_CONTACT_KEYS),
    )


def _named(names: Likeness, contact: Contact, lead: Lead) -> str:
    """The reason in words. Folded names have no order: which part of two differs is seen where it is written."""
    if names is not Likeness.OTHER_GIVEN:
        return str(names)
    ours, theirs = (_given(one.given_name, one.full_name) for one in (contact, lead))
    return "another family name" if ours and ours == theirs else str(names)


def _given(given: str, full: str) -> tuple[str, ...]:
    """What is called the given name, else the first word of several in Latin letters."""
    first, _, rest = full.strip().partition(" ")
    return name_tokens(given or (first if rest and full.isascii() else ""))


def _may_join(messages: set[str], names: Likeness) -> bool:
    """A role address needs the name beside it; name and company alone do only where there is nothing else. A name in
    another script tells nothing, and two addresses at one company are two people's unless it is a slip."""
    keys = messages & _KEYS
    colleagues = "another e-mail" in messages and not messages.isdisjoint(_ONE_COMPANY)
    if names is Likeness.OTHER_SCRIPT or colleagues:
        keys -= {"same phone", "same role address"}
    return bool(keys - {"same role address"} if names in _UNNAMED else keys)


def _for_a_human(messages: set[str], names: Likeness, weight: float) -> bool:
    """Whether somebody should look: a family name or half a name under one phone or mailbox, or a match that a ruling
    keeps apart. Strangers who share a switchboard or a role address are none of it, nor are namesakes of two companies
    one of whose numbers went to the other."""
    keys = messages & _KEYS
    if names is Likeness.OTHER_GIVEN:
        return bool(keys & {"same phone", "same mailbox"}) and "another company" not in messages
    return weight >= DOUBTFUL and bool(keys) and names is not Likeness.OTHER


_CONTACT_KEYS = frozenset({"same e-mail", "same mailbox", "same phone", "same role address", "same external id"})
_KEYS = (_CONTACT_KEYS - {"same e-mail"}) | {"nothing else to tell them apart"}
_ONE_COMPANY = frozenset({"same company", "e-mails of one company"})
_WHOLE = frozenset({Likeness.EQUAL, Likeness.PINYIN})
_UNNAMED = frozenset({Likeness.ONE_MISSING, Likeness.OTHER_SCRIPT, Likeness.SINGLE})


def _is_bare(identity: Identity) -> bool:
    return not (identity.emails or identity.phones)


def _companies(identity: Identity, known: Identity) -> list[tuple[str, float]]:
    if identity.company_key and known.company_key:
        same = identity.company_key == known.company_key
        return [("same company", SAME_COMPANY) if same else ("another company", OTHER_COMPANY)]
    return [("e-mails of one company", SAME_COMPANY)] if _one_house(identity, known) else []


def _one_house(identity: Identity, known: Identity) -> bool:
    """Whether each has an own address at one company's domain; a free mailbox is nobody's house."""
    if not set(identity.personal_emails).isdisjoint(known.personal_emails):
        return False
    domains = {email.rpartition("@")[2] for email in identity.personal_emails}
    both = domains & {email.rpartition("@")[2] for email in known.personal_emails}
    return not both <= words_of("free_mail", "domains")


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
    if same_phone and any(_mistyped(a, b) for a in identity.personal_emails for b in known.personal_emails):
        return "e-mail differs by one letter", ONE_SLIP
    if same_phone and _local_parts(identity) & _local_parts(known):
        return "e-mails alike before the domain", SAME_LOCAL_PART
    return "another e-mail", OTHER_EMAIL


def _local_parts(identity: Identity) -> set[str]:
    return {local for email in identity.personal_emails if len(local := email.partition("@")[0]) >= _TELLING}


def _mistyped(a: str, b: str) -> bool:
    """One slip of the finger. Another digit is meant (miller1, miller2), unless it stands twice or two are swapped."""
    if not one_slip(a, b):
        return False
    short, long = sorted((a, b), key=len)
    if len(short) == len(long):
        changed = [(x, y) for x, y in zip(short, long, strict=True) if x != y]
        return len(changed) == 2 or not (changed[0][0].isdigit() or changed[0][1].isdigit())
    at = next((at for at, pair in enumerate(zip(short, long, strict=False)) if pair[0] != pair[1]), len(short))
    return not long[at].isdigit() or long[at] == long[at - 1]


def _without_contact_points(
    contact: Contact, identity: Identity, lead: Lead, known: Identity
) -> list[tuple[str, float]]:
    """What speaks for a namesake when one of the two has no e-mail and no readable phone of its own."""
    bare = _is_bare(known) and _is_bare(identity)
    if known.company_key != identity.company_key or not (identity.company_key or bare):
        return []
    ids = contact.extra.get(_EXTERNAL_ID), lead.extra.get(_EXTERNAL_ID)
    if all(ids) and ids[0] != ids[1]:
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
