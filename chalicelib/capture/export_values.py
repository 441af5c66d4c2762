"""Values of other products' exports: amounts, moments, how a deal stands, what somebody said of promotion, texts."""

import re
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from html import unescape
from typing import Protocol

from chalicelib.capture.dates import read_date
from chalicelib.capture.flags import read_flag
from chalicelib.capture.headers import header_key
from chalicelib.capture.text import clean
from chalicelib.records.money import Money, exponent, minor_units

_MILLISECONDS = re.compile(r"1\d{12}\Z")
_NUMBER = re.compile(r"-?\d[\d.,'’\u00a0\u202f ]*")
_CURRENCY = re.compile(r"[A-Z]{3}\Z")
_WON = ("won", "gewonnen", "gagne", "ganad", "赢单", "贏單", "成交", "受注")
_LOST = ("lost", "verloren", "perdu", "perdid", "输单", "輸單", "丢单", "失注")
_NO = (
    "unsub",
    "optedout",
    "optout",
    "notoptedin",
    "abgemeldet",
    "blacklist",
    "denied",
    "refused",
    "退订",
    "退訂",
)
# Shown to somebody, or not yet: no word of theirs.
_UNDECIDED = ("seen", "pending", "unknown")
# The whole answer, or it is no yes: "not subscribed" and "consent withdrawn" hold the same words.
_YES = frozenset(
    {"subscribed", "optedin", "optin", "doubleoptin", "granted", "consented", "consentgiven", "consentgranted"}
)
_BREAK = re.compile(r"<\s*(?:br|/p|/div|/li|/tr|/h\d)\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,2000}>")
_BLANK_LINES = re.compile(r"\n\s*\n\s*")
_UNSEEN = re.compile(r"<\s*(script|style)\b.*?<\s*/\s*\1\s*>", re.IGNORECASE | re.DOTALL)


class Fields(Protocol):
    """A row by our names of its fields."""

    def one(self, name: str) -> str: ...
    def all(self, name: str) -> list[str]: ...
    def has(self, name: str) -> bool: ...


def moment(text: str, order: str = "") -> datetime | None:
    """A date, or a count of milliseconds since 1970, in UTC."""
    if _MILLISECONDS.match(text):
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    return read_date(text, order) if text else None


def deal_state(row: Fields) -> str:
    """ "won", "lost" or "open": by the product's own marks where it has them, else by the stage's name."""
    won, over = read_flag(row.one("won")), read_flag(row.one("over"))
    ended = row.one("ended").casefold()
    if won or ended == "won" or (won is None and _says(row.one("stage"), _WON)):
        return "won"
    archived = row.has("active") and read_flag(row.one("active")) is False
    if over or archived or ended == "lost" or (over is None and _says(row.one("stage"), _LOST)):
        return "lost"
    return "open"


def _says(text: str, words: tuple[str, ...]) -> bool:
    key = header_key(text)
    return any(word in key for word in words)


def refusal_of_mail(row: Fields) -> str:
    """What a row of an opt-out or consent table says: "no" to promotion, "yes", or "" where it takes a no back. A
    status nobody understands is a no: the stricter reading."""
    if row.has("still") and read_flag(row.one("still")) is False:
        return ""
    if not row.has("status"):
        return "no"
    said = {_said(status) for status in row.all("status")}
    return "no" if "no" in said else "yes" if "yes" in said else ""


def _said(status: str) -> str:
    if _says(status, _NO):
        return "no"
    if header_key(status) in _YES:
        return "yes"
    return "" if read_flag(status) is False or _says(status, _UNDECIDED) else "no"


def amount_of(text: str, currency: str) -> Money | None:
    """An amount as products and people write it ("12500.5", "12.500,00 €", "1,250"), rounded to the minor unit. None
    for what is no amount, or below zero."""
    found = _NUMBER.search(text)
    if found is None:
        return None
    digits = re.sub(r"['’\u00a0\u202f ]", "", found[0]).rstrip(".,")
    comma, dot = digits.rfind(","), digits.rfind(".")
    if comma >= 0 and dot >= 0:
        thousands, decimal = (".", ",") if comma > dot else (",", ".")
        digits = digits.replace(thousands, "").replace(decimal, ".")
    elif comma >= 0:
        digits = digits.replace(",", "" if len(digits) - comma == 4 or digits.count(",") > 1 else ".")
    elif digits.count(".") > 1:
        digits = digits.replace(".", "")
    try:
        rounded = Decimal(digits).quantize(Decimal(1).scaleb(-exponent(currency)), ROUND_HALF_UP)
        minor = minor_units(str(rounded), currency)
    except InvalidOperation:
        return None
    return None if minor is None else Money(minor, currency)


def currency_of(text: str, usual: str) -> str:
    """The code in a cell, else the usual one."""
    code = text.strip().upper()
    return code if _CURRENCY.match(code) else usual


def plain_text(text: str) -> str:
    """A note's words without markup; line breaks stay."""
    if "<" in text and ">" in text:
        text = _TAG.sub("", _BREAK.sub("\n", _UNSEEN.sub("", text)))
        text = unescape(text)
    return _BLANK_LINES.sub("\n\n", clean(text, len(text) + 1, lines=True)).strip()
