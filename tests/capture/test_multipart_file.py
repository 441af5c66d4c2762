"""The one form with a file: its parts, its limits, and names that are only names."""

import pytest

from chalicelib.capture.multipart_file import FileForm, read_file_form
from chalicelib.records.contact import Refusal

TYPE = "multipart/form-data; boundary=b"


def part(name: str, value: bytes, file_name: str | None = None) -> bytes:
    disposition = f'form-data; name="{name}"' + (f'; filename="{file_name}"' if file_name is not None else "")
    return b"--b\r\nContent-Disposition: " + disposition.encode() + b"\r\n\r\n" + value + b"\r\n"


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--b--\r\n"


def refusal(content_type: str, body: bytes) -> Refusal:
    found = read_file_form(content_type, body)
    assert isinstance(found, Refusal)
    return found


def test_texts_and_the_first_file_are_read_byte_for_byte() -> None:
    data = bytes(range(256)) + b"\r\n--c not the end"
    body = form(part("campaign", "Frühjahr".encode()), part("file", data, "cards.csv"), part("other", b"x", "y.csv"))
    assert read_file_form(TYPE, body) == FileForm("cards.csv", data, {"campaign": "Frühjahr"})


def test_a_form_without_a_chosen_file_has_an_empty_one() -> None:
    assert read_file_form(TYPE, form(part("a", b"1"), part("file", b"", ""))) == FileForm("", b"", {"a": "1"})
    assert read_file_form(TYPE, form(part("a", b"1"))) == FileForm("", b"", {"a": "1"})


@pytest.mark.parametrize("name", ["../../etc/x.csv", "C:\\\\temp\\\\x.csv", "a/x.csv", "x\x00.csv"])
def test_a_file_name_is_a_name_and_never_a_path(name: str) -> None:
    found = read_file_form(TYPE, form(part("file", b"1", name)))
    assert isinstance(found, FileForm)
    assert found.file_name == "x.csv"


def test_a_text_that_is_no_utf8_is_replaced_and_a_long_one_cut() -> None:
    found = read_file_form(TYPE, form(part("a", b"\xff"), part("b", b"x" * 100_000)))
    assert isinstance(found, FileForm)
    assert (found.fields["a"], len(found.fields["b"])) == ("\ufffd", 65_536)


def test_another_content_type_is_refused() -> None:
    assert refusal("application/json", b"{}").field == "content-type"
    assert refusal("", b"").reason == "send the file as multipart/form-data, not: nothing"


def test_a_file_larger_than_ten_megabytes_is_refused_before_it_is_read() -> None:
    assert refusal(TYPE, b"x" * (11 * 1024 * 1024)).reason == "the file is larger than 10 MB: 11.0 MB"


def test_a_broken_form_and_one_of_too_many_parts_are_refused() -> None:
    assert refusal(TYPE, b"--b\r\nnothing of a form").reason == "the form is malformed"
    assert refusal("multipart/form-data", b"--b--").field == "body"
    assert refusal(TYPE, form(*[part("a", b"1")] * 1_101)).reason == "more than 1100 parts"
