"""The embedded engine: one SQLite file in WAL mode, one writer, durable after `kill -9` and power loss.

A rowid table with a unique index rather than WITHOUT ROWID: leads have rising ids, so rows append and only the
index of match keys is random (docs/adr/0001). Writes are sorted by key within a commit for the same reason."""

import sqlite3
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from chalicelib.records.ports import StoreUnavailable
from chalicelib.store.table import ChangeRow, Key, Row, RowWrite

_SCHEMA = """
CREATE TABLE IF NOT EXISTS item (
  id INTEGER PRIMARY KEY, pk TEXT NOT NULL, sk TEXT NOT NULL, kind TEXT NOT NULL,
  version INTEGER NOT NULL, body BLOB NOT NULL, due_at TEXT);
CREATE UNIQUE INDEX IF NOT EXISTS item_key ON item (pk, sk);
CREATE INDEX IF NOT EXISTS item_due ON item (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS change (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, pk TEXT NOT NULL, sk TEXT NOT NULL, kind TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS consumer (name TEXT PRIMARY KEY, sequence INTEGER NOT NULL);
"""
_MANY = """SELECT i.pk, i.sk, i.{columns} FROM json_each(?) k
  JOIN item i ON i.pk = k.value ->> 0 AND i.sk = k.value ->> 1"""
_encode = msgspec.json.encode
_ROW = "pk, sk, kind, version, body, due_at"
_NEW = "INSERT INTO item (pk, sk, kind, version, body, due_at) VALUES (?, ?, ?, ?, ?, ?)"
_FEED = "INSERT INTO change (pk, sk, kind) VALUES (?, ?, ?)"


