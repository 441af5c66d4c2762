import json

import pytest

from chalicelib.capture.bodies import MAX_BODY, MAX_FIELDS, read_body
from chalicelib.records.contact import Refusal

FORM = "application/x-www-form-urlencoded"


def part(name: str, value: bytes, more: str = "") -> bytes:
    return f'--X\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + value + b"\r\n"


def multipart(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--X--\r\n"


def test_an_urlencoded_body_becomes_fields() -> None:
    assert read_body(FORM, b"name=Ann+L%C3%A9e&empty=&x") == {"name": "Ann Lée", "empty": "", "x": ""}
    assert read_body(f"{FORM}; charset=UTF-8", "name=Léa".encode()) == {"name": "Léa"}
    assert read_body(f'{FORM}; charset="gbk"', "name=王".encode("gbk")) == {"name": "王"}


@pytest.mark.parametrize("charset", ["hex", "no-such", "utf-8\0"])
def test_a_charset_that_is_none_is_utf_8(charset: str) -> None:
    assert read_body(f"{FORM}; charset={charset}", b"a=%C3%A9") == {"a": "é"}


def test_a_field_given_twice_is_one_value_of_two_lines() -> None:
    assert read_body(FORM, b"product=A&product=B") == {"product": "A\nB"}
    assert read_body("multipart/form-data; boundary=X", multipart(part("p", b"A"), part("p", b"B"))) == {"p": "A\nB"}


def test_a_multipart_body_becomes_fields_and_its_files_are_read_over() -> None:
    body = multipart(part("name", "Zoë".encode()), part("cv", b"x" * 70_000, '; filename="a.pdf"'), part("empty", b""))
    assert read_body("Multipart/Form-Data; boundary=X", body) == {"name": "Zoë", "empty": ""}


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data; boundary=X", part("a", b"b")),
        ("multipart/form-data; boundary=Y", part("a", b"b")),
        ("multipart/form-data", multipart(part("a", b"b"))),
        ("multipart/form-data; boundary=X", b"--X\r\nnonsense\r\n\r\n--X--\r\n"),
    ],
)
def test_a_broken_multipart_body_is_refused(content_type: str, body: bytes) -> None:
    assert read_body(content_type, body) == Refusal("body", "the form is malformed")


def test_too_many_fields_are_refused() -> None:
    many = b"&".join(b"a%d=1" % number for number in range(MAX_FIELDS + 1))
    parts = multipart(*(part(f"a{number}", b"1") for number in range(MAX_FIELDS + 1)))
    assert read_body(FORM, many) == Refusal("body", "more than 200 fields")
    assert read_body("multipart/form-data; boundary=X", parts) == Refusal("body", "more than 200 fields")
    names = [f"a{number}" for number in range(MAX_FIELDS + 1)]
    assert read_body("application/json", json.dumps(dict.fromkeys(names)).encode()) == Refusal(
        "body", "more than 200 fields"
    )
    assert read_body("application/json", json.dumps(dict.fromkeys(names[1:])).encode()) == dict.fromkeys(names[1:])


def test_a_json_object_is_read_and_the_last_of_two_equal_keys_counts() -> None:
    assert read_body("application/json", b'\xef\xbb\xbf{"a":1,"b":"x","c":1.5}') == {"a": 1, "b": "x", "c": 1.5}
    assert read_body("application/vnd.api+json; charset=utf-8", b'{"a":"x","a":"y"}') == {"a": "y"}


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'{"a":NaN}', "NaN and Infinity are not JSON"),
        (b'{"a":-Infinity}', "NaN and Infinity are not JSON"),
        (b'{"a":1e400}', "a number is too large"),
        (b'{"a":0.' + b"1" * 400 + b"}", "a number is too large"),
        (b'{"a":' + b"9" * 400 + b"}", "a number has more than 18 digits"),
        (b"[" * 100_000, "not valid JSON"),
        (b'{"a":' * 100_000, "not valid JSON"),
        (b"", "not valid JSON"),
        (b"\xff", "not valid JSON"),
        (b'["a"]', "the JSON is not an object"),
    ],
)
def test_json_nobody_could_store_is_refused_without_a_trace(body: bytes, why: str) -> None:
    assert read_body("application/json", body) == Refusal("body", why)


def test_a_body_over_one_megabyte_and_another_content_type_are_refused() -> None:
    assert read_body(FORM, b"a" * (MAX_BODY + 1)) == Refusal("body", "the body is larger than 1 MB: 1048577 bytes")
    assert read_body("text/plain", b"x") == Refusal("content-type", "send a form or JSON, not: text/plain")
    assert read_body("", b"x") == Refusal("content-type", "send a form or JSON, not: nothing")
