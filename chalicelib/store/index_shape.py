"""A file that an earlier release made has fewer columns: it gets those of this one, and is filled from the store.

The rows are called older than any (version 0), so that whoever holds the read model against the store (each minute a
part, `flows/reconcile.py`) brings them anew. An earlier release goes on with the wider table: it names its columns."""

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from chalicelib.store.index_rows import COLUMNS

# Of columns that an older file lacks: made once they are there.
_INDEXES = (
    "CREATE INDEX IF NOT EXISTS lead_company_key ON lead (company_key)",
    "CREATE INDEX IF NOT EXISTS lead_company ON lead (company)",
    "CREATE INDEX IF NOT EXISTS lead_contact ON lead (contact_by)",
    "CREATE INDEX IF NOT EXISTS request_answered ON request (answered_at)",
)


def fit(connection: sqlite3.Connection, writing: Callable[[], AbstractContextManager[Any]]) -> None:
    """Bring an opened file into this release's shape. `writing` is a transaction of its own."""
    if narrow(connection):
        with writing():
            widen(connection)
    for index in _INDEXES:
        connection.execute(index)


def narrow(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """The columns that are missing, by table."""
    missing = {}
    for table, columns in COLUMNS.items():
        there = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
        if lacking := [column for column in columns if column not in there]:
            missing[table] = lacking
    return missing


def widen(connection: sqlite3.Connection) -> None:
    """Add what is missing, in one transaction: another process may have begun as well."""
    for table, columns in narrow(connection).items():
        for column in columns:
            connection.execute(f"ALTER TABLE {table} ADD COLUMN {column} TEXT")
        connection.execute(f"UPDATE {table} SET version = 0")
