"""Where stories happen: a service at its address, with the same small plan of people and forms wherever it runs.

`EmbeddedPlace` is `python -m chalicelib serve` as a process of its own, `DoublePlace` the Lambda functions on a double
of AWS in this process, and tests/deploy/place.py has `DeployedPlace`: API Gateway and all that is behind it. A story
(story.py) is told to any of them: over HTTP, by the mail that left, and by looking into the store from outside."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import httpx

from chalicelib import wiring
from chalicelib.handlers.gateway import Gateway
from chalicelib.handlers.openapi import SCOPES
from chalicelib.handlers.session_cookies import SESSION_COOKIE
from chalicelib.identify import search_words
from chalicelib.messaging.mailbox import MailboxTransport
from chalicelib.records.api_key import ApiKey
from chalicelib.records.ports import Deps, Put
from chalicelib.settings import Settings
from chalicelib.store.index_blobs import BlobReadModel
from chalicelib.store.kinds import KINDS
from tests.aws_world import Pump, deployed
from tests.stories.people import PLAN

ROOT = Path(__file__).resolve().parents[2]
KEY = "story-key"


@dataclass(frozen=True)
class Letter:
    """A mail that has left."""

    to: str
    subject: str
    text: str
    html: str


class Place(Protocol):
    """`deps` look into the store from outside; `session_cookie` is what the service calls its cookie."""

    address: str
    deps: Deps
    session_cookie: str
    small: bool
    """Whether the store is a double for small tables."""
    watched: bool
    """Whether posts are looked at for the signs of spam that take time and repetition."""
    at_once: int
    """How many browsers it serves in one go: on the emulator each takes a fresh environment, a second of two cores."""

    def visitor(self, address: str) -> httpx.Client:
        """A browser of its own, at the service's address. It comes from that IP address where the service counts by
        it how much is asked."""
        ...

    def tick(self) -> None:
        """What the clock does when its time comes, now rather than in a minute."""
        ...

    def work(self) -> None:
        """What follows from what was done, where it does not come by itself."""
        ...

    def letters(self, to: str) -> list[Letter]:
        """What was sent to that address, oldest first."""
        ...

    def send_list(self, client: httpx.Client, csrf: str, sent: Mapping[str, str], name: str, body: bytes) -> str:
        """Choose a file on the console's upload page; the path of its preview."""
        ...


def seed(deps: Deps) -> bool:
    """The people, campaigns and form of the plan, and a program's key; whether anything of it was missing."""
    key = ApiKey(deps.digest(f"api-key:{KEY}"), "story", SCOPES, datetime(2026, 1, 1, tzinfo=UTC))
    found = [deps.store.get(type(record), *KINDS[type(record)].ids(record)) for record in (*PLAN, key)]
    missing = [record for record, stored in zip((*PLAN, key), found, strict=True) if not _is(stored, record)]
    if missing:
        deps.store.commit([Put(record) for record in missing])
    return bool(missing)


def _is(stored: Any, record: Any) -> bool:
    # When a key was used last is noted on it.
    return stored is not None and (stored.value == record or isinstance(record, ApiKey))


def send_with_form(client: httpx.Client, csrf: str, sent: Mapping[str, str], name: str, body: bytes) -> str:
    """The file comes with the page's form."""
    files = {"file": (name, body, "text/csv")}
    answer = client.post("/app/uploads", data={"csrf": csrf, **sent}, files=files, headers={"Accept": "text/html"})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def kept_letters(folder: Path, to: str) -> list[Letter]:
    """Of a mailbox folder."""
    box = MailboxTransport(folder)
    found = [box.read(entry.id) for entry in box.list(100_000) if to in entry.to]
    return [Letter(mail.entry.to, mail.entry.subject, mail.text, mail.html) for mail in reversed(found) if mail]


@dataclass
class Server:
    """The embedded service as a process of its own."""

    process: subprocess.Popen[str]
    address: str
    folder: Path

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=10)


def start_server(folder: Path, *flags: str, limits: str = "off") -> Server:
    environment = {**os.environ, "LEADLINE_RATE_LIMITS": limits}
    process = subprocess.Popen(
        [sys.executable, "-m", "chalicelib", "--data", str(folder), "serve", "--port", "0", *flags],
        stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment,
    )  # fmt: skip
    assert process.stdout
    line = process.stdout.readline()
    address = re.search(r"http://\S+", line)
    assert address, f"the server said {line!r}"
    return Server(process, address.group(), folder)


class EmbeddedPlace:
    """A folder and the process that serves it."""

    session_cookie = SESSION_COOKIE
    small, watched = False, False
    at_once = 20

    def __init__(self, server: Server) -> None:
        self.address, self._folder = server.address, server.folder
        service = wiring.open_service(Settings(data=server.folder, public_url=server.address))
        self.deps, self.close = service.deps, service.close
        seed(self.deps)

    def visitor(self, address: str) -> httpx.Client:
        return httpx.Client(base_url=self.address, timeout=60)

    def tick(self) -> None:
        """It comes each second by itself."""

    def work(self) -> None:
        """It goes on by itself."""

    def letters(self, to: str) -> list[Letter]:
        return kept_letters(self._folder / "mailbox", to)

    def send_list(self, client: httpx.Client, csrf: str, sent: Mapping[str, str], name: str, body: bytes) -> str:
        return send_with_form(client, csrf, sent, name, body)


@contextmanager
def embedded_place(folder: Path) -> Iterator[EmbeddedPlace]:
    server = start_server(folder, "--empty")
    try:
        place = EmbeddedPlace(server)
        yield place
        place.close()
    finally:
        server.process.terminate()
        server.process.wait(timeout=20)


class DoublePlace:
    """The functions in this process: what would come by itself comes when somebody waits for it. Mail is delivered
    into a folder: what SES is told is shown by the transports' suite."""

    address = "http://leadline.example"
    session_cookie = SESSION_COOKIE
    small, watched = True, False
    at_once = 1

    def __init__(self, pump: Pump) -> None:
        self._pump, folder = pump, pump.settings.data
        self._mailbox = folder / "mailbox"
        service = wiring.open_service(replace(pump.settings, rate_limits=False))
        # Read at once what was written: the copy is looked after as often as it is asked.
        model = BlobReadModel(service.deps.blobs, folder / "copy", service.deps.new_id, search_words, seconds=0)
        box = MailboxTransport(self._mailbox, pump.settings.sender)
        self.deps = replace(service.deps, model=model, transport=box)
        wiring.use(replace(service, deps=self.deps))
        seed(self.deps)

    def visitor(self, address: str) -> httpx.Client:
        from app import app

        return httpx.Client(transport=httpx.WSGITransport(app=Gateway(app)), base_url=self.address)

    def tick(self) -> None:
        self._pump.work()

    def work(self) -> None:
        self._pump.work()

    def letters(self, to: str) -> list[Letter]:
        return kept_letters(self._mailbox, to)

    def send_list(self, client: httpx.Client, csrf: str, sent: Mapping[str, str], name: str, body: bytes) -> str:
        return send_with_form(client, csrf, sent, name, body)


@contextmanager
def double_place(folder: Path) -> Iterator[DoublePlace]:
    with deployed("moto", folder) as pump:
        yield DoublePlace(pump)
