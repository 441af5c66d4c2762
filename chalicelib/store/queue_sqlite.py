"""A queue in SQLite with SQS's habits: at least once, a message in work is hidden for a while, then comes again."""

import json
import sqlite3
import threading
import time
import uuid
from pathlib import Path
from typing import Any

from chalicelib.records.ports import Delivery

_SCHEMA = """
PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
CREATE TABLE IF NOT EXISTS message (
  id INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, body TEXT NOT NULL,
  visible_at REAL NOT NULL, attempt INTEGER NOT NULL DEFAULT 0, receipt TEXT);
CREATE INDEX IF NOT EXISTS message_topic ON message (topic, visible_at);
"""


class SqliteQueue:
    """`hidden_seconds` is the visibility timeout: six times what a handler may take, as on SQS."""

    def __init__(self, path: Path, hidden_seconds: float = 300) -> None:
        self._lock = threading.Lock()
        self._hidden = hidden_seconds
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=20, check_same_thread=False)
        self._connection.executescript(_SCHEMA)

    def send(self, topic: str, body: dict[str, Any]) -> None:
        with self._lock:
            self._connection.execute(
                "INSERT INTO message (topic, body, visible_at) VALUES (?, ?, ?)",
                (topic, json.dumps(body), time.time()),
            )

    def receive(self, topic: str, limit: int = 10) -> list[Delivery]:
        now = time.time()
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            rows = self._connection.execute(
                "SELECT id, body, attempt FROM message WHERE topic = ? AND visible_at <= ? ORDER BY id LIMIT ?",
                (topic, now, limit),
            ).fetchall()
            taken = []
            for number, body, attempt in rows:
                receipt = uuid.uuid4().hex
                self._connection.execute(
                    "UPDATE message SET receipt = ?, attempt = attempt + 1, visible_at = ? WHERE id = ?",
                    (receipt, now + self._hidden, number),
                )
                taken.append(Delivery(json.loads(body), receipt, attempt + 1))
            self._connection.execute("COMMIT")
        return taken

    def done(self, topic: str, receipt: str) -> None:
        """A late receipt (the message came again meanwhile) changes nothing, as on SQS."""
        with self._lock:
            self._connection.execute("DELETE FROM message WHERE topic = ? AND receipt = ?", (topic, receipt))

    def release_all(self) -> None:
        """Show what is hidden at once: for a process that starts and knows that nobody is at work on it."""
        with self._lock:
            self._connection.execute("UPDATE message SET visible_at = 0, receipt = NULL WHERE visible_at > 0")

    def close(self) -> None:
        self._connection.close()
