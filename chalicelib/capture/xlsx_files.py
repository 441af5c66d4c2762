"""Lists as Excel workbooks: the first visible sheet that holds anything, values as they were stored."""

import io
import itertools
import warnings
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from chalicelib.capture.limits import (
    MAX_CELL,
    MAX_COLUMNS,
    MAX_ROWS,
    Archive,
    cell_problem,
    refused,
    too_many_columns,
    too_many_rows,
)
from chalicelib.capture.sheet import Sheet, find_header, header_names
from chalicelib.records.contact import Refusal

_FIRST = 30
_LAST_ROW = 1_048_576
_MAX_CELLS = 5_000_000  # with the gaps before the last used column, which cost time too
_MAX_UNNAMED = 50
_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"})

Row = tuple[int, list[str]]


class _OverLimit(Exception):
    """Carries the refusal out of the row generator."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal


def read_workbook(data: bytes, archive: Archive) -> Sheet | Refusal:
    """The rows of the workbook. Formulas are not evaluated: the stored value counts, or the formula's text.

    Entities and external links are never followed (defusedxml; links are not loaded).
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and extensions nobody needs here
        try:
            return _read(data, archive)
        except _OverLimit as over:
            return over.refusal
        except Exception:  # openpyxl fails with whatever its parsers raise; each means the same to the sender
            return refused("the workbook is damaged or uses what is not read here; save it as CSV")


def _read(data: bytes, archive: Archive) -> Sheet | Refusal:
    import openpyxl  # 150 ms, and only lists as workbooks need it

    def book(data_only: bool) -> Any:
        return openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=data_only, keep_links=False)

    values = book(data_only=True)
    formulas = book(data_only=False) if archive.formulas else None
    for name in values.sheetnames:
        if values[name].sheet_state != "visible" or not hasattr(values[name], "reset_dimensions"):
            continue
        rows = _text_rows(values[name], formulas[name] if formulas else None)
        first = list(itertools.islice(rows, _FIRST))
        if first:
            return _sheet(first, rows)
    return refused("the file is empty")


def _text_rows(values: Any, formulas: Any) -> Iterator[Row]:
    """(sheet row, cells as text without the empty ones at the end) of every row that is not blank."""
    cells = 0
    for number, row in enumerate(_both(values, formulas), start=1):
        cells += len(row)
        if number > _LAST_ROW or cells > _MAX_CELLS:
            raise _OverLimit(refused(f"the sheet has more cells than allowed: {_MAX_CELLS}"))
        texts = ["" if value is None else _text(value) for value in row]
        while texts and not texts[-1].strip():
            texts.pop()
        if texts:
            yield number, texts


def _both(values: Any, formulas: Any) -> Iterator[tuple[Any, ...]]:
    """The stored values; where a formula has none stored, its text."""
    values.reset_dimensions()  # the stated used range may be a million empty rows, or wrong
    if formulas is None:
        yield from values.iter_rows(values_only=True)
        return
    formulas.reset_dimensions()
    for row, written in zip(values.iter_rows(values_only=True), formulas.iter_rows(values_only=True), strict=False):
        yield tuple(text if value is None else value for value, text in zip(row, written, strict=False))


def _text(value: Any) -> str:
    if isinstance(value, str):
        if value in _ERRORS:
            return ""
        return _unescaped(value) if "_x" in value else value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))  # a phone number typed as a number
    if isinstance(value, datetime):
        return value.isoformat(" ").removesuffix(" 00:00:00")
    return str(getattr(value, "text", value))


def _unescaped(value: str) -> str:
    from openpyxl.utils.escape import unescape

    return str(unescape(value))


def _sheet(first: list[Row], rest: Iterator[Row]) -> Sheet | Refusal:
    at = find_header([cells for _number, cells in first])
    width = max(len(cells) for _number, cells in first) if at < 0 else 0
    header = header_names(() if at < 0 else first[at][1], width)
    if len(header) > MAX_COLUMNS:
        return too_many_columns(len(header))
    body = first[at + 1 :]
    start = body[0][0] if body else 0
    sheet = Sheet(header, [], "xlsx", "", start)
    beside: dict[int, dict[int, str]] = {}
    for _number, cells in itertools.chain(body, rest):
        _add(sheet, cells, beside)
        if len(sheet.rows) > MAX_ROWS:
            return too_many_rows()
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
