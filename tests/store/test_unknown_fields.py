"""What this release does not know of a record stays with it."""

import json
from typing import Any

from chalicelib.store.unknown_fields import UnknownFields

KEY = ("LEAD#1", "LEAD")


def text(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def kept(stored: Any, known: Any, written: Any, version: int = 3) -> Any:
    unknown = UnknownFields()
    unknown.note(KEY, 3, text(stored), text(known))
    return json.loads(unknown.kept(KEY, version, text(written)))


def test_a_name_that_is_not_known_is_carried_at_any_depth() -> None:
    stored = {"a": 1, "new": [1], "inner": {"b": 2, "newer": "x"}}
    written = {"a": 5, "inner": {"b": 6}}
    assert kept(stored, {"a": 1, "inner": {"b": 2}}, written) == {
        "new": [1],
        "a": 5,
        "inner": {"newer": "x", "b": 6},
    }


def test_elements_of_a_list_carry_it_as_long_as_they_are_the_same() -> None:
    stored = {"list": [{"a": 1, "new": 1}, {"a": 2, "new": 2}]}
    known = {"list": [{"a": 1}, {"a": 2}]}
    assert kept(stored, known, {"list": [{"a": 2}, {"a": 9}]}) == {"list": [{"a": 2, "new": 2}, {"a": 9}]}


def test_what_was_taken_out_on_purpose_stays_out() -> None:
    stored = {"new": 1, "values": {"x": "1", "y": "2"}}
    assert kept(stored, {"values": {"x": "1", "y": "2"}}, {"values": {"x": "1"}}) == {"new": 1, "values": {"x": "1"}}


def test_of_another_version_nothing_is_carried() -> None:
    assert kept({"a": 1, "new": 1}, {"a": 1}, {"a": 2}, version=4) == {"a": 2}


def test_a_default_that_an_older_record_lacks_is_nothing_unknown() -> None:
    unknown = UnknownFields()
    unknown.note(KEY, 1, text({"a": 1}), text({"a": 1, "with_a_default": 0}))
    body = text({"a": 2})
    assert unknown.kept(KEY, 1, body) is body


def test_who_writes_twice_without_a_look_carries_it_twice() -> None:
    unknown = UnknownFields()
    unknown.note(KEY, 1, text({"a": 1, "new": 1}), text({"a": 1}))
    assert json.loads(unknown.kept(KEY, 1, text({"a": 2}))) == {"new": 1, "a": 2}
    assert json.loads(unknown.kept(KEY, 2, text({"a": 3}))) == {"new": 1, "a": 3}


def test_a_look_that_finds_nothing_unknown_ends_it() -> None:
    unknown = UnknownFields()
    unknown.note(KEY, 1, text({"a": 1, "new": 1}), text({"a": 1}))
    unknown.kept(KEY, 1, text({"a": 2}))
    # Somebody else was faster, and wrote without the field.
    unknown.note(KEY, 2, text({"a": 7}), text({"a": 7}))
    assert json.loads(unknown.kept(KEY, 2, text({"a": 8}))) == {"a": 8}


def test_what_is_read_and_never_written_falls_out_in_time() -> None:
    unknown = UnknownFields(most=2)
    for number in range(3):
        unknown.note((f"LEAD#{number}", "LEAD"), 1, text({"new": 1}), text({}))
    assert unknown.kept(("LEAD#0", "LEAD"), 1, b"{}") == b"{}"
    assert json.loads(unknown.kept(("LEAD#2", "LEAD"), 1, b"{}")) == {"new": 1}
