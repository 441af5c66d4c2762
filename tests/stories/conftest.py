"""Ways to be a user, all of them over HTTP. `story` is told at an address: the embedded service's, a double of AWS, and
where one is deployed (`make emulator`) API Gateway's. `world` is the service in this process with a clock that can be
moved, on each engine; `server` is `python -m chalicelib serve` with its sample data."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from chalicelib import wiring
from chalicelib.flows.keep_journal import feed_journal
from chalicelib.flows.sessions import IDLE, start_session
from chalicelib.handlers.gateway import Gateway
from chalicelib.handlers.on_change import bring_index_up_to_date, renew_reports, send_what_is_fresh
from chalicelib.handlers.on_report import on_report
from chalicelib.handlers.on_tick import on_tick
from chalicelib.handlers.on_upload import on_upload
from chalicelib.handlers.session_cookies import SESSION_COOKIE
from chalicelib.identify import search_words
from chalicelib.messaging.mailbox import MailboxMail, MailboxTransport
from chalicelib.records.api_key import ApiKey
from chalicelib.records.kept import Kept
from chalicelib.records.ports import Deps, Put
from chalicelib.records.receipt import Receipt
from chalicelib.records.search import KeptQuery
from chalicelib.records.sign_in import SignInWay
from chalicelib.settings import Settings
from chalicelib.store.door_aws import QueueOrBlobDoor
from chalicelib.store.index_blobs import BlobReadModel
from chalicelib.store.limits import MemoryLimits
from tests.aws_world import Pump, deployed
from tests.contracts.places import PLACES, THREADED
from tests.stories.ledger import Ledger, balanced
from tests.stories.place import KEY, ROOT, Place, Server, double_place, embedded_place, start_server
from tests.stories.story import HTML, Story, story_at
from tests.told import receipt_of

# The service's own address, where one is deployed (`make emulator`). Chosen when tests are collected: without a
# deployment there is nothing to skip.
DEPLOYED = os.environ.get("LEADLINE_DEPLOYED", "")
THERE = ("emulator",) if DEPLOYED else ()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is told on moto takes longest and has a make target of its own."""
    for item in items:
        told_at = getattr(getattr(item, "callspec", None), "params", {})
        if "moto" in told_at.values() and Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.on_moto)


@dataclass
class World:
    """A store of its own, its clock, and a browser (`get`, `post`) in front of it."""

    deps: Deps
    client: httpx.Client
    now: datetime
    pump: Pump | None = None
    signed_in: str = ""
    ledger: Ledger = field(default_factory=Ledger)

    @property
    def small(self) -> bool:
        """Whether the store is a double for small tables: a transaction copies moto's whole table."""
        return self.pump is not None and not self.pump.settings.aws_endpoint

    def clock(self) -> datetime:
        return self.now

    def later(self, **delta: float) -> None:
        """Time passes, and the worker does what it does meanwhile. Whose session ends in it signs in again."""
        self.now += timedelta(**delta)
        if SESSION_COOKIE in self.client.cookies and timedelta(**delta) >= IDLE:
            self.sign_in(self.signed_in)
        self.work()

    def watch(self) -> None:
        """Limits and signs of spam count, as where nothing is being measured; what a process remembers goes by this
        clock."""
        limits = MemoryLimits(self.deps.store, self.clock, lambda: self.now.timestamp())
        self.deps = replace(self.deps, limits=limits)
        wiring.use(replace(wiring.service(), deps=self.deps))

    def work(self) -> None:
        """What the background threads or the functions do, until nothing is left to do."""
        if self.pump:
            self.pump.work()
            return
        for _ in range(50):
            busy = bring_index_up_to_date(self.deps) + send_what_is_fresh(self.deps)
            busy += on_tick(self.deps).done + on_upload(self.deps) + renew_reports(self.deps)
            busy += on_report(self.deps, "EUR") + feed_journal(self.deps)
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
        self.signed_in = rep_id
        cookie = start_session(self.deps, rep_id, SignInWay.SAMPLE)
        self.client.cookies.set(SESSION_COOKIE, cookie, domain="leadline.example")

    def receipt(self, answer: httpx.Response) -> Receipt:
        """The receipt an answer's status link names."""
        found = receipt_of(self.deps, answer.headers.get("location") or answer.json()["status_url"])
        assert found
        return found

    def lead_id(self, answer: httpx.Response) -> str:
        """Whom a post became: the API says so, of a form only the store knows."""
        told = answer.json() if answer.content else {}
        return str(told["lead_id"]) if "lead_id" in told else self.receipt(answer).lead_id

    def csrf(self, path: str) -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', self.client.get(path, headers=HTML).text)
        assert found, f"no csrf field on {path}"
        return found.group(1)


