import io
import zipfile

import pytest

from chalicelib.capture import limits
from chalicelib.capture.limits import Archive, cell_problem, count_inflated, open_archive, size_problem
from chalicelib.records.contact import Refusal
from tests.capture.archives import zipped


def reason(data: bytes) -> str:
    answer = open_archive(data)
    assert isinstance(answer, Refusal)
    return answer.reason


def test_an_empty_file_and_one_over_ten_megabytes_are_refused() -> None:
    assert size_problem(b"x" * limits.MAX_FILE) is None
    assert size_problem(b"") == Refusal("file", "the file is empty")
    assert size_problem(b"x" * 11 * limits.MB) == Refusal("file", "the file is larger than 10 MB: 11.0 MB")


def test_a_cell_is_measured_in_bytes() -> None:
    assert cell_problem(3, ("ü" * 40_000, "y"), ("name",)) == Refusal("name", "a cell is larger than 64 KB: 78 KB", 3)
    assert cell_problem(3, ("x", "y" * 70_000), ("name",)) == Refusal(
        "column 2", "a cell is larger than 64 KB: 68 KB", 3
    )
    assert cell_problem(3, ("x" * 60_000,), ("name",)) is None


def test_an_archive_tells_its_parts_and_whether_a_sheet_has_formulas() -> None:
    assert open_archive(zipped(("xl/worksheets/sheet1.xml", b"<c><f>1+1</f></c>"))) == Archive(
        ("xl/worksheets/sheet1.xml",), formulas=True
    )
    assert open_archive(zipped(("xl/styles.xml", b"<f>"))) == Archive(("xl/styles.xml",))


def test_the_directory_alone_refuses_what_unpacks_to_too_much() -> None:
    assert reason(zipped(("xl/big.xml", b"x" * 101 * limits.MB))) == "the file holds more than 100 MB when unpacked"


def test_a_directory_that_lies_about_the_size_is_caught_while_inflating() -> None:
    honest = zipped(("xl/a.xml", b"<a>" * 100_000))
    size = (300_000).to_bytes(4, "little")
    assert honest.count(size) == 2
    assert reason(honest.replace(size, (70_000).to_bytes(4, "little"))) == (
        "the file is damaged and cannot be unpacked"
    )


def test_bytes_are_counted_while_inflating_whatever_the_directory_states() -> None:
    data = zipped(("a.bin", b"\1" * 3000), ("b.bin", b"\2" * 3000))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        assert count_inflated(archive, parts, limit=6000) == Archive(("a.bin", "b.bin"))
        assert count_inflated(archive, parts, limit=5999) == Refusal(
            "file", "the file holds more than 100 MB when unpacked"
        )


def test_a_cell_no_program_writes_is_refused_while_inflating() -> None:
    assert reason(zipped(("xl/sharedStrings.xml", b"<t>" + b"x" * 3 * limits.MB))) == (
        "the workbook holds a cell larger than 1 MB"
    )


@pytest.mark.parametrize("name", ["../../x", "/etc/x", "a\\..\\b", "c:/x"])
def test_parts_outside_the_archive_are_refused(name: str) -> None:
    assert reason(zipped((name, b""))) == "the file names parts outside itself"


def test_fifty_thousand_parts_are_refused() -> None:
    assert (
        reason(zipped(*((f"m{number}", b"") for number in range(1_001)))) == "the file has more than 1000 parts: 1001"
    )


def test_a_password_is_named_as_the_reason() -> None:
    data = bytearray(zipped(("xl/workbook.xml", b"<x/>")))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert reason(bytes(data)) == "the file is protected by a password"


def test_a_cut_off_archive_is_damaged() -> None:
    assert reason(zipped(("xl/a.xml", b"<a/>"))[:40]) == "the file is damaged and cannot be unpacked"
