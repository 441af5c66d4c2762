"""Rows of a spreadsheet, whichever program wrote it, become a sheet."""

import itertools
from collections.abc import Iterator

from chalicelib.capture.limits import (
    MAX_CELL,
    MAX_CELLS,
    cell_problem,
    refused,
    too_large,
    too_many_cells,
)
from chalicelib.capture.sheet import Sheet, find_header, header_names, header_of
from chalicelib.records.contact import Refusal

_FIRST = 30
_LAST_ROW = 1_048_576
_MAX_UNNAMED = 50

# (row of the spreadsheet, from 1; its cells as text without the empty ones at its end)
Row = tuple[int, list[str]]


def whole_number(value: float) -> str:
    """A number without fraction with all its digits, as a phone number typed as a number has them; "" for others."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else ""


class OverLimit(Exception):
    """Carries the refusal out of a row generator."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal


def filled_rows(rows: Iterator[tuple[int, list[str]]], spent: list[int]) -> Iterator[Row]:
    """The rows that are not blank, without the empty cells at their end. `spent` counts the cells of the whole file
    with the gaps between them, which cost time too. Raises OverLimit."""
    for number, texts in rows:
        spent[0] += len(texts)
        if number > _LAST_ROW or spent[0] > MAX_CELLS:
            raise OverLimit(too_many_cells())
        while texts and not texts[-1].strip():
            texts.pop()
        if texts:
            yield number, texts


def sheet_of(rows: Iterator[Row], kind: str) -> Sheet | Refusal | None:
    """The sheet in these rows, a refusal, or None where there are none. Raises OverLimit."""
    first = list(itertools.islice(rows, _FIRST))
    return _sheet(first, rows, kind) if first else None


def _sheet(first: list[Row], rest: Iterator[Row], kind: str) -> Sheet | Refusal:
    at = find_header([cells for _number, cells in first])
    width = max(len(cells) for _number, cells in first) if at < 0 else 0
    header = header_of(() if at < 0 else first[at][1], width)
    if isinstance(header, Refusal):
        return header
    body = first[at + 1 :]
    start = body[0][0] if body else 0
    sheet = Sheet(header, [], kind, "", start)
    beside: dict[int, dict[int, str]] = {}
    for _number, cells in itertools.chain(body, rest):
        _add(sheet, cells, beside)
        if problem := too_large(len(sheet.rows), len(header)):
            return problem
    if not sheet.rows:
        return refused("the file holds no rows below its header")
    return _widened(sheet, beside) if beside else sheet


def _add(sheet: Sheet, cells: list[str], beside: dict[int, dict[int, str]]) -> None:
    width, row = len(sheet.header), len(sheet.rows) + 1
    if sum(map(len, cells)) > MAX_CELL // 4 and (problem := cell_problem(row, cells, sheet.header)):
        sheet.bad_rows[row] = problem
    if len(cells) > width:
        beside[row] = {width + index: text for index, text in enumerate(cells[width:]) if text}
        cells = cells[:width]
    sheet.rows.append(tuple(cells + [""] * (width - len(cells))))


def _widened(sheet: Sheet, beside: dict[int, dict[int, str]]) -> Sheet | Refusal:
    """Cells beside the table keep their column ("column 16384"); a workbook's cells cannot shift as a CSV's do."""
    columns = sorted({column for cells in beside.values() for column in cells})
    if len(columns) > _MAX_UNNAMED:
        return refused(f"more than {_MAX_UNNAMED} columns without a header: {len(columns)}")
    header = sheet.header + tuple(f"column {column + 1}" for column in columns)
    empty: dict[int, str] = {}
    rows = [
        cells + tuple(beside.get(row, empty).get(column, "") for column in columns)
        for row, cells in enumerate(sheet.rows, start=1)
    ]
    return Sheet(header_names(header), rows, sheet.encoding, sheet.delimiter, sheet.first_row, sheet.bad_rows)
