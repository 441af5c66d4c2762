"""An uploaded file as a list: its rows, and what each column means: as chosen, as remembered, as guessed."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from chalicelib.capture.columns import apply_mapping, guess_columns, settle_dates
from chalicelib.capture.files import Sheet, read_sheet
from chalicelib.capture.home_country import home_country
from chalicelib.capture.layouts import known_layout
from chalicelib.capture.lists import without_our_marks
from chalicelib.flows.remember_columns import Recall, chosen_before, recall_from, remembered_for
from chalicelib.records.contact import Refusal
from chalicelib.records.ports import Deps
from chalicelib.records.upload import ColumnGuess, Upload

_SAMPLE = 200

# A list as read: its rows, and what each column means.
Reading = tuple[Sheet, tuple[ColumnGuess, ...]]


def read_list(
    data: bytes, file_name: str, mapping: Mapping[str, str], recall: Recall | None = None
) -> Reading | Refusal:
    """The whole file, validated, with the meaning of its columns: as chosen, as remembered, as guessed; or why it is
    refused."""
    sheet = read_sheet(data, file_name)
    if isinstance(sheet, Refusal):
        return sheet
    sheet = without_our_marks(sheet)
    guesses = settle_dates(guess_columns(sheet.header, sheet.rows[:_SAMPLE]), sheet.rows)
    if memory := recall(sheet.header) if recall else None:
        before = apply_mapping(guesses, remembered_for(sheet.header, memory), chosen_before(memory))
        guesses = guesses if isinstance(before, Refusal) else before
    columns = apply_mapping(guesses, mapping)
    if isinstance(columns, Refusal):
        return columns
    if layout := known_layout(sheet.header):
        sheet = replace(sheet, notes=(f"recognised as an export of: {layout.name}", *sheet.notes))
    return sheet, columns


def read_source(deps: Deps, upload: Upload) -> Reading | Refusal:
    data = deps.blobs.get(source_key(upload.import_id)) or b""
    reading = read_list(data, upload.file_name, upload.mapping, recall_from(deps))
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
