"""The deployed service and the emulator behind it: only `make emulator` knows their addresses.

A visitor's client speaks to https://leadline.example, as the world would; `Doorway` carries that to the emulator's
port and leaves the Host header alone, by which API Gateway finds the domain."""

import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import boto3
import httpx
import pytest

from chalicelib.records.ports import Deps
from tests.deploy.place import open_deployed, outputs, visitor

T = TypeVar("T")


@pytest.fixture(scope="session")
def endpoint() -> str:
    return os.environ["LEADLINE_EMULATOR"]


@pytest.fixture(scope="session")
def address() -> str:
    return os.environ["LEADLINE_DEPLOYED"]


@pytest.fixture
def browser(endpoint: str, address: str) -> httpx.Client:
    return visitor(endpoint, address)


@pytest.fixture(scope="session")
def aws(endpoint: str) -> Callable[[str], Any]:
    """A client of one of the account's services."""
    return lambda service: boto3.client(service, endpoint_url=endpoint)


@pytest.fixture(scope="session")
def names(endpoint: str) -> dict[str, str]:
    return outputs(endpoint)


@pytest.fixture(scope="session")
def deps(endpoint: str, address: str) -> Iterator[Deps]:
    service = open_deployed(endpoint, address)
    yield service.deps
    service.close()


@dataclass(frozen=True)
class Sent:
    """A mail as SES took it."""

    to: str
    subject: str
    raw: str


@pytest.fixture(scope="session")
def mails(endpoint: str) -> Callable[[str], list[Sent]]:
    """What SES has sent to an address, oldest first, from the emulator's own list."""

    def sent_to(address: str) -> list[Sent]:
        listed = httpx.get(f"{endpoint}/_ministack/ses/messages", timeout=30).json()["messages"]
        found = [mail for account in listed.values() for mail in account if address in mail["To"]]
        return [Sent(address, mail["Subject"], json.dumps(mail)) for mail in found]

    return sent_to


def eventually(look: Callable[[], T | None], seconds: float = 60) -> T:
    """What `look` finds, as soon as it finds something; queues and streams take their time."""
    until = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > until:
            raise AssertionError(f"nothing came within {seconds} s")
        time.sleep(0.3)
    return found
