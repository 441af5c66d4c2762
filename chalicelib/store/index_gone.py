"""What was deleted must not come back because somebody who read it earlier is late; what is made anew must show.

Versions cannot tell: a record that is deleted and made again begins at 1. So the time of reading does. The store's
other guard, the version, holds where nothing was deleted."""

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.records.ports import Ref, Stored

Change = tuple[Ref[Any], Stored[Any] | None]

# Nobody is late by more than this: no function runs so long, and a message that comes again is read anew.
REMEMBERED = timedelta(days=1)


def only_new(connection: sqlite3.Connection, group: Sequence[Change], read_at: datetime) -> list[Change]:
    """The changes that were not overtaken by a deletion or, for a deletion, by a new beginning; those are noted."""
    moment = _text(read_at)
    known = _known(connection, group)
    kept = [change for change in group if not _late(known.get(_key(change)), change, moment)]
    gone = [_key(change) for change in kept if change[1] is None]
    back = [_key(change) for change in kept if change[1] is not None and _key(change) in known]
    if gone:
        connection.execute("DELETE FROM gone WHERE max(gone_at, back_at) < ?", (_text(read_at - REMEMBERED),))
        connection.executemany("INSERT OR REPLACE INTO gone VALUES (?, ?, ?, '')", [(*key, moment) for key in gone])
    if back:
        connection.executemany(
            "UPDATE gone SET back_at = max(back_at, ?) WHERE kind = ? AND ids = ?", [(moment, *key) for key in back]
        )
    return kept


def _known(connection: sqlite3.Connection, group: Sequence[Change]) -> dict[tuple[str, str], tuple[str, str]]:
    if connection.execute("SELECT 1 FROM gone LIMIT 1").fetchone() is None:
        return {}
    found = {}
    for change in group:
        key = _key(change)
        row = connection.execute("SELECT gone_at, back_at FROM gone WHERE kind = ? AND ids = ?", key).fetchone()
        if row:
            found[key] = (row[0], row[1])
    return found


def _late(noted: tuple[str, str] | None, change: Change, moment: str) -> bool:
    if noted is None:
        return False
    gone_at, back_at = noted
    return moment < gone_at if change[1] is not None else moment < back_at


def _key(change: Change) -> tuple[str, str]:
    return change[0].kind.__name__, "#".join(change[0].ids)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
