"""The embedded engine: SQLite files and folders under one data folder; nothing of AWS is imported."""

import os
import secrets
import sqlite3
from pathlib import Path

from chalicelib.engine import Engine, smtp
from chalicelib.flows.reactions import CONSUMERS
from chalicelib.identify import search_words
from chalicelib.records.mail_ports import Transport
from chalicelib.settings import BadSetting, Settings
from chalicelib.store.blobs_folder import FolderBlobs
from chalicelib.store.door_folder import FolderDoor
from chalicelib.store.ids import UlidMaker
from chalicelib.store.index_sqlite import SqliteReadModel
from chalicelib.store.journal import SealedJournal
from chalicelib.store.journal_folder import FolderLines, SqliteKeys
from chalicelib.store.queue_sqlite import SqliteQueue
from chalicelib.store.record_feed import RecordFeed
from chalicelib.store.record_store import RecordStore
from chalicelib.store.sqlite_table import SqliteTable


def open_embedded(settings: Settings) -> Engine:
    """Open the settings' data folder, making what is missing. Raises BadSetting for one that holds no store's files."""
    try:
        return _opened(settings)
    except sqlite3.DatabaseError as error:
        raise BadSetting(f"the store in {settings.data} cannot be opened, see docs/restore.md: {error}") from error


def _opened(settings: Settings) -> Engine:
    folder = settings.data
    folder.mkdir(parents=True, exist_ok=True)
    secret = _secret(folder / "secret")
    lost_index = (folder / "leadline.db").exists() and not (folder / "index.db").exists()
    table = SqliteTable(folder / "leadline.db", CONSUMERS)
    feed = RecordFeed(table)
    if lost_index:
        feed.repeat()
    model = SqliteReadModel(folder / "index.db", search_words)
    queue = SqliteQueue(folder / "queue.db")

    lines = FolderLines(settings.journal_folder, UlidMaker())
    keys = SqliteKeys(settings.journal_folder / "keys.db")

    def close() -> None:
        for opened in (table, model, queue, lines, keys):
            opened.close()

    return Engine(
        store=RecordStore(table),
        table=table,
        journal=SealedJournal(lines, keys, UlidMaker()),
        feed=feed,
        model=model,
        loads=model,
        blobs=FolderBlobs(folder / "blobs"),
        queue=queue,
        door=FolderDoor(folder / "door"),
        transport=_transport(settings),
        secret=secret,
        fresh_seconds=settings.fresh_seconds or 1.0,
        close=close,
    )


def _secret(path: Path) -> str:
    """The store's own secret: made once, readable by its owner alone. Without it keys and links do not match."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text("ascii").strip()
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_hex(32))
        file.flush()
        os.fsync(file.fileno())
    return path.read_text("ascii").strip()


def _transport(settings: Settings) -> Transport:
    if settings.smtp_host:
        return smtp(settings)
    from chalicelib.messaging.mailbox import MailboxTransport

    return MailboxTransport(settings.data / "mailbox", settings.sender)
