"""A list as read from a file: its header, its data rows, and which of them cannot be used."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from chalicelib.capture.addresses import read_email
from chalicelib.capture.limits import MAX_COLUMNS, too_many_columns
from chalicelib.capture.text import clean
from chalicelib.records.contact import Refusal
from chalicelib.records.upload import ListPart

_NAME_LIMIT = 200
_HEADER_WITHIN = 10  # exports put a few lines of report title above the header


@dataclass(frozen=True, slots=True)
class Sheet:
    """`rows[i]` is data row i + 1; wholly blank rows are left out and not counted. Every row is as wide as the
    header but those in `bad_rows` (row -> refusal), which keep their source cells for the error file.

    `header` names are unique ("Email", "Email (2)"; "column 3" where the file has none). `encoding` is a Python
    codec's name, or "xlsx" or "ods"; `delimiter` is "" for a workbook; `first_row` is where in the file (lines of a
    table, from 1) the data begin. `notes` say of a file of several parts which rows come from which, and what was
    left out. `product` and `parts` are those of a whole export, in whose rows a first cell stands before those of
    their own table (`capture.export_links`).
    """

    header: tuple[str, ...]
    rows: list[tuple[str, ...]]
    encoding: str
    delimiter: str
    first_row: int
    bad_rows: dict[int, Refusal] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    product: str = ""
    parts: tuple[ListPart, ...] = ()


def find_header(records: Sequence[Sequence[str]]) -> int:
    """The index of the header among a file's first records, or -1 where the first one is already a person.

    The header is the first record that fills at least half of the usual width, so titles above it are passed by.
    """
    filled = [sum(1 for cell in record if cell.strip()) for record in records]
    usual = max(filled, default=0) if len(filled) < 3 else sorted(filled)[len(filled) // 2]
    for index, count in enumerate(filled[:_HEADER_WITHIN]):
        if count and count * 2 >= usual and (count > 1 or usual == 1):
            return -1 if any(read_email(cell) for cell in records[index]) else index
    return 0


def header_of(cells: Sequence[str], width: int = 0) -> tuple[str, ...] | Refusal:
    """The names of at least `width` columns, or why they are too many: said before a name is made for each."""
    if (columns := max(len(cells), width)) > MAX_COLUMNS:
        return too_many_columns(columns)
    return header_names(cells, width)


def header_names(cells: Sequence[str], width: int = 0) -> tuple[str, ...]:
    """Unique, printable names for at least `width` columns."""
    names: list[str] = []
    taken: set[str] = set()
    for index in range(max(len(cells), width)):
        given = clean(cells[index], _NAME_LIMIT) if index < len(cells) else ""
        name = given = given or f"column {index + 1}"
        number = 1
        while name.casefold() in taken:
            number += 1
            name = f"{given} ({number})"
        taken.add(name.casefold())
        names.append(name)
    return tuple(names)
