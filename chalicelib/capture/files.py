"""An uploaded list becomes a sheet, or is refused as a whole before anything of it is written."""

import re

from chalicelib.capture.csv_files import read_csv
from chalicelib.capture.limits import MAX_INFLATED, Archive, open_archive, refused, size_problem
from chalicelib.capture.ods_files import is_open_document, read_open_document
from chalicelib.capture.sheet import Sheet
from chalicelib.capture.together import Part
from chalicelib.capture.vcard_files import read_cards
from chalicelib.capture.xlsx_files import read_workbook
from chalicelib.capture.zip_files import archive_parts, read_archive
from chalicelib.records.contact import Refusal

__all__ = ["Sheet", "read_sheet", "read_tables"]

_WORKBOOKS = frozenset({"xlsx", "xlsm"})
_OTHERS = frozenset(
    {"xls", "numbers", "pdf", "png", "jpg", "jpeg", "gif", "gz", "doc", "docx", "odt", "json", "xml", "html", "htm"}
    | {"rtf", "parquet", "exe"}
)
# What a file's first bytes say it is (file(1), PRONOM); the word goes into the refusal.
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\xd0\xcf\x11\xe0", "an old or password-protected Office file; save it as .xlsx or CSV"),
    (b"\x1f\x8b", "a compressed file; unpack it first"),
    (b"7z\xbc\xaf", "a compressed file; unpack it first"),
    (b"Rar!", "a compressed file; unpack it first"),
    (b"PAR1", "a Parquet file"),
    (b"MZ\x90", "a program"),
    (b"\x7fELF", "a program"),
    (b"{\\rtf", "a text document"),
)
_CARDS = re.compile(r"\s*BEGIN\s*:\s*VCARD", re.IGNORECASE)
_MARKUP: tuple[tuple[bytes, str], ...] = (
    (b"<!doctype", "a web page; save it as CSV"),
    (b"<html", "a web page; save it as CSV"),
    (b"<table", "a web page; save it as CSV"),
    (b"<?xml", "an XML document"),
)


def read_sheet(data: bytes, file_name: str) -> Sheet | Refusal:
    """The list in the file, checked as a whole: size, what it really is, encoding, quotation marks, rows.

    Delimited text, a file of vCards, a workbook (XLSX, ODS), or an archive (ZIP) of these. A refusal (field "file")
    names the limit or the fault in plain words. Single rows that cannot be used are in `Sheet.bad_rows`; the others
    load.
    """
    return _read(data, file_name, MAX_INFLATED, packed=False)[0]


def read_tables(data: bytes, file_name: str) -> list[Part] | Refusal | None:
    """The lists of an archive each for itself, or why it cannot be read; None for what is no archive of lists."""
    ending = file_name.rpartition(".")[2].strip().lower() if "." in file_name else ""
    if ending not in ("", "zip") or not data.startswith(b"PK\x03\x04") or size_problem(data):
        return None
    archive = open_archive(data)
    if isinstance(archive, Refusal):
        return archive
    if any(part.startswith("xl/") for part in archive.names) or is_open_document(archive.names, data):
        return None
    room = MAX_INFLATED - archive.unpacked
    return archive_parts(data, room, lambda inner, name, left: _read(inner, name, left, packed=True))


def _read(data: bytes, file_name: str, room: int, packed: bool) -> tuple[Sheet | Refusal, int]:
    """The list, and how many bytes it was unpacked to; `room` is how many there may be, `packed` that the file itself
    comes out of an archive."""
    problem = size_problem(data) or _not_a_list(data)
    if problem:
        return problem, 0
    ending = file_name.rpartition(".")[2].strip().lower()[:20] if "." in file_name else ""
    if not data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _read_text(data, ending), 0
    archive = open_archive(data, room)
    if isinstance(archive, Refusal):
        return archive, 0
    return _read_packed(data, ending, archive, room - archive.unpacked, packed), archive.unpacked


def _read_text(data: bytes, ending: str) -> Sheet | Refusal:
    # Without the zeros of UTF-16 and the bytes of any mark.
    start = data[:512].translate(None, b"\0").decode("ascii", "ignore")
    if _CARDS.match(start):
        return read_cards(data)
    if ending in _WORKBOOKS | _OTHERS | {"ods", "zip", "vcf"}:
        return refused(f"the file is text, but its name ends in: .{ending}")
    return read_csv(data)


def _read_packed(data: bytes, ending: str, archive: Archive, room: int, packed: bool) -> Sheet | Refusal:
    if any(part.startswith("xl/") for part in archive.names):
        if ending and ending not in _WORKBOOKS:
            return refused(f"the file is an Excel workbook, but its name ends in: .{ending}")
        return read_workbook(data, archive)
    if is_open_document(archive.names, data):
        if ending not in ("", "ods"):
            return refused(f"the file is an OpenDocument spreadsheet, but its name ends in: .{ending}")
        return read_open_document(data)
    if packed:
        return refused("an archive in an archive is not opened")
    if ending not in ("", "zip"):
        return refused(f"the file is a zip archive, but its name ends in: .{ending}")
    return read_archive(data, room, lambda inner, name, left: _read(inner, name, left, packed=True))


def _not_a_list(data: bytes) -> Refusal | None:
    for signature, kind in _SIGNATURES:
        if data.startswith(signature):
            return refused(f"the file is not a list but {kind}")
    start = data[:512].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for signature, kind in _MARKUP:
        if start.startswith(signature):
            return refused(f"the file is not a list but {kind}")
    return None
