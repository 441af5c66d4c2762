"""The read model where no disk is shared: a log in the blob store, and each reader's own SQLite copy of it.

    index/1/segments/<ulid>.<n>    n records as they were read, compressed; one for each call of `apply`
    index/1/snapshots/<ulid>/copy  a compressed SQLite file, and .../head: the snapshot before it and the segments it
                                   holds beside that one's; the newest head counts

Segments may arrive late and in any order: which ones a copy holds is noted by name, and versions and times of reading
settle what overtakes what (docs/adr/0006). The number in the keys is the shape's: another one begins a new log."""

import threading
import time
import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from chalicelib.records.audit import AuditQuery
from chalicelib.records.ids import made_at
from chalicelib.records.inbox import InboxFact
from chalicelib.records.ledgers import LedgerQuery, Listed
from chalicelib.records.ports import Blobs, Ref
from chalicelib.records.search import (
    FoundCompany,
    FoundPeople,
    KeptQuery,
    LeadPage,
    LeadQuery,
    SearchWords,
    TouchFact,
    Wanted,
    WonFact,
)
from chalicelib.store.index_board import BoardIndex
from chalicelib.store.index_copy import IndexCopy, packed_file, unpack_file
from chalicelib.store.index_gone import Change
from chalicelib.store.index_rows import TABLES
from chalicelib.store.index_segments import Head, packed, unpacked

LOG = "index/1/"
SEGMENTS, SNAPSHOTS = LOG + "segments/", LOG + "snapshots/"
# Longer than a function runs: whoever began with an older list of the log has ended by then.
GRACE = timedelta(minutes=20)
# A list of the log is one page of S3 up to 1,000 keys; and who comes new reads this many records in about a second.
MOST_SEGMENTS, MOST_RECORDS = 500, 25_000
_TRIES = 5
# What an empty beginning stands on: no snapshot has that name.
_NOTHING = "-"
# Segments taken into the copy in one transaction.
_AT_ONCE = 100


def _utc_now() -> datetime:
    return datetime.now(UTC)


