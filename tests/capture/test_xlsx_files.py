import io
import zipfile
from collections.abc import Callable
from datetime import datetime
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.formula import ArrayFormula

from chalicelib.capture import limits, xlsx_book
from chalicelib.capture.limits import Archive, open_archive
from chalicelib.capture.sheet import Sheet
from chalicelib.capture.xlsx_files import read_workbook
from chalicelib.records.contact import Refusal


def workbook(*rows: list[Any], change: Callable[[Any], None] = lambda book: None) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def edited(data: bytes, part: str, old: bytes, new: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content.replace(old, new) if name == part else content)
    return out.getvalue()


def read(data: bytes) -> Sheet | Refusal:
    archive = open_archive(data)
    assert isinstance(archive, Archive)
    return read_workbook(data, archive)


def sheet(data: bytes) -> Sheet:
    answer = read(data)
    assert isinstance(answer, Sheet), answer
    return answer


def reason(data: bytes) -> str:
    answer = read(data)
    assert isinstance(answer, Refusal)
    return answer.reason


SHEET = "xl/worksheets/sheet1.xml"


def test_values_become_text_as_a_person_would_have_typed_them() -> None:
    row = [
        "Ann",
        491701234567.0,
        4.5,
        True,
        datetime(2026, 1, 2),
        datetime(2026, 1, 2, 9, 5),
        None,
        "#N/A",
        "a_x000D_b",
    ]
    read_back = sheet(workbook([f"h{number}" for number in range(9)], row))
    assert read_back.rows == [
        ("Ann", "491701234567", "4.5", "TRUE", "2026-01-02", "2026-01-02 09:05:00", "", "", "a\rb")
    ]
    assert (read_back.encoding, read_back.delimiter, read_back.first_row) == ("xlsx", "", 2)


def test_a_phone_number_a_program_stored_in_powers_of_ten_keeps_its_digits() -> None:
    data = edited(workbook(["phone"], [4711]), SHEET, b"<v>4711</v>", b"<v>4.91701234567E11</v>")
    assert sheet(data).rows == [("491701234567",)]


def test_empty_cells_at_the_end_of_a_row_are_no_columns() -> None:
    assert sheet(workbook(["name"], ["Ann", "  "])).header == ("name",)


def test_a_formula_is_not_evaluated_its_stored_value_or_its_text_counts() -> None:
    def add_array(book: Any) -> None:
        book.active["C2"] = ArrayFormula("C2:C3", "=SUM(A1:A2)")

    data = workbook(["name", "email", "x"], ["=1+1", "a@example.org", None], change=add_array)
    assert sheet(data).rows == [("=1+1", "a@example.org", "=SUM(A1:A2)")]
    stored = edited(data, SHEET, b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>")
    assert sheet(stored).rows[0][0] == "2"


def test_a_used_range_to_the_last_cell_with_one_value_is_one_row() -> None:
    def mark(book: Any) -> None:
        book.active.cell(1048576, 16384, "x")

    found = sheet(workbook(["name", "email"], change=mark))
    assert found.header == ("name", "email", "column 16384")
    assert found.rows == [("", "", "x")]


def test_a_stated_range_of_a_million_rows_is_not_believed() -> None:
    data = edited(workbook(["name"], ["Ann"]), SHEET, b'ref="A1:A2"', b'ref="A1:XFD1048576"')
    assert sheet(data).rows == [("Ann",)]


def test_cells_beside_the_table_keep_their_column_and_shift_nothing() -> None:
    found = sheet(workbook(["name", "email"], ["Ann", "a"], ["Bob", "b", None, "note"]))
    assert found.header == ("name", "email", "column 4")
    assert found.rows == [("Ann", "a", ""), ("Bob", "b", "note")]


def test_titles_above_the_header_and_blank_rows_are_passed_by() -> None:
    found = sheet(workbook(["Visitors 2026"], [], ["name", "email"], ["Ann", "a"], [], ["Bob", "b"], ["Cy", "c"]))
    assert (found.rows, found.first_row) == ([("Ann", "a"), ("Bob", "b"), ("Cy", "c")], 4)


def test_a_list_without_a_header_loses_no_person() -> None:
    found = sheet(workbook(["Ann", "a@example.org"], ["Bob", "b@example.org"]))
    assert (found.header, len(found.rows)) == (("column 1", "column 2"), 2)


def test_hidden_and_empty_sheets_are_passed_by() -> None:
    def add(book: Any) -> None:
        book.active.sheet_state = "hidden"
        book.active.append(["secret"])
        book.create_sheet("empty")
        people = book.create_sheet("people")
        people.append(["name"])
        people.append(["Ann"])

    assert sheet(workbook(change=add)).rows == [("Ann",)]


def test_a_large_cell_costs_its_row() -> None:
    data = edited(workbook(["name"], ["Ann"], ["BIG"]), "xl/sharedStrings.xml", b"BIG", b"y" * 70_000)
    data = edited(data, SHEET, b"BIG", b"y" * 70_000)
    assert sheet(data).bad_rows == {2: Refusal("name", "a cell is larger than 64 KB: 68 KB", 2)}
    assert sheet(data).rows[0] == ("Ann",)


def test_an_external_entity_is_never_followed() -> None:
    data = workbook(["name"], ["Ann"])
    declared = b'<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/hostname">]><worksheet '
    attack = edited(edited(data, SHEET, b"<worksheet ", declared), SHEET, b">Ann<", b">&x;<")
    assert reason(attack) == "the workbook is damaged or uses what is not read here; save it as CSV"


def test_links_to_other_files_are_not_even_opened() -> None:
    data = workbook(["name"], ["Ann"])
    part = "xl/externalLinks/externalLink1.xml"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLink"
    linked = f'<Relationship Id="rId99" Type="{kind}" Target="/{part}"/></Relationships>'.encode()
    data = edited(data, "xl/_rels/workbook.xml.rels", b"</Relationships>", linked)
    reference = b'<externalReferences><externalReference xmlns:r="http://schemas.openxmlformats.org/officeDocument/'
    reference += b'2006/relationships" r:id="rId99"/></externalReferences>'
    data = edited(data, "xl/workbook.xml", b"</sheets>", b"</sheets>" + reference)
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as target:
        target.writestr(
            part, b'<!DOCTYPE x [<!ENTITY x SYSTEM "http://169.254.169.254/">]><externalLink>&x;</externalLink>'
        )
    assert sheet(out.getvalue()).rows == [("Ann",)]


def test_a_row_number_beyond_the_last_is_refused() -> None:
    data = edited(workbook(["name"], ["Ann"]), SHEET, b'r="2"', b'r="99999999999"')
    assert reason(data) == "the sheet has more cells than allowed: 5000000"


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([], "the file is empty"),
        ([["name", "email"]], "the file holds no rows below its header"),
        ([[f"c{number}" for number in range(1_001)], [1]], "more than 1000 columns: 1001"),
        ([["name", "b"], ["x"] * 60], "more than 50 columns without a header: 58"),
    ],
)
def test_a_workbook_that_is_no_list_is_refused(rows: list[list[Any]], why: str) -> None:
    if why.startswith("more than 50"):
        rows = [*rows, ["a", "b"], ["a", "b"]]
    assert reason(workbook(*rows)) == why


