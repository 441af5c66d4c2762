"""A tiny company on one of the engines, with visitors who try again and processes that start again."""

import os
import pickle
import sqlite3
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from chalicelib import wiring
from chalicelib.handlers.gateway import Gateway
from chalicelib.handlers.openapi import SCOPES
from chalicelib.identify import search_words
from chalicelib.records.api_key import ApiKey
from chalicelib.records.merge import Merge
from chalicelib.records.message import Message
from chalicelib.records.ports import Deps, Put, StoreUnavailable
from chalicelib.records.upload import Upload
from chalicelib.settings import Settings
from chalicelib.wiring import Service
from tests.faults.finished import finish
from tests.faults.invariants import Finished, Handed, Post, Told, Turn
from tests.faults.plan import Crashed, Plan
from tests.handlers.desk import SEMINAR
from tests.stories.conftest import KEY, MONDAY
from tests.stories.people import EVERYBODY, SIGN_UP
from tests.told import receipt_of

# Somebody tries so often; and how far ahead what is due is waited for.
TRIES = 8
PATIENCE = timedelta(hours=3)


@dataclass
class Visitor:
    """Somebody, or a program, who sends one thing until it is acknowledged; or who presses a button `once`, and looks
    no more. `files` for a list."""

    path: str
    body: dict[str, Any]
    message: str = ""
    person: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    files: dict[str, Any] | None = None
    answers: list[dict[str, str]] = field(default_factory=list)
    acknowledged: bool = False
    once: bool = False


