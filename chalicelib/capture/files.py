"""An uploaded list becomes a sheet, or is refused as a whole before anything of it is written."""

from chalicelib.capture.csv_files import read_csv
from chalicelib.capture.limits import open_archive, refused, size_problem
from chalicelib.capture.sheet import Sheet
from chalicelib.capture.xlsx_files import read_workbook
from chalicelib.records.contact import Refusal

__all__ = ["Sheet", "read_sheet"]

_WORKBOOKS = frozenset({"xlsx", "xlsm"})
_OTHERS = frozenset(
    {"xls", "ods", "numbers", "pdf", "png", "jpg", "jpeg", "gif", "zip", "gz", "doc", "docx", "json", "xml"}
    | {"html", "htm", "vcf", "rtf", "parquet", "exe"}
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
_MARKUP: tuple[tuple[bytes, str], ...] = (
    (b"<!doctype", "a web page; save it as CSV"),
    (b"<html", "a web page; save it as CSV"),
    (b"<table", "a web page; save it as CSV"),
    (b"<?xml", "an XML document"),
    (b"begin:vcard", "a file of vCards; send them as scans"),
)


def read_sheet(data: bytes, file_name: str) -> Sheet | Refusal:
    """The list in the file, checked as a whole: size, what it really is, encoding, quotation marks, rows.

    A refusal (field "file") names the limit or the fault in plain words. Single rows that cannot be used are in
    `Sheet.bad_rows`; the others load.
    """
    problem = size_problem(data) or _not_a_list(data)
    if problem:
        return problem
    name = file_name.rpartition(".")[2].strip().lower() if "." in file_name else ""
    if not data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        if name in _WORKBOOKS or name in _OTHERS:
            return refused(f"the file is text, but its name ends in: .{name[:20]}")
        return read_csv(data)
    archive = open_archive(data)
    if isinstance(archive, Refusal):
        return archive
    if not any(part.startswith("xl/") for part in archive.names):
        return refused("the file is a zip archive, not a list; unpack it first")
    if name and name not in _WORKBOOKS:
        return refused(f"the file is an Excel workbook, but its name ends in: .{name[:20]}")
    return read_workbook(data, archive)


def _not_a_list(data: bytes) -> Refusal | None:
    for signature, kind in _SIGNATURES:
        if data.startswith(signature):
            return refused(f"the file is not a list but {kind}")
    start = data[:512].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for signature, kind in _MARKUP:
        if start.startswith(signature):
            return refused(f"the file is not a list but {kind}")
    return None
