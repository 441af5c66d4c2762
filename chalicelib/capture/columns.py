"""Which column of a list holds what: by the header's words in seven languages, then by what the cells look like."""

import functools
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chalicelib.capture.addresses import read_email
from chalicelib.records.contact import Refusal
from chalicelib.records.upload import ColumnGuess

_DATA = Path(__file__).parent.parent / "data" / "columns.json"

# `opt_out` and `badge_id` have no place of their own in a person's profile but must not get lost among extras.
MANY = frozenset({"email", "phone", "product_interest", "message", "address", "url", "opt_out"})
ONE = frozenset(
    {"name", "given_name", "family_name", "company", "title", "country", "language", "campaign", "consent"}
    | {"external_id", "badge_id"}
)
FIELDS = MANY | ONE

_IN_BRACKETS = re.compile(r"\(.*?\)|（.*?）|\[.*?\]")
_TOKEN = re.compile(r"[^\W_]+")
_UNNAMED = re.compile(r"column \d+")
_PHONE = re.compile(r"(?:p:)?[+(（０0][\d０-９ ().\-/（）]{6,24}|\d{2,5}[ \-/.]\d[\d \-/.]{4,18}")
_DATE = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4}")
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_PERSON = re.compile(r"[^\W\d_][\w.'’-]*(?: [^\W\d_][\w.'’-]*){1,3}|[\u3400-\u9fff]{2,4}")


@dataclass(frozen=True, slots=True)
class _Words:
    """The data file, with each header word reduced to its letters and digits ("ours" and "leave" are no fields).

    `whole_only` are words that name a column alone but not at the end of others ("Name", but not "List name").
    """

    field_of: dict[str, str]
    ours: tuple[str, ...]
    phrases: tuple[tuple[str, str], ...]
    whole_only: frozenset[str]
    flags: dict[str, bool]


@functools.cache
def _words() -> _Words:
    data = json.loads(_DATA.read_text(encoding="utf-8"))
    field_of = {_key(word): "leave" for word in data["leave"]}
    ours = [_key(word) for words in data["ours"].values() for word in words]
    field_of |= dict.fromkeys(ours, "ours")
    for field, languages in data["fields"].items():
        field_of |= {_key(word): field for words in languages.values() for word in words}
    phrases = [(phrase, "opt_out") for phrase in data["opt_out_phrases"]]
    phrases += [(phrase, "consent") for phrase in data["consent_phrases"]]
    flags = dict.fromkeys(data["yes"], True) | dict.fromkeys(data["no"], False)
    long_ours = tuple(word for word in ours if len(word) > 2 or not word.isascii())
    return _Words(field_of, long_ours, tuple(phrases), frozenset(data["whole_only"]), flags)


def read_flag(cell: str) -> bool | None:
    """Yes or no, in the words of the lists' languages; None for anything else."""
    return _words().flags.get(cell.strip().casefold())


def _key(header: str) -> str:
    folded = unicodedata.normalize("NFKD", header).casefold()
    return "".join(char for char in folded if char.isalnum())


def guess_columns(header: Sequence[str], sample: Sequence[Sequence[str]]) -> tuple[ColumnGuess, ...]:
    """One guess per column, in order, each with its reason. `sample` are some rows of the list, not all.

    Several columns may hold e-mails, phones, products, messages, parts of an address, links; of every other
    field the first and best-named column is taken. What has no field ("") is kept under its own name.
    """
    guesses: dict[int, ColumnGuess] = {}
    taken: dict[str, str] = {}
    for by in (_by_whole_name, _by_part_of_name, _by_content):
        for index, column in enumerate(header):
            cells = [row[index].strip() for row in sample if index < len(row) and row[index].strip()]
            found = None if index in guesses else by(column, cells)
            if found:
                guesses[index] = _unless_taken(found, taken)
    given = tuple(guesses.get(index, ColumnGuess(column, "", "kept as given")) for index, column in enumerate(header))
    return _with_names(given, sample)


def _unless_taken(guess: ColumnGuess, taken: dict[str, str]) -> ColumnGuess:
    if guess.field in ONE and guess.field in taken:
        return ColumnGuess(guess.column, "", f"this field is taken by column: {taken[guess.field]}")
    taken[guess.field] = guess.column
    return guess


