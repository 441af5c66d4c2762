"""Lists as Excel workbooks: every visible sheet that holds anything, values as they were stored."""

import warnings
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from chalicelib.capture.grid import OverLimit, filled_rows, sheet_of, whole_number
from chalicelib.capture.limits import Archive, refused
from chalicelib.capture.sheet import Sheet
from chalicelib.capture.together import together
from chalicelib.records.contact import Refusal

if TYPE_CHECKING:
    from chalicelib.capture.xlsx_book import Book

_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"})


def read_workbook(data: bytes, archive: Archive) -> Sheet | Refusal:
    """The rows of the workbook. Formulas are not evaluated: the stored value counts, or the formula's text.

    Entities and external links are never followed (defusedxml; links are not loaded).
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and extensions nobody needs here
        try:
            return together(list(_sheets(data, archive)))
        except OverLimit as over:
            return over.refusal
        except Exception:  # openpyxl fails with whatever its parsers raise; each means the same to the sender
            return refused("the workbook is damaged or uses what is not read here; save it as CSV")


def _sheets(data: bytes, archive: Archive) -> Iterator[tuple[str, Sheet | Refusal]]:
    from chalicelib.capture.xlsx_book import Book  # 150 ms, and only lists as workbooks need it

    values = Book(data, data_only=True)
    formulas = Book(data, data_only=False) if archive.formulas else None
    spent = [0]
    for name, part in values.sheets():
        if (found := sheet_of(filled_rows(_texts(part, values, formulas), spent), "xlsx")) is not None:
            yield name, found


def _texts(part: str, values: "Book", formulas: "Book | None") -> Iterator[tuple[int, list[str]]]:
    for number, row in _both(part, values, formulas):
        yield number, ["" if value is None else _text(value) for value in row]


def _both(part: str, values: "Book", formulas: "Book | None") -> Iterator[tuple[int, list[Any]]]:
    """The stored values; where a formula has none stored, its text."""
    if formulas is None:
        yield from values.rows(part)
        return
    for (number, row), (_, written) in zip(values.rows(part), formulas.rows(part), strict=False):
        yield number, [text if value is None else value for value, text in zip(row, written, strict=False)]


def _text(value: Any) -> str:
    if isinstance(value, str):
        if value in _ERRORS:
            return ""
        return _unescaped(value) if "_x" in value else value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and (digits := whole_number(value)):
        return digits
    if isinstance(value, datetime):
        return value.isoformat(" ").removesuffix(" 00:00:00")
    return str(getattr(value, "text", value))


def _unescaped(value: str) -> str:
    from openpyxl.utils.escape import unescape

    return str(unescape(value))
