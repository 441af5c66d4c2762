"""What an engine brings: the ports behind which embedded and AWS differ."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.records.ports import Blobs, Door, Feed, PresignedDownloads, PresignedUploads, Queue, ReadModel, Store
from chalicelib.settings import Settings
from chalicelib.store.directory import Loads
from chalicelib.store.table import Table

if TYPE_CHECKING:
    from chalicelib.records.journal import Journal
    from chalicelib.records.mail_ports import Transport


@dataclass(frozen=True, slots=True)
class Engine:
    """Opened ports. `table` is what `store` stands on, for backups. `loads` knows each person's open leads; `presigned`
    where files are sent to the blobs by whoever has them, `downloads` where large ones are fetched from there. `secret`
    keys digests and links; `fresh_seconds` is how old the directory may be."""

    store: Store
    table: Table
    journal: "Journal"
    feed: Feed
    model: ReadModel
    loads: Loads
    blobs: Blobs
    queue: Queue
    door: Door
    transport: "Transport"
    secret: str
    fresh_seconds: float
    close: Callable[[], None]
    presigned: PresignedUploads | None = None
    downloads: PresignedDownloads | None = None


def smtp(settings: Settings) -> "Transport":
    """The mail server of the settings, on either engine: not every region of AWS has a mail service."""
    from chalicelib.messaging.smtp import SmtpTransport

    return SmtpTransport(
        settings.smtp_host, settings.smtp_port, settings.smtp_user, settings.smtp_password,
        settings.smtp_starttls, settings.sender, per_second=settings.mail_per_second, share=settings.mail_share,
    )  # fmt: skip
