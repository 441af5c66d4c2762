"""A transaction never stays open, whatever failed, and what SQLite cannot do is told as the port says."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from chalicelib.records.ports import StoreUnavailable
from chalicelib.store.journal_folder import SqliteKeys
from chalicelib.store.queue_sqlite import SqliteQueue
from chalicelib.store.sqlite_table import SqliteTable
from chalicelib.store.sqlite_transactions import as_unavailable, transaction
from chalicelib.store.table import RowWrite


class FailsBehind(sqlite3.Connection):
    """Carries a statement out and then says that it could not."""

    word = "BEGIN"

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:  # type: ignore[override]
        done = super().execute(sql, *values)
        if sql.startswith(self.word):
            self.word = "nothing more"
            raise sqlite3.OperationalError("disk I/O error")
        return done


@pytest.mark.parametrize("word", ["BEGIN", "INSERT", "COMMIT"])
def test_a_connection_is_free_again_wherever_a_transaction_failed(word: str) -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None, factory=FailsBehind)
    connection.execute("CREATE TABLE t (n)")
    connection.word = word  # type: ignore[attr-defined]
    with pytest.raises(sqlite3.OperationalError), transaction(connection):
        connection.execute("INSERT INTO t VALUES (1)")
    assert not connection.in_transaction
    with transaction(connection):
        connection.execute("INSERT INTO t VALUES (2)")
    assert (2,) in connection.execute("SELECT n FROM t").fetchall()


class FailsTwice(sqlite3.Connection):
    """Cannot insert, and then cannot take back."""

    fails = ("INSERT", "ROLLBACK")

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:  # type: ignore[override]
        if sql.startswith(self.fails):
            raise sqlite3.OperationalError("disk I/O error")
        return super().execute(sql, *values)

    executemany = execute


def test_where_taking_back_fails_as_well_the_next_write_has_a_connection_of_its_own(tmp_path: Path) -> None:
    table = SqliteTable(tmp_path / "t.db")
    broken = sqlite3.connect(tmp_path / "t.db", isolation_level=None, factory=FailsTwice, check_same_thread=False)
    table._local.connection = broken
    write = [[RowWrite("p", "s", "Lead", b"{}", None, 0)]]
    with pytest.raises(StoreUnavailable):
        table.write(write)
    assert table.query("p", "", "", 9) == []
    assert table.write(write) == [None]
    assert [row.sk for row in table.query("p", "", "", 9)] == ["s"]


class ForgetsToTakeBack(FailsTwice):
    fails = ("UPDATE", "ROLLBACK")


def test_a_queue_that_can_neither_take_nor_take_back_gives_the_message_out_later(tmp_path: Path) -> None:
    queue = SqliteQueue(tmp_path / "q.db")
    queue.send("t", {"n": 1})
    queue._kept = sqlite3.connect(tmp_path / "q.db", isolation_level=None, factory=ForgetsToTakeBack)
    with pytest.raises(StoreUnavailable):
        queue.receive("t")
    assert [delivery.body for delivery in queue.receive("t")] == [{"n": 1}]


def test_what_sqlite_cannot_do_now_is_unavailable() -> None:
    with pytest.raises(StoreUnavailable, match="database or disk is full"), as_unavailable():
        raise sqlite3.OperationalError("database or disk is full")


def test_a_file_that_cannot_be_read_is_unavailable_for_reader_and_queue(tmp_path: Path) -> None:
    table, queue = SqliteTable(tmp_path / "t.db"), SqliteQueue(tmp_path / "q.db")
    for connection in (table._connection(), queue._connection):
        connection.set_progress_handler(lambda: 1, 1)
    for act in (lambda: table.get_many([("a", "b")]), table.counts, lambda: queue.receive("t")):
        with pytest.raises(StoreUnavailable):
            act()
    queue._connection.set_progress_handler(None, 0)
    queue.send("t", {"n": 1})
    assert [delivery.body for delivery in queue.receive("t")] == [{"n": 1}]


def test_keys_that_could_not_be_kept_are_kept_the_next_time(tmp_path: Path) -> None:
    keys = SqliteKeys(tmp_path / "keys.db")
    keys._made = sqlite3.connect(tmp_path / "keys.db", isolation_level=None, factory=FailsTwice)
    keys._made.execute("CREATE TABLE key (name TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID")
    with pytest.raises(StoreUnavailable):
        keys.keep({"a/1": b"k"})
    keys.keep({"a/1": b"k"})
    assert keys.everything() == {"a/1": b"k"}
