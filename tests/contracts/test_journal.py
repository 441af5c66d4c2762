"""What flows rely on from the journal, in a folder and in a bucket."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chalicelib.records.arrival import Entry as ArrivedBy
from chalicelib.records.arrival import RawPost
from chalicelib.records.erasure import Suppression
from chalicelib.records.journal import Entry, Noted
from chalicelib.records.kept import Kept
from chalicelib.records.lead import Lead
from chalicelib.records.ports import Blobs, StoreUnavailable
from chalicelib.records.receipt import Receipt, ReceiptOutcome
from chalicelib.store.blobs_s3 import S3Blobs
from chalicelib.store.ids import UlidMaker
from chalicelib.store.journal import SealedJournal
from chalicelib.store.journal_blobs import BlobKeys, BlobLines
from chalicelib.store.journal_folder import FolderLines, SqliteKeys
from tests.contracts.places import PLACES, aws, drop_bucket, make_bucket

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
EVERY = frozenset(Noted)
JANA = Lead("L1", "Jana Beispiel", emails=("jana@customer.example.com",), created_at=NOW)
CAME = Entry(Noted.RECEIVED, NOW, "L1", ("T1", "R1"),
             records=(Receipt("digest", "body", ReceiptOutcome.ACCEPTED, NOW, "L1", "T1", "R1"), JANA))  # fmt: skip
OBJECTS = Entry(Noted.OPT_OUT, NOW, "L1", until=NOW, suppressions=(Suppression("d", NOW, NOW, ("n",), True),))
LEFT = Entry(Noted.SENT, NOW + timedelta(hours=1), "L1", ("M1", "confirmation", "R1"))


@dataclass
class Place:
    """Opened as often as processes would; `bytes` is all that lies there."""

    open: Callable[[], SealedJournal]
    bytes: Callable[[], bytes]


def in_folder(folder: Path, segment_bytes: int = 1 << 24) -> Place:
    def opened() -> SealedJournal:
        return SealedJournal(
            FolderLines(folder, UlidMaker(), segment_bytes), SqliteKeys(folder / "keys.db"), UlidMaker()
        )

    return Place(opened, lambda: b"".join(path.read_bytes() for path in folder.rglob("*.*")))


def in_blobs(blobs: Blobs) -> Place:
    def opened() -> SealedJournal:
        return SealedJournal(BlobLines(blobs, UlidMaker()), BlobKeys(blobs), UlidMaker())

    return Place(opened, lambda: b"".join(blobs.get(key) or b"" for key in blobs.list("")))


@pytest.fixture(params=["folder", *PLACES])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if request.param == "folder":
        yield in_folder(tmp_path / "journal")
        return
    with aws(request.param) as clients:
        bucket = make_bucket(clients)
        yield in_blobs(S3Blobs(clients.s3, bucket))
        drop_bucket(clients, bucket)


def test_what_was_noted_is_read_in_order_also_by_another_process(place: Place) -> None:
    first, second = place.open(), place.open()
    assert list(first.read(EVERY)) == []
    first.append([])
    first.append([CAME, OBJECTS])
    second.append([LEFT])
    first.append([LEFT])
    assert sorted(place.open().read(EVERY), key=lambda entry: entry.kind) == [OBJECTS, CAME, LEFT, LEFT]
    assert list(first.read({Noted.OPT_OUT})) == [OBJECTS]
    assert list(first.read(EVERY, NOW + timedelta(minutes=1))) == [LEFT, LEFT]


def test_what_is_personal_can_be_read_with_the_key_alone_and_dies_with_it(place: Place) -> None:
    journal = place.open()
    other = Entry(Noted.RECEIVED, NOW, "L10", records=(Lead("L10"),))
    journal.append([CAME, other, CAME])
    assert b"jana" not in place.bytes().lower()
    before = place.bytes()
    journal.forget("L1")
    journal.forget()
    journal.forget("nobody", "L2")
    found = list(place.open().read(EVERY))
    assert [(entry.lead_id, len(entry.records)) for entry in found] == [("L1", 0), ("L10", 1), ("L1", 0)]
    assert found[0].ids == ("T1", "R1"), "what is opaque stays"
    assert place.bytes() != before


def test_what_was_set_aside_comes_back_as_it_was_sent_until_its_own_key_is_gone(place: Place) -> None:
    journal = place.open()
    post = RawPost("P1", ArrivedBy.FORM, NOW, "text/plain", b"\xffjana@customer.example.com")
    kept = Kept("P1", ArrivedBy.FORM, ReceiptOutcome.REJECTED, NOW, "token", ("why",), NOW)
    aside = Entry(Noted.SET_ASIDE, NOW, "kept-P1", records=(CAME.records[0], kept, post))
    journal.append([aside, CAME])
    assert list(place.open().read({Noted.SET_ASIDE})) == [aside]
    assert b"jana" not in place.bytes().lower()
    journal.forget("kept-P1", "kept-P2")
    assert [len(entry.records) for entry in place.open().read(EVERY)] == [0, 2]


def test_a_torn_or_damaged_line_costs_itself_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    place = in_folder(tmp_path)
    journal = place.open()
    for entry in (CAME, OBJECTS, LEFT):
        journal.append([entry])
    (segment,) = tmp_path.glob("*.log")
    body = segment.read_bytes()
    segment.write_bytes(body.replace(b'"opt_out"', b'"opt_oot"') + b"deadbeef {")
    assert [entry.kind for entry in place.open().read(EVERY)] == [Noted.RECEIVED, Noted.SENT]
    assert "line 1 of the journal is damaged" in caplog.text
    segment.write_bytes(body + b"not a line\n")
    assert len(list(place.open().read(EVERY))) == 3


def test_a_full_segment_is_followed_by_another(tmp_path: Path) -> None:
    journal = in_folder(tmp_path, segment_bytes=200).open()
    for _ in range(5):
        journal.append([OBJECTS])
    assert len(list(tmp_path.glob("*.log"))) == 5
    assert len(list(journal.read(EVERY))) == 5


def test_a_disk_that_takes_nothing_is_an_error_and_nothing_follows_a_torn_line(tmp_path: Path) -> None:
    lines = FolderLines(tmp_path, UlidMaker())
    journal = SealedJournal(lines, SqliteKeys(tmp_path / "keys.db"), UlidMaker())
    journal.append([OBJECTS])
    assert lines._file
    real = os.dup(lines._file.fileno())
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, lines._file.fileno())
    with pytest.raises(StoreUnavailable, match="journal cannot be written"):
        journal.append([LEFT])
    os.close(full)
    os.close(real)
    journal.append([LEFT])
    assert [entry.kind for entry in journal.read(EVERY)] == [Noted.OPT_OUT, Noted.SENT]
