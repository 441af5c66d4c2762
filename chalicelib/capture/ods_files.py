"""Lists as OpenDocument spreadsheets (ODF 1.3, part 3, 9): read as a stream, every visible sheet.

Repetitions ("this row, a million times") are how the format says that nothing follows, and how a small file would
become a large one: they are counted against the limits, blank ones are passed over.
"""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from chalicelib.capture.grid import OverLimit, filled_rows, sheet_of, whole_number
from chalicelib.capture.limits import MAX_COLUMNS, MAX_ROWS, MOST_KEPT, refused, too_many_columns, too_many_parts
from chalicelib.capture.sheet import Sheet
from chalicelib.capture.together import together
from chalicelib.records.contact import Refusal

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_CELLS = frozenset({f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"})
_MOST_BLANKS = 100


def is_open_document(names: tuple[str, ...], data: bytes) -> bool:
    """Whether the archive says of itself that it is an OpenDocument spreadsheet."""
    return "content.xml" in names and b"opendocument.spreadsheet" in data[:200]


def read_open_document(data: bytes) -> Sheet | Refusal:
    """The rows of the spreadsheet, values as they were stored. Entities are never expanded (defusedxml)."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open("content.xml") as content:
            return together(list(_sheets(content)))
    except OverLimit as over:
        return over.refusal
    except Exception:  # whatever the parsers raise means the same to the sender
        return refused("the spreadsheet is damaged or protected by a password; save it as CSV")


def _sheets(content: Any) -> Iterator[tuple[str, Sheet | Refusal]]:
    spent = [0]
    stream = _Stream(content)
    while name := stream.next_table():
        if (found := sheet_of(filled_rows(stream.rows(), spent), "ods")) is not None:
            yield name, found


@dataclass
class _Stream:
    """The document's elements one after another; what was read is thrown away, so that memory stays bounded."""

    content: Any
    hidden: set[str] = field(default_factory=set)
    open: list[Any] = field(default_factory=list)
    kept: int = 0
    cells: int = 0

    def __post_init__(self) -> None:
        from defusedxml.ElementTree import iterparse  # as openpyxl does: no entities, no outside

        self._events = iter(iterparse(self.content, events=("start", "end")))

    def next_table(self) -> str:
        """Go on to the next visible sheet; its name, or "" behind the last one."""
        for started, element in self._elements():
            if started and element.tag == f"{_TABLE}table":
                if element.get(f"{_TABLE}style-name") not in self.hidden:
                    return element.get(f"{_TABLE}name") or "sheet"
            elif not started and element.tag == f"{_STYLE}table-properties":
                if element.get(f"{_TABLE}display") == "false":
                    self.hidden.add(self.open[-1].get(f"{_STYLE}name", ""))
            elif not started and element.tag in {f"{_TABLE}table-row", f"{_STYLE}style"}:
                self._forget(element)
        return ""

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """The rows of the sheet that was gone to, up to its end."""
        number = 1
        for started, element in self._elements():
            if not started and element.tag == f"{_TABLE}table":
                return
            if not started and element.tag == f"{_TABLE}table-row":
                cells, times = _cells(element), _repeated(element, "rows")
                self._forget(element)
                for turn in range(min(times, MAX_ROWS + 1) if any(cells) else 1):
                    yield number + turn, list(cells)
                number += times

    def _elements(self) -> Iterator[tuple[bool, Any]]:
        """(whether it starts, element), outside of cells: there a whole table can lie in a comment."""
        for event, element in self._events:
            if event == "start":
                self.kept += 1
                if self.kept > MOST_KEPT:
                    raise OverLimit(too_many_parts())
                outside = not self.cells
                self.open.append(element)
                self.cells += element.tag in _CELLS
                if outside:
                    yield True, element
                continue
            self.open.pop()
            self.cells -= element.tag in _CELLS
            if not self.cells:
                yield False, element

    def _forget(self, element: Any) -> None:
        element.clear()
        self.open[-1].remove(element)
        self.kept = len(self.open)


def _cells(row: Any) -> list[str]:
    texts: list[str] = []
    for cell in (each for each in row if each.tag in _CELLS):
        texts += [_value(cell)] * min(_repeated(cell, "columns"), MAX_COLUMNS + 1)
        if len(texts) > 2 * MAX_COLUMNS:
            if any(texts[MAX_COLUMNS:]):
                raise OverLimit(too_many_columns(len(texts)))
            del texts[MAX_COLUMNS:]
    return texts


def _repeated(element: Any, what: str) -> int:
    given = element.get(f"{_TABLE}number-{what}-repeated", "1")
    return max(1, int(given)) if given.isascii() and given.isdigit() and len(given) < 10 else 1


def _value(cell: Any) -> str:
    kind = cell.get(f"{_OFFICE}value-type", "")
    if kind == "date":
        return str(cell.get(f"{_OFFICE}date-value", "")).replace("T", " ").removesuffix(" 00:00:00")
    if kind == "boolean":
        return str(cell.get(f"{_OFFICE}boolean-value", "")).upper()
    if kind in {"float", "percentage", "currency"}:
        return _number(str(cell.get(f"{_OFFICE}value", "")))
    return "\n".join(_said(part) for part in cell if part.tag == f"{_TEXT}p")


def _number(written: str) -> str:
    """A phone number typed as a number may be stored as 4.91713920011E11; what has all its digits is written out."""
    try:
        return whole_number(float(written)) or written
    except ValueError:
        return written


def _said(paragraph: Any) -> str:
    """The text of a paragraph in order, without comments."""
    pieces = [paragraph.text or ""]
    for part in paragraph:
        if part.tag == f"{_TEXT}s":
            given = part.get(f"{_TEXT}c", "1")
            pieces.append(" " * min(int(given) if given.isdigit() and len(given) < 6 else 1, _MOST_BLANKS))
        elif part.tag in {f"{_TEXT}tab", f"{_TEXT}line-break"}:
            pieces.append("\n" if part.tag.endswith("line-break") else "\t")
        elif part.tag != f"{_OFFICE}annotation":
            pieces.append(_said(part))
        pieces.append(part.tail or "")
    return "".join(pieces)