class SqliteTable:
    """Table port over one file. `consumers` are the feed's readers; changes behind the slowest are pruned."""

    def __init__(self, path: Path, consumers: Sequence[str] = ()) -> None:
        self._path = path
        self._local = threading.local()
        self._writing = threading.Lock()
        self._waiting: deque[_Ticket] = deque()
        self._connections: list[sqlite3.Connection] = []
        writer = self._connection()
        writer.executescript(_SCHEMA)
        for name in consumers:
            writer.execute("INSERT OR IGNORE INTO consumer VALUES (?, 0)", (name,))

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._path, isolation_level=None, timeout=20, check_same_thread=False)
            connection.executescript(
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-32000;"
                "PRAGMA wal_autocheckpoint=8000; PRAGMA temp_store=MEMORY;"
            )
            self._local.connection = connection
            self._connections.append(connection)
        return connection

    def get_many(self, keys: Sequence[Key]) -> dict[Key, Row]:
        connection = self._connection()
        if len(keys) <= 2:
            found = [
                row
                for key in keys
                for row in connection.execute(f"SELECT {_ROW} FROM item WHERE pk = ? AND sk = ?", key)
            ]
        else:
            found = connection.execute(
                _MANY.format(columns="kind, i.version, i.body, i.due_at"), (_encode(keys).decode(),)
            ).fetchall()
        return {(row[0], row[1]): Row(*row) for row in found}

    def query(self, pk: str, prefix: str, after: str, limit: int) -> list[Row]:
        rows = self._connection().execute(
            f"SELECT {_ROW} FROM item WHERE pk = ? AND sk >= ? AND sk < ? AND sk > ? ORDER BY sk LIMIT ?",
            (pk, prefix, prefix + "\U0010ffff", after, limit),
        )
        return [Row(*row) for row in rows]

    def write(self, groups: Sequence[Sequence[RowWrite]]) -> list[Key | None]:
        """Group commit: whoever gets the lock writes for all who wait for it, in one transaction and one fsync."""
        mine = _Ticket(groups)
        self._waiting.append(mine)
        with self._writing:
            if mine.answers is None and mine.error is None:
                batch = []
                while self._waiting:
                    batch.append(self._waiting.popleft())
                self._write_all(batch)
        if isinstance(mine.error, sqlite3.OperationalError):
            raise StoreUnavailable(str(mine.error)) from mine.error
        if mine.error is not None:
            raise mine.error
        return mine.answers or []

    def _write_all(self, batch: list["_Ticket"]) -> None:
        try:
            answers = self._write(self._connection(), [group for ticket in batch for group in ticket.groups])
        except BaseException as error:
            # Nothing was written, for none of them: each is told, not only the thread that did the writing.
            for ticket in batch:
                ticket.error = error
            return
        start = 0
        for ticket in batch:
            ticket.answers = answers[start : start + len(ticket.groups)]
            start += len(ticket.groups)

    def _write(self, connection: sqlite3.Connection, groups: Sequence[Sequence[RowWrite]]) -> list[Key | None]:
        connection.execute("BEGIN IMMEDIATE")
        try:
            if len(groups) <= _FEW and _all_new(groups) and self._insert(connection, groups):
                return [None] * len(groups)
            versions = self._versions(connection, groups)
            failed: list[Key | None] = []
            last: dict[Key, tuple[RowWrite, int]] = {}
            for group in groups:
                broken = _first_broken(group, versions)
                failed.append(broken)
                if broken is None:
                    for write in group:
                        key = (write.pk, write.sk)
                        stored, now = versions.get(key, (False, 0))
                        versions[key] = (stored, 0 if write.body is None else now + 1)
                        last[key] = (write, now + 1)
            self._apply(connection, last, versions)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return failed

    def _insert(self, connection: sqlite3.Connection, groups: Sequence[Sequence[RowWrite]]) -> bool:
        """Strangers' submissions, the common case: rows that must all be absent, which the unique index itself
        checks. False when one is there; the transaction is then as it was before."""
        group = [write for group in groups for write in group]
        rows = [(w.pk, w.sk, w.kind, 1, w.body, w.due_at) for w in group]
        try:
            connection.executemany(_NEW, rows)
        except sqlite3.IntegrityError:
            connection.execute("ROLLBACK")
            connection.execute("BEGIN IMMEDIATE")
            return False
        connection.executemany(_FEED, [(w.pk, w.sk, w.kind) for w in group if w.kind not in _UNFED])
        connection.execute("COMMIT")
        return True

    def _versions(
        self, connection: sqlite3.Connection, groups: Sequence[Sequence[RowWrite]]
    ) -> dict[Key, tuple[bool, int]]:
        """Per key: whether a row is stored, and at which version."""
        keys = {(write.pk, write.sk) for group in groups for write in group}
        if len(keys) <= 2:
            return {
                key: (True, row[0])
                for key in keys
                for row in connection.execute("SELECT version FROM item WHERE pk = ? AND sk = ?", key)
            }
        rows = connection.execute(_MANY.format(columns="version"), (_encode(sorted(keys)).decode(),))
        return {(pk, sk): (True, version) for pk, sk, version in rows}

    def _apply(
        self,
        connection: sqlite3.Connection,
        last: dict[Key, tuple[RowWrite, int]],
        versions: dict[Key, tuple[bool, int]],
    ) -> None:
        """Three statements for any number of rows, sorted by key."""
        new, changed, gone = [], [], []
        for key in sorted(last):
            write, version = last[key]
            stored = versions[key][0]
            if write.body is None:
                gone.append(key)
            elif stored:
                changed.append((write.kind, version, write.body, write.due_at, *key))
            else:
                new.append((*key, write.kind, version, write.body, write.due_at))
        if new:
            connection.executemany(_NEW, new)
        if changed:
            connection.executemany(
                "UPDATE item SET kind = ?, version = ?, body = ?, due_at = ? WHERE pk = ? AND sk = ?", changed
            )
        if gone:
            connection.executemany("DELETE FROM item WHERE pk = ? AND sk = ?", gone)
        feed = [(write.pk, write.sk, write.kind) for write, _ in last.values() if write.kind not in _UNFED]
        connection.executemany(_FEED, feed)

    def counts(self) -> dict[str, int]:
        return dict(self._connection().execute("SELECT kind, count(*) FROM item GROUP BY kind").fetchall())

    def due(self, until: str, limit: int, kind: str) -> list[Row]:
        rows = self._connection().execute(
            "SELECT pk, sk, kind, version, x'', due_at FROM item"
            " WHERE due_at IS NOT NULL AND due_at <= ? AND ? IN ('', kind) ORDER BY due_at LIMIT ?",
            (until, kind, limit),
        )
        return [Row(*row) for row in rows]

    def changes(self, consumer: str, limit: int) -> list[ChangeRow]:
        rows = self._connection().execute(
            "SELECT sequence, pk, sk, kind FROM change WHERE sequence >"
            " (SELECT sequence FROM consumer WHERE name = ?) ORDER BY sequence LIMIT ?",
            (consumer, limit),
        )
        return [ChangeRow(*row) for row in rows]

    def done(self, consumer: str, sequence: int) -> None:
        with self._writing:
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("UPDATE consumer SET sequence = max(sequence, ?) WHERE name = ?", (sequence, consumer))
            connection.execute("DELETE FROM change WHERE sequence <= (SELECT min(sequence) FROM consumer)")
            connection.execute("COMMIT")

    def repeat(self) -> None:
        marks = ", ".join("?" * len(_UNFED))
        with self._writing:
            self._connection().execute(
                f"INSERT INTO change (pk, sk, kind) SELECT pk, sk, kind FROM item WHERE kind NOT IN ({marks})",
                tuple(_UNFED),
            )

    def close(self) -> None:
        for connection in self._connections:
            connection.close()


# Match keys and row outcomes are read by key alone: nothing reacts to them, so they stay out of the feed.
_UNFED = frozenset({"MatchKey", "RowResults"})


@dataclass(slots=True)
class _Ticket:
    """What one thread wants written, and what became of it."""

    groups: Sequence[Sequence[RowWrite]]
    answers: list[Key | None] | None = None
    error: BaseException | None = None


# More groups than this are a list, whose people may be known; the general way is as fast there.
_FEW = 32


def _all_new(groups: Sequence[Sequence[RowWrite]]) -> bool:
    writes = [write for group in groups for write in group]
    keys = {(write.pk, write.sk) for write in writes}
    return len(keys) == len(writes) and all(w.if_version == 0 and w.body is not None for w in writes)


def _first_broken(group: Sequence[RowWrite], versions: dict[Key, tuple[bool, int]]) -> Key | None:
    for write in group:
        if write.if_version is not None and versions.get((write.pk, write.sk), (False, 0))[1] != write.if_version:
            return write.pk, write.sk
    return None
