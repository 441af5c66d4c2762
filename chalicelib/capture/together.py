"""Several sheets of one workbook, or several files of one archive, are one list."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from chalicelib.capture.columns import guess_columns
from chalicelib.capture.limits import MAX_COLUMNS, too_large, too_many_columns
from chalicelib.capture.sheet import Sheet
from chalicelib.records.contact import Refusal

_PERSONAL = frozenset({"name", "given_name", "family_name", "email", "phone"})
_SAMPLE = 50
_NAME = 80

Part = tuple[str, Sheet | Refusal]


def together(parts: Sequence[Part]) -> Sheet | Refusal:
    """One list of the parts that are about people, columns of the same name put below each other, in order.

    A part whose columns hold no name, e-mail or phone (a table of codes, a title page) and one that cannot be read
    are left out and named in `notes`, as are the rows of each part that is taken. Of parts none of which is about
    people the first counts; where none can be read, its refusal.
    """
    if not parts:
        return Refusal("file", "the file is empty")
    if len(parts) == 1:
        return parts[0][1]
    sheets = [(name, sheet) for name, sheet in parts if isinstance(sheet, Sheet)]
    taken = [(name, sheet) for name, sheet in sheets if _about_people(sheet)] or sheets[:1]
    if not taken:
        return next(refusal for _, refusal in parts if isinstance(refusal, Refusal))
    notes = list(_left_out(parts, {id(sheet) for _, sheet in taken}))
    if len(taken) == 1:
        return replace(taken[0][1], notes=(*taken[0][1].notes, *notes))
    return _joined(taken, notes)


def _about_people(sheet: Sheet) -> bool:
    return any(guess.field in _PERSONAL for guess in guess_columns(sheet.header, sheet.rows[:_SAMPLE]))


def _left_out(parts: Sequence[Part], taken: set[int]) -> Iterable[str]:
    for name, part in parts:
        if isinstance(part, Refusal):
            yield f"left out, not a list that can be read: {name[:_NAME]}"
            yield part.reason
        elif id(part) not in taken:
            yield f"left out, no column with a name, e-mail or phone: {name[:_NAME]}"


def _joined(taken: Sequence[tuple[str, Sheet]], notes: list[str]) -> Sheet | Refusal:
    places: dict[str, int] = {}
    header: list[str] = []
    for _, sheet in taken:
        for name in sheet.header:
            if places.setdefault(name.casefold(), len(header)) == len(header):
                header.append(name)
    rows = sum(len(sheet.rows) for _, sheet in taken)
    if len(header) > MAX_COLUMNS:
        return too_many_columns(len(header))
    if problem := too_large(rows, len(header)):
        return problem
    first = taken[0][1]
    whole = Sheet(tuple(header), [], first.encoding, first.delimiter, first.first_row)
    told: list[str] = []
    for name, sheet in taken:
        start = len(whole.rows)
        told.append(f"rows taken from: {name[:_NAME]} ({start + 1}–{start + len(sheet.rows)})")
        told += sheet.notes
        _add(whole, sheet, [places[column.casefold()] for column in sheet.header])
    return replace(whole, notes=(*told, *notes))


def _add(whole: Sheet, sheet: Sheet, places: Sequence[int]) -> None:
    start, width = len(whole.rows), len(whole.header)
    whole.bad_rows.update({row + start: replace(bad, row=row + start) for row, bad in sheet.bad_rows.items()})
    if list(places) == list(range(width)):
        whole.rows.extend(sheet.rows)
        return
    for cells in sheet.rows:
        row = [""] * width
        for place, cell in zip(places, cells, strict=False):
            row[place] = cell
        # What a row has beyond its own header stays with it, for the error file.
        whole.rows.append((*row, *cells[len(places) :]))
