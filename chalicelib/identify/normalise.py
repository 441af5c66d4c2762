"""From what was written to what people are matched by."""

from chalicelib.identify.countries import country_code
from chalicelib.identify.emails import is_role, normal_email
from chalicelib.identify.folding import company_key, name_tokens
from chalicelib.identify.phones import e164
from chalicelib.records.contact import Contact, Identity
from chalicelib.records.lead import Lead

__all__ = ["country_code", "identity", "identity_of"]

_SHOWN = 80  # how much of an unreadable value a warning repeats


def identity(contact: Contact) -> Identity:
    """Normalise a captured contact. What cannot be read is left out of the keys and named in `warnings`:
    malformed e-mail addresses, and phones that are no possible number (kept in `raw_phones`)."""
    country = country_code(contact.country) if contact.country else ""
    warnings: list[str] = []
    emails = _emails(contact, warnings)
    phones, raw_phones = _phones(contact, country, warnings)
    return Identity(
        emails,
        tuple([email for email in emails if not is_role(email)]),
        phones,
        raw_phones,
        name_tokens(_name(contact)),
        company_key(contact.company) if contact.company else "",
        country,
        tuple(warnings),
    )


def identity_of(lead: Lead) -> Identity:
    """The identity of a stored lead, whose e-mails and phones were normalised when it was made."""
    return Identity(
        emails=lead.emails,
        personal_emails=tuple([email for email in lead.emails if not is_role(email)]),
        phones=lead.phones,
        name_tokens=name_tokens(lead.full_name or f"{lead.given_name} {lead.family_name}"),
        company_key=company_key(lead.company) if lead.company else "",
        country=lead.country,
    )


def fits_many(identity: Identity) -> bool:
    """Whether several people may fit: no contact point at all, or a name of initials or none beside a phone. Such rows
    of a list come last, when all they could mean are known."""
    if not (identity.emails or identity.phones):
        return True
    whole = [token for token in identity.name_tokens if len(token) > 1 or not token.isascii()]
    return not identity.personal_emails and len(whole) < max(len(identity.name_tokens), 1)


def _name(contact: Contact) -> str:
    return contact.full_name or f"{contact.given_name} {contact.family_name}"


def _emails(contact: Contact, warnings: list[str]) -> tuple[str, ...]:
    found: list[str] = []
    for text in contact.emails:
        email = normal_email(text)
        if email and email not in found:
            found.append(email)
        elif not email and text.strip():
            warnings.append(f"malformed e-mail left out: {text.strip()[:_SHOWN]}")
    return tuple(found)


def _phones(contact: Contact, country: str, warnings: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    found: list[str] = []
    raw: list[str] = []
    for text in contact.phones:
        written = text.strip()
        numbers = e164(written, country) if written else ()
        found.extend(number for number in numbers if number not in found)
        if written and not numbers and written not in raw:
            raw.append(written)
            placeless = not country and any(sign.isdigit() for sign in written)
            kept = "phone without a country kept as written" if placeless else "phone kept as written"
            warnings.append(f"{kept}: {written[:_SHOWN]}")
    return tuple(found), tuple(raw)
