"""A queue in SQLite with SQS's habits: at least once, a message in work is hidden for a while, then comes again."""

import json
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chalicelib.records.deliveries import DeadLetter, Delivery
from chalicelib.records.queue_ports import ATTEMPTS
from chalicelib.store.sqlite_transactions import as_unavailable, is_open, transaction

_SCHEMA = """
PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
CREATE TABLE IF NOT EXISTS message (
  id INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, body TEXT NOT NULL,
  visible_at REAL NOT NULL, attempt INTEGER NOT NULL DEFAULT 0, receipt TEXT);
CREATE INDEX IF NOT EXISTS message_topic ON message (topic, visible_at);
"""


class SqliteQueue:
    """`hidden_seconds` is the visibility timeout: six times what a handler may take, as on SQS."""

    def __init__(self, path: Path, hidden_seconds: float = 300, now: Callable[[], float] = time.time) -> None:
        self._lock = threading.Lock()
        self._hidden = hidden_seconds
        self._now = now
        self._path = path
        self._kept = self._opened()

    def _opened(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=20, check_same_thread=False)
        connection.executescript(_SCHEMA)
        return connection

    @property
    def _connection(self) -> sqlite3.Connection:
        if not is_open(self._kept):
            self._kept = self._opened()
        return self._kept

    def send(self, topic: str, body: dict[str, Any]) -> None:
        with self._lock, as_unavailable():
            self._connection.execute(
                "INSERT INTO message (topic, body, visible_at) VALUES (?, ?, ?)",
                (topic, json.dumps(body), self._now()),
            )

    def receive(self, topic: str, limit: int = 10) -> list[Delivery]:
        now = self._now()
        with self._lock, as_unavailable(), transaction(self._connection):
            rows = self._connection.execute(
                "SELECT id, body, attempt FROM message WHERE topic = ? AND visible_at <= ? AND attempt < ?"
                " ORDER BY id LIMIT ?",
                (topic, now, ATTEMPTS, limit),
            ).fetchall()
            taken = []
            for number, body, attempt in rows:
                receipt = uuid.uuid4().hex
                self._connection.execute(
                    "UPDATE message SET receipt = ?, attempt = attempt + 1, visible_at = ? WHERE id = ?",
                    (receipt, now + self._hidden, number),
                )
                taken.append(Delivery(json.loads(body), receipt, attempt + 1, str(number)))
        return taken

    def done(self, topic: str, receipt: str) -> None:
        """A late receipt (the message came again meanwhile) changes nothing, as on SQS."""
        with self._lock, as_unavailable():
            self._connection.execute("DELETE FROM message WHERE topic = ? AND receipt = ?", (topic, receipt))

    def waiting(self, topic: str) -> int:
        with self._lock, as_unavailable():
            rows = self._connection.execute(
                "SELECT count(*) FROM message WHERE topic = ? AND NOT (attempt >= ? AND visible_at <= ?)",
                (topic, ATTEMPTS, self._now()),
            )
            count: int = rows.fetchone()[0]
        return count

    def dead(self, topic: str, limit: int = 100) -> tuple[list[DeadLetter], int]:
        """What failed at its last attempt, or was not done by the time it should have been."""
        where = ("topic = ? AND attempt >= ? AND visible_at <= ?", (topic, ATTEMPTS, self._now()))
        with self._lock, as_unavailable():
            rows = self._connection.execute(
                f"SELECT id, body, attempt FROM message WHERE {where[0]} ORDER BY id LIMIT ?", (*where[1], limit)
            ).fetchall()
            total = self._connection.execute(f"SELECT count(*) FROM message WHERE {where[0]}", where[1]).fetchone()[0]
        return [DeadLetter(topic, str(number), body, attempt) for number, body, attempt in rows], total

    def revive(self, topic: str, limit: int = 1000) -> int:
        with self._lock, as_unavailable():
            return self._connection.execute(
                "UPDATE message SET attempt = 0, visible_at = 0, receipt = NULL WHERE id IN (SELECT id FROM message"
                " WHERE topic = ? AND attempt >= ? AND visible_at <= ? ORDER BY id LIMIT ?)",
                (topic, ATTEMPTS, self._now(), limit),
            ).rowcount

    def release_all(self) -> None:
        """Show what is hidden at once: for a process that starts and knows that nobody is at work on it."""
        with self._lock, as_unavailable():
            self._connection.execute("UPDATE message SET visible_at = 0, receipt = NULL WHERE visible_at > 0")

    def close(self) -> None:
        self._kept.close()
