"""Whole exports of other products: a ZIP of tables, each known by its columns (`data/exports.json`)."""

import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chalicelib.capture.headers import header_key
from chalicelib.capture.sheet import Sheet
from chalicelib.capture.together import Part
from chalicelib.records.contact import Refusal

_DATA = Path(__file__).parent.parent / "data" / "exports.json"
# One table alone is a list as any other.
_LEAST = 2
_MAIN = frozenset({"companies", "contacts", "deals"})


@dataclass(frozen=True, slots=True)
class Table:
    """How a table of a product is known, by reduced names (`header_key`), and which columns hold what."""

    name: str
    needs: tuple[frozenset[str], ...]
    never: frozenset[str]
    fields: dict[str, tuple[str, ...]]

    def fits(self, keys: frozenset[str]) -> bool:
        return all(group & keys for group in self.needs) and not self.never & keys


@dataclass(frozen=True, slots=True)
class ExportTable:
    """One file of an export: `table` is what it was taken for, "" for none; `fields` say at which places of the header
    each of our fields stands."""

    file: str
    table: str
    sheet: Sheet
    fields: dict[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Export:
    """A product's tables, in the order in which they are to come in; what nobody knows comes last. `notes` say which
    files are no tables at all."""

    product: str
    tables: tuple[ExportTable, ...]
    notes: tuple[str, ...] = ()


@functools.cache
def _data() -> tuple[tuple[str, ...], dict[str, tuple[Table, ...]]]:
    """(the order of tables, {product: its tables})."""
    data = json.loads(_DATA.read_text(encoding="utf-8"))
    return tuple(data["order"]), {one["name"]: tuple(map(_table, one["tables"])) for one in data["products"]}


def _table(entry: dict[str, object]) -> Table:
    needs, never, fields = entry["needs"], entry["never"], entry["fields"]
    assert isinstance(needs, list)
    assert isinstance(never, list)
    assert isinstance(fields, dict)
    return Table(
        str(entry["table"]),
        tuple(frozenset(map(header_key, group)) for group in needs),
        frozenset(map(header_key, never)),
        {field: tuple(map(header_key, names)) for field, names in fields.items()},
    )


def as_export(parts: Sequence[Part]) -> Export | None:
    """The parts of an archive as the export of the product most of whose tables they are; None for lists of another
    kind."""
    order, products = _data()
    sheets = [(name, sheet) for name, sheet in parts if isinstance(sheet, Sheet)]
    taken = {product: [_taken(sheet, tables) for _, sheet in sheets] for product, tables in products.items()}
    best = max(taken, key=lambda product: sum(table is not None for table in taken[product]))
    known = {table.name for table in taken[best] if table}
    if len(known) < _LEAST or not known & _MAIN:
        return None
    found = [_read(name, sheet, table) for (name, sheet), table in zip(sheets, taken[best], strict=True)]
    places = {name: place for place, name in enumerate(order)}
    found.sort(key=lambda each: places.get(each.table, len(order)))
    return Export(best, tuple(found), tuple(_left_out(parts)))


def _taken(sheet: Sheet, tables: Sequence[Table]) -> Table | None:
    keys = frozenset(map(header_key, sheet.header))
    fitting = [table for table in tables if table.fits(keys)]
    return max(fitting, key=lambda table: _named(table, keys)) if fitting else None


def _named(table: Table, keys: frozenset[str]) -> int:
    return sum(name in keys for names in table.fields.values() for name in names)


def _read(file: str, sheet: Sheet, table: Table | None) -> ExportTable:
    places: dict[str, int] = {}
    for index, name in enumerate(sheet.header):
        places.setdefault(header_key(name), index)
    fields = table.fields if table else {}
    found = {field: tuple(places[name] for name in names if name in places) for field, names in fields.items()}
    return ExportTable(file, table.name if table else "", sheet, {field: at for field, at in found.items() if at})


def _left_out(parts: Sequence[Part]) -> list[str]:
    return [f"left out, not a list that can be read: {name[:80]}" for name, part in parts if isinstance(part, Refusal)]
