"""The door where submissions wait: the same promises of a folder, of a queue and of a bucket."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chalicelib.records.ports import StoreUnavailable
from chalicelib.records.queue_ports import Door
from chalicelib.store.blobs_s3 import S3Blobs
from chalicelib.store.door_aws import MOST_BYTES, TOPIC, QueueOrBlobDoor
from chalicelib.store.door_folder import FolderDoor
from chalicelib.store.queue_sqs import SqsQueue
from tests.contracts.places import PLACES, aws, drop_bucket, drop_queues, make_bucket, make_queues


@pytest.fixture(params=["folder", *(f"{place} {where}" for place in PLACES for where in ("queue", "bucket"))])
def door(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Door]:
    if request.param == "folder":
        yield FolderDoor(tmp_path / "door")
        return
    place, where = request.param.split()
    with aws(place) as clients:
        bucket, prefix = make_bucket(clients), make_queues(clients, (TOPIC,), hidden_seconds=60)
        queue: Any = SqsQueue(clients.sqs, prefix if where == "queue" else "leadline-not-there-")
        yield Door_(queue, S3Blobs(clients.s3, bucket), where)
        drop_queues(clients, prefix, (TOPIC,))
        drop_bucket(clients, bucket)


class Door_(QueueOrBlobDoor):  # noqa: N801
    """Without a queue nobody can say how many wait in it."""

    def __init__(self, queue: Any, blobs: S3Blobs, where: str) -> None:
        super().__init__(queue, blobs, look_seconds=0)
        self._where = where

    def waiting(self) -> int:
        return super().waiting() if self._where == "queue" else len(self._blobs.list("door/"))


def test_what_is_kept_is_taken_until_it_is_done(door: Door) -> None:
    assert door.waiting() == 0
    assert list(door.take()) == []
    door.keep("01A", b'{"a": "\\u00e9"}')
    door.keep("01B", b"{}")
    assert door.waiting() == 2
    taken = door.take()
    assert {one.body for one in taken} == {b'{"a": "\\u00e9"}', b"{}"}
    for one in taken:
        door.done(one.receipt)
        door.done(one.receipt)
    assert door.waiting() == 0
    assert list(door.take()) == []


def test_no_more_than_asked_for_are_taken(door: Door) -> None:
    for number in range(4):
        door.keep(f"01{number}", b"x")
    assert len(door.take(3)) == 3


@pytest.mark.parametrize("place", PLACES)
def test_what_is_too_large_for_a_message_goes_into_the_bucket(place: str) -> None:
    with aws(place) as clients:
        bucket, prefix = make_bucket(clients), make_queues(clients, (TOPIC,))
        blobs = S3Blobs(clients.s3, bucket)
        made = QueueOrBlobDoor(SqsQueue(clients.sqs, prefix), blobs, look_seconds=0)
        made.keep("01A", b"x" * MOST_BYTES)
        assert blobs.list("door/") == ["door/01A"]
        (taken,) = made.take()
        assert len(taken.body) == MOST_BYTES
        drop_queues(clients, prefix, (TOPIC,))
        drop_bucket(clients, bucket)


class NoQueue:
    def receive(self, topic: str, limit: int) -> list[Any]:
        return []


class Listed:
    """A bucket that counts how often it is listed."""

    def __init__(self) -> None:
        self.lists = 0

    def list(self, prefix: str) -> list[str]:
        self.lists += 1
        return []


def test_the_bucket_is_looked_at_now_and_then_only() -> None:
    blobs: Any = Listed()
    queue: Any = NoQueue()
    now = [0.0]
    made = QueueOrBlobDoor(queue, blobs, look_seconds=240, monotonic=lambda: now[0])
    for seconds in (0.0, 60.0, 239.0, 240.0, 300.0):
        now[0] = seconds
        made.take()
    assert blobs.lists == 2


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "door").write_text("a file where the folder should be")
    with pytest.raises(StoreUnavailable):
        FolderDoor(tmp_path / "door").keep("01A", b"x")
