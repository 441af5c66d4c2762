import io
import json
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.capture.files import Sheet, read_sheet
from chalicelib.records.contact import Refusal

FORMATS = Path("../shared/cases/formats")


def workbook() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["name"])
    book.active.append(["Ann"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        target.writestr("a.txt", "x")
    return out.getvalue()


@pytest.mark.parametrize("name", ["list.csv", "LIST.TXT", "list", "list.2026", "../../x<svg>\r\nSet-Cookie: a=b.csv"])
def test_a_text_is_read_whatever_harmless_name_it_has(name: str) -> None:
    assert isinstance(read_sheet(b"name,email\nAnn,a\n", name), Sheet)


@pytest.mark.parametrize("name", ["list.xlsx", "LIST.XLSX", "list.xlsm", "list"])
def test_a_workbook_is_read_under_a_workbooks_name(name: str) -> None:
    assert isinstance(read_sheet(workbook(), name), Sheet)


@pytest.mark.parametrize(
    ("data", "name", "why"),
    [
        (b"", "a.csv", "the file is empty"),
        (workbook(), "a.csv", "the file is an Excel workbook, but its name ends in: .csv"),
        (b"name\nAnn", "a.xlsx", "the file is text, but its name ends in: .xlsx"),
        (b"name\nAnn", "a.pdf", "the file is text, but its name ends in: .pdf"),
        (b"%PDF-1.7", "a.csv", "the file is not a list but a PDF document"),
        (b"\x89PNG\r\n", "a.csv", "the file is not a list but a picture"),
        (
            b"\xd0\xcf\x11\xe0",
            "a.xls",
            "the file is not a list but an old or password-protected Office file; save it as .xlsx or CSV",
        ),
        (b"\n <HTML><table>", "a.xls", "the file is not a list but a web page; save it as CSV"),
        (archive(), "a.xlsx", "the file is a zip archive, but its name ends in: .xlsx"),
        (workbook()[:900], "a.xlsx", "the file is damaged and cannot be unpacked"),
    ],
)
def test_a_file_that_is_not_what_it_should_be_is_refused_as_a_whole(data: bytes, name: str, why: str) -> None:
    assert read_sheet(data, name) == Refusal("file", why)


@pytest.mark.skipif(not FORMATS.exists(), reason="the shared cases are not here")
@pytest.mark.parametrize(
    "name",
    [
        "f01_meta_lead_ads_utf16",
        "f02_google_ads_cost_utf16",
        "f05_eventbrite_attendees",
        "f07_business_cards_gb18030",
        "f08_hubspot_contacts",
    ],
)
def test_the_files_marketers_get_are_read_in_their_encoding(name: str) -> None:
    expected = json.loads((FORMATS / "EXPECTED.json").read_text())[f"{name}.csv"]
    sheet = read_sheet((FORMATS / f"{name}.csv").read_bytes(), f"{name}.csv")
    assert isinstance(sheet, Sheet)
    assert sheet.delimiter == {"TAB": "\t"}.get(expected["delimiter"], expected["delimiter"])
    assert sheet.first_row == expected.get("header_row", 1) + 1
    codec = {"UTF-16LE+BOM": "utf-16", "UTF-8+BOM": "utf-8-sig", "UTF-8 no BOM": "utf-8"}
    assert sheet.encoding == codec.get(expected["encoding"], "gb18030")
    assert not sheet.bad_rows


@settings(derandomize=True, deadline=None)
@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_no_bytes_whatever_break_the_reader(data: bytes) -> None:
    for start in (b"", b"name,email\n", b'a;b\n"', b"\xff\xfe", b"PK\x03\x04"):
        assert isinstance(read_sheet(start + data, "list"), Sheet | Refusal)


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.integers(0, 4000), st.binary(min_size=1, max_size=4))
def test_no_damage_to_a_workbook_breaks_the_reader(place: int, noise: bytes) -> None:
    data = workbook()
    place %= len(data)
    assert isinstance(read_sheet(data[:place] + noise + data[place + len(noise) :], "a.xlsx"), Sheet | Refusal)
