"""The journal of the embedded engine: append-only segment files in a folder, and a file of keys beside them.

Each process writes segments of its own, so that the command line may write while the service runs."""

import errno
import os
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from chalicelib.records.ports import StoreUnavailable
from chalicelib.store.sqlite_transactions import is_open, transaction

SEGMENT_BYTES = 16 * 1024 * 1024


class FolderLines:
    """Implements Lines. Nothing is made before the first line is written."""

    def __init__(self, folder: Path, new_id: Callable[[], str], segment_bytes: int = SEGMENT_BYTES) -> None:
        self._folder = folder
        self._new_id = new_id
        self._segment_bytes = segment_bytes
        self._lock = threading.Lock()
        self._file: BinaryIO | None = None

    def append(self, lines: Sequence[bytes]) -> None:
        body = b"".join(line + b"\n" for line in lines)
        with self._lock:
            try:
                file = self._file or self._opened()
                if file.write(body) != len(body):
                    # As much as the disk still had room for.
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(file.fileno())
                if file.tell() >= self._segment_bytes:
                    self._end()
            except OSError as error:
                # What was half written ends its segment: nothing may follow a torn line.
                self._end()
                raise StoreUnavailable(f"the journal cannot be written: {error.strerror}") from error

    def _opened(self) -> BinaryIO:
        self._folder.mkdir(parents=True, exist_ok=True)
        # Unbuffered, so that a write that fails leaves nothing behind to be written later.
        self._file = (self._folder / f"{self._new_id()}.log").open("xb", buffering=0)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        assert self._file
        return self._file

    def _end(self) -> None:
        file, self._file = self._file, None
        if file:
            file.close()

    def read(self) -> Iterator[bytes]:
        for path in sorted(self._folder.glob("*.log")):
            with path.open("rb") as file:
                for line in file:
                    # Without its end it was being written when the process died, and nobody was told it was.
                    if line.endswith(b"\n"):
                        yield line[:-1]

    def close(self) -> None:
        with self._lock:
            self._end()


class SqliteKeys:
    """Implements Keys over one file, which is written anew when a person's keys are destroyed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._made: sqlite3.Connection | None = None

    def _connection(self) -> sqlite3.Connection:
        if self._made is None or not is_open(self._made):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
            os.close(handle)
            self._made = sqlite3.connect(self._path, isolation_level=None, timeout=20, check_same_thread=False)
            self._made.executescript(
                "PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
                "CREATE TABLE IF NOT EXISTS key (name TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;"
            )
        return self._made

    def keep(self, keys: Mapping[str, bytes]) -> None:
        with self._lock:
            try:
                connection = self._connection()
                with transaction(connection):
                    connection.executemany("INSERT INTO key VALUES (?, ?)", sorted(keys.items()))
            except sqlite3.OperationalError as error:
                raise StoreUnavailable(f"the keys cannot be written: {error}") from error

    def read(self, names: Collection[str]) -> dict[str, bytes]:
        if not self._path.exists():
            return {}
        with self._lock:
            rows = [
                row
                for name in names
                for row in self._connection().execute("SELECT name, body FROM key WHERE name = ?", (name,))
            ]
        return dict(rows)

    def destroy(self, people: Collection[str]) -> None:
        if not self._path.exists():
            return
        with self._lock:
            connection = self._connection()
            found = [(f"{person}/", f"{person}0") for person in people]
            if connection.executemany("DELETE FROM key WHERE name >= ? AND name < ?", found).rowcount > 0:
                connection.execute("VACUUM")

    def everything(self) -> dict[str, bytes]:
        if not self._path.exists():
            return {}
        with self._lock:
            return dict(self._connection().execute("SELECT name, body FROM key"))

    def keep_only(self, names: Collection[str]) -> None:
        """Destroy all other keys."""
        gone = [(name,) for name in self.everything() if name not in names]
        if gone:
            with self._lock:
                self._connection().executemany("DELETE FROM key WHERE name = ?", gone)
                self._connection().execute("VACUUM")

    def close(self) -> None:
        with self._lock:
            if self._made:
                self._made.close()
                self._made = None
