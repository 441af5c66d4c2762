"""The engines every contract suite runs over."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib.records.ports import Blobs, Queue
from chalicelib.store.blobs_folder import FolderBlobs
from chalicelib.store.queue_sqlite import SqliteQueue
from chalicelib.store.record_store import RecordStore
from chalicelib.store.sqlite_table import SqliteTable


@pytest.fixture(params=["sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RecordStore]:
    table = SqliteTable(tmp_path / "t.db", ("one", "two"))
    yield RecordStore(table)
    table.close()


@pytest.fixture(params=["folder"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    return FolderBlobs(tmp_path / "blobs")


@pytest.fixture(params=["sqlite"])
def queue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Queue]:
    made = SqliteQueue(tmp_path / "q.db", hidden_seconds=0.2)
    yield made
    made.close()
