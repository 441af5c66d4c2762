"""Badges and cards: any scanned text becomes a card, or is refused when there is nothing readable in it."""

import re
import unicodedata
from collections.abc import Iterator

from chalicelib.capture.card import CARD_LIMIT, Card
from chalicelib.capture.mecard import read_bizcard, read_mecard
from chalicelib.capture.points import read_emails, read_phones
from chalicelib.capture.printed import read_printed
from chalicelib.capture.text import clean
from chalicelib.capture.vcard import read_vcard
from chalicelib.records.contact import Contact, Refusal

__all__ = ["Card", "contact_of", "read_card", "split_cards"]

_BEGIN = re.compile(r"BEGIN\s*:\s*VCARD\b", re.IGNORECASE)
_END = re.compile(r"END\s*:\s*VCARD\s*\Z", re.IGNORECASE)
_LINE_CARD = re.compile(r"(?:MECARD|BIZCARD):", re.IGNORECASE)
_PROPERTY = re.compile(r"[A-Za-z0-9.-]+(?:;[^:]*)?:(?!//)")
_URL = re.compile(r"https?://[^\s<>\"]+\Z", re.IGNORECASE)
_POINT = re.compile(r"(?:tel|mailto|callto):", re.IGNORECASE)
_MACHINE = re.compile(r"[A-Za-z][A-Za-z0-9+-]{2,15}:\S+\Z")  # "WIFI:S:…;;", "geo:…": for telephones, not about a person
_ID = re.compile(r"[A-Za-z0-9._:#/+=~$%*|-]+\Z")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd]")
_ID_LIMIT = 500
_NOTE_LIMIT = 10_000
_SHORTEST = 3
_UNREADABLE = Refusal("code", "nothing on the code tells who it is")


def split_cards(text: str) -> list[str]:
    """The cards of a text or of one code that holds several: at END:VCARD, at a new BEGIN, MECARD or BIZCARD line,
    else at blank lines. A blank line inside a vCard (after a picture) does not end it."""
    return [card for card in _split(text.lstrip("\ufeff")) if card.strip()]


def _split(text: str) -> Iterator[str]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    card: list[str] = []
    inside = False
    for index, line in enumerate(lines):
        begins = bool(_BEGIN.match(line))
        blank = not line.strip()
        if begins or _LINE_CARD.match(line) or (blank and not (inside and _goes_on(lines[index + 1 :]))):
            yield "\n".join(card)
            card, inside = [], begins
        if not blank or inside:
            card.append(line)
        if inside and _END.match(line):
            yield "\n".join(card)
            card, inside = [], False
    yield "\n".join(card)


def _goes_on(lines: list[str]) -> bool:
    following = next((line for line in lines if line.strip()), "")
    return bool(_PROPERTY.match(following)) and not _LINE_CARD.match(following) and not _BEGIN.match(following)


def read_card(text: str) -> Card | Refusal:
    """The card in the text. Of several (see split_cards) the first; `raw` keeps everything.

    A link or an opaque id is kept as text and never fetched; the organiser's list may name the person later.
    Refused as unreadable: nothing, bytes that are no text, over 64 KB, and plain text from which nobody could
    be known: without a letter or digit, or fewer than three characters wide (a wide one, as in 王伟, counts two).
    """
    if len(text) > CARD_LIMIT:
        return Refusal("code", f"the code is longer than 64 KB: {len(text) // 1024} KB")
    raw = text.strip("\ufeff \t\r\n")
    if not clean(raw, 10):
        return Refusal("code", "the code is empty")
    if len(_CONTROL.findall(raw)) * 20 > len(raw):
        return Refusal("code", "the code is not text")
    raw = clean(raw, CARD_LIMIT, lines=True)
    if begin := _BEGIN.search(raw):
        return read_vcard(raw[begin.start() :])
    if _LINE_CARD.match(raw):
        return read_mecard(raw) if raw[0] in "mM" else read_bizcard(raw)
    return _read_plain(raw)


def _read_plain(raw: str) -> Card | Refusal:
    if _URL.match(raw):
        return Card(kind="url", urls=(raw[:_ID_LIMIT],), raw=raw)
    if _POINT.match(raw):
        return _read_point(raw)
    if _MACHINE.match(raw):
        return Card(kind="text", note=raw[:_NOTE_LIMIT], raw=raw)
    if not any(c.isalnum() for c in raw):
        return _UNREADABLE
    card = read_printed(raw)
    if _ID.match(raw) and not card.emails and not card.urls and not _spoken(raw) and not raw.startswith("+"):
        return Card(kind="id", badge_id=raw[:_ID_LIMIT], raw=raw)
    return card if _width(raw) >= _SHORTEST else _UNREADABLE


def _width(raw: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in raw if not c.isspace())


def _read_point(raw: str) -> Card:
    """A code that holds nothing but "tel:…" or "mailto:…"."""
    name = "EMAIL" if raw[0] in "mM" else "TEL"
    card = read_vcard(f"{name}:{raw}")
    return Card(kind="text", emails=card.emails, phones=card.phones, raw=raw)


def _spoken(raw: str) -> bool:
    """One word of letters alone is a name rather than an id."""
    return raw.isalpha() and not raw.isupper()


def contact_of(card: Card) -> Contact:
    """The card as a contact. A malformed e-mail or phone is kept in `extra` with a warning.

    The link on a badge that is only a link is its id, by which the organiser's list may name the person later; until
    then the contact carries the warning "unresolved badge".
    """
    extra: dict[str, str] = {"department": card.department} if card.department else {}
    badge_id = card.badge_id or (card.urls[0] if card.kind == "url" else "")
    warnings = [f"unresolved badge: {badge_id[:80]}"] if card.kind in ("id", "url") else []
    return Contact(
        full_name=card.full_name,
        given_name=card.given_name,
        family_name=card.family_name,
        company=card.company,
        title=card.title,
        emails=read_emails(card.emails, range(len(card.emails)), extra, warnings),
        phones=read_phones(card.phones, range(len(card.phones)), extra, warnings),
        message=card.note[:_NOTE_LIMIT],
        address=card.address,
        urls=card.urls,
        badge_id=badge_id,
        extra=extra,
        warnings=tuple(warnings),
    )
