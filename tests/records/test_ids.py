"""An id tells when it was made."""

from datetime import UTC, datetime

from chalicelib.records.ids import made_at


def test_a_ulid_begins_with_its_moment() -> None:
    assert made_at("01ARZ3NDEKTSV4RRFFQ69G5FAV") == datetime(2016, 7, 30, 23, 54, 10, 259000, tzinfo=UTC)
