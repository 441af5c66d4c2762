"""Two ways to be a user: `world` is the service in this process with a clock that can be moved, `server` is
`python -m chalicelib serve` as its own process. Both are driven over HTTP."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from chalicelib import wiring
from chalicelib.handlers.gateway import Gateway
from chalicelib.handlers.on_change import bring_index_up_to_date, renew_reports, send_what_is_fresh
from chalicelib.handlers.on_report import on_report
from chalicelib.handlers.on_tick import on_tick
from chalicelib.handlers.on_upload import on_upload
from chalicelib.messaging.mailbox import MailboxMail, MailboxTransport
from chalicelib.records.ports import Deps, Put
from chalicelib.records.receipt import ApiKey
from chalicelib.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
KEY = "story-key"
HTML = {"Accept": "text/html"}


@dataclass
class World:
    """A store of its own, its clock, and a browser (`get`, `post`) in front of it."""

    deps: Deps
    client: httpx.Client
    now: datetime

    def clock(self) -> datetime:
        return self.now

    def later(self, **delta: float) -> None:
        """Time passes, and the worker does what it does meanwhile."""
        self.now += timedelta(**delta)
        self.work()

    def work(self) -> None:
        """What the background threads do, until nothing is left to do."""
        for _ in range(50):
            busy = bring_index_up_to_date(self.deps) + send_what_is_fresh(self.deps)
            busy += on_tick(self.deps).done + on_upload(self.deps) + renew_reports(self.deps)
            busy += on_report(self.deps, "EUR")
            if not busy:
                return
        raise AssertionError("the worker never came to rest")

    def mails(self, to: str = "") -> list[MailboxMail]:
        """Delivered mail, oldest first."""
        box = self.deps.transport
        assert isinstance(box, MailboxTransport)
        mails = [box.read(entry.id) for entry in box.list(10_000)]
        return [m for m in reversed(mails) if m is not None and to in m.entry.to]

    def put(self, *records: object) -> None:
        self.deps.store.commit([Put(record) for record in records])
        self.deps.directory.forget()

    def sign_in(self, rep_id: str) -> None:
        """As the sample sign-in does, without its page."""
        from chalicelib.handlers.access import session_cookie

        name, _, rest = session_cookie(rep_id, secure=False).partition("=")
        self.client.cookies.set(name, rest.split(";")[0], domain="leadline.example")

    def csrf(self, path: str) -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', self.client.get(path, headers=HTML).text)
        assert found, f"no csrf field on {path}"
        return found.group(1)


def build_world(folder: Path, now: datetime) -> World:
    from app import app

    service = wiring.open_service(Settings(data=folder, public_url="http://leadline.example"))
    world = World(service.deps, httpx.Client(), now)
    world.deps = replace(service.deps, clock=world.clock)
    wiring.use(replace(service, deps=world.deps))
    transport = httpx.WSGITransport(app=Gateway(app))
    world.client = httpx.Client(transport=transport, base_url="http://leadline.example")
    digest = world.deps.digest(f"api-key:{KEY}")
    from chalicelib.handlers.openapi import SCOPES

    world.put(ApiKey(digest, "story", SCOPES, now))
    return world


@pytest.fixture
def world(tmp_path: Path) -> World:
    # A Monday morning in Berlin.
    return build_world(tmp_path, datetime(2026, 3, 2, 8, 0, tzinfo=UTC))


@dataclass
class Server:
    """The embedded service as a process of its own."""

    process: subprocess.Popen[str]
    address: str
    folder: Path

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=10)


def start_server(folder: Path, *flags: str) -> Server:
    environment = {**os.environ, "LEADLINE_RATE_LIMITS": "off"}
    process = subprocess.Popen(
        [sys.executable, "-m", "chalicelib", "--data", str(folder), "serve", "--port", "0", *flags],
        stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment,
    )  # fmt: skip
    assert process.stdout
    line = process.stdout.readline()
    address = re.search(r"http://\S+", line)
    assert address, f"the server said {line!r}"
    return Server(process, address.group(), folder)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """With sample data; shared by the stories of a worker, which must not mind each other."""
    started = start_server(tmp_path_factory.mktemp("server") / "data")
    yield started
    started.process.terminate()
    started.process.wait(timeout=20)


def cli(folder: Path, *arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    """The command line as a person would run it."""
    return subprocess.run(
        [sys.executable, "-m", "chalicelib", "--data", str(folder), *arguments],
        capture_output=True, text=True, cwd=ROOT, input=text, timeout=120, check=False,
    )  # fmt: skip
