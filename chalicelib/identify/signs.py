"""What tells somebody in text that nobody took apart: an address, or the end of a number, however they are written."""

import re
from collections.abc import Iterable, Iterator

from chalicelib.identify.emails import mailbox, normal_email

# The last nine digits: however the country's code is written.
_DIGITS = 9
# What cannot be in an address ends it; nobody quotes a local part.
_BEFORE = re.compile(r"[^\s<>()\[\]\"',;:&?@\\]+$")
_AFTER = re.compile(r"[^\s<>()\[\]\"',;:&=?@\\/]+")
_LONGEST_LOCAL, _LONGEST = 64, 254


def signs_of(emails: Iterable[str], phones: Iterable[str]) -> frozenset[str]:
    """The signs of a person with these normalised addresses and E.164 numbers. Strangers may share any of them."""
    ends = [_digits(phone)[-_DIGITS:] for phone in phones]
    return frozenset([*(f"e:{mailbox(email)}" for email in emails), *(f"p:{e}" for e in ends if len(e) == _DIGITS)])


def signs_in(texts: Iterable[str]) -> Iterator[str]:
    """Every sign that is in these texts, and many that are nobody's; some more than once."""
    for text in texts:
        for at in re.finditer("@", text):
            yield from _address(text, at.start())
        digits = _digits(text)
        for start in range(len(digits) - _DIGITS + 1):
            yield f"p:{digits[start : start + _DIGITS]}"


def _address(text: str, at: int) -> Iterator[str]:
    before = _BEFORE.search(text, max(0, at - _LONGEST_LOCAL), at)
    after = _AFTER.match(text, at + 1, at + _LONGEST)
    if not before or not after:
        return
    # "email=jana@…" is a name and a value; "a=b@…" would be an address: it is looked for either way.
    for local in dict.fromkeys((before[0], before[0].rpartition("=")[2])):
        if email := normal_email(f"{local}@{after[0]}"):
            yield f"e:{mailbox(email)}"


def _digits(text: str) -> str:
    return "".join(filter(str.isdecimal, text))
