"""Settings to Deps: which engine stands behind each port. Everything is opened on first use."""

import os
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chalicelib.flows.follow_feed import CONSUMERS
from chalicelib.messaging.links import SignedLinks
from chalicelib.records.message import Message
from chalicelib.records.ports import Deps, Mail, Renderer, Transport
from chalicelib.settings import Settings, read_settings
from chalicelib.store.blobs_folder import FolderBlobs
from chalicelib.store.digest import KeyedDigest
from chalicelib.store.directory import CachedDirectory
from chalicelib.store.ids import UlidMaker
from chalicelib.store.index_sqlite import SqliteReadModel
from chalicelib.store.queue_sqlite import SqliteQueue
from chalicelib.store.record_store import RecordStore
from chalicelib.store.sqlite_table import SqliteTable


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Service:
    """The ports and the settings they were made from; `woken` is set when something was written."""

    settings: Settings
    deps: Deps
    woken: threading.Event
    close: Callable[[], None]


def open_service(settings: Settings, clock: Callable[[], datetime] = _utc_now) -> Service:
    """Open the embedded engine in the settings' data folder, making what is missing."""
    folder = settings.data
    folder.mkdir(parents=True, exist_ok=True)
    secret = _secret(folder / "secret")
    lost_index = (folder / "leadline.db").exists() and not (folder / "index.db").exists()
    table = SqliteTable(folder / "leadline.db", CONSUMERS)
    store = RecordStore(table)
    if lost_index:
        store.repeat()
    model = SqliteReadModel(folder / "index.db")
    queue = SqliteQueue(folder / "queue.db")
    woken = threading.Event()
    deps = Deps(
        store=store,
        feed=store,
        model=model,
        directory=CachedDirectory(store, model),
        blobs=FolderBlobs(folder / "blobs"),
        queue=queue,
        transport=_transport(settings),
        renderer=_LazyRenderer(settings),
        links=SignedLinks(secret, settings.address, clock=clock),
        digest=KeyedDigest(secret.encode()),
        clock=clock,
        new_id=UlidMaker(),
        wake=woken.set,
    )

    def close() -> None:
        for opened in (table, model, queue):
            opened.close()

    return Service(settings, deps, woken, close)


def exists(settings: Settings) -> bool:
    return (settings.data / "leadline.db").exists()


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
        from chalicelib.messaging.smtp import SmtpTransport

        return SmtpTransport(
            settings.smtp_host, settings.smtp_port, settings.smtp_user, settings.smtp_password,
            settings.smtp_starttls, settings.sender,
        )  # fmt: skip
    from chalicelib.messaging.mailbox import MailboxTransport

    return MailboxTransport(settings.data / "mailbox", settings.sender)


class _LazyRenderer:
    """The mail renderer, made when the first mail is: jinja2 and babel stay out of the capture path."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._renderer: Renderer | None = None

    def mail(self, message: Message, values: dict[str, Any]) -> Mail:
        if self._renderer is None:
            from chalicelib.messaging.render import MailRenderer

            chosen = self._settings
            self._renderer = MailRenderer(chosen.sender, chosen.brand, chosen.postal_address)
        return self._renderer.mail(message, values)


_service: Service | None = None
_opening = threading.Lock()


def use(service: Service) -> None:
    """Make a service the one the handlers work with: the embedded server and tests bring their own."""
    global _service
    _service = service


def service() -> Service:
    """The process's service, opened from the environment on first use."""
    global _service
    if _service is None:
        with _opening:
            if _service is None:
                _service = open_service(read_settings())
    return _service
