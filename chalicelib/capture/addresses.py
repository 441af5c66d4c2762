"""E-mail addresses and phone numbers as written: what can be one, and what cannot."""

import re

MAX_ADDRESS = 254  # RFC 5321 4.5.3.1.3
MAX_LOCAL = 64  # RFC 5321 4.5.3.1.1, in octets

_PLAIN = re.compile(
    r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@"
    r"((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63})"
)
# Top-level domains email-validator has a rule for (RFC 6761) take the slow way, as does "--" (IDNA, RFC 5891).
_SPECIAL = frozenset({"arpa", "invalid", "local", "localhost", "onion", "test"})
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0x3002: 0x2E}
_IN_POWERS = re.compile(r"\+?(\d)(?:[.,](\d+))?E\+?(\d{1,2})\Z", re.IGNORECASE)
_FIVE_DIGITS = re.compile(r"(?:\D*\d){5}")
MAX_PHONE = 100
NOT_PHONE = "not a phone number"
LOST_DIGITS = "phone number has lost its digits"


def read_email(text: str) -> str | None:
    """The one address in the text, as it is to be stored, or None.

    Trimmed; full-width letters made plain; the domain in lower case and ASCII (IDNA 2008); the case of the local
    part kept. Syntax by RFC 5321 and 6531 without quoted local parts; whether anybody reads it is not asked.
    """
    text = text.strip()
    if len(text) <= MAX_ADDRESS and (plain := _PLAIN.fullmatch(text)):
        domain = plain[1].lower()
        at = len(text) - len(domain)
        if at <= MAX_LOCAL + 1 and "--" not in domain and domain[domain.rindex(".") + 1 :] not in _SPECIAL:
            return text[:at] + domain
    if "@" not in text and "＠" not in text:
        return None
    return _read_unusual(text)


def _read_unusual(text: str) -> str | None:
    if len(text) > MAX_ADDRESS:
        return None
    if not text.isascii():
        text = text.translate(_FULL_WIDTH).strip()
    from email_validator import EmailNotValidError, validate_email  # 20 ms, and few addresses need it

    try:
        valid = validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    if len(valid.local_part.encode()) > MAX_LOCAL:
        return None
    return f"{valid.local_part}@{valid.ascii_domain or valid.domain}"


def written_out(text: str) -> str:
    """A number that a spreadsheet wrote in powers of ten, digit by digit where all of them are there: "4.9171E+4" is
    49171, while 4.9E+4 could be any of a hundred numbers and stays as it is."""
    found = _IN_POWERS.match(text)
    return found[1] + found[2] if found and found[2] and len(found[2]) == int(found[3]) else text


def letters_made_plain(text: str) -> str:
    """Full-width letters, digits and signs of addresses and numbers as their ASCII twins."""
    return text.translate(_FULL_WIDTH)


def phone_problem(text: str) -> str:
    """Why the text cannot be a phone number, or "". Whether the number is possible is asked when it is normalised.

    A number needs five digits; a spreadsheet's "4.91714E+11" has lost its own."""
    if len(text) > MAX_PHONE:
        return NOT_PHONE
    if ("E" in text or "e" in text) and _IN_POWERS.match(text):
        return LOST_DIGITS
    return "" if _FIVE_DIGITS.match(text) else NOT_PHONE
