"""E-mail addresses: one spelling each, and whether they name one person."""

import re
import unicodedata

from chalicelib.identify.word_lists import words_of

_LOCAL = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_DOMAIN = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])"
_ASCII_ADDRESS = re.compile(f"{_LOCAL}@{_DOMAIN}").fullmatch
_UNICODE_LOCAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*").fullmatch
_IN_BRACKETS = re.compile(r"[^<>]*<([^<>]+)>").fullmatch
_SEPARATORS = re.compile(r"[._-]+")
_LONGEST = 254  # RFC 5321 4.5.3.1.3, less the angle brackets
_LONGEST_LOCAL = 64  # RFC 5321 4.5.3.1.1

# Providers that ignore dots in the local part, and their other names.
_DOTLESS = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}


def normal_email(text: str) -> str:
    """The address in lower case with an ASCII (IDNA 2008, UTS 46) domain; "" when it is not one address.

    "Anna <anna@example.com>" and "mailto:" are read; a local part outside ASCII is kept in NFKC (RFC 6531)."""
    address = text.strip().lower()
    if len(address) > 2 * _LONGEST:
        return ""
    if _ASCII_ADDRESS(address):
        return address if len(address) <= _LONGEST and address.index("@") <= _LONGEST_LOCAL else ""
    return _unusual(address)


def _unusual(text: str) -> str:
    address = unicodedata.normalize("NFKC", text)
    bracketed = _IN_BRACKETS(address)
    address = (bracketed[1] if bracketed else address).strip().removeprefix("mailto:").rstrip(".,;:")
    local, _, domain = address.rpartition("@")
    if not _UNICODE_LOCAL(local) or len(local.encode()) > _LONGEST_LOCAL:
        return ""
    if not domain.isascii():
        domain = _ascii_domain(domain)
    return f"{local}@{domain}" if _ASCII_ADDRESS(f"a@{domain}") and len(local) + len(domain) < _LONGEST else ""


def _ascii_domain(domain: str) -> str:
    import idna

    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        return ""


def is_role(email: str) -> bool:
    """Whether a normalised address names a function (info@, sales-team@, info.de@), not one person."""
    local = email.partition("@")[0].partition("+")[0]
    roles = words_of("role_addresses", "addresses")
    if local in roles:
        return True
    first, *rest = _SEPARATORS.split(local)
    return first in roles and all(part in roles or len(part) <= 2 or part.isdigit() for part in rest)


def mailbox(email: str) -> str:
    """The mailbox behind a normalised address: without its +tag (RFC 5233), dots as the provider reads them."""
    local, _, domain = email.partition("@")
    if "+" not in email and domain not in _DOTLESS:
        return email
    local = local[0] + local[1:].partition("+")[0]
    if domain in _DOTLESS:
        return f"{local.replace('.', '')}@{_DOTLESS[domain]}"
    return f"{local}@{domain}"