class BlobReadModel:
    """ReadModel port. `folder` is local and may vanish at any time; the log is looked at once in `seconds`, when
    something is asked. Nothing is read before the first question."""

    def __init__(
        self, blobs: Blobs, folder: Path, new_id: Callable[[], str], words: SearchWords,
        seconds: float = 1.0, most_segments: int = MOST_SEGMENTS, clock: Callable[[], datetime] = _utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._blobs, self._folder, self._new_id, self._words = blobs, folder, new_id, words
        self._seconds, self._most, self._clock, self._monotonic = seconds, most_segments, clock, monotonic
        self._lock = threading.Lock()
        self._copy: IndexCopy | None = None
        self._looked_at = 0.0

    def apply(self, changes: Sequence[Change], read_at: datetime | None = None) -> None:
        wanted = [change for change in changes if change[0].kind in TABLES]
        if wanted:
            key = f"{SEGMENTS}{self._new_id()}.{len(wanted)}"
            self._blobs.put(key, packed(wanted, read_at or self._clock()))

    def begin_anew(self) -> None:
        """An empty snapshot that stands on nothing, so that no copy goes on from what it has; then the log goes."""
        snapshot = self._new_id()
        before = self._blobs.list(LOG)
        self._write(snapshot, self._opened(uuid.uuid4().hex, None), Head(_NOTHING, ()))
        for key in before:
            self._blobs.delete(key)

    def purge(self) -> None:
        """A snapshot of what is left, now; `compact` drops what held the rest once nobody can be reading it."""
        self._condense(most=0)

    def compact(self) -> None:
        """Once there are many segments or records in them, write a snapshot; drop what the last one made needless when
        nobody can be reading it any more."""
        self._condense(self._most)

    def _condense(self, most: int) -> None:
        # Made before looking: whoever looked later has the later id, so the newest head never holds less than one
        # whose segments are dropped already.
        snapshot = self._new_id()
        copy, keys = self._look()
        newest = _newest(keys)
        held = self._head(newest) if newest else Head("", ())
        if held is None:
            return
        if newest and self._clock() - made_at(newest) > GRACE:
            self._drop(newest, held, keys)
        held_keys = set(held.segments)
        waiting = [key for key in _segments(keys) if key not in held_keys]
        if len(waiting) > most or sum(map(_records, waiting)) > MOST_RECORDS:
            self._write(snapshot, copy, Head(newest, tuple(waiting)))

    def _head(self, snapshot: str) -> Head | None:
        body = self._blobs.get(f"{SNAPSHOTS}{snapshot}/head")
        return Head.of(body) if body else None

    def _write(self, snapshot: str, copy: IndexCopy, head: Head) -> None:
        file = self._folder / f"{snapshot}.new"
        copy.written_to(file)
        body = packed_file(file)
        file.unlink()
        self._blobs.put(f"{SNAPSHOTS}{snapshot}/copy", body)
        # The head last: a snapshot without one does not count.
        self._blobs.put(f"{SNAPSHOTS}{snapshot}/head", head.body())

    def _drop(self, newest: str, head: Head, keys: Sequence[str]) -> None:
        held = set(head.segments)
        for key in keys:
            older = key.startswith(SNAPSHOTS) and key.removeprefix(SNAPSHOTS).split("/")[0] < newest
            if older or key in held:
                self._blobs.delete(key)

    def _model(self) -> IndexCopy:
        with self._lock:
            copy = self._copy
            if copy and copy.path.exists() and self._monotonic() - self._looked_at < self._seconds:
                return copy
        return self._look()[0]

    def _look(self) -> tuple[IndexCopy, list[str]]:
        """The copy, brought up to date, and the log's keys it was brought up to date with."""
        with self._lock:
            for _ in range(_TRIES):
                begun = self._monotonic()
                keys = self._blobs.list(LOG)
                copy = self._standing(keys)
                if copy and self._take_in(copy, keys):
                    self._looked_at = begun
                    return copy, keys
                # Something was dropped between the list and the look: the new list names what replaced it.
            raise OSError("the read model's log changes faster than it can be read")

    def _standing(self, keys: Sequence[str]) -> IndexCopy | None:
        """A copy that holds all the newest snapshot does, or will with the segments that are there; None where that
        snapshot has just been replaced."""
        newest = _newest(keys)
        copy = self._copy if self._copy and self._copy.path.exists() else None
        if copy and newest == copy.base:
            return copy
        if not newest:
            return self._opened(uuid.uuid4().hex, None)
        head = self._head(newest)
        if head is None:
            return None
        if copy and copy.base == head.before and copy.applied.union(keys).issuperset(head.segments):
            return copy
        body = self._blobs.get(f"{SNAPSHOTS}{newest}/copy")
        return self._opened(newest, body) if body else None

    def _opened(self, name: str, body: bytes | None) -> IndexCopy:
        """A new local copy in place of the old one."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{name}-{uuid.uuid4().hex}.db"
        if body is not None:
            unpack_file(body, path)
        old, self._copy = self._copy, IndexCopy(path, self._words)
        if old:
            # Whoever still reads from it may go on: the file is gone when they are done.
            for suffix in ("", "-wal", "-shm"):
                old.path.with_name(old.path.name + suffix).unlink(missing_ok=True)
        return self._copy

    def _take_in(self, copy: IndexCopy, keys: Sequence[str]) -> bool:
        segments: list[Any] = []
        for key in _segments(keys):
            if key not in copy.applied:
                body = self._blobs.get(key)
                if body is None:
                    return False
                segments.append(unpacked(key, body))
            if len(segments) >= _AT_ONCE:
                # What is taken stays taken, should the function's time end before the log does.
                copy.take(segments)
                segments = []
        copy.take(segments)
        copy.stand_on(_newest(keys), keys)
        return True

    @property
    def board(self) -> BoardIndex:
        return self._model().board

    def leads(self, query: LeadQuery) -> LeadPage:
        return self._model().leads(query)

    def find(self, wanted: Sequence[Wanted], owners: Collection[str] | None = None) -> FoundPeople:
        return self._model().find(wanted, owners)

    def companies(self, wanted: Sequence[Wanted], owners: Collection[str] | None = None) -> list[FoundCompany]:
        return self._model().companies(wanted, owners)

    def words(self, beginnings: Collection[str], whole: Collection[str] = ()) -> list[str]:
        return self._model().words(beginnings, whole)

    def inbox(self, owner_id: str, currency: str, limit: int = 20_000) -> list[InboxFact]:
        return self._model().inbox(owner_id, currency, limit)

    def open_by_owner(self) -> dict[str, int]:
        return self._model().open_by_owner()

    def touches(self) -> Iterable[TouchFact]:
        """Of now, and with them the other facts a report is made of: one that was asked for by a change shows it."""
        return self._look()[0].touches()

    def by_form(self) -> dict[str, tuple[int, datetime]]:
        return self._model().by_form()

    def wins(self) -> Iterable[WonFact]:
        return self._model().wins()

    def lead_campaigns(self) -> Iterable[tuple[str, str, str]]:
        return self._model().lead_campaigns()

    def messages(self, state: str = "", limit: int = 200) -> list[tuple[str, str]]:
        return self._model().messages(state, limit)

    def requests(self, state: str = "", limit: int = 200) -> list[tuple[str, str]]:
        return self._model().requests(state, limit)

    def ledger(self, query: LedgerQuery) -> Listed[tuple[str, str]]:
        return self._model().ledger(query)

    def unanswered(self, until: datetime) -> int:
        return self._model().unanswered(until)

    def opportunities(
        self, stage: str = "", limit: int = 500, before: datetime | None = None, skip: int = 0
    ) -> list[tuple[str, str]]:
        return self._model().opportunities(stage, limit, before, skip)

    def kept(self, query: KeptQuery) -> tuple[list[str], int]:
        return self._model().kept(query)

    def promises(self, customer: str) -> list[tuple[str, str]]:
        return self._model().promises(customer)

    def tasks(self, owner_id: str, limit: int = 200) -> list[tuple[str, str]]:
        return self._model().tasks(owner_id, limit)

    def disputed(self) -> list[str]:
        return self._model().disputed()

    def quotes(self, customer: str) -> list[tuple[str, str]]:
        return self._model().quotes(customer)

    def audits(self, query: AuditQuery) -> list[tuple[str, str]]:
        return self._model().audits(query)

    def counts(self) -> dict[str, int]:
        return self._model().counts()

    def versions(self, refs: Sequence[Ref[Any]]) -> list[int]:
        return self._model().versions(refs)

    def size(self) -> int:
        return self._model().size()

    def part(self, number: int, of: int) -> list[Ref[Any]]:
        return self._model().part(number, of)

    def close(self) -> None:
        if self._copy:
            self._copy.close()


def _segments(keys: Iterable[str]) -> list[str]:
    return [key for key in keys if key.startswith(SEGMENTS)]


def _records(segment: str) -> int:
    return int(segment.rpartition(".")[2])


def _newest(keys: Iterable[str]) -> str:
    """The newest snapshot that has a head, or ""."""
    heads = (key.removeprefix(SNAPSHOTS).split("/") for key in keys if key.startswith(SNAPSHOTS))
    return max((parts[0] for parts in heads if parts[-1] == "head"), default="")
