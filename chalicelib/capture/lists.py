"""The rows of a list become contacts. A row is refused only when neither a name nor a contact point is left."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.capture.addresses import letters_made_plain
from chalicelib.capture.cells import neutral
from chalicelib.capture.columns import DATES
from chalicelib.capture.dates import read_date
from chalicelib.capture.flags import read_flag
from chalicelib.capture.headers import header_key
from chalicelib.capture.layouts import known_layout
from chalicelib.capture.names import joined_name, read_name
from chalicelib.capture.points import PROBLEMS, read_emails, read_phones, read_products
from chalicelib.capture.sheet import Sheet, header_names
from chalicelib.capture.text import clean
from chalicelib.records.contact import MESSENGERS, Contact, Refusal
from chalicelib.records.upload import ColumnGuess

FIELD_LIMIT = 500
MESSAGE_LIMIT = 10_000
EXTRA_LIMIT = 2_000
EXTRAS_LIMIT = 50_000  # all extras of a row together: a person's record has to fit into one item of the store
_ONE_LINE = frozenset({"name", "given_name", "family_name", "email", "phone", "country", "language", "title"})
# Full-width letters and digits mean their ASCII twins; full-width punctuation belongs to Chinese and Japanese names.
_LETTERS = {code: code - 0xFEE0 for code in range(0xFF10, 0xFF5B) if chr(code).isalnum()} | {0xFF20: 0x40}
_POINTS = frozenset({"phone", "email", "badge_id", "external_id", *DATES})
_PLAIN = _POINTS | {"name", "given_name", "family_name", "company", "title", "country"}
# Kept beside the person under the field's own name, whatever the column is called.
_KEPT_AS = ("campaign", *MESSENGERS, "source", "basis")
_TEST_LEAD = "<test lead: dummy data"  # what Meta puts into every field of a test lead


@dataclass(frozen=True, slots=True)
class _Plan:
    """Where each field stands in a row. -1 is the empty cell put behind each row, for fields the list lacks."""

    columns: tuple[ColumnGuess, ...]
    name: int
    given: int
    family: int
    company: int
    title: int
    country: int
    language: int
    badge: int
    emails: tuple[int, ...]
    phones: tuple[int, ...]
    products: tuple[int, ...]
    messages: tuple[int, ...]
    addresses: tuple[int, ...]
    urls: tuple[int, ...]
    texts: bool
    extras: tuple[tuple[int, str], ...]
    marks: bool
    external_id: int
    consent: int
    opt_outs: tuple[int, ...]
    came: tuple[tuple[int, str], ...]
    tests: tuple[int, ...]


def _plan(columns: Sequence[ColumnGuess]) -> _Plan:
    where: dict[str, tuple[int, ...]] = {}
    for index, guess in enumerate(columns):
        where[guess.field] = (*where.get(guess.field, ()), index)

    def one(field: str) -> int:
        return where.get(field, (-1,))[0]

    layout = known_layout([guess.column for guess in columns])
    tests = layout.tests if layout else frozenset[str]()
    kept = [(index, columns[index].column) for index in where.get("", ())]
    kept += [(index, field) for field in _KEPT_AS for index in where.get(field, ())]
    return _Plan(
        columns=tuple(columns),
        name=one("name"),
        given=one("given_name"),
        family=one("family_name"),
        company=one("company"),
        title=one("title"),
        country=one("country"),
        language=one("language"),
        badge=one("badge_id"),
        emails=where.get("email", ()),
        phones=where.get("phone", ()),
        products=where.get("product_interest", ()),
        texts=bool(where.keys() & {"message", "address", "url"}),
        messages=where.get("message", ()),
        addresses=where.get("address", ()),
        urls=where.get("url", ()),
        extras=tuple(kept),
        marks=bool(where.keys() & {"external_id", "consent", "opt_out"}),
        external_id=one("external_id"),
        consent=one("consent"),
        opt_outs=where.get("opt_out", ()),
        came=tuple((i, f.removeprefix("created_at").strip("_")) for f in sorted(DATES) for i in where.get(f, ())),
        tests=tuple(i for i, guess in enumerate(columns) if tests and header_key(guess.column) in tests),
    )


def read_contacts(
    sheet: Sheet, columns: Sequence[ColumnGuess], first: int = 1
) -> Iterator[tuple[int, Contact | Refusal]]:
    """(row, contact or refusal) for every data row in order, counted from `first`. `columns` are one guess per column.

    A malformed e-mail or phone is kept in `extra` ("email as given", "phone as given") with a warning; formulas
    are kept as text. `extra` also holds "campaign", "external_id", "consent" and "opt_out" ("yes", "no", or as
    given), "wechat", "wecom", "source", "basis" and every column without a field, by its name. A row with a name alone
    is kept: it is unreachable.
    """
    plan = _plan(columns)
    for row, cells in enumerate(sheet.rows, start=first):
        yield row, sheet.bad_rows.get(row) or _read_row(plan, row, cells)


def _read_row(plan: _Plan, row: int, source: tuple[str, ...]) -> Contact | Refusal:
    text = "".join(source)
    warnings: list[str] = []
    if _TEST_LEAD in text or any(read_flag(source[index]) for index in plan.tests if index < len(source)):
        return Refusal("row", "a test lead of the advertising platform", row)
    if text.isascii() and text.isprintable() and len(text) <= FIELD_LIMIT:
        cells = list(map(str.strip, source))  # nothing to clean and nothing to cut
    else:
        cells = _cleaned(plan, source, warnings)
    cells.append("")
    extra = {column: cells[index] for index, column in plan.extras if cells[index]}
    emails = read_emails(cells, plan.emails, extra, warnings)
    phones = read_phones(cells, plan.phones, extra, warnings)
    given, family = cells[plan.given], cells[plan.family]
    name = cells[plan.name] or (joined_name(given, family) if given or family else "")
    if name and not (given or family):
        name, given, family = read_name(name)
    if not (name or emails or phones or any(map(extra.get, MESSENGERS))):
        return _nothing_left(row, warnings)
    if plan.marks:
        _add_marks(plan, cells, extra)
    came_at = _came_at(plan, cells, extra, warnings) if plan.came else None
    message, address, urls = _texts(plan, cells) if plan.texts else ("", "", ())
    return Contact(
        name,
        given,
        family,
        cells[plan.company],
        cells[plan.title],
        emails,
        phones,
        cells[plan.country],
        cells[plan.language],
        read_products(cells, plan.products),
        message,
        address,
        urls,
        cells[plan.badge],
        extra,
        tuple(warnings),
        came_at,
    )


def _came_at(plan: _Plan, cells: list[str], extra: dict[str, str], warnings: list[str]) -> datetime | None:
    """The first of the dates that can be read; the others stay under their columns' names."""
    found: datetime | None = None
    for index, order in plan.came:
        value = cells[index]
        moment = read_date(value, order) if value and found is None else None
        found = found or moment
        if value and moment is None:
            extra[plan.columns[index].column] = value
            warnings.append(f"date kept as written: {value[:80]}")
    return found


