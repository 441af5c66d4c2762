"""Zips for Lambda: the same bytes for the same input, compiled, without what never runs."""

import zipfile
from pathlib import Path

import pytest

from infra.zips import compiled, entries_of_folder, entries_of_zip, needed, write_zip

SOURCE = b"def answer():\n    return 42\n"


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("chalicelib/data/openapi.json", True),
        ("chalicelib/store/index_schema.sql", True),
        ("templates/locale/zh_Hans/LC_MESSAGES/leadline.mo", True),
        ("templates/locale/zh_Hans/LC_MESSAGES/leadline.po", False),
        ("babel/locale-data/zh_Hant_TW.dat", True),
        ("babel/locale-data/en.dat", True),
        ("babel/locale-data/root.dat", True),
        ("babel/locale-data/enn.dat", False),
        ("babel/locale-data/de.dat", False),
        ("babel/global.dat", True),
        ("icalendar/tests/test_x.py", False),
        ("msgspec/_core.pyi", False),
        ("tzdata/zoneinfo/Europe/Berlin", True),
        ("holidays/countries/germany.py", True),
        ("numpy/linalg/tests/test_linalg.py", False),
    ],
)
def test_what_never_runs_stays_out(name: str, wanted: bool) -> None:
    assert needed(name) is wanted


def test_the_same_files_make_the_same_zip_in_whatever_order_they_come(tmp_path: Path) -> None:
    entries = [("b.py", SOURCE), ("a/c.txt", b"text")]
    write_zip(tmp_path / "one.zip", compiled(entries))
    write_zip(tmp_path / "two.zip", compiled(reversed(entries)))
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_modules_get_their_compiled_form_which_is_not_checked_against_a_date(tmp_path: Path) -> None:
    write_zip(tmp_path / "made.zip", compiled([("pack/mod.py", SOURCE)]))
    inside = dict(entries_of_zip(tmp_path / "made.zip"))
    assert sorted(inside) == ["pack/__pycache__/mod.cpython-311.pyc", "pack/mod.py"]
    # PEP 552: flags 0b01 are a hash that is not checked.
    assert inside["pack/__pycache__/mod.cpython-311.pyc"][4:8] == b"\x01\x00\x00\x00"


def test_a_source_that_does_not_compile_goes_alone() -> None:
    assert [name for name, _ in compiled([("broken.py", b"def (:\n")])] == ["broken.py"]


def test_the_size_unpacked_is_told_and_everybody_may_read_the_files(tmp_path: Path) -> None:
    assert write_zip(tmp_path / "made.zip", [("a", b"12"), ("b", b"3")]) == 3
    with zipfile.ZipFile(tmp_path / "made.zip") as made:
        assert {info.external_attr >> 16 for info in made.infolist()} == {0o100644}


def test_a_folders_compiled_leftovers_are_not_taken(tmp_path: Path) -> None:
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "x.pyc").write_bytes(b"old")
    (tmp_path / "x.py").write_bytes(SOURCE)
    assert [name for name, _ in entries_of_folder(tmp_path)] == ["x.py"]
