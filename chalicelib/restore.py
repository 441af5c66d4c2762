"""Saving a service and bringing it back, on either engine, for the command line (docs/restore.md)."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from chalicelib.first_start import move_store
from chalicelib.flows.hold_service import hold, tell_difference
from chalicelib.flows.reactions import JOURNAL
from chalicelib.flows.replay_journal import doubtful, replay_journal
from chalicelib.follow_up.outbox import GRACE, restored
from chalicelib.records.hold import Hold
from chalicelib.records.message import Message
from chalicelib.records.ports import Deps
from chalicelib.records.touch import Request
from chalicelib.settings import Settings
from chalicelib.store.backup import Backup, NoBackup, newest_backup, write_backup
from chalicelib.store.codec import decode, encode
from chalicelib.store.table import Row, RowWrite
from chalicelib.wiring import Service, exists, open_service, utc_now

Clock = Callable[[], datetime]
# The journal's clock and the backup's may differ, and a backup of a busy table takes a while.
BEFORE = timedelta(days=1)
_AT_ONCE = 100
_ALL = 1_000_000
# Their presence makes a place one that is in use; reps, notes and limits a deployment makes by itself.
_IN_USE = ("Lead", "Receipt", "Upload", "Campaign", "Form")


def back_up(settings: Settings, place: Path, clock: Clock = utc_now) -> Backup:
    """Save everything below `place`. Raises NoBackup."""
    service = open_service(settings, clock)
    try:
        made_at = service.deps.clock()
        saved = write_backup(service.table.rows(), service.deps.blobs, place, made_at, service.check)
    finally:
        service.close()
    if settings.engine == "embedded":
        _copy_secret(settings.data, place)
    return saved


def restore(settings: Settings, place: Path, clock: Clock = utc_now) -> Hold:
    """Fill an empty place from the newest backup in `place`, held. Raises NoBackup with what is in the way."""
    backup = newest_backup(place)
    with _empty_place(settings, backup, clock) as service:
        hold(service.deps, backup.about.made_at)
        return _filled(service, backup)


def adopt(settings: Settings, since: datetime | None = None, clock: Clock = utc_now) -> Hold:
    """Hold a store that was brought back by other means (a table by point-in-time recovery, a copied folder), replay
    the journal since then, or all of it, and show everything anew."""
    service = open_service(settings, clock)
    deps = service.deps
    try:
        hold(deps, since)
        replayed = replay_journal(deps, since)
        found = deps.store.due(deps.clock() + GRACE + timedelta(minutes=1), _ALL, Message)
        unknown = doubtful(deps, [due.ref for due in found])
        if settings.engine != "embedded":
            deps.model.begin_anew()
            deps.feed.repeat()
        return _told(deps, replayed.numbers() | {"unknown": unknown})
    finally:
        service.close()


@contextmanager
def _empty_place(settings: Settings, backup: Backup, clock: Clock) -> Iterator[Service]:
    """Embedded, the store is made beside its place and moved there whole."""
    if settings.engine == "embedded":
        with _folder_beside(settings, backup, clock) as service:
            yield service
        return
    service = open_service(settings, clock)
    try:
        used = [kind for kind, count in service.deps.store.counts().items() if count and kind in _IN_USE]
        if used:
            raise NoBackup(f"{settings.place} is in use (it holds {', '.join(sorted(used))})")
        if service.check != backup.about.check:
            raise NoBackup("the backup was made under another secret; give the place that secret first")
        service.deps.model.begin_anew()
        yield service
    finally:
        service.close()


@contextmanager
def _folder_beside(settings: Settings, backup: Backup, clock: Clock) -> Iterator[Service]:
    if exists(settings):
        raise NoBackup(f"there is a store in {settings.data}; a restore needs an empty place")
    building = settings.data.with_name(f"{settings.data.name}.restored-{os.getpid()}")
    for left_over in settings.data.parent.glob(f"{settings.data.name}.restored-*"):
        shutil.rmtree(left_over, ignore_errors=True)
    secret = backup.folder.parent / "secret"
    if not secret.exists():
        raise NoBackup(f"{secret} is missing: without it nobody is found again and no link opens")
    building.mkdir(parents=True)
    _copy_secret(backup.folder.parent, building)
    service = open_service(replace(settings, data=building, journal=settings.journal_folder), clock)
    try:
        yield service
    finally:
        service.close()
    move_store(building, settings)


def _copy_secret(source: Path, target: Path) -> None:
    path = target / "secret"
    path.write_bytes((source / "secret").read_bytes())
    path.chmod(0o600)


def _filled(service: Service, backup: Backup) -> Hold:
    deps, now = service.deps, service.deps.clock()
    numbers = {"records": 0, "unknown": 0, "files": 0}
    rows = backup.rows()
    while page := list(islice(rows, _AT_ONCE)):
        writes = [_write(row, now) for row in page]
        service.table.write([[write] for write in writes])
        numbers["records"] += len(page)
        numbers["unknown"] += sum(write.body != row.body for write, row in zip(writes, page, strict=True))
    for key, body in backup.blobs():
        deps.blobs.put(key, body)
        numbers["files"] += 1
    replayed = replay_journal(deps, backup.about.made_at - BEFORE)
    _pass_by(deps)
    return _told(deps, numbers | replayed.numbers())


def _write(row: Row, now: datetime) -> RowWrite:
    """The row as it is written: a mail that may have left by now is not due."""
    if row.kind != Message.__name__:
        return RowWrite(row.pk, row.sk, row.kind, row.body, row.due_at, None)
    before = decode(Message, row.body)
    after = restored(before, now)
    body, due_at = (row.body, row.due_at) if after == before else (encode(after), None)
    return RowWrite(row.pk, row.sk, row.kind, body, due_at, None)


def _pass_by(deps: Deps) -> None:
    """What was just brought back is in the journal or in the backup: it need not be noted again."""
    while changes := deps.feed.read(JOURNAL, 10_000):
        deps.feed.done(JOURNAL, changes[-1].sequence)


def _told(deps: Deps, numbers: dict[str, int]) -> Hold:
    late = len(deps.store.due(deps.clock(), _ALL, Request))
    return tell_difference(deps, numbers | {"late": late})
