"""What every SQLite file of ours needs: a transaction that never stays open, and errors as the port names them."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from chalicelib.records.ports import StoreUnavailable


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing. Also where beginning fails half way (an I/O error behind the lock): a connection left in a
    transaction would refuse every later one, and keep the file locked for everybody else."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def as_unavailable() -> Iterator[None]:
    """StoreUnavailable for a file that is full, locked for too long or cannot be read just now."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise StoreUnavailable(str(error)) from error
