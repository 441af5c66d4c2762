"""The embedded engine: one SQLite file in WAL mode, one writer, durable after `kill -9` and power loss.

A rowid table with a unique index rather than WITHOUT ROWID: leads have rising ids, so rows append and only the
index of match keys is random (docs/adr/0001). Writes are sorted by key within a commit for the same reason."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from chalicelib.store.group_commit import GroupCommit
from chalicelib.store.sqlite_transactions import as_unavailable, is_open, transaction
from chalicelib.store.sqlite_writes import FEW, REPEAT, UNFED, Work, all_new, first_broken, insert
from chalicelib.store.table import ChangeRow, Key, Row, RowWrite

_SCHEMA = """
CREATE TABLE IF NOT EXISTS item (
  id INTEGER PRIMARY KEY, pk TEXT NOT NULL, sk TEXT NOT NULL, kind TEXT NOT NULL,
  version INTEGER NOT NULL, body BLOB NOT NULL, due_at TEXT);
CREATE UNIQUE INDEX IF NOT EXISTS item_key ON item (pk, sk);
DROP INDEX IF EXISTS item_due;
CREATE INDEX IF NOT EXISTS item_due_kind ON item (kind, due_at) WHERE due_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS change (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, pk TEXT NOT NULL, sk TEXT NOT NULL, kind TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS consumer (name TEXT PRIMARY KEY, sequence INTEGER NOT NULL);
"""
_MANY = """SELECT i.pk, i.sk, i.{columns} FROM json_each(?) k
  JOIN item i ON i.pk = k.value ->> 0 AND i.sk = k.value ->> 1"""
_encode = msgspec.json.encode
# About two seconds, which a submission that comes meanwhile waits.
_QUICKLY_REWRITTEN = 200 * 1024 * 1024
# Rows that lie together in one part of the table.
_BLOCK = 100
_ROW = "pk, sk, kind, version, body, due_at"
_NEW = "INSERT INTO item (pk, sk, kind, version, body, due_at)", "(?, ?, ?, ?, ?, ?)"
_FEED = "INSERT INTO change (pk, sk, kind)", "(?, ?, ?)"


class SqliteTable:
    """FeedTable port over one file. `consumers` are the feed's readers; changes behind the slowest are pruned."""

    def __init__(self, path: Path, consumers: Sequence[str] = ()) -> None:
        self._path = path
        self._local = threading.local()
        self._commit: GroupCommit[Work, list[Key | None]] = GroupCommit(self._write_all)
        self._connections: list[sqlite3.Connection] = []
        writer = self._connection()
        writer.executescript(_SCHEMA)
        for name in consumers:
            writer.execute("INSERT OR IGNORE INTO consumer VALUES (?, 0)", (name,))

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None or not is_open(connection):
            connection = sqlite3.connect(self._path, isolation_level=None, timeout=20, check_same_thread=False)
            connection.executescript(
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-32000;"
                "PRAGMA wal_autocheckpoint=8000; PRAGMA temp_store=MEMORY;"
                # What a shorter body or a deletion frees in a page that is written anyway is overwritten.
                "PRAGMA secure_delete=FAST;"
            )
            self._local.connection = connection
            self._connections.append(connection)
        return connection

    def _rows(self, sql: str, *values: Any) -> list[Any]:
        with as_unavailable():
            return self._connection().execute(sql, values).fetchall()

    def get_many(self, keys: Sequence[Key]) -> dict[Key, Row]:
        if len(keys) <= 2:
            found = [
                row for key in keys for row in self._rows(f"SELECT {_ROW} FROM item WHERE pk = ? AND sk = ?", *key)
            ]
        else:
            found = self._rows(_MANY.format(columns="kind, i.version, i.body, i.due_at"), _encode(keys).decode())
        return {(row[0], row[1]): Row(*row) for row in found}

    def query(self, pk: str, prefix: str, after: str, limit: int) -> list[Row]:
        rows = self._rows(
            f"SELECT {_ROW} FROM item WHERE pk = ? AND sk >= ? AND sk < ? AND sk > ? ORDER BY sk LIMIT ?",
            pk, prefix, prefix + "\U0010ffff", after, limit,
        )  # fmt: skip
        return [Row(*row) for row in rows]

    def write(self, groups: Sequence[Sequence[RowWrite]]) -> list[Key | None]:
        return self._durably(Work(groups))

    def _durably(self, work: Work) -> list[Key | None]:
        with as_unavailable():
            return self._commit(work)

    def _write_all(self, batch: Sequence[Work]) -> list[list[Key | None]]:
        """One transaction: an answer for each piece of work, or an error and nothing is written."""
        connection = self._connection()
        # How far a reader of the feed is may be forgotten by a power cut (never by a crash of ours): it reads the
        # same changes again. Where nothing else is written, the next commit's fsync makes it last as well.
        connection.execute(f"PRAGMA synchronous={'FULL' if any(work.groups for work in batch) else 'NORMAL'}")
        with transaction(connection):
            answers = iter(self._write(connection, [group for work in batch for group in work.groups]))
            for work in batch:
                if work.done:
                    connection.execute("UPDATE consumer SET sequence = max(sequence, ?) WHERE name = ?", work.done)
                    connection.execute("DELETE FROM change WHERE sequence <= (SELECT min(sequence) FROM consumer)")
                if work.repeat:
                    connection.execute(REPEAT, tuple(UNFED))
        return [list(islice(answers, len(work.groups))) for work in batch]

    def _write(self, connection: sqlite3.Connection, groups: Sequence[Sequence[RowWrite]]) -> list[Key | None]:
        if not groups:
            return []
        if len(groups) <= FEW and all_new(groups) and self._insert(connection, groups):
            return [None] * len(groups)
        versions = self._versions(connection, groups)
        failed: list[Key | None] = []
        last: dict[Key, tuple[RowWrite, int]] = {}
        for group in groups:
            broken = first_broken(group, versions)
            failed.append(broken)
            if broken is None:
                for write in group:
                    key = (write.pk, write.sk)
                    stored, now = versions.get(key, (False, 0))
                    versions[key] = (stored, 0 if write.body is None else now + 1)
                    last[key] = (write, now + 1)
        self._apply(connection, last, versions)
        return failed

    def _insert(self, connection: sqlite3.Connection, groups: Sequence[Sequence[RowWrite]]) -> bool:
        """Strangers' submissions, the common case: rows that must all be absent, which the unique index itself
        checks. False when one is there; nothing is inserted then."""
        group = [write for group in groups for write in group]
        try:
            insert(connection, _NEW, [(w.pk, w.sk, w.kind, 1, w.body, w.due_at) for w in group])
        except sqlite3.IntegrityError:
            connection.execute("ROLLBACK")
            connection.execute("BEGIN IMMEDIATE")
            return False
        insert(connection, _FEED, [(w.pk, w.sk, w.kind) for w in group if w.kind not in UNFED])
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
        insert(connection, _NEW, new)
        if changed:
            connection.executemany(
                "UPDATE item SET kind = ?, version = ?, body = ?, due_at = ? WHERE pk = ? AND sk = ?", changed
            )
        if gone:
            # Overwritten where it lies before the place is free, so that an erased person is not in the file either.
            connection.executemany("UPDATE item SET body = zeroblob(length(body)) WHERE pk = ? AND sk = ?", gone)
            connection.executemany("DELETE FROM item WHERE pk = ? AND sk = ?", gone)
        feed = [(write.pk, write.sk, write.kind) for write, _ in last.values() if write.kind not in UNFED]
        insert(connection, _FEED, feed)

    def rows(self) -> Iterator[Row]:
        connection = sqlite3.connect(self._path, isolation_level=None)
        try:
            connection.execute("BEGIN")
            for row in connection.execute(f"SELECT {_ROW} FROM item ORDER BY id"):
                yield Row(*row)
        finally:
            connection.close()

    def counts(self) -> dict[str, int]:
        return dict(self._rows("SELECT kind, count(*) FROM item GROUP BY kind"))

    def part(self, number: int, of: int) -> Iterator[Row]:
        """By blocks of rows as they were written: new ones come at the end and move none of the others."""
        connection = self._connection()
        (last,) = connection.execute("SELECT coalesce(max(id), 0) FROM item").fetchone()
        for block in range(number, last // _BLOCK + 1, of):
            yield from (
                Row(*row)
                for row in connection.execute(
                    "SELECT pk, sk, kind, version, x'', due_at FROM item WHERE id >= ? AND id < ?",
                    (block * _BLOCK, (block + 1) * _BLOCK),
                ).fetchall()
            )

    def due(self, until: str, limit: int, kind: str) -> list[Row]:
        # Of one kind without looking at the others: behind a rush there are thousands of mails for one late request.
        of_kind, values = ("kind = ? AND ", (kind,)) if kind else ("", ())
        rows = self._rows(
            "SELECT pk, sk, kind, version, x'', due_at FROM item"
            f" WHERE {of_kind}due_at IS NOT NULL AND due_at <= ? ORDER BY due_at LIMIT ?",
            *values, until, limit,
        )  # fmt: skip
        return [Row(*row) for row in rows]

    def changes(self, consumer: str, limit: int) -> list[ChangeRow]:
        rows = self._rows(
            "SELECT sequence, pk, sk, kind FROM change WHERE sequence >"
            " (SELECT sequence FROM consumer WHERE name = ?) ORDER BY sequence LIMIT ?",
            consumer, limit,
        )  # fmt: skip
        return [ChangeRow(*row) for row in rows]

    def done(self, consumer: str, sequence: int) -> None:
        self._durably(Work(done=(sequence, consumer)))

    def repeat(self) -> None:
        self._durably(Work(repeat=True))

    def purge(self) -> None:
        """Write the file anew, where that takes a moment only (docs/erasure.md): pages keep copies of what was moved
        within them. And empty the log, which holds bodies as they were before."""
        connection = self._connection()
        if self._path.stat().st_size <= _QUICKLY_REWRITTEN:
            connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        for connection in self._connections:
            connection.close()
