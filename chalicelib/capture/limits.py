"""What an uploaded file may measure, checked before anything of it is used (ARCHITECTURE, Uploads)."""

import io
import re
import zipfile
import zlib
from dataclasses import dataclass, field

from chalicelib.records.contact import Refusal

MB = 1024 * 1024
MAX_FILE = 10 * MB
MAX_INFLATED = 100 * MB
MAX_ROWS = 100_000
MAX_COLUMNS = 1_000
MAX_CELLS = 5_000_000  # of all rows together: a short row is as wide as its header
MAX_CELL = 64 * 1024  # bytes of UTF-8; a larger cell costs its row, not the file
MAX_MEMBERS = 1_000
MAX_RUN = MB  # characters of XML without a tag: no spreadsheet program writes such a cell
MOST_KEPT = 200_000  # elements of one row: 16,384 cells with their paragraphs are a sixth of it
_CHUNK = 64 * 1024
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")


def refused(reason: str) -> Refusal:
    """A refusal of the whole file."""
    return Refusal("file", reason)


def size_problem(data: bytes) -> Refusal | None:
    if not data:
        return refused("the file is empty")
    if len(data) > MAX_FILE:
        return refused(f"the file is larger than 10 MB: {len(data) / MB:.1f} MB")
    return None


def too_many_rows() -> Refusal:
    return refused(f"more rows than allowed: {MAX_ROWS}")


def too_many_cells() -> Refusal:
    return refused(f"the sheet has more cells than allowed: {MAX_CELLS}")


def too_many_parts() -> Refusal:
    return refused("the spreadsheet has a row of more parts than any program writes")


def part_too_large() -> Refusal:
    return refused("the workbook has a part of more parts than any program writes")


def too_many_texts(most: int) -> Refusal:
    return refused(f"the workbook has more different texts than allowed: {most}")


def too_large(rows: int, columns: int) -> Refusal | None:
    """Why so many rows of that width are too many, or None."""
    if rows > MAX_ROWS:
        return too_many_rows()
    return too_many_cells() if rows * columns > MAX_CELLS else None


def too_many_columns(count: int) -> Refusal:
    return refused(f"more than {MAX_COLUMNS} columns: {count}")


def cell_problem(row: int, cells: tuple[str, ...] | list[str], header: tuple[str, ...]) -> Refusal | None:
    """The refusal of a row that holds a cell over 64 KB, naming its column."""
    for index, cell in enumerate(cells):
        if len(cell) > MAX_CELL // 4 and (size := len(cell.encode("utf-8", "surrogatepass"))) > MAX_CELL:
            column = header[index] if index < len(header) else f"column {index + 1}"
            return Refusal(column, f"a cell is larger than 64 KB: {size // 1024} KB", row)
    return None


@dataclass(frozen=True, slots=True)
class Archive:
    """What the look through a workbook's parts found. `formulas`: a sheet holds formulas; `unpacked`: bytes."""

    names: tuple[str, ...]
    formulas: bool = False
    unpacked: int = field(default=0, compare=False)


def open_archive(data: bytes, limit: int = MAX_INFLATED) -> Archive | Refusal:
    """The parts of a workbook or an archive, after counting them by the zip directory and again while inflating.

    Nothing is kept and nothing is written, so that a lying directory costs only the time to reach the limit.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            return _directory_problem(parts, limit) or count_inflated(archive, parts, limit)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        return refused("the file is damaged and cannot be unpacked")


def _directory_problem(parts: list[zipfile.ZipInfo], limit: int) -> Refusal | None:
    if len(parts) > MAX_MEMBERS:
        return refused(f"the file has more than {MAX_MEMBERS} parts: {len(parts)}")
    if any(part.flag_bits & 0x1 for part in parts):
        return refused("the file is protected by a password")
    if any(_leaves(part.filename) for part in parts):
        return refused("the file names parts outside itself")
    if sum(part.file_size for part in parts) > limit:
        return _inflates_too_much()
    return None


def _leaves(name: str) -> bool:
    return name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) or ":" in name


def _inflates_too_much() -> Refusal:
    return refused("the file holds more than 100 MB when unpacked")


def count_inflated(
    archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo], limit: int = MAX_INFLATED
) -> Archive | Refusal:
    """Inflate every part in pieces, counting the bytes that really come out (the directory only states them)."""
    total, formulas = 0, False
    for part in parts:
        run, tail = 0, b""
        is_sheet = part.filename.startswith("xl/worksheets/")
        with archive.open(part) as stream:
            while chunk := stream.read(_CHUNK):
                total += len(chunk)
                run = 0 if b"<" in chunk else run + len(chunk)
                if total > limit:
                    return _inflates_too_much()
                if run > MAX_RUN and part.filename.endswith(".xml"):
                    return refused("the workbook holds a cell larger than 1 MB")
                formulas = formulas or (is_sheet and _FORMULA.search(tail + chunk) is not None)
                tail = chunk[-16:]
    return Archive(tuple(part.filename for part in parts), formulas, total)