def _by_whole_name(column: str, cells: Sequence[str]) -> ColumnGuess | None:
    key = _key(column)
    names = (key, key.rstrip("0123456789"), _key(_IN_BRACKETS.sub("", column)))
    word = next((_words().field_of[name] for name in names if name in _words().field_of), "")
    return _named(column, word, cells) if word else None


def _by_part_of_name(column: str, cells: Sequence[str]) -> ColumnGuess | None:
    """ "Opted out of email: news" by its phrase; "Attendee's company" and "联系人手机" by how they end."""
    folded = column.casefold()
    for phrase, field in _words().phrases:
        if phrase in folded:
            return _named(column, field, cells)
    key = _key(column)
    tokens = _TOKEN.findall(_IN_BRACKETS.sub("", folded))
    if any("".join(tokens[:count]) in _words().ours for count in range(1, len(tokens) + 1)) or (
        not key.isascii() and key.startswith(_words().ours)
    ):
        return _named(column, "ours", cells)
    endings = ["".join(tokens[index:]) for index in range(1, len(tokens))]
    if not key.isascii():
        endings += [key[index:] for index in range(1, len(key) - 1)]
    for ending in endings:
        word = _words().field_of.get(_key(ending), "")
        if word and ending not in _words().whole_only:
            return _named(column, word, cells)
    return None


def _named(column: str, word: str, cells: Sequence[str]) -> ColumnGuess:
    if word == "ours":
        return ColumnGuess(column, "", "about our own people, kept as given")
    if word == "leave":
        return ColumnGuess(column, "", "kept as given")
    if word in {"email", "phone"} and cells and all(read_flag(cell) is not None for cell in cells):
        return ColumnGuess(column, "", "named like a contact point, but holds yes and no")
    return ColumnGuess(column, word, f"header word: {column}")


def _by_content(column: str, cells: Sequence[str]) -> ColumnGuess | None:
    looks: tuple[tuple[str, Callable[[str], object], str], ...] = (
        ("email", read_email, "cells look like e-mail addresses"),
        ("phone", lambda cell: _PHONE.fullmatch(cell) and not _DATE.match(cell), "cells look like phone numbers"),
        ("url", _LINK.fullmatch, "cells look like links"),
    )
    for field, looks_like, reason in looks:
        alike = sum(1 for cell in cells if looks_like(cell))
        if alike and alike * 2 >= len(cells):
            return ColumnGuess(column, field, f"{reason}: {alike} of {len(cells)}")
    return None


def _with_names(guesses: tuple[ColumnGuess, ...], sample: Sequence[Sequence[str]]) -> tuple[ColumnGuess, ...]:
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
        ColumnGuess(guess.column, half[_key(guess.column)], guess.reason) if _key(guess.column) in half else guess
        for guess in guesses
    )
    return guesses if fields & {"name", "given_name", "family_name"} else _with_people(guesses, sample)


def _with_people(guesses: tuple[ColumnGuess, ...], sample: Sequence[Sequence[str]]) -> tuple[ColumnGuess, ...]:
    """In a list without a header the first unnamed column that looks like names is taken for them."""
    for index, guess in enumerate(guesses):
        cells = [row[index].strip() for row in sample if index < len(row) and row[index].strip()]
        alike = sum(1 for cell in cells if _PERSON.fullmatch(cell))
        if not guess.field and _UNNAMED.fullmatch(guess.column) and alike and alike * 2 >= len(cells):
            named = ColumnGuess(guess.column, "name", f"cells look like names: {alike} of {len(cells)}")
            return (*guesses[:index], named, *guesses[index + 1 :])
    return guesses


def apply_mapping(guesses: Iterable[ColumnGuess], mapping: Mapping[str, str]) -> tuple[ColumnGuess, ...] | Refusal:
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
        if field in ONE and field in chosen:
            return Refusal("mapping", f"two columns for one field: {field}")
        chosen[field] = column
    return tuple(_chosen(guess, mapping, chosen) for guess in guesses)


def _chosen(guess: ColumnGuess, mapping: Mapping[str, str], chosen: Mapping[str, str]) -> ColumnGuess:
    if guess.column in mapping:
        return ColumnGuess(guess.column, mapping[guess.column], "chosen by hand")
    if guess.field in ONE and guess.field in chosen:
        return ColumnGuess(guess.column, "", f"this field is taken by column: {chosen[guess.field]}")
    return guess
