"""What a commit of the embedded engine is made of: which rows tell the feed, and how and whether rows are written."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.store.table import Key, RowWrite

# Match keys, row outcomes, what signing in needs and our own notes are read by key alone: nothing reacts to them, they
# stay out of the feed.
UNFED = frozenset(
    {
        "MatchKey",
        "RowResults",
        "ReportAsked",
        "Workload",
        "Session",
        "Ticket",
        "Identity",
        "RateWindow",
        "TurnedAway",
        "NotTakenIn",
        "Suppression",
        "Erasure",
        "Hold",
        "GivenUp",
        "Visit",
        "MachineViews",
    }
)


REPEAT = (
    f"INSERT INTO change (pk, sk, kind) SELECT pk, sk, kind FROM item WHERE kind NOT IN ({', '.join('?' * len(UNFED))})"
)


@dataclass(frozen=True, slots=True)
class Work:
    """What one thread wants written: rows, how far a reader of the feed is, or everything into the feed again."""

    groups: Sequence[Sequence[RowWrite]] = ()
    done: tuple[int, str] | None = None
    repeat: bool = False


def insert(connection: sqlite3.Connection, into: tuple[str, str], rows: Sequence[tuple[Any, ...]]) -> None:
    """A few rows as one statement. The interpreter is given away at each, and under load it takes a while to come
    back; the transaction is open for as long, and everybody else's commit waits."""
    statement, marks = into
    if len(rows) > _FEW_ROWS:
        connection.executemany(f"{statement} VALUES {marks}", rows)
    elif rows:
        values = [value for row in rows for value in row]
        connection.execute(f"{statement} VALUES {', '.join([marks] * len(rows))}", values)


# The text of a statement is kept compiled; more rows than this come from lists, in no two the same number.
_FEW_ROWS = 100
# More groups than this are a list, whose people may be known; the general way is as fast there.
FEW = 32


def all_new(groups: Sequence[Sequence[RowWrite]]) -> bool:
    writes = [write for group in groups for write in group]
    keys = {(write.pk, write.sk) for write in writes}
    return len(keys) == len(writes) and all(w.if_version == 0 and w.body is not None for w in writes)


def first_broken(group: Sequence[RowWrite], versions: dict[Key, tuple[bool, int]]) -> Key | None:
    for write in group:
        if write.if_version is not None and versions.get((write.pk, write.sk), (False, 0))[1] != write.if_version:
            return write.pk, write.sk
    return None
