"""A file that an earlier release made has fewer columns: it gets those of this one, and is filled from the store.

The rows are called older than any (version 0), so that whoever holds the read model against the store (each minute a
part, `flows/reconcile.py`) brings them anew. An earlier release goes on with the wider table: it names its columns.
Until then people are found by what the file itself says of them."""

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from chalicelib.records.lead import Assignment, Lead, LeadStatus
from chalicelib.records.search import SearchWords
from chalicelib.store.codec import unstamp
from chalicelib.store.index_rows import COLUMNS
from chalicelib.store.index_words import replace_words

# Of columns that an older file lacks: made once they are there.
_INDEXES = (
    "CREATE INDEX IF NOT EXISTS lead_company_key ON lead (company_key)",
    "CREATE INDEX IF NOT EXISTS lead_company ON lead (company)",
    "CREATE INDEX IF NOT EXISTS lead_created ON lead (created_at)",
    "CREATE UNIQUE INDEX IF NOT EXISTS lead_found ON lead (text_id)",
    # All the board asks of a lead or an answer, so that it reads no row (docs/concepts.md, the morning board).
    "CREATE INDEX IF NOT EXISTS lead_due ON lead (contact_by, status, owner_id, lead_id, updated_at)",
    "CREATE INDEX IF NOT EXISTS request_answers ON request (answered_at, state, owner_id, received_at, limit_at)",
)
# What these took the place of.
_FORMER_INDEXES = ("lead_contact", "request_answered")
# The column that no row maker fills, and the tables of releases before it: an erased person's words must not stay.
_PLACED = "text_id"
_FORMER = ("lead_text", "lead_text_id")


def fit(connection: sqlite3.Connection, writing: Callable[[], AbstractContextManager[Any]], words: SearchWords) -> None:
    """Bring an opened file into this release's shape. `writing` is a transaction of its own."""
    if narrow(connection):
        with writing():
            widen(connection)
            if _PLACED not in _columns(connection, "lead"):
                connection.execute(f"ALTER TABLE lead ADD COLUMN {_PLACED} INTEGER")
                _write_words(connection, words)
            for table in _FORMER:
                connection.execute(f"DROP TABLE IF EXISTS {table}")
    for name in _FORMER_INDEXES:
        connection.execute(f"DROP INDEX IF EXISTS {name}")
    for index in _INDEXES:
        connection.execute(index)


def narrow(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """The columns that are missing, by table."""
    missing = {}
    for table, columns in COLUMNS.items():
        there = _columns(connection, table)
        if lacking := [column for column in columns if column not in there]:
            missing[table] = lacking
    return missing


def _columns(connection: sqlite3.Connection, table: str) -> set[str]:
    return {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}


def widen(connection: sqlite3.Connection) -> None:
    """Add what is missing, in one transaction: another process may have begun as well."""
    for table, columns in narrow(connection).items():
        for column in columns:
            connection.execute(f"ALTER TABLE {table} ADD COLUMN {column} TEXT")
        connection.execute(f"UPDATE {table} SET version = 0")


def _write_words(connection: sqlite3.Connection, words: SearchWords) -> None:
    """By name, company and first address, which is what an earlier file has of them."""
    rows = connection.execute("SELECT lead_id, full_name, company, email, owner_id, status, updated_at FROM lead")
    leads = [
        Lead(lead_id, name or "", company=company or "", emails=(email,) if email else (), status=LeadStatus(status),
             assignment=Assignment(owner, (), "", "", unstamp(at)) if owner and at else None)
        for lead_id, name, company, email, owner, status, at in rows.fetchall()
    ]  # fmt: skip
    replace_words(connection, (), leads, words)
