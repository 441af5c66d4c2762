"""Where the contract suites find AWS: moto in this process, or an emulator (`LEADLINE_EMULATOR`, its address).

The table is made with the keys and the index that infra/data_stack.json gives it."""

import base64
import json
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

from moto import mock_aws

from chalicelib.settings import Settings
from chalicelib.store.aws_clients import AwsClients
from chalicelib.store.blobs_s3 import S3Blobs
from tests.worlds.model_clients import ModelClients

REGION = "eu-central-1"
EMULATOR = os.environ.get("LEADLINE_EMULATOR", "")
# Chosen when tests are collected: without an emulator there is nothing to skip.
PLACES = ("moto", "emulator") if EMULATOR else ("moto",)
# And the in-memory models of the seeded worlds, which have to be what they stand for.
MODELLED = (*PLACES, "model")
# Moto is a double for one thread (its transactions copy the table); races are shown where they can happen.
THREADED = ("emulator",) if EMULATOR else ()

_ACCESS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    # botocore would put an account's id into the address, which moto does not know for every service.
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@contextmanager
def aws(place: str) -> Iterator[AwsClients]:
    """Clients of an account; with moto a fresh one."""
    os.environ.update(_ACCESS)
    if place == "model":
        yield cast("AwsClients", ModelClients())
    elif place == "moto":
        with mock_aws():
            clients = AwsClients(REGION)
            yield clients
            clients.close()
    else:
        clients = AwsClients(REGION, EMULATOR)
        yield clients
        clients.close()


def unique(name: str) -> str:
    return f"{name}-{secrets.token_hex(4)}"


def make_table(clients: AwsClients) -> str:
    """A table as the data stack has it; its name."""
    name = unique("leadline-test")
    clients.dynamodb().create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": attribute, "AttributeType": "S"} for attribute in ("pk", "sk", "due_shard", "due_at")
        ],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "due",
                "KeySchema": [
                    {"AttributeName": "due_shard", "KeyType": "HASH"},
                    {"AttributeName": "due_at", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["kind", "version"]},
            }
        ],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
    )
    clients.dynamodb().get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    return name


def drop_table(clients: AwsClients, name: str) -> None:
    clients.dynamodb().delete_table(TableName=name)


def make_bucket(clients: AwsClients) -> str:
    name = unique("leadline-test")
    clients.s3().create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    return name


def make_queues(clients: AwsClients, topics: Iterable[str], hidden_seconds: int = 1) -> str:
    """A queue for each topic; their names' prefix."""
    prefix = f"{unique('leadline-test')}-"
    for topic in topics:
        clients.sqs().create_queue(QueueName=prefix + topic, Attributes={"VisibilityTimeout": str(hidden_seconds)})
    return prefix


def drop_queues(clients: AwsClients, prefix: str, topics: Iterable[str]) -> None:
    for topic in topics:
        clients.sqs().delete_queue(QueueUrl=clients.sqs().get_queue_url(QueueName=prefix + topic)["QueueUrl"])


def drop_bucket(clients: AwsClients, name: str) -> None:
    blobs = S3Blobs(clients.s3, name)
    for key in blobs.list(""):
        blobs.delete(key)
    clients.s3().delete_bucket(Bucket=name)


TOPICS = ("index", "outbox", "mail-events", "reports", "uploads", "chunks", "door")


def make_deployment(clients: AwsClients, place: str, **changed: Any) -> Settings:
    """Table, bucket and queues, and the settings by which the service finds them."""
    verify_sender(clients.ses())
    made = Settings(
        engine="dynamodb",
        table=make_table(clients),
        bucket=make_bucket(clients),
        queue_prefix=make_queues(clients, TOPICS),
        region=REGION,
        aws_endpoint=EMULATOR if place == "emulator" else "",
        secret="s" * 32,
        public_url="https://leadline.example",
        sender="Leadline <hello@example.com>",
    )
    return replace(made, **changed)


def verify_sender(client: Any) -> None:
    with suppress(client.exceptions.AlreadyExistsException):
        client.create_email_identity(EmailIdentity="hello@example.com")


def quota(**_: Any) -> tuple[Any, dict[str, Any]]:
    """What SES lets the account send: the doubles do not know that call."""
    told = {"MaxSendRate": 1000.0, "Max24HourSend": 50_000.0, "SentLast24Hours": 0.0}
    return SimpleNamespace(status_code=200), {"SendQuota": told}


def accepted_mail(client: Any) -> list[bytes]:
    """The raw mails SES accepts from now on, as they went over the wire: neither double keeps them."""
    verify_sender(client)
    on_the_way: list[bytes] = []
    taken: list[bytes] = []

    def leaves(request: Any, **_: Any) -> None:
        on_the_way.append(base64.b64decode(json.loads(request.body)["Content"]["Raw"]["Data"]))

    def answered(http_response: Any, **_: Any) -> None:
        mail = on_the_way.pop()
        if http_response.status_code == 200:
            taken.append(mail)

    client.meta.events.register_first("before-call.sesv2.GetAccount", quota)
    client.meta.events.register_first("before-send.sesv2.SendEmail", leaves)
    client.meta.events.register("after-call.sesv2.SendEmail", answered)
    return taken
