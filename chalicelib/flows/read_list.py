"""An uploaded file as a list: its rows, and what each column means: as chosen, as remembered, as guessed."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from chalicelib.capture.columns import apply_mapping, guess_columns, settle_dates
from chalicelib.capture.export_links import linked
from chalicelib.capture.export_owners import Owner, owners_of
from chalicelib.capture.exports import as_export
from chalicelib.capture.files import Sheet, read_sheet, read_tables
from chalicelib.capture.home_country import home_country
from chalicelib.capture.layouts import known_layout
from chalicelib.capture.lists import without_our_marks
from chalicelib.capture.together import together
from chalicelib.flows.remember_columns import Recall, chosen_before, recall_from, remembered_for
from chalicelib.records.contact import Refusal
from chalicelib.records.ports import Deps
from chalicelib.records.upload import ColumnGuess, Upload

_SAMPLE = 200
# Before an owner of another product, in a mapping of columns: {"owner:ana@example.com": rep_id, "" for nobody}.
OWNER = "owner:"

# The owners of an export -> who of ours they are, by their keys.
RepsOf = Callable[[Sequence[Owner]], Mapping[str, str]]

# A list as read: its rows, and what each column means.
Reading = tuple[Sheet, tuple[ColumnGuess, ...]]


def read_list(
    data: bytes, file_name: str, mapping: Mapping[str, str], recall: Recall | None = None, reps: RepsOf | None = None
) -> Reading | Refusal:
    """The whole file, validated, with the meaning of its columns: as chosen, as remembered, as guessed; or why it is
    refused. With `reps` the whole export of another product is taken as that, and has no columns of its own."""
    found = _sheet_of(data, file_name, reps)
    if isinstance(found, Refusal):
        return found
    if found.parts:
        return found, ()
    sheet = without_our_marks(found)
    guesses = settle_dates(guess_columns(sheet.header, sheet.rows[:_SAMPLE]), sheet.rows)
    if memory := recall(sheet.header) if recall else None:
        before = apply_mapping(guesses, remembered_for(sheet.header, memory), chosen_before(memory))
        guesses = guesses if isinstance(before, Refusal) else before
    columns = apply_mapping(guesses, mapping)
    if isinstance(columns, Refusal):
        return columns
    if layout := known_layout(sheet.header):
        sheet = replace(sheet, notes=(f"recognised as an export of: {layout.name}", *sheet.notes))
    # Once more: of a column that a person, or an earlier list, made one of dates nobody has looked at the order yet.
    return sheet, settle_dates(columns, sheet.rows)


def _sheet_of(data: bytes, file_name: str, reps: RepsOf | None) -> Sheet | Refusal:
    tables = read_tables(data, file_name) if reps else None
    if isinstance(tables, Refusal):
        return tables
    if reps is None or tables is None:
        return read_sheet(data, file_name)
    export = as_export(tables)
    return linked(export, reps(owners_of(export))) if export else together(tables)


def reps_from(deps: Deps, mapping: Mapping[str, str]) -> RepsOf:
    """Who of ours the owners of an export are: as chosen, else whoever works here under the same address."""

    def reps(owners: Sequence[Owner]) -> dict[str, str]:
        here = {rep.email.casefold(): rep.rep_id for rep in deps.directory.reps() if rep.active and rep.email}
        return {o.key: mapping.get(OWNER + o.key, here.get(o.email.casefold(), "")) for o in owners}

    return reps


def read_source(deps: Deps, upload: Upload) -> Reading | Refusal:
    data = deps.blobs.get(source_key(upload.import_id)) or b""
    reps = reps_from(deps, upload.mapping)
    reading = read_list(data, upload.file_name, upload.mapping, recall_from(deps), reps)
    if isinstance(reading, Refusal) or not upload.columns:
        return reading
    # Begun already: as it was begun, whatever was said of such columns since.
    return reading[0], upload.columns


def phone_country(deps: Deps, chosen: str, sheet: Sheet) -> str:
    """What a person chose, for this list or for such a list before, else what the list suggests."""
    memory = None if chosen else recall_from(deps)(sheet.header)
    return chosen or (memory.phone_country if memory else "") or home_country(sheet.header, sheet.encoding)


def digest_of(data: bytes) -> str:
    """By which a file that comes again is known."""
    return hashlib.sha256(data).hexdigest()


def source_key(import_id: str) -> str:
    return f"uploads/{import_id}/source"
