"""Rows of an export's tables, read by our names of their fields."""

import re
from collections.abc import Iterator, Mapping, Sequence

from chalicelib.capture.exports import ExportTable

_EXPORTED = re.compile(r"__export__\.\w+?_(\d+)(?:_[0-9a-f]{8})?")
_SEVERAL = re.compile(r"[;,|\n]")
# From the beginning of a word alone: tried from each letter, a long cell without an address takes hours.
EMAIL = re.compile(r"(?<![^\s<>()\[\];,:\"'])[^\s<>()\[\];,:\"']+@[^\s<>()\[\];,:\"']+")


def cells_of(fields: Mapping[str, tuple[int, ...]], cells: Sequence[str], name: str) -> list[str]:
    """What stands in the columns of one of our fields, blank ones left out."""
    found = (cells[place].strip() for place in fields.get(name, ()) if place < len(cells))
    return [cell for cell in found if cell]


class Row:
    """One row of a table, read by our names of its fields."""

    __slots__ = ("_cells", "_table", "number")

    def __init__(self, table: ExportTable, cells: Sequence[str], number: int) -> None:
        self._table, self._cells, self.number = table, cells, number

    def all(self, name: str) -> list[str]:
        return cells_of(self._table.fields, self._cells, name)

    def one(self, name: str) -> str:
        return next(iter(self.all(name)), "")

    def has(self, name: str) -> bool:
        return name in self._table.fields

    def refs(self, name: str) -> list[str]:
        """The ids in a cell that may name several."""
        return [part.strip() for cell in self.all(name) for part in _SEVERAL.split(cell) if part.strip()]


def short_id(value: str) -> str:
    """Salesforce writes an id with 15 signs or with a check of three behind them; Odoo a record's number alone or
    within the name it gives it for exports. Both are the same."""
    if named := _EXPORTED.fullmatch(value):
        return named[1]
    return value[:15] if len(value) == 18 and value.isalnum() else value


def rows_of(table: ExportTable, first: int = 1) -> Iterator[Row]:
    for number, cells in enumerate(table.sheet.rows, start=first):
        yield Row(table, cells, number)
