"""The engine on AWS: DynamoDB, S3, SQS and SES. What a visitor's submission does not need is made when it is used."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from chalicelib.engine import Engine, smtp
from chalicelib.records.ports import Blobs, Door, Feed, Queue, ReadModel
from chalicelib.settings import Settings
from chalicelib.store.aws_clients import AwsClients
from chalicelib.store.aws_errors import Pause
from chalicelib.store.aws_secret import read_secret
from chalicelib.store.blobs_s3 import S3Blobs
from chalicelib.store.directory import CountedLoads
from chalicelib.store.dynamo_table import DynamoTable
from chalicelib.store.ids import UlidMaker
from chalicelib.store.record_store import RecordStore

if TYPE_CHECKING:
    from chalicelib.records.journal import Journal
    from chalicelib.records.mail_ports import Transport

T = TypeVar("T")

# The configuration is read again this often: each time a few queries beside the visitor's own two calls.
FRESH_SECONDS = 10.0


def open_aws(settings: Settings) -> Engine:
    """The deployment the settings name. One call: for the secret, where that is not in the environment."""
    return engine_over(AwsClients(settings.region, settings.aws_endpoint), settings)


def engine_over(clients: AwsClients, settings: Settings, pause: Pause = time.sleep) -> Engine:
    """The same over clients that are at hand; `pause` is how the table waits for its rivals."""
    table = DynamoTable(clients.dynamodb, settings.table, pause)
    queue = cast("Queue", _Later(lambda: _queue(settings, clients)))
    blobs = S3Blobs(clients.s3, settings.bucket)
    store = RecordStore(table)
    return Engine(
        store=store,
        table=table,
        journal=cast("Journal", _Later(lambda: _journal(blobs))),
        feed=cast("Feed", _Later(lambda: _feed(table, queue))),
        model=cast("ReadModel", _Later(lambda: _read_model(blobs))),
        loads=CountedLoads(store),
        blobs=blobs,
        queue=queue,
        door=cast("Door", _Later(lambda: _door(queue, blobs))),
        transport=cast("Transport", _Later(lambda: _transport(settings, clients))),
        secret=settings.secret or read_secret(clients, settings.secret_parameter),
        fresh_seconds=settings.fresh_seconds or FRESH_SECONDS,
        close=clients.close,
        presigned=blobs,
        downloads=blobs,
    )


def _queue(settings: Settings, clients: AwsClients) -> Queue:
    from chalicelib.store.queue_sqs import SqsQueue

    return SqsQueue(clients.sqs, settings.queue_prefix)


def _door(queue: Queue, blobs: Blobs) -> Door:
    from chalicelib.store.door_aws import QueueOrBlobDoor

    return QueueOrBlobDoor(queue, blobs)


def _journal(blobs: Blobs) -> "Journal":
    from chalicelib.store.journal import SealedJournal
    from chalicelib.store.journal_blobs import BlobKeys, BlobLines

    return SealedJournal(BlobLines(blobs, UlidMaker()), BlobKeys(blobs), UlidMaker())


def _feed(table: DynamoTable, queue: Queue) -> Feed:
    from chalicelib.flows.reactions import FOLLOWS, INDEX, REACTIONS
    from chalicelib.store.record_feed import PushedFeed

    # The kinds of record that whoever reads the index queue reacts to.
    told = frozenset(kind.__name__ for reaction in FOLLOWS[INDEX] for kind in REACTIONS[reaction])
    return PushedFeed(table.keys, queue, INDEX, told)


def _read_model(blobs: Blobs) -> ReadModel:
    """With a copy in a folder of this process's own, which may vanish at any time."""
    import tempfile

    from chalicelib.identify import search_words
    from chalicelib.store.index_blobs import BlobReadModel

    return BlobReadModel(blobs, Path(tempfile.mkdtemp(prefix="leadline-index-")), UlidMaker(), search_words)


def _transport(settings: Settings, clients: AwsClients) -> "Transport":
    if settings.smtp_host:
        return smtp(with_smtp_password(settings, clients))
    from chalicelib.messaging.ses import SesTransport

    return SesTransport(
        clients.ses, settings.sender, settings.configuration_set,
        share=settings.mail_share, most=settings.mail_per_second,
    )  # fmt: skip


def with_smtp_password(settings: Settings, clients: AwsClients) -> Settings:
    """The settings with the mail server's password, read where only its parameter's name is set. Raises BadSetting."""
    name = settings.smtp_password_parameter
    if settings.smtp_password or not name:
        return settings
    return replace(settings, smtp_password=read_secret(clients, name, "LEADLINE_SMTP_PASSWORD_PARAMETER", shortest=1))


class _Later(Generic[T]):
    """Something that is made when it is first used."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: T | None = None
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        if self._made is None:
            with self._lock:
                if self._made is None:
                    self._made = self._make()
        return getattr(self._made, name)