@dataclass
class Place:
    """`work` is what the background does once, on this engine; `mails` what the transport took."""

    settings: Settings
    plan: Plan
    now: datetime = MONDAY
    visitors: list[Visitor] = field(default_factory=list)
    service: Service | None = None
    client: httpx.Client = field(default_factory=httpx.Client)
    diary: Path | None = None
    turn: Turn | None = None

    @property
    def deps(self) -> Deps:
        assert self.service
        return self.service.deps

    def clock(self) -> datetime:
        return self.now

    def start(self) -> None:
        """A process begins: whatever the last one knew is forgotten."""
        from app import app

        self.plan.dead = False
        self.service = self.fitted(wiring.open_service(self.settings, self.clock))
        wiring.use(self.service)
        transport = httpx.WSGITransport(app=Gateway(app))
        self.client = httpx.Client(transport=transport, base_url="http://leadline.example")

    def fitted(self, service: Service) -> Service:
        return service

    def end(self) -> None:
        """The process is gone; what it had open is closed as the system does it."""

    def work(self) -> None:
        raise NotImplementedError

    def mails(self) -> list[Handed]:
        raise NotImplementedError

    def people(self) -> None:
        """Those who work here, a form, a seminar with one seat, a key for programs."""
        key = ApiKey(self.deps.digest(f"api-key:{KEY}"), "story", SCOPES, self.now, last_used_at=self.now)
        self.deps.store.commit([Put(record) for record in (*EVERYBODY, SIGN_UP, SEMINAR, key)])
        self.deps.directory.forget()

    def survive(self, act: Callable[[], None]) -> bool:
        """Do it; where that kills the process, start the next one. Whether it lived."""
        try:
            act()
        except Crashed:
            self._start_again()
            return False
        return True

    def _start_again(self) -> None:
        """As a supervisor does it: what is killed as it starts, or finds its disk full, is started once more."""
        for _ in range(TRIES):
            self.end()
            try:
                self.start()
            except (Crashed, Exception) as error:
                failed = error
            else:
                return
        raise failed

    def send(self, visitor: Visitor) -> None:
        """Once. Anything but an acknowledgement means: try again."""
        self._note()
        asked: dict[str, Any] = {"headers": visitor.headers}
        asked |= {"data": visitor.body, "files": visitor.files} if visitor.files else {"json": visitor.body}
        answer = self.client.post(visitor.path, **asked)
        if answer.status_code < 400:
            visitor.acknowledged = True
            told = answer.json() if answer.content else {}
            if "request_id" in told:
                visitor.answers.append(told)
            self._note()
        elif answer.status_code < 500:
            raise AssertionError(f"{visitor.path} answered {answer.status_code}: {answer.text}")

    def told(self, visitor: Visitor) -> tuple[Told, ...]:
        """What each acknowledgement was about: the API says it; of a form, and of what waited, only the store knows."""
        return tuple(told_of(self.deps, answer) for answer in visitor.answers)

    def _note(self) -> None:
        """What the visitors know, where the process may be killed: they live on. Past the layer that counts."""
        if self.diary:
            handle = os.open(f"{self.diary}.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            os.write(handle, pickle.dumps(self.visitors))
            os.close(handle)
            os.link(f"{self.diary}.new", f"{self.diary}.{time.monotonic_ns()}")
            os.remove(f"{self.diary}.new")

    def remembered(self) -> None:
        """The visitors as they were when the process was killed."""
        assert self.diary
        notes = sorted(self.diary.parent.glob(f"{self.diary.name}.*"))
        if notes:
            self.visitors = pickle.loads(notes[-1].read_bytes())

    def persist(self, visitor: Visitor) -> None:
        """Until it is acknowledged."""
        for _ in range(TRIES):
            if visitor.acknowledged or visitor.once:
                return
            self.survive(lambda: self.send(visitor))
        raise AssertionError(f"{visitor.path} was never acknowledged")

    def settle(self) -> None:
        """Until there is nothing to do and nothing to wait for within hours."""
        for _ in range(40):
            worked, waited_for = self._turn(), self._next()
            if worked and waited_for is None:
                break
            self.now = max(self.now + timedelta(seconds=1), waited_for or self.now)
        else:
            raise AssertionError("never came to rest")
        self.now += timedelta(minutes=1)
        for _ in range(TRIES):
            if self._turn():
                return

    def _turn(self) -> bool:
        """Whether the background's turn came to its end: what it raises its loop survives, and takes the next turn."""
        try:
            return self.survive(self.work)
        except (StoreUnavailable, sqlite3.Error, OSError):
            return False

    def _next(self) -> datetime | None:
        """Looked at from outside: nothing strikes there."""
        armed, self.plan.armed = self.plan.armed, False
        due = [
            entry for kind in (Message, Upload, Merge) for entry in self.deps.store.due(self.now + PATIENCE, kind=kind)
        ]
        self.plan.armed = armed
        return min((entry.due_at for entry in due), default=None)

    def finished(self, faults: int) -> Finished:
        posts = [Post(v.message, v.person, self.told(v)) for v in self.visitors if v.message]
        told = any(visitor.once and visitor.acknowledged for visitor in self.visitors)
        turn = replace(self.turn, told=told) if self.turn else None
        return replace(finish(self.deps, self.mails(), posts, most_repeats=faults), turn=turn)


@dataclass
class EmbeddedPlace(Place):
    """One process over one folder."""

    def fitted(self, service: Service) -> Service:
        service.deps.queue.release_all()  # type: ignore[attr-defined]
        return service

    def end(self) -> None:
        from tests.faults.sqlite_faults import drop_connections

        drop_connections()

    def work(self) -> None:
        from chalicelib.handlers.on_change import bring_index_up_to_date, renew_reports, send_what_is_fresh
        from chalicelib.handlers.on_report import on_report
        from chalicelib.handlers.on_tick import on_tick
        from chalicelib.handlers.on_upload import on_upload

        for _ in range(50):
            # What failed is hidden for minutes, which are over by now.
            self.deps.queue.release_all()  # type: ignore[attr-defined]
            busy = bring_index_up_to_date(self.deps) + send_what_is_fresh(self.deps)
            busy += on_tick(self.deps).done + on_upload(self.deps) + renew_reports(self.deps)
            busy += on_report(self.deps, "EUR")
            if not busy:
                return
        raise AssertionError("the worker never came to rest")

    def mails(self) -> list[Handed]:
        from tests.faults.finished import in_mailbox

        return in_mailbox(self.settings.data / "mailbox")


@dataclass
class AwsPlace(Place):
    """Functions over a double of AWS: what their queues and the stream bring comes again until it is done."""

    pump: Any = None
    faults: Any = None
    made: dict[str, Any] = field(default_factory=dict)

    def fitted(self, service: Service) -> Service:
        from chalicelib.store.door_aws import QueueOrBlobDoor
        from chalicelib.store.index_blobs import BlobReadModel

        table = service.deps.store._store._table  # type: ignore[attr-defined]
        clients = table._client.__self__
        if self.made:
            clients._made = self.made
        else:
            for client in (clients.dynamodb(), clients.s3(), clients.sqs(), clients.ses()):
                self.faults.into(client)
            self.made = clients._made
        table._pause = table._committer._pause = lambda _seconds: None
        # How long mail service and account are left alone for is told by this place's clock.
        pace = service.deps.transport.pace
        pace._monotonic, pace._sleep = lambda: self.now.timestamp(), lambda _seconds: None  # type: ignore[attr-defined]
        folder = self.settings.data / f"copy-{uuid.uuid4().hex}"
        model = BlobReadModel(service.deps.blobs, folder, service.deps.new_id, search_words, seconds=0)
        door = QueueOrBlobDoor(service.deps.queue, service.deps.blobs, look_seconds=0)
        return replace(service, deps=replace(service.deps, model=model, door=door))

    def work(self) -> None:
        self.pump.work()

    def mails(self) -> list[Handed]:
        return list(self.faults.handed)


def told_of(deps: Deps, answer: dict[str, str]) -> Told:
    if "lead_id" in answer:
        return Told(answer["lead_id"], answer["request_id"])
    receipt = receipt_of(deps, answer["status_url"])
    return Told(receipt.lead_id, receipt.request_id) if receipt else Told("", answer["request_id"])


def embedded(folder: Path, plan: Plan) -> EmbeddedPlace:
    return EmbeddedPlace(Settings(data=folder, public_url="http://leadline.example", rate_limits=False), plan)
