from pathlib import Path

import pytest

from chalicelib.capture.files import read_sheet
from chalicelib.capture.sheet import Sheet
from chalicelib.records.contact import Refusal

CARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{0}\r\nEMAIL:{0}@example.org\r\nEND:VCARD\r\n"


def read(text: str | bytes, name: str = "cards.vcf") -> Sheet:
    sheet = read_sheet(text.encode() if isinstance(text, str) else text, name)
    assert isinstance(sheet, Sheet), sheet
    return sheet


def names(sheet: Sheet) -> list[str]:
    return [row[0] for row in sheet.rows]


def test_each_card_of_a_file_is_a_row() -> None:
    sheet = read("\ufeff" + CARD.format("ann") + "\n\n" + CARD.format("bob").lower())
    assert sheet.header == (
        "Name", "Given name", "Family name", "Company", "Department", "Job title", "E-mail", "Phone", "Website",
        "Phone extension", "Address", "Badge id", "Note",
    )  # fmt: skip
    assert names(sheet) == ["ann", "bob"]
    assert [row[6] for row in sheet.rows] == ["ann@example.org", "bob@example.org"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "gb18030", "utf-8-sig"])
def test_cards_come_in_any_encoding_and_under_any_name(encoding: str) -> None:
    text = "".join(CARD.format(name) for name in ("王小明", "李娜", "张伟"))
    assert names(read(text.encode(encoding), "export.txt")) == ["王小明", "李娜", "张伟"]


def test_a_card_that_is_never_ended_ends_where_the_next_begins() -> None:
    open_ended = CARD.format("ann").replace("END:VCARD\r\n", "")
    assert names(read(open_ended + CARD.format("bob") + "between\n" + open_ended)) == ["ann", "bob", "ann"]


def test_several_addresses_numbers_and_extensions_have_columns_of_their_own() -> None:
    card = (
        "BEGIN:VCARD\nN:Lee;Ann\nORG:Firm;Sales;East\nTEL:+49 30 1\nTEL;VALUE=uri:tel:+1-202-555-0188;ext=12\n"
        "EMAIL:a@example.org\nEMAIL;PREF=1:b@example.org\nURL:https://example.org\nEND:VCARD\n"
    )
    sheet = read(card)
    row = dict(zip(sheet.header, sheet.rows[0], strict=True))
    assert row["Department"] == "Sales, East"
    assert (row["E-mail"], row["E-mail 2"]) == ("b@example.org", "a@example.org")
    assert (row["Phone"], row["Phone 2"]) == ("+49 30 1", "+1-202-555-0188 ext. 12")
    assert row["Phone extension"] == "12"


def test_pictures_are_passed_over_and_a_huge_card_costs_its_own_row() -> None:
    picture = "PHOTO;ENCODING=b;TYPE=JPEG:" + "\r\n ".join(["A" * 70] * 2000) + "\r\n"
    pictured = CARD.format("ann").replace("EMAIL", picture + "EMAIL")
    old = CARD.format("cem").replace("EMAIL", "item1.PHOTO;BASE64:\n  " + "A" * 70 + "\n\nEMAIL")
    huge = CARD.format("bob").replace("EMAIL", "NOTE:" + "n" * 70_000 + "\nEMAIL")
    sheet = read(pictured + huge + old)
    assert list(sheet.bad_rows) == [2]
    assert sheet.bad_rows[2].reason == "the card is longer than 64 KB: 68 KB"
    assert [row[6] for row in sheet.rows][::2] == ["ann@example.org", "cem@example.org"]


def test_what_is_no_file_of_cards_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_sheet(b"name,email\nAnn,a\n", "cards.vcf") == Refusal(
        "file", "the file is text, but its name ends in: .vcf"
    )
    assert read_sheet(b"BEGIN:VCARDS\n", "a.vcf") == Refusal("file", "the file holds no card")
    unreadable = b"BEGIN:VCARD\n" + b"\x81 \x8d \x9d \xff" * 9
    assert "encoding" in str(read_sheet(unreadable, "a.vcf"))
    monkeypatch.setattr("chalicelib.capture.vcard_files.MAX_ROWS", 1)
    assert "more rows than allowed" in str(read_sheet(CARD.format("ann").encode() * 2, "a.vcf"))


@pytest.mark.skipif(not Path("../shared/cases/formats").exists(), reason="the shared cases are not here")
def test_the_shared_cards_are_four_rows() -> None:
    sheet = read(Path("../shared/cases/formats/f11_cards.vcf").read_bytes())
    assert names(sheet) == ["Dr. Jürgen Müller", "John Q. Doe, Jr.", "山田 例子", "No Contact"]
