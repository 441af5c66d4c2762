"""Lists as delimited text: any of the usual delimiters and encodings, validated as a whole."""

import csv
import io
import itertools
from collections.abc import Iterator, Sequence

from chalicelib.capture.addresses import read_email
from chalicelib.capture.encodings import Encoding, text_encoding
from chalicelib.capture.limits import (
    MAX_CELL,
    MAX_FILE,
    cell_problem,
    refused,
    too_large,
)
from chalicelib.capture.sheet import Sheet, find_header, header_of
from chalicelib.records.contact import Refusal

_DELIMITERS = ",;\t|"
_HEAD = 64 * 1024
_FIRST = 30
_MANY_LINES = 500  # in one cell
_NARROW = 3  # columns


def read_csv(data: bytes) -> Sheet | Refusal:
    """The rows of a delimited text, or why the file as a whole cannot be trusted.

    A quotation mark that is never closed would swallow the rows behind it without an error, so the text is read
    strictly first; stray quotation marks inside cells are then allowed where no rows vanish in them.
    """
    encoding = text_encoding(data)
    if encoding is None:
        return refused("the file's text encoding is not known; save it as UTF-8")
    csv.field_size_limit(MAX_FILE)  # the default of 128 KB would end the file with an error in its middle
    lines = io.TextIOWrapper(io.BytesIO(data), encoding.name, encoding.errors, newline="")
    head = lines.read(_HEAD)
    if head.count("\0") * 10 > len(head):
        return refused("the file is not a text file")
    skip, delimiter = _delimiter(head, complete=len(head) < _HEAD)
    try:
        return _sheet(_records(lines, delimiter, skip, strict=True), delimiter, encoding, skip)
    except csv.Error as error:
        if "unexpected end" in str(error):
            return refused("a quotation mark is opened and never closed")
    sheet = _sheet(_records(lines, delimiter, skip, strict=False), delimiter, encoding, skip)
    return sheet if isinstance(sheet, Refusal) else _unless_swallowed(sheet)


def _records(lines: io.TextIOWrapper, delimiter: str, skip: int, strict: bool) -> Iterator[list[str]]:
    lines.seek(0)
    records = csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=strict)
    return itertools.islice(records, skip, None)


def _delimiter(head: str, complete: bool) -> tuple[int, str]:
    """How many records to skip, and the delimiter that cuts the most records to the same width."""
    if head[:4].lower() == "sep=" and len(head) > 5 and head[5] in "\r\n":  # as spreadsheet programs write
        return 1, head[4]
    scores = {mark: _evenness(head, mark, complete) for mark in _DELIMITERS}
    return 0, max(scores, key=lambda mark: scores[mark])


def _evenness(head: str, delimiter: str, complete: bool) -> float:
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter, skipinitialspace=True)
    widths = [len(record) for record in itertools.islice(reader, _FIRST) if record]
    if not complete and 1 < len(widths) < _FIRST:
        widths.pop()  # cut off by the end of the head
    usual = max(set(widths), key=lambda width: (widths.count(width), width), default=1)
    if usual == 1:
        return 0.0
    titled = 0.5 if widths[0] != usual else 1.0  # what does not cut the first line stands in the cells
    return titled * widths.count(usual) / len(widths) * min(usual, 5)


def _sheet(records: Iterator[list[str]], delimiter: str, encoding: Encoding, skipped: int) -> Sheet | Refusal:
    first = list(itertools.islice(records, _FIRST))
    if not any("".join(record).strip() for record in first):
        return refused("the file is empty")
    at = find_header(first)
    width = max((len(record) for record in first), default=0) if at < 0 else 0
    header = header_of(() if at < 0 else _trimmed(first[at]), width)
    if isinstance(header, Refusal):
        return header
    label = encoding.name if encoding.errors == "strict" else f"{encoding.name} with errors"
    sheet = Sheet(header, [], label, delimiter, skipped + at + 2)
    problem = _fill(sheet, itertools.chain(first[at + 1 :], records))
    if problem is None and not sheet.rows:
        return refused("the file holds no rows below its header")
    return problem or sheet


def _fill(sheet: Sheet, records: Iterator[list[str]]) -> Refusal | None:
    rows, width = sheet.rows, len(sheet.header)
    for record in records:
        text = "".join(record)
        if not text or text.isspace():
            continue
        if len(record) != width:
            record = _fitted(record, width)
        if len(text) > MAX_CELL // 4 or len(record) > width:
            _note_bad(sheet, record)
        if ("\n" in text or "\r" in text) and _swallowed(record, width, sheet.delimiter):
            return _swallows(len(rows) + 1)
        rows.append(tuple(record))
        if problem := too_large(len(rows), width):
            return problem
    return None


def _fitted(record: list[str], width: int) -> list[str]:
    if len(record) < width:
        return record + [""] * (width - len(record))
    return _trimmed(record, width)


def _trimmed(record: Sequence[str], width: int = 0) -> list[str]:
    """Without the empty cells at its end, but not shorter than `width`."""
    end = len(record)
    while end > width and not record[end - 1].strip():
        end -= 1
    return list(record[:end])


def _note_bad(sheet: Sheet, record: list[str]) -> None:
    row, width = len(sheet.rows) + 1, len(sheet.header)
    if problem := cell_problem(row, record, sheet.header):
        sheet.bad_rows[row] = problem
    elif len(record) > width:
        # An unquoted delimiter has shifted the cells: what stands in which column cannot be known.
        sheet.bad_rows[row] = Refusal("row", f"more cells than the header has columns: {len(record)}", row)


def _swallowed(record: Sequence[str], width: int, delimiter: str, strayed: bool = False) -> bool:
    """Whether a cell of several lines is really rows behind a quotation mark: its inner lines look like rows.

    `strayed`: the text has quotation marks where none belong. One such line is enough then, or a first line that
    holds just the rest of its row.
    """
    for index, cell in enumerate(record):
        lines = cell.splitlines()
        if len(lines) < 2:
            continue
        whole = sum(1 for line in lines[1:-1] if _like_a_row(line, width, delimiter))
        rest = width - 1 - index
        if whole >= 2 or len(lines) > _MANY_LINES:
            return True
        if strayed and (whole or (rest > 0 and lines[0].count(delimiter) == rest)):
            return True
    return False


def _like_a_row(line: str, width: int, delimiter: str) -> bool:
    if line.count(delimiter) != width - 1 or width == 1:
        return False
    # Prose has a comma or two in a line; with so few columns only an address tells a row from it.
    return width > _NARROW or any(read_email(part.strip(' "')) for part in line.split(delimiter))


def _unless_swallowed(sheet: Sheet) -> Sheet | Refusal:
    for row, cells in enumerate(sheet.rows, start=1):
        if _swallowed(cells, len(sheet.header), sheet.delimiter, strayed=True):
            return _swallows(row)
    return sheet


def _swallows(row: int) -> Refusal:
    return refused(f"a quotation mark is not closed and swallows the rows after row: {row}")
