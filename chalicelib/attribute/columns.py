"""Plain CSV as columns, with the row and the reason of what cannot be read."""

import csv
import io
import math
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from chalicelib.records.contact import Refusal

T = TypeVar("T")
Columns = dict[str, list[str]]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
# What spreadsheets make of an ISO date: 2026/1/5 9:30
_LOOSE = re.compile(r"(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?)?", re.ASCII)


def read_columns(text: str, required: Sequence[str], optional: Sequence[str] = ()) -> Columns | Refusal:
    """The named columns of a CSV with a header, cells stripped, wholly empty lines left out.

    Header names are compared without case; other columns are ignored, an absent optional one is all "".
    The delimiter is the one of comma, semicolon and tab the header has most of. Rows count from 1.
    """
    body = text.lstrip("\ufeff")
    header_line = body.lstrip().partition("\n")[0]
    delimiter = max(",;\t", key=header_line.count)
    try:
        lines = list(csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        return Refusal(field="file", reason=f"this is not a readable CSV file: {error}")
    rows = [row for row in lines if any(cell.strip() for cell in row)]
    if not rows:
        return Refusal(field="file", reason="the file is empty")
    header = ["_".join(name.lower().split()) for name in rows[0]]
    return _header_refusal(header, required, rows) or _take(header, rows[1:], [*required, *optional])


def _header_refusal(header: list[str], required: Sequence[str], rows: list[list[str]]) -> Refusal | None:
    for name in required:
        if name not in header:
            return Refusal(field=name, reason=f"a column is missing: {name}")
    for name in header:
        if name and header.count(name) > 1:
            return Refusal(field=name, reason=f"a column appears twice: {name}")
    if len(rows) == 1:
        return Refusal(field="file", reason="the file has a header and no rows")
    return None


def _take(header: list[str], rows: list[list[str]], names: Sequence[str]) -> Columns | Refusal:
    width = len(header)
    for number, row in enumerate(rows, start=1):
        if len(row) > width:
            return Refusal(row=number, field="file", reason=f"more cells than the header has: {len(row)}")
    places = {name: header.index(name) for name in names if name in header}
    return {
        name: [row[at].strip() if at < len(row) else "" for row in rows]
        if (at := places.get(name, -1)) >= 0
        else [""] * len(rows)
        for name in names
    }


def parsed(name: str, cells: Sequence[str], parse: Callable[[str], T | None], fault: str) -> list[T] | Refusal:
    """Each cell by `parse`; the first one it answers None to is refused as `fault: cell`."""
    values: list[T] = []
    for number, cell in enumerate(cells, start=1):
        value = parse(cell)
        if value is None:
            return Refusal(row=number, field=name, reason=f"{fault}: {cell[:60]}" if cell else "a value is missing")
        values.append(value)
    return values


def inert(cell: str) -> str:
    """A text for a cell of a CSV we write; one that a spreadsheet would run as a formula is quoted."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def word(cell: str) -> str | None:
    """The cell itself, unless it is empty."""
    return cell or None


def amount(cell: str) -> float | None:
    """A finite number in plain notation ("1234.5"), no thousands separators; None for anything else."""
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in cell else None


def amount_from_zero(cell: str) -> float | None:
    value = amount(cell)
    return value if value is not None and value >= 0 else None


def instant(cell: str, *, day_ends: bool = False) -> int | None:
    """Microseconds since 1970 in UTC of an ISO 8601 time; one without a zone is taken as UTC.

    A date alone is the start of its day, or its last microsecond with `day_ends`: a conversion known by its
    day only comes after that day's touches.
    """
    moment, whole_day = _moment(cell)
    if moment is None:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    since = moment - _EPOCH + (_DAY - _MICROSECOND if whole_day and day_ends else timedelta())
    return since // _MICROSECOND


def end_instant(cell: str) -> int | None:
    return instant(cell, day_ends=True)


def day(cell: str) -> date | None:
    """The calendar day a cell names; a time of day in it is left out."""
    moment, _ = _moment(cell)
    return moment.date() if moment else None


def _moment(cell: str) -> tuple[datetime | None, bool]:
    try:
        return datetime.fromisoformat(cell), len(cell) <= 10
    except ValueError:
        loose = _LOOSE.fullmatch(cell)
    if not loose:
        return None, False
    try:
        return datetime(*(int(part) for part in loose.groups() if part)), loose[4] is None  # type: ignore[arg-type]
    except ValueError:
        return None, False
