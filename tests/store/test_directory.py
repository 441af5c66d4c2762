import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chalicelib.records.campaign import Campaign
from chalicelib.records.ports import Put
from chalicelib.store.directory import CachedDirectory
from chalicelib.store.record_store import RecordStore
from chalicelib.store.sqlite_table import SqliteTable


class SlowLoads:
    """Counts open leads; each counting lasts until it may go on."""

    def __init__(self) -> None:
        self.asked = 0
        self.begun = threading.Event()
        self.go_on = threading.Event()

    def open_by_owner(self) -> dict[str, int]:
        self.asked += 1
        if self.asked > 1:
            self.begun.set()
            assert self.go_on.wait(10)
        return {"rep": self.asked}


def test_while_one_reads_anew_the_others_do_with_what_they_have() -> None:
    loads, store = SlowLoads(), object()
    directory = CachedDirectory(store, loads, seconds=0.0)  # type: ignore[arg-type]
    assert directory.load() == {"rep": 1}
    found: list[Any] = []
    # The first reading took a moment, and is kept for twenty such.
    threading.Event().wait(0.05)
    reader = threading.Thread(target=lambda: found.append(directory.load()))
    reader.start()
    assert loads.begun.wait(10)
    assert directory.load() == {"rep": 1}
    loads.go_on.set()
    reader.join(10)
    assert found == [{"rep": 2}]
    assert directory.load() == {"rep": 2}
    assert loads.asked == 2


def test_after_a_reading_that_failed_the_next_one_tries_again() -> None:
    class Failing:
        asked = 0

        def open_by_owner(self) -> dict[str, int]:
            self.asked += 1
            if self.asked == 2:
                raise OSError
            return {"rep": self.asked}

    directory = CachedDirectory(object(), Failing(), seconds=0.0)  # type: ignore[arg-type]
    directory.load()
    threading.Event().wait(0.05)
    with pytest.raises(OSError):
        directory.load()
    assert directory.load() == {"rep": 3}


class NoLoads:
    def open_by_owner(self) -> dict[str, int]:
        return {}


class CountingStore(RecordStore):
    asked = 0

    def query(self, kind: Any, *parent_ids: str) -> Any:
        self.asked += 1
        return super().query(kind, *parent_ids)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CountingStore]:
    table = SqliteTable(tmp_path / "t.db", ())
    yield CountingStore(table)
    table.close()


def test_what_another_process_has_just_added_is_found_by_its_id(store: CountingStore) -> None:
    directory = CachedDirectory(store, NoLoads(), seconds=3600, unknown_seconds=0)
    assert directory.campaigns() == ()
    store.commit([Put(Campaign("fair", "Spring Fair"))])
    assert directory.campaigns() == ()
    found = directory.campaign("fair")
    assert found
    assert found.name == "Spring Fair"
    assert [campaign.campaign_id for campaign in directory.campaigns()] == ["fair"]


def test_whoever_asks_for_what_does_not_exist_again_and_again_costs_one_look_a_second(store: CountingStore) -> None:
    directory = CachedDirectory(store, NoLoads(), seconds=3600)
    for _ in range(100):
        assert directory.campaign("nobody") is None
        assert directory.campaign("") is None
    assert store.asked <= 2
