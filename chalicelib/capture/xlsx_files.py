"""Lists as Excel workbooks: every visible sheet that holds anything, values as they were stored."""

import io
import warnings
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from chalicelib.capture.grid import OverLimit, filled_rows, sheet_of, whole_number
from chalicelib.capture.limits import Archive, refused
from chalicelib.capture.sheet import Sheet
from chalicelib.capture.together import together
from chalicelib.records.contact import Refusal

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
    import openpyxl  # 150 ms, and only lists as workbooks need it

    def book(data_only: bool) -> Any:
        return openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=data_only, keep_links=False)

    values = book(data_only=True)
    formulas = book(data_only=False) if archive.formulas else None
    spent = [0]
    for name in values.sheetnames:
        if values[name].sheet_state != "visible" or not hasattr(values[name], "reset_dimensions"):
            continue
        rows = enumerate(_texts(values[name], formulas[name] if formulas else None), start=1)
        if (found := sheet_of(filled_rows(rows, spent), "xlsx")) is not None:
            yield name, found


def _texts(values: Any, formulas: Any) -> Iterator[list[str]]:
    for row in _both(values, formulas):
        yield ["" if value is None else _text(value) for value in row]


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
    if isinstance(value, float) and (digits := whole_number(value)):
        return digits
    if isinstance(value, datetime):
        return value.isoformat(" ").removesuffix(" 00:00:00")
    return str(getattr(value, "text", value))


def _unescaped(value: str) -> str:
    from openpyxl.utils.escape import unescape

    return str(unescape(value))
