"""A workbook opened so that memory stays bounded whatever is in it: its sheets and strings are streams of which nothing
is kept, its other parts are read whole only where they are as small as programs write them.

openpyxl reads the parts; what it would keep of them, or read without need (sizes, charts, names), it is not asked for.
"""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from defusedxml.ElementTree import iterparse  # as openpyxl does: no entities, no outside
from openpyxl.cell.text import Text
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.worksheet._reader import ROW_TAG, WorkSheetParser
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS

from chalicelib.capture.grid import OverLimit
from chalicelib.capture.limits import MOST_KEPT, part_too_large, too_many_parts, too_many_texts

_STRING_TAG, _TEXT_TAG = f"{{{SHEET_MAIN_NS}}}si", f"{{{SHEET_MAIN_NS}}}t"
# Tags and attributes of one part that is no sheet: the styles of a large workbook are a tenth of it.
_MOST_WHOLE = 500_000
_MOST_STRINGS = 1_000_000
_PIECE = 64 * 1024
_IN_ROOT, _IN_TABLE = 1, 2


class _Parts(zipfile.ZipFile):
    """What openpyxl reads whole is made into a tree, of fifty times its size at worst."""

    def read(self, name: Any, pwd: bytes | None = None) -> bytes:
        pieces, many = [], 0
        with self.open(name, "r", pwd) as source:
            while piece := source.read(_PIECE):
                many += piece.count(b"<") + piece.count(b"=")
                if many > _MOST_WHOLE:
                    raise OverLimit(part_too_large())
                pieces.append(piece)
        return b"".join(pieces)


class Book(ExcelReader):  # type: ignore[misc]
    """The workbook in these bytes. `data_only`: the stored values of formulas, else their texts."""

    def __init__(self, data: bytes, data_only: bool) -> None:
        super().__init__(io.BytesIO(data), read_only=True, data_only=data_only, keep_links=False)
        self.archive = _Parts(io.BytesIO(data))
        self.read_manifest()
        self.read_strings()
        self.read_workbook()
        apply_stylesheet(self.archive, self.wb)

    def read_strings(self) -> None:
        """The texts that cells share."""
        if part := self.package.find(SHARED_STRINGS):
            with self.archive.open(part.PartName[1:]) as source:
                for each in elements(source, _STRING_TAG, _IN_ROOT):
                    self.shared_strings.append(_said(each))
                    if len(self.shared_strings) > _MOST_STRINGS:
                        raise OverLimit(too_many_texts(_MOST_STRINGS))

    def sheets(self) -> Iterator[tuple[str, str]]:
        """(name, part) of the visible worksheets."""
        for sheet, rel in self.parser.find_sheets():
            if rel.target in self.valid_files and "chartsheet" not in rel.Type and sheet.state == "visible":
                yield sheet.name, rel.target

    def rows(self, part: str) -> Iterator[tuple[int, list[Any]]]:
        """(number, values) of the rows that are there; a cell that is not there is None."""
        book = self.wb
        with self.archive.open(part) as source:
            parser = WorkSheetParser(
                source, self.shared_strings, data_only=self.data_only, epoch=book.epoch,
                date_formats=book._date_formats, timedelta_formats=book._timedelta_formats,
            )  # fmt: skip
            for element in elements(source, ROW_TAG, _IN_TABLE):
                number, cells = parser.parse_row(element)
                parser.row_dimensions.clear()
                yield number, _in_columns(cells)


def _said(string: Any) -> str:
    """A text in one piece, as nearly all are, or in several of different looks."""
    plain = len(string) == 1 and string[0].tag == _TEXT_TAG
    text = string[0].text or "" if plain else Text.from_tree(string).content
    return str(text).replace("x005F_", "")


def _in_columns(cells: list[dict[str, Any]]) -> list[Any]:
    values: list[Any] = [None] * max((cell["column"] for cell in cells), default=0)
    for cell in cells:
        values[cell["column"] - 1] = cell["value"]
    return values


def elements(source: Any, tag: str, depth: int) -> Iterator[Any]:
    """The elements of that tag so deep below the root, one after another; each, and whatever else lies that deep, is
    thrown away before the next. Raises OverLimit."""
    above: list[Any] = []
    kept = 0
    for event, element in iterparse(source, events=("start", "end")):
        if event == "start":
            kept += 1
            if kept > MOST_KEPT:
                raise OverLimit(too_many_parts())
            above.append(element)
            continue
        above.pop()
        if len(above) == depth and element.tag == tag:
            yield element
        if 0 < len(above) <= depth:
            element.clear()
            above[-1].remove(element)
            kept = len(above)
