"""Files of vCards, as address books and scanner apps export them: one card, one row."""

import io
import re
from collections.abc import Iterator, Sequence

from chalicelib.capture.card import CARD_LIMIT, Card
from chalicelib.capture.encodings import text_encoding
from chalicelib.capture.limits import MAX_ROWS, refused, too_many_rows
from chalicelib.capture.sheet import Sheet
from chalicelib.capture.vcard import read_vcard
from chalicelib.records.contact import Refusal

_BEGIN = re.compile(r"BEGIN\s*:\s*VCARD\s*\Z", re.IGNORECASE)
_END = re.compile(r"END\s*:\s*VCARD\s*\Z", re.IGNORECASE)
# Pictures and keys: most of such a file, and nothing of a person that is kept here.
_PICTURE = re.compile(r"(?:[\w-]+\.)?(?:PHOTO|LOGO|SOUND|KEY)[;:]", re.IGNORECASE)
_ONCE = ("Name", "Given name", "Family name", "Company", "Department", "Job title")
_TAIL = ("Phone extension", "Address", "Badge id", "Note")
_EXTENSION = re.compile(r" ext\. (\S+)\Z")


def read_cards(data: bytes) -> Sheet | Refusal:
    """The cards of the file (vCard 2.1, 3.0, 4.0, mixed), each e-mail, phone and link in a column of its own.

    `first_row` is 1; a card over 64 KB without its pictures costs its row, not the file.
    """
    encoding = text_encoding(data)
    if encoding is None:
        return refused("the file's text encoding is not known; save it as UTF-8")
    texts: list[tuple[str, int]] = []
    for text in _cards(io.TextIOWrapper(io.BytesIO(data), encoding.name, encoding.errors)):
        texts.append(text)
        if len(texts) > MAX_ROWS:
            return too_many_rows()
    if not texts:
        return refused("the file holds no card")
    return _sheet(texts, encoding.name)


def _cards(lines: Iterator[str]) -> Iterator[tuple[str, int]]:
    """Each card's lines without pictures, as many as one may have, and its length. A card that is never ended ends
    where the next one begins."""
    card: list[str] = []
    length = 0
    inside = picture = False
    for line in lines:
        if _BEGIN.match(line.strip()):
            if inside:
                yield "".join(card), length
            card, length, inside, picture = [], 0, True, False
        if not inside:
            continue
        picture = bool(_PICTURE.match(line)) or (picture and line[:1] in {" ", "\t", "\n"})
        if not picture:
            if length <= CARD_LIMIT:
                card.append(line)
            length += len(line)
        if _END.match(line.strip()):
            yield "".join(card), length
            inside = False
    if inside:
        yield "".join(card), length


def _sheet(texts: Sequence[tuple[str, int]], encoding: str) -> Sheet:
    bad = {
        row: Refusal("card", f"the card is longer than 64 KB: {length // 1024} KB", row)
        for row, (_, length) in enumerate(texts, start=1)
        if length > CARD_LIMIT
    }
    cards = [read_vcard(text[:CARD_LIMIT]) for text, _ in texts]
    many = {
        "E-mail": max(1, *(len(card.emails) for card in cards)),
        "Phone": max(1, *(len(card.phones) for card in cards)),
        "Website": max(1, *(len(card.urls) for card in cards)),
    }
    numbered = [name if place == 1 else f"{name} {place}" for name, n in many.items() for place in range(1, n + 1)]
    rows = [_row(card, tuple(many.values())) for card in cards]
    return Sheet((*_ONCE, *numbered, *_TAIL), rows, encoding, "", 1, bad)


def _row(card: Card, widths: tuple[int, ...]) -> tuple[str, ...]:
    cells = [card.full_name, card.given_name, card.family_name, card.company, card.department, card.title]
    for values, width in zip((card.emails, card.phones, card.urls), widths, strict=True):
        cells += [*values, *[""] * (width - len(values))]
    extensions = [found[1] for phone in card.phones if (found := _EXTENSION.search(phone))]
    return (*cells, "; ".join(extensions), card.address, card.badge_id, card.note)
