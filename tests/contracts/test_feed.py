"""What flows rely on from an engine that keeps its own change feed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chalicelib.records.lead import Lead
from chalicelib.records.ports import Delete, Feed, Put, Ref, Store
from chalicelib.records.receipt import MatchKey
from chalicelib.records.touch import Touch, TouchKind
from chalicelib.store.record_feed import RecordFeed
from chalicelib.store.record_store import RecordStore
from chalicelib.store.sqlite_table import SqliteTable

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@dataclass
class Kept:
    store: Store
    feed: Feed


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    table = SqliteTable(tmp_path / "t.db", ("one", "two"))
    yield Kept(RecordStore(table), RecordFeed(table))
    table.close()


def test_the_feed_tells_each_consumer_each_change_once(kept: Kept) -> None:
    kept.store.commit([Put(Lead("L1"), 0), Put(Touch("T1", "L1", TouchKind.FORM, NOW), 0)])
    changes = kept.feed.read("one")
    assert {c.ref for c in changes} == {Ref(Lead, ("L1",)), Ref(Touch, ("L1", "T1"))}
    kept.feed.done("one", changes[-1].sequence)
    assert kept.feed.read("one") == []
    assert len(kept.feed.read("two")) == 2


def test_changes_come_in_order_and_survive_until_the_slowest_has_read_them(kept: Kept) -> None:
    for name in ("A", "B"):
        kept.store.commit([Put(Lead("L1", name))])
        kept.feed.done("one", kept.feed.read("one")[-1].sequence)
    sequences = [c.sequence for c in kept.feed.read("two")]
    assert sequences == sorted(sequences)
    assert len(sequences) == 2
    kept.feed.done("two", sequences[-1])
    kept.store.commit([Put(Lead("L1", "C"))])
    assert kept.feed.read("two")[0].sequence > sequences[-1]


def test_a_deletion_is_a_change(kept: Kept) -> None:
    kept.store.commit([Put(Lead("L1"), 0)])
    kept.feed.done("one", kept.feed.read("one")[-1].sequence)
    kept.store.commit([Delete(Ref(Lead, ("L1",)))])
    assert [c.ref for c in kept.feed.read("one")] == [Ref(Lead, ("L1",))]


def test_the_feed_can_tell_everything_again(kept: Kept) -> None:
    kept.store.commit([Put(Lead("L1"), 0), Put(Lead("L2"), 0), Put(MatchKey("k", "L1"), 0)])
    kept.feed.done("one", kept.feed.read("one")[-1].sequence)
    kept.feed.repeat()
    assert {c.ref for c in kept.feed.read("one")} == {Ref(Lead, ("L1",)), Ref(Lead, ("L2",))}
