"""A backup: the table's rows and the blobs of either engine, as files that either engine can be filled from.

    DEST/keys.db              a key for each person and file that is still there; one file for all backups here
    DEST/<time>/records.gz    a line for each row and blob; what is personal is sealed with its owner's key
    DEST/<time>/about.json    written last: a backup without it was cut off and does not count

So an erased person is gone from every older backup here with the next one that is made (docs/adr/0008)."""

import gzip
import secrets
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import msgspec

from chalicelib.records.ports import Blobs
from chalicelib.store.codec import stamp
from chalicelib.store.journal import KEY_BYTES, opened, sealed
from chalicelib.store.journal_folder import SqliteKeys
from chalicelib.store.table import Row

FORMAT = 1
# What lets somebody in is not brought back; limits begin anew.
LEFT_OUT = frozenset({"Session", "Ticket", "RateWindow", "Visit"})
# The read model is made again; journal and keys are what a backup must not hold.
BLOBS_LEFT_OUT = ("index/", "journal/", "keys/", "downloads/")


_IN_PASSING = frozenset({"RowResults", "DeadAddress", "Kept", "Audit"})


class About(msgspec.Struct, frozen=True):
    """`check` is a digest under the service's secret, by which a place with another secret is known."""

    made_at: datetime
    check: str
    rows: int
    blobs: int
    format: int = FORMAT


class _Line(msgspec.Struct, array_like=True, frozen=True):
    """A row, or a blob (`kind` ""; `pk` is its key). `owner` names the key that sealed `body`, "" for none."""

    pk: str
    sk: str
    kind: str
    due_at: str | None
    owner: str
    body: bytes


class NoBackup(Exception):
    """What is wrong with the place, in one plain line."""


@dataclass(frozen=True, slots=True)
class Backup:
    folder: Path
    about: About

    def rows(self) -> Iterator[Row]:
        """Those whose owner's key is still there; versions begin anew."""
        for line, body in self._lines():
            if line.kind:
                yield Row(line.pk, line.sk, line.kind, 1, body, line.due_at)

    def blobs(self) -> Iterator[tuple[str, bytes]]:
        for line, body in self._lines():
            if not line.kind:
                yield line.pk, body

    def _lines(self) -> Iterator[tuple[_Line, bytes]]:
        keys = _keys(self.folder.parent)
        try:
            kept = keys.everything()
        finally:
            keys.close()
        with gzip.open(self.folder / "records.gz", "rb") as file:
            for raw in file:
                line = msgspec.json.decode(raw, type=_Line)
                if not line.owner:
                    yield line, line.body
                elif line.owner in kept:
                    yield line, zlib.decompress(opened(kept[line.owner], line.body, line.owner))


@dataclass(slots=True)
class _Sealer:
    """Gives each owner a key, the same as in the backups before."""

    keys: SqliteKeys
    known: dict[str, bytes]
    made: dict[str, bytes] = field(default_factory=dict)
    owners: set[str] = field(default_factory=set)

    def sealed(self, owner: str, body: bytes) -> bytes:
        if not owner:
            return body
        self.owners.add(owner)
        key = self.known.get(owner)
        if key is None:
            key = self.known[owner] = self.made[owner] = secrets.token_bytes(KEY_BYTES)
        return sealed(key, zlib.compress(body), owner)


def write_backup(rows: Iterable[Row], blobs: Blobs, place: Path, made_at: datetime, check: str) -> Backup:
    """A new backup below `place`. Raises NoBackup where another service's lie, OSError."""
    _check_place(place, check)
    folder = place / stamp(made_at).replace(":", "")
    folder.mkdir(parents=True)
    keys = _keys(place)
    sealer = _Sealer(keys, keys.everything())
    counted = [0, 0]
    with gzip.open(folder / "records.gz", "wb", compresslevel=1) as file:
        for line in _lines(rows, blobs, sealer):
            counted[not line.kind] += 1
            file.write(msgspec.json.encode(line) + b"\n")
    keys.keep(sealer.made)
    about = About(made_at, check, *counted)
    part = folder / "about.part"
    part.write_bytes(msgspec.json.encode(about))
    part.rename(folder / "about.json")
    # Only now: a backup that was cut off takes nobody's key away.
    keys.keep_only(sealer.owners)
    keys.close()
    return Backup(folder, about)


def _lines(rows: Iterable[Row], blobs: Blobs, sealer: _Sealer) -> Iterator[_Line]:
    for row in rows:
        if row.kind not in LEFT_OUT:
            owner = _owner(row)
            yield _Line(row.pk, row.sk, row.kind, row.due_at, owner, sealer.sealed(owner, row.body))
    for key in blobs.list(""):
        body = None if key.startswith(BLOBS_LEFT_OUT) else blobs.get(key)
        if body is not None:
            owner = f"blob/{key}"
            yield _Line(key, "", "", None, owner, sealer.sealed(owner, body))


def _owner(row: Row) -> str:
    """Whose it is: all that lies with a person, and the person's seats. What may name somebody in passing (the outcomes
    of a list's rows, a mail server's words on an address, why a submission was set aside, the audit trail's values) is
    sealed for itself, as it is now: an erasure changes it."""
    if row.pk.startswith("LEAD#"):
        return f"lead/{row.pk[5:]}"
    if row.kind == "Registration":
        return f"lead/{row.sk.partition('#')[2]}"
    return f"row/{row.pk}/{row.sk}/{row.version}" if row.kind in _IN_PASSING else ""


def newest_backup(place: Path) -> Backup:
    """The one that `place` is, or the newest whole one below it. Raises NoBackup."""
    found = [place] if (place / "about.json").exists() else sorted(path.parent for path in place.glob("*/about.json"))
    if not found:
        raise NoBackup(f"no backup in {place}")
    about = msgspec.json.decode((found[-1] / "about.json").read_bytes(), type=About)
    if about.format != FORMAT:
        raise NoBackup(f"{found[-1]} was made by another release (format {about.format})")
    return Backup(found[-1], about)


def _check_place(place: Path, check: str) -> None:
    place.mkdir(parents=True, exist_ok=True)
    for path in place.glob("*/about.json"):
        if msgspec.json.decode(path.read_bytes(), type=About).check != check:
            raise NoBackup(f"{place} holds backups of another service; each needs a place of its own")


def _keys(place: Path) -> SqliteKeys:
    return SqliteKeys(place / "keys.db")
