"""The rows of a whole export as they come in: people as contacts, everything else with what the other tables say."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from chalicelib.capture.addresses import read_email
from chalicelib.capture.export_fields import cells_of
from chalicelib.capture.lists import read_contacts
from chalicelib.capture.sheet import Sheet
from chalicelib.records.contact import Contact, Refusal
from chalicelib.records.upload import ColumnGuess, ListPart

PEOPLE = "contacts"
AS_EXPORTED = ("file", "row of the file", "as exported")
UNKNOWN = "not a table of this product that is taken in"


@dataclass(frozen=True, slots=True)
class ExportRow:
    """A row of `table`: its `facts` (`capture.export_links`), its cells, and of a row about a person the contact."""

    table: str
    part: ListPart
    cells: tuple[str, ...]
    facts: dict[str, Any]
    contact: Contact | None = None

    def all(self, name: str) -> list[str]:
        """What stands in the columns of one of our fields."""
        return cells_of(self.part.fields, self.cells, name)

    def one(self, name: str) -> str:
        return next(iter(self.all(name)), "")


NumberedExportRow = tuple[int, ExportRow | Refusal]


def rows_of_list(
    sheet: Sheet, columns: Sequence[ColumnGuess], parts: Sequence[ListPart], first: int = 1
) -> Iterator[tuple[int, Any]]:
    """The rows of a list, or of an export where there are `parts`, counted from `first`."""
    return export_rows(sheet, parts, first) if parts else read_contacts(sheet, columns, first)


def people_of_list(sheet: Sheet, columns: Sequence[ColumnGuess], most: int = 10**9) -> list[tuple[int, Any]]:
    """The rows that are people, or should be, up to so many: what a preview is counted over."""
    if not sheet.parts:
        return list(islice(read_contacts(sheet, columns), most))
    rows = export_rows(sheet, [part for part in sheet.parts if part.table == PEOPLE], 1)
    people = ((number, row.contact if isinstance(row, ExportRow) else row) for number, row in rows)
    return list(islice(((number, one) for number, one in people if one is not None), most))


def as_exported(parts: Sequence[ListPart], row: int, cells: Sequence[str]) -> tuple[str, ...]:
    """A refused row for the file of such rows: its file, its row there, and what it holds."""
    part = part_of(parts, row)
    named = zip(part.header, cells[1:], strict=False)
    return part.file, str(row - part.first + 1), "; ".join(f"{name}={cell}" for name, cell in named if cell)


def part_of(parts: Sequence[ListPart], row: int) -> ListPart:
    """The table a row of an export is in."""
    return next(part for part in parts if part.holds(row))


def export_rows(sheet: Sheet, parts: Sequence[ListPart], first: int) -> Iterator[NumberedExportRow]:
    """`sheet` holds some rows of the export, each with its facts in a first cell."""
    last = first + len(sheet.rows) - 1
    for part in parts:
        start, end = max(part.first, first), min(part.first + part.rows - 1, last)
        if start <= end:
            yield from _of_part(sheet, part, start, end, first)


def _of_part(sheet: Sheet, part: ListPart, start: int, end: int, first: int) -> Iterator[NumberedExportRow]:
    rows = sheet.rows[start - first : end - first + 1]
    cells = [row[1:] for row in rows]
    contacts: Iterator[tuple[int, Contact | Refusal]] = iter(())
    if part.table == PEOPLE:
        own = Sheet(part.header, cells, "", "", 1)
        contacts = read_contacts(own, part.columns, start)
    for number, row, own_cells in zip(range(start, end + 1), rows, cells, strict=True):
        contact = next(contacts)[1] if part.table == PEOPLE else None
        if bad := sheet.bad_rows.get(number):
            yield number, bad
        elif not part.table:
            yield number, Refusal("file", UNKNOWN, number)
        else:
            yield number, _row(part, own_cells, json.loads(row[0]), contact)


def _row(part: ListPart, cells: tuple[str, ...], facts: dict[str, Any], contact: Contact | Refusal | None) -> Any:
    if table := facts.get("as"):
        return ExportRow(table, part, cells, facts)
    if isinstance(contact, Refusal):
        return contact
    if part.table == "opt_outs":
        contact = _of_opt_out(facts)
    elif whose := facts.get("whose"):
        contact = _of_deal(whose)
        if not (contact.full_name or contact.emails or contact.phones):
            return Refusal("name", "no name, e-mail or phone")
    elif contact:
        contact = _as_joined(contact, facts)
    return ExportRow(part.table, part, cells, facts, contact)


def _of_opt_out(facts: dict[str, Any]) -> Contact | None:
    if not facts.get("email"):
        return None
    said = facts.get("said", "")
    marks = {"opt_out": "yes"} if said == "no" else {"consent": "yes"} if said == "yes" else {}
    return Contact(full_name=facts.get("name", ""), emails=(facts["email"],), extra=marks)


def _of_deal(whose: dict[str, str]) -> Contact:
    emails = tuple(address for address in [read_email(whose.get("email", ""))] if address)
    phones = (whose["phone"],) if "phone" in whose else ()
    return Contact(whose.get("person", ""), company=whose.get("firm", ""), emails=emails, phones=phones)


def _as_joined(contact: Contact, facts: dict[str, Any]) -> Contact:
    """With the company and what was said of promotion in other tables; the stricter word counts."""
    extra = dict(contact.extra)
    if facts.get("opt_out"):
        extra["opt_out"] = "yes"
    if facts.get("consent") and extra.get("consent") != "no":
        extra["consent"] = "yes"
    return replace(contact, company=contact.company or facts.get("company", ""), extra=extra)