def _texts(plan: _Plan, cells: list[str]) -> tuple[str, str, tuple[str, ...]]:
    message = "\n".join([cells[index] for index in plan.messages if cells[index]])
    address = ", ".join([cells[index].removeprefix("z:") for index in plan.addresses if cells[index]])
    return message, address, tuple([cells[index] for index in plan.urls if cells[index]])


def _cleaned(plan: _Plan, source: tuple[str, ...], warnings: list[str]) -> list[str]:
    cells, left = [], EXTRAS_LIMIT
    for guess, cell in zip(plan.columns, source, strict=False):
        limit = MESSAGE_LIMIT if guess.field == "message" else FIELD_LIMIT if guess.field else min(EXTRA_LIMIT, left)
        value = clean(cell, len(cell) + 1, lines=guess.field not in _ONE_LINE)
        if guess.field in _PLAIN and not value.isascii():
            value = letters_made_plain(value) if guess.field in _POINTS else value.translate(_LETTERS)
        if len(value) > limit:
            value = value[:limit].rstrip()
            warnings.append(f"cut to {limit} characters: {guess.column}")
        if not guess.field:
            left -= len(value)
        cells.append(value)
    return cells


def _nothing_left(row: int, warnings: list[str]) -> Refusal:
    for warning in warnings:
        problem, _, value = warning.partition(": ")
        if problem in PROBLEMS:
            return Refusal(PROBLEMS[problem], f"{problem} and nothing else is left: {value}", row)
    return Refusal("name", "no name, e-mail or phone", row)


def _add_marks(plan: _Plan, cells: list[str], extra: dict[str, str]) -> None:
    if value := cells[plan.external_id].removeprefix("l:"):
        extra["external_id"] = value
    if value := cells[plan.consent]:
        flag = read_flag(value)
        extra["consent"] = value if flag is None else "yes" if flag else "no"
    for index in plan.opt_outs:
        if value := cells[index]:
            flag = read_flag(value)
            # A date or a reason in such a column says that the person has opted out: the strictest reading counts.
            extra["opt_out"] = "no" if flag is False and extra.get("opt_out") != "yes" else "yes"
            if flag is None:
                extra[plan.columns[index].column] = value


_OURS = ("row", "reason")


def without_our_marks(sheet: Sheet) -> Sheet:
    """A file of refused rows that was corrected and comes again: without the two columns we added, and without the
    apostrophes put before what a spreadsheet could have run. Any other sheet as it is."""
    if sheet.header[-2:] != _OURS or len(sheet.header) < 3:
        return sheet
    rows = [tuple(map(_as_it_was, cells[:-2])) for cells in sheet.rows]
    return replace(sheet, header=sheet.header[:-2], rows=rows)


def _as_it_was(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and neutral(cell[1:]) == cell else cell


def write_error_rows(sheet: Sheet, refusals: Iterable[Refusal]) -> bytes:
    """The refused rows of a sheet, as `write_refused` writes them."""
    return write_refused(sheet.header, [(r, sheet.rows[r.row - 1]) for r in refusals if r.row])


def write_refused(header: Sequence[str], refused: Iterable[tuple[Refusal, Sequence[str]]]) -> bytes:
    """Refused source rows (the refusal, the row's cells) as CSV (UTF-8 with BOM) with two more columns, "row" and
    "reason".

    Cells a spreadsheet could run are neutralised. A row wider than the header gets its own unnamed columns.
    """
    ordered = sorted(refused, key=lambda pair: pair[0].row)
    width = max([len(header), *(len(source) for _, source in ordered)])
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([neutral(name) for name in header_names((*header_names(header, width), "row", "reason"))])
    for refusal, source in ordered:
        cells = [neutral(cell) for cell in source]
        cells += [""] * (width - len(cells))
        reason = f"{refusal.field}: {refusal.reason}" if refusal.field else refusal.reason
        writer.writerow([*cells, str(refusal.row), neutral(reason)])
    return out.getvalue().encode("utf-8-sig", "replace")
