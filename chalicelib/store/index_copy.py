"""A reader's own copy of the read model: the SQLite file with a note of which parts of the log it has taken in."""

import zlib
from collections.abc import Iterable
from pathlib import Path

from chalicelib.records.search import SearchWords
from chalicelib.store.index_segments import Segment
from chalicelib.store.index_sqlite import SqliteReadModel

_PIECE = 1 << 20


class IndexCopy(SqliteReadModel):
    """`base` is the snapshot it is known to hold all of, "" before the first; `applied` are segments it holds."""

    # It can be made again from the log at any time.
    pragmas = "PRAGMA synchronous=OFF;"

    def __init__(self, path: Path, words: SearchWords) -> None:
        super().__init__(path, words)
        self.path = path
        self._connection().executescript(
            "CREATE TABLE IF NOT EXISTS applied (name TEXT PRIMARY KEY) WITHOUT ROWID;"
            "CREATE TABLE IF NOT EXISTS base (name TEXT);"
        )
        self.applied = {name for (name,) in self._rows("SELECT name FROM applied")}
        self.base = max((name for (name,) in self._rows("SELECT name FROM base")), default="")

    def take(self, segments: Iterable[Segment]) -> None:
        """Take in parts of the log, in any order, each once."""
        new = [segment for segment in segments if segment.name not in self.applied]
        if not new:
            return
        with self.writing() as connection:
            for segment in new:
                self.apply_in(connection, segment.changes, segment.read_at)
            connection.executemany("INSERT INTO applied VALUES (?)", [(segment.name,) for segment in new])
        self.applied.update(segment.name for segment in new)

    def stand_on(self, base: str, listed: Iterable[str]) -> None:
        """Note the snapshot all of which is held, and forget the segments that are no longer there."""
        gone = self.applied.difference(listed)
        if base == self.base and not gone:
            return
        with self.writing() as connection:
            connection.execute("DELETE FROM base")
            connection.execute("INSERT INTO base VALUES (?)", (base,))
            connection.executemany("DELETE FROM applied WHERE name = ?", [(name,) for name in gone])
        self.base = base
        self.applied -= gone

    def written_to(self, path: Path) -> None:
        """A whole and compact copy as one file."""
        connection = self._connection()
        # What was deleted is only marked among the words until they are merged.
        connection.execute("INSERT INTO lead_words (lead_words) VALUES ('optimize')")
        connection.execute("VACUUM INTO ?", (str(path),))


def packed_file(path: Path) -> bytes:
    """Compressed piece by piece: the file itself is never in memory as a whole."""
    packer = zlib.compressobj(1)
    with path.open("rb") as file:
        pieces = [packer.compress(piece) for piece in iter(lambda: file.read(_PIECE), b"")]
    return b"".join([*pieces, packer.flush()])


def unpack_file(body: bytes, path: Path) -> None:
    unpacker = zlib.decompressobj()
    with path.open("wb") as file:
        for start in range(0, len(body), _PIECE):
            file.write(unpacker.decompress(body[start : start + _PIECE]))
        file.write(unpacker.flush())
