import pytest

from chalicelib.capture import ods_files
from chalicelib.capture.files import read_sheet
from chalicelib.capture.sheet import Sheet
from chalicelib.records.contact import Refusal
from tests.capture.archives import line, ods, people, said, table, zipped

HEADER = ("Name", "Phone", "E-mail")
ANN = ("Ann Lee", "+49 30 123456", "ann@example.org")
BOB = ("Bob Ray", "", "bob@example.org")


def cell(**attributes: str) -> str:
    given = " ".join(f'{name.replace("_", ":", 1).replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f"<table:table-cell {given}/>"


def read(*tables: str) -> Sheet:
    sheet = read_sheet(ods(*tables), "list.ods")
    assert isinstance(sheet, Sheet), sheet
    return sheet


def reason(data: bytes, name: str = "list.ods") -> str:
    refusal = read_sheet(data, name)
    assert isinstance(refusal, Refusal)
    return refusal.reason


def test_the_rows_of_the_sheet_stand_below_its_header_whatever_titles_stand_above() -> None:
    titles = people(("Visitors of the fair",), ("", "", ""))
    sheet = read(table("People", titles, people(HEADER, ANN, BOB)))
    assert (sheet.header, sheet.rows, sheet.encoding, sheet.first_row) == (HEADER, [ANN, BOB], "ods", 4)


def test_values_become_text_as_a_person_would_have_typed_them() -> None:
    cells = (
        cell(office_value_type="float", office_value="4.91713920011E11"),
        cell(office_value_type="float", office_value="1.5"),
        cell(office_value_type="float", office_value="much"),
        cell(office_value_type="date", office_date_value="2026-03-01T00:00:00"),
        cell(office_value_type="date", office_date_value="2026-03-01T10:30:00"),
        cell(office_value_type="boolean", office_boolean_value="true"),
        "<table:table-cell><office:annotation><text:p>a remark</text:p></office:annotation><text:p>one<text:s/>"
        '<text:s text:c="2"/>two<text:tab/><text:span>three</text:span></text:p><text:p>four<text:line-break/>five'
        "<text:s text:c='9999999'/></text:p></table:table-cell>",
    )
    header = people([f"Column {n}" for n in range(7)])
    assert read(table("A", header, line(*cells))).rows == [
        ("491713920011", "1.5", "much", "2026-03-01", "2026-03-01 10:30:00", "TRUE",
         "one   two\tthree\nfour\nfive ")
    ]  # fmt: skip


def test_a_row_and_a_cell_that_are_said_to_repeat_do() -> None:
    twice = line(
        said("Ann Lee"), cell(table_number_columns_repeated="2"), said("x"), more=' table:number-rows-repeated="2"'
    )
    header = people(("Name", "Company", "Title", "Note"))
    nothing = line(cell(table_number_columns_repeated="16384"), more=' table:number-rows-repeated="1048000"')
    sheet = read(table("A", header, twice, nothing))
    assert sheet.rows == [("Ann Lee", "", "", "x")] * 2


def test_gaps_of_no_end_are_passed_over_and_what_stands_behind_them_is_too_wide() -> None:
    gap = cell(table_number_columns_repeated="16384")
    header = people(HEADER)
    assert read(table("A", header, line(said("Ann Lee"), gap, gap, gap))).rows == [("Ann Lee", "", "")]
    assert "columns" in reason(ods(table("A", header, line(said("Ann Lee"), gap, said("x"), gap))))


def test_every_sheet_about_people_is_read_and_what_is_left_out_is_told() -> None:
    codes = people(("Code", "Meaning"), ("1", "hot"))
    sheet = read(
        table("Old", people(HEADER, ("No Body", "", "")), style="hidden"),
        table("Monday", people(HEADER, ANN)),
        table("Codes", codes),
        table("Tuesday", people(("E-mail", "Name", "Stand"), ("bob@example.org", "Bob Ray", "B"))),
        table("Empty"),
    )
    assert sheet.header == (*HEADER, "Stand")
    assert sheet.rows == [(*ANN, ""), (*BOB, "B")]
    assert sheet.notes == (
        "rows taken from: Monday (1–1)",
        "rows taken from: Tuesday (2–2)",
        "left out, no column with a name, e-mail or phone: Codes",
    )


def test_a_table_inside_a_cell_is_no_sheet_and_no_row() -> None:
    inner = table("Inner", people(("x", "y")))
    nested = line(f"<table:table-cell>{inner}<text:p>Ann Lee</text:p></table:table-cell>", said("1"), said("2"))
    assert read(table("A", people(HEADER), nested)).rows == [("Ann Lee", "1", "2")]


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (people(HEADER) + line(*map(said, ANN), more=' table:number-rows-repeated="999999"'), "more rows than allowed"),
        (people(HEADER) + line('<table:table-cell table:number-columns-repeated="99999999" office:value-type="string">'
                               "<text:p>x</text:p></table:table-cell>"), "more than 1000 columns"),
        (people(HEADER) + line(*map(said, ANN), f"<table:table-cell><text:p>{'<text:s/>' * 200_001}</text:p>"
                               "</table:table-cell>"), "more parts than any program writes"),
        (people([f"Column {n}" for n in range(1001)]), "more than 1000 columns"),
    ],
)  # fmt: skip
def test_what_a_small_file_would_blow_up_to_is_counted(rows: str, why: str) -> None:
    assert why in reason(ods(table("A", rows)))


def test_hidden_rows_of_no_end_cost_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ods_files, "MOST_KEPT", 100)
    hidden = table("Old", people(*[HEADER] * 300), style="hidden")
    assert read(hidden, table("A", people(HEADER, ANN))).rows == [ANN]


def test_too_many_cells_in_all_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.capture.grid.MAX_CELLS", 20)
    monkeypatch.setattr("chalicelib.capture.limits.MAX_CELLS", 20)
    wide = line(said("Ann Lee"), said("x"), more=' table:number-rows-repeated="50"')
    assert "more cells than allowed" in reason(ods(table("A", people(("Name", "Note")), wide)))
    assert "more cells than allowed" in reason(ods(table("A", people(HEADER), people(*[("Ann",)] * 8))))


@pytest.mark.parametrize(
    "entity", ['<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>', '<!DOCTYPE x [<!ENTITY x "haha">]>']
)
def test_entities_are_not_followed(entity: str) -> None:
    assert "damaged" in reason(ods(table("A", people(HEADER), line(said("a"), said("b"))), before=entity))


def test_what_is_no_spreadsheet_is_refused() -> None:
    assert reason(ods()) == "the file is empty"
    assert "damaged" in reason(ods("<table:table>"))
    assert "OpenDocument" in reason(ods(table("A", people(HEADER, ANN))), "list.csv")
    text = zipped(("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", b"<a/>"))
    assert reason(text, "letter.zip") != "the file is empty"
