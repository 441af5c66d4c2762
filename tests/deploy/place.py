"""Where the service is deployed: a client's way to it, its store looked into from outside, and the place its stories
are told at."""

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit

import boto3
import httpx

from chalicelib.engine_aws import FRESH_SECONDS
from chalicelib.handlers.session_cookies import SESSION_COOKIE
from chalicelib.settings import read_settings
from chalicelib.wiring import Service, open_service
from tests.aws_events import schedule_event
from tests.stories.place import Letter, seed

STAGE = "leadline-test"


class Doorway(httpx.HTTPTransport):
    def __init__(self, endpoint: str) -> None:
        # The emulator's certificate is for its own address, not for the domain.
        super().__init__(verify=False)
        self._port = urlsplit(endpoint).port

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        # Another request: the client files its cookies under the address it asked for.
        there = request.url.copy_with(scheme="https", host="127.0.0.1", port=self._port)
        carried = httpx.Request(
            request.method, there, headers=request.headers, stream=request.stream, extensions=request.extensions
        )
        return super().handle_request(carried)


def visitor(endpoint: str, address: str) -> httpx.Client:
    """A client that speaks to the deployed service's own address."""
    return httpx.Client(base_url=address, transport=Doorway(endpoint), timeout=60)


def outputs(endpoint: str) -> dict[str, str]:
    """Outputs of both stacks."""
    client = boto3.client("cloudformation", endpoint_url=endpoint)
    found: dict[str, str] = {}
    for stack in (f"{STAGE}-data", STAGE):
        told = client.describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]
        found |= {output["OutputKey"]: output["OutputValue"] for output in told}
    return found


def open_deployed(endpoint: str, address: str) -> Service:
    """The deployed store, looked into from outside with the account's own credentials."""
    names = outputs(endpoint)
    environ = {
        "LEADLINE_ENGINE": "dynamodb",
        "LEADLINE_TABLE": names["TableName"],
        "LEADLINE_BUCKET": names["BucketName"],
        "LEADLINE_QUEUE_PREFIX": names["QueuePrefix"],
        "LEADLINE_SECRET_PARAMETER": "/leadline/test/secret",
        "LEADLINE_REGION": os.environ["AWS_DEFAULT_REGION"],
        "LEADLINE_AWS_ENDPOINT": endpoint,
        "LEADLINE_PUBLIC_URL": address,
    }
    return open_service(read_settings(environ))


class DeployedPlace:
    """API Gateway, the functions behind it, and what SES was given."""

    session_cookie = f"__Host-{SESSION_COOKIE}"
    small = False
    watched = True
    at_once = 5

    def __init__(self, service: Service, endpoint: str, address: str) -> None:
        self.address, self.deps, self._endpoint = address, service.deps, endpoint
        self._functions = boto3.client("lambda", endpoint_url=endpoint)
        names = [function["FunctionName"] for function in self._functions.list_functions()["Functions"]]
        (self._clock,) = [name for name in names if name.startswith(f"{STAGE}-OnTick-")]
        if seed(self.deps):
            # A function that has answered before knows the people of before for a while.
            time.sleep(FRESH_SECONDS + 1)

    def visitor(self, address: str) -> httpx.Client:
        client = visitor(self._endpoint, self.address)
        # What comes from this machine is taken for a proxy's, which says for whom it asks.
        client.headers["X-Forwarded-For"] = address
        return client

    def tick(self) -> None:
        """The schedule comes once a minute; that it does is shown by tests/deploy."""
        event = json.dumps(schedule_event()).encode()
        done = self._functions.invoke(FunctionName=self._clock, Payload=event)
        assert "FunctionError" not in done, done["Payload"].read()

    def work(self) -> None:
        """Streams and queues go on by themselves."""

    def letters(self, to: str) -> list[Letter]:
        """From the emulator's own list. It keeps no headers and no files."""
        listed = httpx.get(f"{self._endpoint}/_ministack/ses/messages", timeout=30).json()["messages"]
        found = [mail for account in listed.values() for mail in account if to in mail["To"]]
        return [Letter(to, mail["Subject"], mail["BodyText"] or "", mail["BodyHtml"] or "") for mail in found]

    def send_list(self, client: httpx.Client, csrf: str, sent: Mapping[str, str], name: str, body: bytes) -> str:
        """As the page's script does: 10 MB do not pass the gateway, so the file goes to the bucket by itself."""
        asked = {"csrf": csrf, "file_name": name, **sent}
        answer = client.post("/app/uploads/prepare", data=asked, headers={"Accept": "application/json"})
        assert answer.status_code == 200, answer.text
        form = answer.json()["form"]
        stored = httpx.post(form["url"], data=form["fields"], files={"file": (name, body)}, timeout=60)
        assert stored.status_code < 300, stored.text
        return str(answer.json()["draft"])


@contextmanager
def deployed_place(endpoint: str, address: str) -> Iterator[DeployedPlace]:
    service = open_deployed(endpoint, address)
    yield DeployedPlace(service, endpoint, address)
    service.close()
