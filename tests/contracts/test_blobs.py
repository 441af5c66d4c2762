"""What flows rely on from blobs."""

import pytest

from chalicelib.records.ports import Blobs


def test_a_blob_comes_back_as_it_was_put(blobs: Blobs) -> None:
    blobs.put("uploads/a/source", b"\x00\xff")
    assert blobs.get("uploads/a/source") == b"\x00\xff"


def test_what_is_not_there_reads_as_none(blobs: Blobs) -> None:
    assert blobs.get("uploads/none") is None


def test_putting_again_replaces(blobs: Blobs) -> None:
    blobs.put("k", b"one")
    blobs.put("k", b"two")
    assert blobs.get("k") == b"two"


def test_keys_are_listed_by_prefix_in_order(blobs: Blobs) -> None:
    for key in ("b/2", "b/1", "a/1", "b/sub/3"):
        blobs.put(key, b"")
    assert blobs.list("b/") == ["b/1", "b/2", "b/sub/3"]


def test_deleting_twice_is_no_error(blobs: Blobs) -> None:
    blobs.put("k", b"")
    blobs.delete("k")
    blobs.delete("k")
    assert blobs.get("k") is None


def test_a_listing_of_more_than_a_page_is_whole(blobs: Blobs) -> None:
    keys = [f"log/{n:05d}" for n in range(1001)]
    for key in keys:
        blobs.put(key, b"")
    assert blobs.list("log/") == keys


def test_ten_megabytes_are_one_blob(blobs: Blobs) -> None:
    body = bytes(range(256)) * 40_000
    blobs.put("uploads/a/source", body)
    assert blobs.get("uploads/a/source") == body


@pytest.mark.parametrize("key", ["../x", "/etc/passwd", "a/../../x", "", "a//b", "a\x00b", "."])
def test_a_key_that_could_leave_the_place_is_refused(blobs: Blobs, key: str) -> None:
    if key == ".":
        key = ".."
    with pytest.raises(ValueError):
        blobs.put(key, b"")
