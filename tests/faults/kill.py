"""The embedded service's process killed (SIGKILL) before and behind every statement and every step of a file, also
while it opens its store; then the store is sound, and the world comes to rest as if nothing had happened."""

import os
import shutil
import signal
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.faults import sqlite_faults
from tests.faults.entries import Entry
from tests.faults.invariants import Verdict, judge
from tests.faults.place import Place, embedded
from tests.faults.plan import Fault, Plan
from tests.faults.run import MEMORY, Outcome, Tally, all_of

DATABASES = ("leadline.db", "queue.db", "index.db")
_DONE, _KILLED = 0, -signal.SIGKILL


def kill_everywhere(entry: Entry) -> Tally:
    """Every point of an entry point's step in a process that has just begun."""
    folder = Path(tempfile.mkdtemp(prefix="leadline-killed-", dir=MEMORY))
    try:
        ready = _ready(folder, entry)
        step = entry.steps["sqlite"]
        clean = next(all_of([lambda: _counted(ready, folder, step)]))
        tally = Tally("sqlite", entry.name, clean.calls)
        points = [{n: kind} for n in range(1, len(clean.calls) + 1) for kind in (Fault.KILL_BEFORE, Fault.KILL_AFTER)]
        for outcome in all_of([lambda at=at: _killed(ready, folder, step, at) for at in points]):
            tally.add(outcome)
        return tally
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _ready(folder: Path, entry: Entry) -> Place:
    place = embedded(folder / "ready", Plan())
    place.start()
    place.people()
    entry.ready(place)
    assert place.service
    place.service.close()
    return place


@contextmanager
def _copy(ready: Place, folder: Path) -> Iterator[Place]:
    own = Path(tempfile.mkdtemp(dir=folder))
    shutil.copytree(ready.settings.data, own / "data")
    settings = replace(ready.settings, data=own / "data")
    yield replace(ready, settings=settings, diary=own / "diary", plan=Plan())
    shutil.rmtree(own)


def _counted(ready: Place, folder: Path, step: Callable[[Place], None]) -> Outcome:
    with _copy(ready, folder) as place:
        _process(place, step)
        return Outcome({}, tuple(place.plan.calls))


def _process(place: Place, step: Callable[[Place], None]) -> None:
    """One process's life: it opens its store and takes the step."""
    sqlite_faults.install(place.plan)
    place.plan.armed = True
    place.start()
    step(place)
    place.plan.armed = False


def _killed(ready: Place, folder: Path, step: Callable[[Place], None], at: dict[int, Fault]) -> Outcome:
    with _copy(ready, folder) as place:
        place.plan.at = at
        ended = _lived(lambda: _process(place, step))
        violations = [] if ended == _KILLED else [f"the process was not killed but ended with {ended}"]
        violations += [told for name in DATABASES for told in unsound(place.settings.data / name)]
        place.plan = Plan()
        place.remembered()
        place.start()
        for visitor in place.visitors:
            place.persist(visitor)
        place.settle()
        verdict = judge(place.finished(1))
        return Outcome(at, (), Verdict(violations + verdict.violations, verdict.repeated, verdict.unknown))


def _lived(life: Callable[[], None]) -> int:
    """How a process of its own ended."""
    child = os.fork()
    if not child:
        try:
            life()
            os._exit(_DONE)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def unsound(path: Path) -> list[str]:
    """What SQLite finds wrong with a file; one that was never begun is sound."""
    if not path.exists():
        return []
    connection = sqlite3.connect(path)
    try:
        found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
    finally:
        connection.close()
    return [] if found == ["ok"] else [f"{path.name} is not sound: {found[0]}"]
