"""Making a lead from a contact, and adding a contact to a lead. What is there is never overwritten."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from datetime import datetime

from chalicelib.identify.countries import country_code
from chalicelib.identify.folding import company_key
from chalicelib.identify.phones import region_of
from chalicelib.records.contact import MESSENGERS, Contact, Identity
from chalicelib.records.lead import Lead

MOST_OF_EACH = 5
# Characters of names and values: whatever is added over the years, a person stays one item of the store.
MOST_EXTRA = 60_000
PHONE_AS_GIVEN = "phone as given"
UNREACHABLE = "unreachable"
_OTHER_POINTS = (*MESSENGERS, "address")
_LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*").fullmatch


def new_lead(contact: Contact, identity: Identity, lead_id: str, now: datetime, language: str = "en") -> Lead:
    """A new person. `language` is used where the contact names none by its tag (BCP 47)."""
    extra = _extra(contact, identity)
    return Lead(
        lead_id=lead_id,
        full_name=_full_name(contact),
        given_name=contact.given_name,
        family_name=contact.family_name,
        company=contact.company,
        title=contact.title,
        emails=identity.emails[:MOST_OF_EACH],
        phones=identity.phones[:MOST_OF_EACH],
        country=likely_country(identity),
        language=contact.language if _LANGUAGE_TAG(contact.language) else language,
        products=contact.products,
        created_at=now,
        updated_at=now,
        extra=extra,
        flags=() if is_reachable(identity.emails, identity.phones, extra) else (UNREACHABLE,),
        company_key=identity.company_key,
    )


def enrich(lead: Lead, contact: Contact, identity: Identity, now: datetime, flags: Iterable[str] = ()) -> Lead:
    """The lead with what the contact adds: empty fields filled, further e-mails, phones, products and extras
    appended. Owner, status and score stay. Returns `lead` itself when nothing is new, else `updated_at` is now."""
    emails = _appended(lead.emails, identity.emails, MOST_OF_EACH)
    phones = _appended(lead.phones, identity.phones, MOST_OF_EACH)
    extra = _merged_extra(lead.extra, _extra(contact, identity))
    kept = tuple([flag for flag in lead.flags if flag != UNREACHABLE or not is_reachable(emails, phones, extra)])
    enriched = replace(
        lead,
        full_name=lead.full_name or _full_name(contact),
        given_name=lead.given_name or contact.given_name,
        family_name=lead.family_name or contact.family_name,
        company=lead.company or contact.company,
        title=lead.title or contact.title,
        country=lead.country or likely_country(identity),
        emails=emails,
        phones=phones,
        products=_products(lead.products, contact.products),
        extra=extra,
        flags=_appended(kept, tuple(flags)),
    )
    if enriched == lead:
        return lead
    key = lead.company_key or (company_key(lead.company) if lead.company else identity.company_key)
    return replace(enriched, updated_at=now, company_key=key)


def is_reachable(emails: Iterable[str], phones: Iterable[str], extra: Mapping[str, str]) -> bool:
    """Whether one contact point is left by which somebody of ours, or we, can reach the person."""
    return bool(emails or phones or any(extra.get(name) for name in _OTHER_POINTS))


# Endings that are a country's by ISO 3166 but sold to all the world.
_SOLD_ENDINGS = frozenset({"ai", "cc", "co", "fm", "gg", "io", "la", "me", "tv", "ws"})


def likely_country(identity: Identity) -> str:
    """The country somebody gave, else that of the phone's calling code, else of the e-mail's domain; or "".

    For deciding who serves them, never for telling people apart: the identity itself keeps what was given."""
    if identity.country:
        return identity.country
    for phone in identity.phones[:1]:
        if region := region_of(phone):
            return region
    for email in identity.emails[:1]:
        ending = email.rpartition(".")[2]
        if len(ending) == 2 and ending not in _SOLD_ENDINGS:
            return country_code("gb" if ending == "uk" else ending)
    return ""


def changes(lead: Lead, enriched: Lead) -> tuple[str, ...]:
    """The names of the fields that differ, those that follow from others aside, in the order of the record."""
    names = [field.name for field in fields(Lead) if field.name not in ("updated_at", "company_key")]
    return tuple([name for name in names if getattr(lead, name) != getattr(enriched, name)])


def _full_name(contact: Contact) -> str:
    if contact.full_name:
        return contact.full_name
    given, family = contact.given_name, contact.family_name
    if (given.isascii() and family.isascii()) or not (given and family):
        return f"{given} {family}".strip()
    return f"{family}{given}" if _unspaced(family) and _unspaced(given) else f"{given} {family}"


def _unspaced(name: str) -> bool:
    """Han, kana or Hangul: the family name comes first and no blank follows."""
    return all("\u2e80" <= letter <= "\ud7af" or letter >= "\U00020000" for letter in name)


def _extra(contact: Contact, identity: Identity) -> dict[str, str]:
    extra = dict(contact.extra)
    for name, text in (
        (PHONE_AS_GIVEN, "; ".join(identity.raw_phones)),
        ("address", contact.address),
        ("url", "; ".join(contact.urls)),
        ("badge", contact.badge_id),
    ):
        if text:
            extra.setdefault(name, text)
    return extra


def _merged_extra(known: dict[str, str], new: dict[str, str]) -> dict[str, str]:
    """What is known stays; unread phones are collected, since each may be the one that works. What there is no room
    for any more is left to the touch."""
    if not new:
        return known
    merged = dict(known)
    room = MOST_EXTRA - sum(len(name) + len(value) for name, value in known.items())
    for name, value in new.items():
        if name not in known and len(name) + len(value) <= room:
            merged[name] = value
            room -= len(name) + len(value)
    if PHONE_AS_GIVEN in known and PHONE_AS_GIVEN in new:
        phones = _appended(tuple(known[PHONE_AS_GIVEN].split("; ")), tuple(new[PHONE_AS_GIVEN].split("; ")))
        merged[PHONE_AS_GIVEN] = "; ".join(phones[:MOST_OF_EACH])
    return merged


def without_room(lead: Lead, contact: Contact) -> dict[str, str]:
    """What the contact had beside the known fields and the lead has no room for."""
    return {name: value for name, value in contact.extra.items() if name not in lead.extra}


def _appended(known: tuple[str, ...], new: tuple[str, ...], limit: int = 100) -> tuple[str, ...]:
    added = [value for value in new if value not in known]
    return (known + tuple(added))[: max(limit, len(known))] if added else known


def _products(known: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    named = {product.casefold() for product in known}
    return _appended(known, tuple([product for product in new if product.casefold() not in named]))
