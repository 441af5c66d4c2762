"""How a row of the read model takes the place of an older one, and never of a newer."""

import sqlite3
from functools import cache

from chalicelib.store.index_gone import Change
from chalicelib.store.index_rows import COLUMNS


def overtaken(connection: sqlite3.Connection, change: Change) -> bool:
    """Whether another reader of the feed has brought a newer version of this lead already."""
    ref, stored = change
    if stored is None:
        return False
    found = connection.execute("SELECT version FROM lead WHERE lead_id = ?", ref.ids).fetchone()
    return found is not None and found[0] > stored.version


@cache
def upsert(table: str, key: tuple[str, ...]) -> str:
    """Insert, or replace what is older: another reader of the feed may have brought a newer version already."""
    columns = COLUMNS[table]
    marks = ", ".join("?" * len(columns))
    changed = ", ".join(f"{column} = excluded.{column}" for column in columns if column not in key)
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks}) ON CONFLICT ({', '.join(key)})"
        f" DO UPDATE SET {changed} WHERE excluded.version >= {table}.version"
    )
