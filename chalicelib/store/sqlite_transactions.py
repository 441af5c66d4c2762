"""What every SQLite file of ours needs: a transaction that never stays open, and errors as the port names them."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from chalicelib.records.ports import StoreUnavailable


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing. Also where beginning fails half way (an I/O error behind the lock): a connection left in a
    transaction would refuse every later one, and keep the file locked for everybody else. Where even taking back
    fails the connection is closed, which takes back as well: whoever keeps it asks `is_open` before using it again."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            _take_back(connection)
        raise


def _take_back(connection: sqlite3.Connection) -> None:
    """Twice: one that is closed lives on, and holds the lock, for as long as somebody holds a cursor of it."""
    try:
        connection.execute("ROLLBACK")
    except sqlite3.Error:
        with suppress(sqlite3.Error):
            connection.rollback()
        connection.close()


def is_open(connection: sqlite3.Connection) -> bool:
    try:
        connection.total_changes  # noqa: B018 (SQLite's own way of telling)
    except sqlite3.ProgrammingError:
        return False
    return True


@contextmanager
def as_unavailable() -> Iterator[None]:
    """StoreUnavailable for a file that is full, locked for too long or cannot be read just now."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise StoreUnavailable(str(error)) from error
