"""Faults at each statement of SQLite and at each step of a file, by a layer put under the standard library's own.

For the process that runs the faults alone (a child made for one of them): nothing is taken off again."""

import builtins
import errno
import io
import os
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.faults.plan import Crashed, Fault, Plan

KINDS = (Fault.FULL, Fault.LOCKED, Fault.BEFORE, Fault.AFTER, Fault.CRASH_BEFORE, Fault.CRASH_AFTER)
_READS = ("SELECT", "PRAGMA")
_FILE_WRITES = frozenset({"write", "fsync", "replace", "rename", "unlink"})
_open_connections: list[sqlite3.Connection] = []


def kinds_for(call: str) -> tuple[Fault, ...]:
    """The faults that can strike at a side effect, named "leadline.db COMMIT" or "blobs write"."""
    what = call.rsplit(" ", 1)[1]
    if what in _FILE_WRITES:
        return tuple(kind for kind in KINDS if kind is not Fault.LOCKED)
    if what in _READS:
        return Fault.LOCKED, Fault.CRASH_BEFORE
    return KINDS


def reads(call: str) -> bool:
    return call.endswith(_READS)


def install(plan: Plan) -> None:
    """From now on every connection opened and every file written in this process is under the plan."""
    connect = sqlite3.connect

    def connected(path: Any, *args: Any, **kwargs: Any) -> sqlite3.Connection:
        connection = connect(path, *args, factory=_connection_class(plan, Path(path).name), **kwargs)
        _open_connections.append(connection)
        return connection

    sqlite3.connect = connected  # type: ignore[assignment]
    for name in ("fsync", "replace", "rename", "unlink"):
        setattr(os, name, _step(plan, name, getattr(os, name)))
    io.open = builtins.open = _opening(plan, io.open)  # type: ignore[assignment]


def drop_connections() -> None:
    """As when the process ends: what was not committed is gone."""
    for connection in _open_connections:
        try:
            sqlite3.Connection.rollback(connection)
            sqlite3.Connection.close(connection)
        except sqlite3.ProgrammingError:
            # Closed already, in good order.
            continue
    _open_connections.clear()


def _connection_class(plan: Plan, file: str) -> type[sqlite3.Connection]:
    class Faulty(sqlite3.Connection):
        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:  # type: ignore[override]
            return _under(
                plan, f"{file} {_verb(sql)}", lambda: super(Faulty, self).execute(sql, *values), _sqlite_error
            )

        def executemany(self, sql: str, rows: Any) -> sqlite3.Cursor:  # type: ignore[override]
            return _under(
                plan, f"{file} {_verb(sql)}", lambda: super(Faulty, self).executemany(sql, rows), _sqlite_error
            )

        def executescript(self, sql: str) -> sqlite3.Cursor:
            return _under(plan, f"{file} SCHEMA", lambda: super(Faulty, self).executescript(sql), _sqlite_error)

    return Faulty


def _verb(sql: str) -> str:
    return sql.split(None, 1)[0].upper()


def _step(plan: Plan, name: str, act: Callable[..., Any]) -> Callable[..., Any]:
    def step(*args: Any, **kwargs: Any) -> Any:
        return _under(plan, f"file {name}", lambda: act(*args, **kwargs), _file_error)

    return step


def _opening(plan: Plan, opened: Callable[..., Any]) -> Callable[..., Any]:
    def opening(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        if "w" not in mode:
            return opened(file, mode, *args, **kwargs)
        return _under(plan, "file write", lambda: opened(file, mode, *args, **kwargs), _file_error)

    return opening


def _under(plan: Plan, name: str, act: Callable[[], Any], error: Callable[[Fault], Exception]) -> Any:
    fault = plan.next(name)
    if fault is Fault.CRASH_BEFORE:
        raise plan.crash()
    if fault is Fault.KILL_BEFORE:
        os.kill(os.getpid(), signal.SIGKILL)
    if fault in (Fault.FULL, Fault.LOCKED, Fault.BEFORE):
        raise error(fault)
    try:
        done = act()
    finally:
        if fault is Fault.KILL_AFTER:
            os.kill(os.getpid(), signal.SIGKILL)
    if fault is Fault.CRASH_AFTER:
        raise plan.crash()
    if fault is Fault.AFTER:
        raise error(fault)
    return done


_WORDS = {Fault.FULL: "database or disk is full", Fault.LOCKED: "database is locked"}


def _sqlite_error(fault: Fault) -> Exception:
    return sqlite3.OperationalError(_WORDS.get(fault, "disk I/O error"))


def _file_error(fault: Fault) -> Exception:
    code = errno.ENOSPC if fault is Fault.FULL else errno.EIO
    return OSError(code, os.strerror(code))


__all__ = ["KINDS", "Crashed", "drop_connections", "install", "kinds_for"]
