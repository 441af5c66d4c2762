"""Builders for the tests of the DynamoDB engine: rows, and accidents on the way to the table and back."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ReadTimeoutError

from chalicelib.store.aws_clients import AwsClients
from chalicelib.store.dynamo_table import DynamoTable
from chalicelib.store.table import RowWrite
from tests.contracts.places import aws, make_table


@dataclass
class Desk:
    """A table on moto, its client, the calls made and the waits there would have been."""

    clients: AwsClients
    table: DynamoTable
    name: str
    calls: list[str]
    waited: list[float]

    def lose_reply(self, operation: str, once: bool = True) -> None:
        """The call is carried out, its reply is lost, and the client sends it again."""
        left = [1] if once else []

        def lose(**_: Any) -> None:
            if not once or (left and left.pop()):
                raise ReadTimeoutError(endpoint_url="https://dynamodb.example")

        self.clients.dynamodb().meta.events.register_last(f"before-send.dynamodb.{operation}", lose)

    def never_arrive(self, operation: str) -> None:
        def fail(**_: Any) -> None:
            raise ReadTimeoutError(endpoint_url="https://dynamodb.example")

        self.clients.dynamodb().meta.events.register_first(f"before-send.dynamodb.{operation}", fail)


@contextmanager
def desk() -> Iterator[Desk]:
    with aws("moto") as clients:
        name = make_table(clients)
        calls: list[str] = []
        waited: list[float] = []

        def count(model: Any, **_: Any) -> None:
            calls.append(model.name)

        clients.dynamodb().meta.events.register("before-call.dynamodb", count)
        yield Desk(clients, DynamoTable(clients.dynamodb, name, waited.append), name, calls, waited)


def put(pk: str, if_version: int | None = 0, body: bytes = b"{}", kind: str = "Kind", sk: str = "S") -> RowWrite:
    return RowWrite(pk, sk, kind, body, None, if_version)
