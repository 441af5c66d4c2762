import io
import zipfile

import openpyxl
import pytest

from chalicelib.capture import limits
from chalicelib.capture.files import read_sheet
from chalicelib.capture.sheet import Sheet
from chalicelib.records.contact import Refusal
from tests.capture.archives import ods, people, table, zipped

CSV = "name,email\nAnn Lee,ann@example.org\n,nothing\n".encode("utf-16")
CARDS = b"BEGIN:VCARD\nVERSION:3.0\nFN:Cem Kaya\nEND:VCARD\n"


def workbook(title: str = "list") -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["Name", "Company"])
    book.active.append(["Bob Ray", title])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(data: bytes) -> Sheet:
    sheet = read_sheet(data, "lists.zip")
    assert isinstance(sheet, Sheet), sheet
    return sheet


def reason(data: bytes) -> str:
    refusal = read_sheet(data, "lists.zip")
    assert isinstance(refusal, Refusal)
    return refusal.reason


def test_every_list_in_an_archive_is_read_each_in_its_own_encoding_and_layout() -> None:
    book = ods(table("A", people(("Name", "Title"), ("Dora Ek", "CEO"))))
    sheet = read(
        zipped(
            ("day/1.csv", CSV), ("day/2.xlsx", workbook()), ("day/3.ods", book), ("day/4.vcf", CARDS), ("day/", b""),
            ("__MACOSX/day/._1.csv", b"x"), (".DS_Store", b"\0\1"), ("terms.pdf", b"%PDF-1.7"), ("more.zip", zipped()),
        )
    )  # fmt: skip
    names = [row[sheet.header.index("name")] for row in sheet.rows]
    assert names == ["Ann Lee", "", "Bob Ray", "Dora Ek", "Cem Kaya"]
    assert all(len(row) == len(sheet.header) for row in sheet.rows)
    assert sheet.notes == (
        "rows taken from: day/1.csv (1–2)",
        "rows taken from: day/2.xlsx (3–3)",
        "rows taken from: day/3.ods (4–4)",
        "rows taken from: day/4.vcf (5–5)",
        "left out, not a list that can be read: more.zip",
        "an archive in an archive is not opened",
        "left out, not a list that can be read: terms.pdf",
        "the file is not a list but a PDF document",
    )


def test_an_archive_of_one_list_is_that_list() -> None:
    assert read(zipped(("a.csv", CSV))) == read_sheet(CSV, "a.csv")


def test_a_bad_row_keeps_its_place_and_its_cells_among_the_others() -> None:
    other = b"email,name\nx@example.org,Bob\na,b,c\n"
    sheet = read(zipped(("1.csv", CSV), ("2.csv", other)))
    assert {row: (bad.reason, bad.row) for row, bad in sheet.bad_rows.items()} == {
        4: ("more cells than the header has columns: 3", 4)
    }
    assert sheet.rows[2:] == [("Bob", "x@example.org"), ("b", "a", "c")]


def test_a_list_that_cannot_be_read_is_told_and_the_others_load() -> None:
    sheet = read(zipped(("1.csv", b"\x81 \x8d \x9d \xff" * 9), ("2.csv", CSV)))
    assert len(sheet.rows) == 2
    assert sheet.notes[0] == "left out, not a list that can be read: 1.csv"


def test_an_archive_in_which_nothing_can_be_read_says_why() -> None:
    assert reason(zipped(("a.pdf", b"%PDF-"), ("b.pdf", b"%PDF-"))) == "the file is not a list but a PDF document"
    assert reason(zipped((".hidden", b"x"))) == "the archive holds no list"


def test_of_lists_none_of_which_is_about_people_the_first_counts() -> None:
    sheet = read(zipped(("1.csv", b"code,meaning\n1,hot\n"), ("2.csv", b"code,sense\n2,cold\n")))
    assert sheet.rows == [("1", "hot")]
    assert sheet.notes == ("left out, no column with a name, e-mail or phone: 2.csv",)


def test_names_are_shown_as_they_were_meant() -> None:
    def named(raw: bytes) -> str:
        data = zipped(("abcd.csv", CSV), ("terms.pdf", b"%PDF-")).replace(b"terms", raw)
        return read(data).notes[0].partition(": ")[2]

    assert named("名".encode("gbk") + b"123") == "名123.pdf"
    assert named("ü".encode() + b"123") == "ü123.pdf"
    assert named(b"\xff1234") == "\xa01234.pdf"


def test_an_archive_within_the_limits_of_one_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.capture.zip_files.MAX_FILE", 1_000)
    assert reason(zipped(("a.csv", CSV * 20))) == "larger than 10 MB when unpacked"
    assert "more files than allowed" in reason(zipped(*((f"{n}.txt", b"x,y\n1,2") for n in range(101))))


def test_many_lists_together_may_hold_as_much_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for limit, why in (("MAX_ROWS", "more rows than allowed"), ("MAX_CELLS", "more cells than allowed")):
        with monkeypatch.context() as patch:
            patch.setattr(
                "chalicelib.capture.zip_files._Room.__init__.__defaults__", (3, 99) if limit == "MAX_ROWS" else (99, 7)
            )
            assert why in reason(zipped(("1.csv", CSV), ("2.csv", CSV)))
        with monkeypatch.context() as patch:
            # What one of them holds is allowed.
            patch.setattr(f"chalicelib.capture.limits.{limit}", 3 if limit == "MAX_ROWS" else 5)
            assert why in reason(zipped(("1.csv", CSV), ("2.csv", CSV)))
    monkeypatch.setattr("chalicelib.capture.together.MAX_COLUMNS", 2)
    assert "columns" in reason(zipped(("1.csv", CSV), ("2.csv", b"name,phone\nBob,1\n")))


def test_workbooks_in_an_archive_are_unpacked_within_one_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    one = workbook()
    unpacked = sum(info.file_size for info in zipfile.ZipFile(io.BytesIO(one)).infolist())
    data = zipped(*((f"{n}.xlsx", workbook(str(n))) for n in range(3)))
    monkeypatch.setattr("chalicelib.capture.files.MAX_INFLATED", len(one) * 3 + unpacked * 2)
    assert len(read(data).rows) < 3
    monkeypatch.setattr("chalicelib.capture.files.MAX_INFLATED", limits.MAX_INFLATED)
    assert len(read(data).rows) == 3
