"""The engines every contract suite runs over: embedded, on moto, on the seeded worlds' models, and on an emulator when
there is one."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from chalicelib.records.ports import Blobs, Queue
from chalicelib.records.queue_ports import ATTEMPTS
from chalicelib.store.blobs_folder import FolderBlobs
from chalicelib.store.blobs_s3 import S3Blobs
from chalicelib.store.dynamo_counted import CountedTable
from chalicelib.store.dynamo_table import DynamoTable
from chalicelib.store.queue_sqlite import SqliteQueue
from chalicelib.store.queue_sqs import SqsQueue
from chalicelib.store.record_store import RecordStore
from chalicelib.store.sqlite_table import SqliteTable
from chalicelib.store.table import Table
from tests.contracts.places import (
    MODELLED,
    PLACES,
    THREADED,
    aws,
    drop_bucket,
    drop_queues,
    drop_table,
    make_bucket,
    make_queues,
    make_table,
)


@contextmanager
def open_table(engine: str, folder: Path) -> Iterator[Table]:
    if engine == "sqlite":
        table = SqliteTable(folder / "t.db", ("one", "two"))
        yield table
        table.close()
        return
    if engine == "counted":
        yield CountedTable()
        return
    with aws(engine) as clients:
        name = make_table(clients)
        yield DynamoTable(clients.dynamodb, name)
        drop_table(clients, name)


@pytest.fixture(params=["sqlite", "counted", *MODELLED])
def table(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Table]:
    with open_table(request.param, tmp_path) as opened:
        yield opened


@pytest.fixture
def store(table: Table) -> RecordStore:
    return RecordStore(table)


@pytest.fixture(params=["sqlite", *THREADED])
def raced_table(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Table]:
    """An engine that several threads may use at once."""
    with open_table(request.param, tmp_path) as opened:
        yield opened


@pytest.fixture
def raced(raced_table: Table) -> RecordStore:
    return RecordStore(raced_table)


@pytest.fixture(params=["folder", *MODELLED])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Blobs]:
    if request.param == "folder":
        yield FolderBlobs(tmp_path / "blobs")
        return
    with aws(request.param) as clients:
        bucket = make_bucket(clients)
        yield S3Blobs(clients.s3, bucket)
        if request.param == "emulator":  # the others forget everything
            drop_bucket(clients, bucket)


@dataclass
class Waiting:
    """A queue and how long it hides what is being worked on."""

    queue: Queue
    hidden_seconds: float

    def until_shown(self) -> None:
        time.sleep(self.hidden_seconds + 0.2)


@contextmanager
def open_queue(engine: str, folder: Path) -> Iterator[Waiting]:
    if engine == "sqlite":
        made = SqliteQueue(folder / "q.db", hidden_seconds=0.2)
        yield Waiting(made, 0.2)
        made.close()
        return
    topics = ("uploads", "reports", "t")
    with aws(engine) as clients:
        # SQS counts whole seconds.
        prefix = make_queues(clients, topics, hidden_seconds=1)
        yield Waiting(SqsQueue(clients.sqs, prefix), 1)
        drop_queues(clients, prefix, topics)


@pytest.fixture(params=["sqlite", *MODELLED])
def waiting(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Waiting]:
    with open_queue(request.param, tmp_path) as opened:
        yield opened


@pytest.fixture(params=["sqlite", *PLACES])
def dying(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Waiting]:
    """With a queue of dead letters behind it."""
    if request.param == "sqlite":
        with open_queue("sqlite", tmp_path) as opened:
            yield opened
        return
    with aws(request.param) as clients:
        prefix = make_queues(clients, ("t", "t-dead"), hidden_seconds=1)
        sqs = clients.sqs()
        url = sqs.get_queue_url(QueueName=f"{prefix}t")["QueueUrl"]
        dead = sqs.get_queue_url(QueueName=f"{prefix}t-dead")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": ATTEMPTS})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": redrive})
        yield Waiting(SqsQueue(clients.sqs, prefix), 1)
        drop_queues(clients, prefix, ("t", "t-dead"))


@pytest.fixture(params=["sqlite", *THREADED])
def strict(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Waiting]:
    """Where receipts are what SQS says they are: moto lets an older one delete the message."""
    with open_queue(request.param, tmp_path) as opened:
        yield opened
