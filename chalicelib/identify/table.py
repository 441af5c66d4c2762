"""A plain table as the linkage of its records reads it: what each column holds, and each value in one spelling."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.identify.emails import normal_email
from chalicelib.identify.folding import fold, loose, name_tokens
from chalicelib.identify.word_lists import word_list

_DIGITS = re.compile(r"\d")
_DATE = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?")
_DAY_FIRST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_FEW = 50  # values a column has at most to be a class: states, sexes, segments
_SHORT = 8  # characters of a code, at most: postcode, house number


class Kind(StrEnum):
    """What a column holds; the value names its weights in `data/linkage.json`."""

    GIVEN = "given name"
    FAMILY = "family name"
    NAME = "name"
    EMAIL = "e-mail"
    PHONE = "phone"
    DATE = "date"
    NUMBER = "number"
    CODE = "code"
    CLASS = "class"
    TEXT = "text"
    LEFT = "left out"


# What the list reader calls a column; fields a person has anew at each show are no evidence.
_FIELDS = {
    "given_name": Kind.GIVEN, "family_name": Kind.FAMILY, "name": Kind.NAME, "email": Kind.EMAIL, "phone": Kind.PHONE,
    "title": Kind.LEFT, "language": Kind.LEFT, "product_interest": Kind.LEFT, "campaign": Kind.LEFT,
    "message": Kind.LEFT, "url": Kind.LEFT, "consent": Kind.LEFT, "opt_out": Kind.LEFT,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its header, what it holds, and why we think so. `named`: its header says it, in words of our own."""

    header: str
    kind: Kind
    reason: str
    named: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """`records[i][c]` is the value of data row i (from 0) in column c, in one spelling; "" where there is none."""

    columns: tuple[Column, ...]
    records: tuple[tuple[str, ...], ...]

    def at(self, kind: Kind) -> tuple[int, ...]:
        """The places of the columns of that kind."""
        return tuple(place for place, column in enumerate(self.columns) if column.kind is kind)


def read_table(header: Sequence[str], rows: Sequence[Sequence[str]], fields: Sequence[str]) -> Table:
    """`fields` is what the list reader took each column for ("" for nothing). Every row is as wide as the header."""
    columns = tuple(
        _column(name, field, [row[place] for row in rows if row[place].strip()])
        for place, (name, field) in enumerate(zip(header, fields, strict=True))
    )
    spellings = [_SPELLINGS[column.kind] for column in columns]
    records = [tuple(spell(cell) for spell, cell in zip(spellings, row, strict=True)) for row in rows]
    return Table(columns, tuple(records))


def _column(header: str, field: str, cells: Sequence[str]) -> Column:
    named = _words().get(_key(header))
    if named:
        return Column(header, named, f"header word: {header}", named=True)
    if field in _FIELDS:
        return Column(header, _FIELDS[field], f"header word or content: {field}")
    return Column(header, *_by_content(cells))


def _by_content(cells: Sequence[str]) -> tuple[Kind, str]:
    different = len(set(cells))
    if not cells:
        return Kind.LEFT, "empty"
    if different == len(cells) > _FEW and all(cell.strip().isdigit() for cell in cells):
        return Kind.LEFT, "a number of its own in every row"
    if _most(cells, lambda cell: bool(_date(cell))):
        return Kind.DATE, "cells look like dates"
    if different <= min(_FEW, len(cells) // 20):
        return Kind.CLASS, f"{different} different values"
    if _most(cells, lambda cell: len(cell.strip()) <= _SHORT and bool(_DIGITS.search(cell))):
        return Kind.CODE, "short, with digits"
    if _most(cells, lambda cell: cell.strip().isdigit()):
        return Kind.NUMBER, "long numbers"
    return Kind.TEXT, "words"


def _most(cells: Sequence[str], looks: Callable[[str], bool]) -> bool:
    return sum(1 for cell in cells if looks(cell)) * 10 >= len(cells) * 9


def _words() -> dict[str, Kind]:
    kinds = {"date": Kind.DATE, "number": Kind.NUMBER, "left": Kind.LEFT}
    words = word_list("linkage")["headers"]
    return {_key(word): kind for name, kind in kinds.items() for word in words[name]}


def _key(header: str) -> str:
    return "".join(letter for letter in fold(header) if letter.isalnum())


def _joined(cell: str) -> str:
    return loose("".join(letter for letter in fold(cell) if letter.isalnum()))


def _date(cell: str) -> str:
    """YYYYMMDD; the year comes first or last, and where it is last the day is first unless that is no day."""
    text = cell.strip().partition(" ")[0].partition("T")[0]
    found = _DATE.fullmatch(text)
    if found:
        year, month, day = found.groups()
    else:
        found = _DAY_FIRST.fullmatch(text)
        if not found:
            return ""
        day, month, year = found.groups()
        if int(month) > 12:
            day, month = month, day
    return f"{year}{int(month):02d}{int(day):02d}" if 1 <= int(month) <= 12 and 1 <= int(day) <= 31 else ""


def _dated(cell: str) -> str:
    return _date(cell) or _joined(cell)


def _address(cell: str) -> str:
    return normal_email(cell) or cell.strip().lower()


def _number(cell: str) -> str:
    return "".join(_DIGITS.findall(cell))[-9:]


def _whole_name(cell: str) -> str:
    return " ".join(loose(token) for token in name_tokens(cell))


def _nothing(_: str) -> str:
    return ""


_SPELLINGS: dict[Kind, Callable[[str], str]] = {
    Kind.GIVEN: _joined,
    Kind.FAMILY: _joined,
    Kind.NAME: _whole_name,
    Kind.EMAIL: _address,
    Kind.PHONE: _number,
    Kind.DATE: _dated,
    Kind.NUMBER: _joined,
    Kind.CODE: _joined,
    Kind.CLASS: _joined,
    Kind.TEXT: _joined,
    Kind.LEFT: _nothing,
}