# A Monday morning in Berlin.
MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def build_world(folder: Path, now: datetime) -> World:
    return open_world(Settings(data=folder, public_url="http://leadline.example", rate_limits=False), now)


@contextmanager
def deployed_world(place: str, folder: Path, now: datetime) -> Iterator[World]:
    """On a double of AWS. Mail is delivered into a folder: what SES is told is shown by the transports' suite."""
    with deployed(place, folder) as pump:
        world = open_world(pump.settings, now, pump)
        yield world


def open_world(settings: Settings, now: datetime, pump: Pump | None = None) -> World:
    from app import app
    from chalicelib.handlers.openapi import SCOPES

    service = wiring.open_service(settings)
    world = World(service.deps, httpx.Client(), now, pump)
    world.deps = replace(service.deps, clock=world.clock)
    if pump:
        # Read at once what was written: the copy is looked after as often as it is asked.
        model = BlobReadModel(service.deps.blobs, settings.data / "copy", service.deps.new_id, search_words, seconds=0)
        box = MailboxTransport(settings.data / "mailbox", settings.sender)
        door = QueueOrBlobDoor(service.deps.queue, service.deps.blobs, look_seconds=0)
        world.deps = replace(world.deps, model=model, transport=box, door=door)
    wiring.use(replace(service, deps=world.deps))
    gateway = Gateway(app)
    transport = httpx.WSGITransport(app=pump.doorway(gateway) if pump else gateway)
    hooks = {"response": [world.ledger.note]}
    world.client = httpx.Client(transport=transport, base_url="http://leadline.example", event_hooks=hooks)
    world.put(ApiKey(world.deps.digest(f"api-key:{KEY}"), "story", SCOPES, now))
    return world


@contextmanager
def _world_on(engine: str, folder: Path) -> Iterator[World]:
    if engine == "embedded":
        yield build_world(folder, MONDAY)
        return
    with deployed_world(engine, folder, MONDAY) as world:
        yield world


def _close(world: World) -> None:
    """Where all stories end: whatever happened to the ports meanwhile, what is stored adds up."""
    wiring.use(replace(wiring.service(), deps=world.deps))
    world.work()
    balanced(world.deps, world.ledger)


def kept(world: World) -> Kept:
    """The one submission that waits for a decision."""
    world.work()
    (kept_id,), total = world.deps.model.kept(KeptQuery())
    assert total == 1
    stored = world.deps.store.get(Kept, kept_id)
    assert stored
    return stored.value


@pytest.fixture(params=["embedded", *PLACES])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with _world_on(request.param, tmp_path) as opened:
        yield opened
        _close(opened)


@pytest.fixture(params=["embedded", *THREADED])
def busy_world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """Where several threads may write at once: moto is a double for one."""
    with _world_on(request.param, tmp_path) as opened:
        yield opened
        _close(opened)


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


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The embedded service with the stories' own people, shared by the stories of a worker."""
    with embedded_place(tmp_path_factory.mktemp("house") / "data") as place:
        yield place


@pytest.fixture(scope="session")
def gateway() -> Iterator[Place]:
    """The deployed service, shared by all stories told to it."""
    from tests.deploy.place import deployed_place

    with deployed_place(os.environ["LEADLINE_EMULATOR"], DEPLOYED) as place:
        yield place


@contextmanager
def _place(kind: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[Place]:
    if kind == "moto":
        with double_place(folder) as place:
            yield place
        return
    yield request.getfixturevalue({"embedded": "house", "emulator": "gateway"}[kind])


@pytest.fixture(params=["embedded", "moto", *THERE])
def story(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Story]:
    """Told at each address; with a mark of its own, by which its people are nobody else's."""
    with _place(request.param, request, tmp_path) as place, story_at(place) as told:
        told.client.event_hooks["response"].append(told.ledger.note)
        yield told
        balanced(told.deps, told.ledger, told.wait_until)


@pytest.fixture(params=["embedded", *THERE])
def busy_story(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Story]:
    """Where several may come at once: moto is a double for one."""
    with _place(request.param, request, tmp_path) as place, story_at(place) as told:
        told.client.event_hooks["response"].append(told.ledger.note)
        yield told
        balanced(told.deps, told.ledger, told.wait_until)
