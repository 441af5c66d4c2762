"""Which column of a list holds what: by a known export's layout, by the header's words in seven languages, then by
what the cells look like. `confidence` is in percent: 100 chosen by hand, 0 where nothing was recognised."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from chalicelib.capture.addresses import read_email
from chalicelib.capture.dates import DAY_FIRST, MONTH_FIRST, date_order, read_date
from chalicelib.capture.flags import read_flag
from chalicelib.capture.headers import header_key as _key
from chalicelib.capture.headers import words as _words
from chalicelib.capture.layouts import Layout, known_layout
from chalicelib.records.contact import Refusal
from chalicelib.records.upload import ColumnGuess

# `opt_out` and `badge_id` have no place of their own in a person's profile but must not get lost among extras.
MANY = frozenset({"email", "phone", "product_interest", "message", "address", "url", "opt_out"})
ONE = frozenset(
    {"name", "given_name", "family_name", "company", "title", "country", "language", "campaign", "consent"}
    | {"external_id", "badge_id", "wechat", "wecom", "source", "basis"}
)
# When the person came to us; the second and third say in which order days and months stand.
DATES = frozenset({"created_at", f"created_at_{DAY_FIRST}", f"created_at_{MONTH_FIRST}"})
FIELDS = MANY | ONE | DATES

WHICH_ORDER = "day or month first is to be chosen, else these dates are kept as written"
_BY_LAYOUT, _BY_NAME, _BY_PART, _BY_CONTENT, _UNDECIDED = 98, 95, 80, 90, 30
_IN_BRACKETS = re.compile(r"\(.*?\)|（.*?）|\[.*?\]")
_TOKEN = re.compile(r"[^\W_]+")
_UNNAMED = re.compile(r"column \d+")
_PHONE = re.compile(r"(?:p:)?[+(（０0][\d０-９ ().\-/（）]{6,24}|\d{2,5}[ \-/.]\d[\d \-/.]{4,18}")
_DATE = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4}")
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_PERSON = re.compile(r"[^\W\d_][\w.'’-]*(?: [^\W\d_][\w.'’-]*){1,3}|[\u3400-\u9fff]{2,4}")


def guess_columns(header: Sequence[str], sample: Sequence[Sequence[str]]) -> tuple[ColumnGuess, ...]:
    """One guess per column, in order, each with its reason. `sample` are some rows of the list, not all.

    Several columns may hold e-mails, phones, products, messages, parts of an address, links; of every other
    field the first and best-named column is taken. What has no field ("") is kept under its own name.
    """
    guesses: dict[int, ColumnGuess] = {}
    taken: dict[str, str] = {}
    layout = known_layout(header)
    cells = [_filled(sample, index) for index in range(len(header))]
    for by in (_by_layout(layout), _by_whole_name, _by_part_of_name, _by_content):
        for index, column in enumerate(header):
            found = None if index in guesses else by(column, cells[index])
            if found:
                guesses[index] = _unless_taken(_looked_at(found, cells[index]), taken)
    given = tuple(guesses.get(index, ColumnGuess(column, "", "kept as given")) for index, column in enumerate(header))
    return _with_names(given, cells)


def _filled(sample: Sequence[Sequence[str]], index: int) -> list[str]:
    return [row[index].strip() for row in sample if index < len(row) and row[index].strip()]


def _slot(field: str) -> str:
    return "created_at" if field in DATES else field


def _unless_taken(guess: ColumnGuess, taken: dict[str, str]) -> ColumnGuess:
    slot = _slot(guess.field)
    if slot in taken and slot not in MANY and slot:
        return ColumnGuess(guess.column, "", f"this field is taken by column: {taken[slot]}")
    taken[slot] = guess.column
    return guess


def _looked_at(guess: ColumnGuess, cells: Sequence[str]) -> ColumnGuess:
    """A guess by name is less sure where the cells do not look it, and surer where they do."""
    looks_like = _LOOKS.get(guess.field)
    if looks_like is None or not cells or guess.confidence < _BY_PART:
        return guess
    alike = sum(1 for cell in cells if looks_like(cell)) / len(cells)
    return replace(guess, confidence=min(99, round(guess.confidence * (0.4 + 0.6 * alike)) + 4 * (alike > 0.9)))


def _by_layout(layout: Layout | None) -> Callable[[str, Sequence[str]], ColumnGuess | None]:
    def by(column: str, _cells: Sequence[str]) -> ColumnGuess | None:
        field = layout.fields.get(_key(column)) if layout else None
        if layout is None or field is None:
            return None
        return ColumnGuess(column, field, f"known layout: {layout.name}", _BY_LAYOUT if field else 0)

    return by


def _by_whole_name(column: str, cells: Sequence[str]) -> ColumnGuess | None:
    key = _key(column)
    names = (key, key.rstrip("0123456789"), _key(_IN_BRACKETS.sub("", column)))
    word = next((_words().field_of[name] for name in names if name in _words().field_of), "")
    return _named(column, word, cells, _BY_NAME) if word else None


def _by_part_of_name(column: str, cells: Sequence[str]) -> ColumnGuess | None:
    """ "Opted out of email: news" by its phrase; "Attendee's company" and "联系人手机" by how they end."""
    folded = column.casefold()
    for phrase, field in _words().phrases:
        if phrase in folded:
            return _named(column, field, cells, _BY_PART)
    key = _key(column)
    tokens = _TOKEN.findall(_IN_BRACKETS.sub("", folded))
    if any("".join(tokens[:count]) in _words().ours for count in range(1, len(tokens) + 1)) or (
        not key.isascii() and key.startswith(_words().ours)
    ):
        return _named(column, "ours", cells, 0)
    endings = ["".join(tokens[index:]) for index in range(1, len(tokens))]
    if not key.isascii():
        endings += [key[index:] for index in range(1, len(key) - 1)]
    for ending in endings:
        word = _words().field_of.get(_key(ending), "")
        if word and ending not in _words().whole_only:
            return _named(column, word, cells, _BY_PART)
    return None


def _named(column: str, word: str, cells: Sequence[str], confidence: int) -> ColumnGuess:
    if word == "ours":
        return ColumnGuess(column, "", "about our own people, kept as given")
    if word == "leave":
        return ColumnGuess(column, "", "kept as given")
    if word in {"email", "phone"} and cells and all(read_flag(cell) is not None for cell in cells):
        return ColumnGuess(column, "", "named like a contact point, but holds yes and no")
    return ColumnGuess(column, word, f"header word: {column}", confidence)


def _by_content(column: str, cells: Sequence[str]) -> ColumnGuess | None:
    for field, reason in (
        ("email", "cells look like e-mail addresses"),
        ("phone", "cells look like phone numbers"),
        ("url", "cells look like links"),
    ):
        alike = sum(1 for cell in cells if _LOOKS[field](cell))
        if alike and alike * 2 >= len(cells):
            return ColumnGuess(column, field, f"{reason}: {alike} of {len(cells)}", alike * _BY_CONTENT // len(cells))
    return None


_LOOKS: dict[str, Callable[[str], object]] = {
    "email": read_email,
    "phone": lambda cell: _PHONE.fullmatch(cell) and not _DATE.match(cell),
    "url": _LINK.fullmatch,
    "created_at": lambda cell: read_date(cell, DAY_FIRST) or read_date(cell, MONTH_FIRST),
}


def _with_names(guesses: tuple[ColumnGuess, ...], cells: Sequence[Sequence[str]]) -> tuple[ColumnGuess, ...]:
    """Words that mean the whole name alone and half of it beside the other half: Name, Nom, Nombre."""
    fields = {guess.field for guess in guesses}
    if "given_name" in fields and "family_name" not in fields:
        half = {"name": "family_name"}
    elif "family_name" in fields and not fields & {"given_name", "name"}:
        half = {"nom": "name"}
    else:
        half = {}
    if "given_name" in fields and not fields & {"family_name", "name"}:
        half = {"nombre": "name"}
    guesses = tuple(
        replace(guess, field=half[_key(guess.column)]) if _key(guess.column) in half else guess for guess in guesses
    )
    return guesses if fields & {"name", "given_name", "family_name"} else _with_people(guesses, cells)


def _with_people(guesses: tuple[ColumnGuess, ...], cells: Sequence[Sequence[str]]) -> tuple[ColumnGuess, ...]:
    """In a list without a header the first unnamed column that looks like names is taken for them."""
    for index, guess in enumerate(guesses):
        if guess.field or not _UNNAMED.fullmatch(guess.column):
            continue
        alike, count = sum(1 for cell in cells[index] if _PERSON.fullmatch(cell)), len(cells[index])
        if alike and alike * 2 >= count:
            why = f"cells look like names: {alike} of {count}"
            named = ColumnGuess(guess.column, "name", why, alike * _BY_CONTENT // count)
            return (*guesses[:index], named, *guesses[index + 1 :])
    return guesses


def settle_dates(guesses: Sequence[ColumnGuess], rows: Sequence[Sequence[str]]) -> tuple[ColumnGuess, ...]:
    """The guesses with the order of days and months in the columns of dates, as the whole list shows it; where it could
    be either, nobody decides but a person: the reason asks."""
    settled = []
    for index, guess in enumerate(guesses):
        if guess.field == "created_at":
            order, shown = date_order(row[index] for row in rows if index < len(row))
            if order:
                why = "the day comes first" if order == DAY_FIRST else "the month comes first"
                guess = replace(guess, field=f"created_at_{order}", reason=f"{why}: {shown}")
            elif shown:
                guess = replace(guess, reason=f"{WHICH_ORDER}: {shown}", confidence=_UNDECIDED)
        settled.append(guess)
    return tuple(settled)


def apply_mapping(
    guesses: Iterable[ColumnGuess], mapping: Mapping[str, str], reason: str = "chosen by hand"
) -> tuple[ColumnGuess, ...] | Refusal:
    """The guesses with what a person chose, {column: field}; "" keeps a column as an extra.

    A guess gives way where its field was chosen for another column. Refused: a column or field there is none of,
    and one field for two columns that can only have one.
    """
    guesses = tuple(guesses)
    columns = {guess.column for guess in guesses}
    chosen: dict[str, str] = {}
    for column, field in mapping.items():
        if column not in columns:
            return Refusal("mapping", f"no such column: {column[:80]}")
        if field and field not in FIELDS:
            return Refusal("mapping", f"no such field: {field[:80]}")
        slot = _slot(field)
        if slot and slot not in MANY and slot in chosen:
            return Refusal("mapping", f"two columns for one field: {slot}")
        chosen[slot] = column
    return tuple(_chosen(guess, mapping, chosen, reason) for guess in guesses)


def _chosen(guess: ColumnGuess, mapping: Mapping[str, str], chosen: Mapping[str, str], reason: str) -> ColumnGuess:
    if guess.column in mapping:
        return ColumnGuess(guess.column, mapping[guess.column], reason, 100)
    slot = _slot(guess.field)
    if slot and slot not in MANY and slot in chosen:
        return ColumnGuess(guess.column, "", f"this field is taken by column: {chosen[slot]}")
    return guess