def test_more_rows_than_allowed_are_refused() -> None:
    rows = b"".join(b"<row><c><v>1</v></c></row>" for _ in range(limits.MAX_ROWS + 1))
    data = edited(workbook(["name"]), SHEET, b"</sheetData>", rows + b"</sheetData>")
    assert reason(data) == "more rows than allowed: 100000"


def test_sheets_of_people_are_one_list_and_others_are_left_out() -> None:
    def more(book: Any) -> None:
        for title, rows in (
            ("Codes", [["Code", "Meaning"], [1, "hot"]]),
            ("Tuesday", [["Email", "Name"], ["b@x.org", "Bob"]]),
        ):
            added = book.create_sheet(title)
            for row in rows:
                added.append(row)
        book.create_sheet("Empty")
        hidden = book.create_sheet("Hidden")
        hidden.append(["Name"])
        hidden.append(["Nobody"])
        hidden.sheet_state = "hidden"
        book.active.title = "Monday"

    read = sheet(workbook(["Visitors"], [], ["Name", "Email", "Company"], ["Ann", "a@x.org", "Firm"], change=more))
    assert read.header == ("Name", "Email", "Company")
    assert read.rows == [("Ann", "a@x.org", "Firm"), ("Bob", "b@x.org", "")]
    assert read.notes == (
        "rows taken from: Monday (1–1)",
        "rows taken from: Tuesday (2–2)",
        "left out, no column with a name, e-mail or phone: Codes",
    )


def with_parts(data: bytes, **parts: str) -> bytes:
    """A workbook with these parts in place of its own, or besides."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(out, "w") as written:
        for name in archive.namelist():
            if name not in parts:
                written.writestr(name, archive.read(name))
        for name, content in parts.items():
            written.writestr(name, content)
    return out.getvalue()


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def test_texts_that_cells_share_are_read_in_one_look_or_in_several(monkeypatch: pytest.MonkeyPatch) -> None:
    strings = (
        "<si><t>Name</t></si><si><t>E-mail</t></si><si><r><t>Ann </t></r><r><rPr><b/></rPr><t>Lee</t></r></si>"
        "<si><t>ann@example.org</t></si><si><t/></si>"
    )
    shared = f'<sst xmlns="{MAIN}">{strings}</sst>'
    rows = ("".join(f'<c t="s"><v>{n}</v></c>' for n in places) for places in ((0, 1), (2, 3), (4, 4)))
    cells = "".join(f"<row>{row}</row>" for row in rows)
    written = f'<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData></worksheet>'
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    told = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'.encode()
    book = edited(workbook(["Name"]), "[Content_Types].xml", b"</Types>", told)
    data = with_parts(book, **{"xl/sharedStrings.xml": shared, SHEET: written})
    found = sheet(data)
    assert (found.header, found.rows) == (("Name", "E-mail"), [("Ann Lee", "ann@example.org")])
    monkeypatch.setattr(xlsx_book, "_MOST_STRINGS", 4)
    assert reason(data) == "the workbook has more different texts than allowed: 4"


def test_a_part_of_more_parts_than_programs_write_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data = workbook(["Name", "E-mail"], ["Bob", "x@example.org"])
    styles = f'<styleSheet xmlns="{MAIN}">{"<a/>" * 600_000}</styleSheet>'
    assert reason(with_parts(data, **{"xl/styles.xml": styles})).startswith("the workbook has a part of more parts")
    monkeypatch.setattr(xlsx_book, "MOST_KEPT", 3)
    assert reason(data) == "the spreadsheet has a row of more parts than any program writes"
