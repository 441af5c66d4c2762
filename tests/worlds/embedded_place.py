"""The embedded service: one process over a folder, its visitors and workers taking turns, killed and started again.

What may go wrong here is a file that is locked or a disk that is full for a moment (`throttled`: StoreUnavailable, and
nothing is written), a mail server that refuses or does not answer, a clock that is set back, and the end of the process
between two calls of the store; what happens within a call is shown elsewhere, by killing real processes."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from greenlet import getcurrent

from chalicelib import wiring
from chalicelib.engine_embedded import open_embedded
from chalicelib.handlers.on_change import bring_index_up_to_date, renew_reports, send_what_is_fresh
from chalicelib.handlers.on_report import on_report
from chalicelib.handlers.on_tick import make_up_for_the_feed, on_tick
from chalicelib.handlers.on_upload import on_upload
from chalicelib.records.mail_ports import Mail, NoWord, TransportError
from chalicelib.records.ports import Deps, StoreUnavailable
from chalicelib.settings import Settings
from chalicelib.store.directory import CachedDirectory
from chalicelib.store.queue_sqlite import SqliteQueue
from chalicelib.store.record_feed import RecordFeed
from chalicelib.store.record_store import RecordStore
from tests.faults.invariants import Handed
from tests.worlds.faults import Fate, Mind
from tests.worlds.scheduler import Killed, SeededIds, Skewed
from tests.worlds.ses_model import Taken
from tests.worlds.wire import mail_name

_FAILS = frozenset({"get_many", "query", "write", "due", "changes", "done"})


class Crossing:
    """A port of the process: at each call another may go on, and the process or the call may fail."""

    def __init__(self, inner: Any, place: "EmbeddedPlace", mind: Mind) -> None:
        self._inner, self._place, self._mind = inner, place, mind

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        return (lambda *args, **named: self._call(name, found, args, named)) if callable(found) else found

    def _call(self, name: str, work: Callable[..., Any], args: Any, named: Any) -> Any:
        fate, mind = self._place.fate, self._mind
        fate.scheduler.turn()
        fate.die_if_due(mind, before=True)
        if name in _FAILS and fate.happens("throttled", fate.rates.throttled):
            raise StoreUnavailable("database is locked")
        answer = work(*args, **named)
        told = f"{len(answer)}" if isinstance(answer, list | dict) else ""
        about = _about(args[0]) if name == "write" else str(args[:1])[:200] if name in _FAILS else ""
        fate.scheduler.trace.add(f"{fate.scheduler.now:.3f} {getcurrent().name} {name} {about} {told}\n")
        if name == "write":
            mind.unnoted.difference_update(_messages(args[0], answer))
        fate.die_if_due(mind, before=False)
        return answer


def _about(groups: Any) -> str:
    return " ".join(f"{row.pk}/{row.sk}" for group in groups for row in group)


def _messages(groups: Any, answers: Any) -> set[str]:
    """Outbox rows that were written, by the name their mail has."""
    written = [row for group, broken in zip(groups, answers, strict=True) if broken is None for row in group]
    return {
        mail_name(row.pk.partition("#")[2], row.sk.partition("#")[2])
        for row in written
        if row.sk.startswith("MESSAGE#")
    }


class LoggedTransport:
    """A mail server that takes, refuses for now, or takes and does not say so."""

    def __init__(self, place: "EmbeddedPlace", mind: Mind) -> None:
        self._place, self._mind = place, mind

    def send(self, mail: Mail) -> None:
        fate, mind = self._place.fate, self._mind
        fate.scheduler.turn()
        fate.die_if_due(mind, before=True)
        if fate.happens("mail refused", fate.rates.refused_mail):
            raise TransportError("try later")
        if fate.happens("slow", fate.rates.slow):
            fate.scheduler.sleep(fate.chance.uniform(0.5, 20))
            fate.die_if_due(mind, before=True)
        name = mail.message_id.split("@")[0]
        mind.unnoted.add(name)
        self._place.accepted.append(Taken(Handed(mail.message_id, mail.to), fate.scheduler.now, {}))
        fate.scheduler.trace.add(f"{fate.scheduler.now:.3f} mail {name}\n")
        fate.die_if_due(mind, before=False)
        if fate.happens("lost reply", fate.rates.lost_reply):
            fate.nobody_knows(mind, name)
            raise NoWord("no answer")

    def forget(self, mails: Any) -> None:
        """What was handed over is not ours any more."""


class EmbeddedPlace:
    """The world's engine on one machine."""

    def __init__(self, fate: Fate, folder: Path) -> None:
        self.fate, self.scheduler, self._folder = fate, fate.scheduler, folder
        self.clock = Skewed(self.scheduler)
        self.ids = SeededIds(fate.chance, self.clock)
        self.settings = Settings(data=folder, public_url="http://leadline.example", rate_limits=False)
        self.accepted: list[Taken] = []
        self.feed_on, self.tick_seconds = True, 60.0
        self._started = False
        self._open()

    def _open(self) -> None:
        """The process starts: what the former one had in work is free again."""
        self.mind = mind = Mind("process")
        opened = open_embedded(self.settings)
        opened.queue.close()  # type: ignore[attr-defined]
        queue = SqliteQueue(self._folder / "queue.db", now=lambda: self.scheduler.now)
        queue.release_all()
        self._opened, self._queue = opened, queue
        table: Any = Crossing(opened.table, self, mind)
        model: Any = Crossing(opened.model, self, mind)
        waiting: Any = Crossing(queue, self, mind)
        engine = replace(
            opened, store=RecordStore(table), feed=RecordFeed(table), model=model, loads=model, queue=waiting,
            transport=LoggedTransport(self, mind), secret="s" * 64,
        )  # fmt: skip
        service = wiring.service_over(engine, self.settings, self.clock)
        directory = CachedDirectory(engine.store, engine.loads, 1.0, monotonic=lambda: self.scheduler.now)
        self.deps = replace(service.deps, new_id=self.ids, directory=directory)
        if self._started:
            self._start_workers()

    def start(self) -> None:
        self._started = True
        self._start_workers()
        self.scheduler.spawn("ntp", self._ntp)

    def _start_workers(self) -> None:
        for name, work in (
            ("follow", self._follow),
            ("send", self._send),
            ("upload", self._upload),
            ("report", self._report),
        ):
            self.scheduler.spawn(name, lambda mind=self.mind, deps=self.deps, work=work: self._loop(mind, deps, work))

    @contextmanager
    def _running(self, mind: Mind) -> Iterator[None]:
        """One round of a worker or one request; some of them are the process's last."""
        if not mind.dies_at and self.fate.chance.random() < self.fate.rates.killed:
            mind.dies_at, mind.before = mind.calls + self.fate.chance.randint(1, 40), self.fate.chance.random() < 0.5
        try:
            yield
        except Killed:
            if mind is self.mind:
                self.fate.ended(mind)
                self.close()
                self._open()
            raise

    def call(self, work: Callable[[Deps], Any]) -> Any:
        mind, deps = self.mind, self.deps
        with self._running(mind):
            return work(deps)

    def read(self) -> Deps:
        return self.deps

    def _loop(self, mind: Mind, deps: Deps, work: Callable[[Deps], float]) -> None:
        pause = 0.5
        while not mind.dead:
            try:
                with self._running(mind):
                    wait = work(deps)
            except Killed:
                return
            except Exception:
                wait = 1.0
            pause = 0.3 if wait == 0 else min(max(1.0, pause * 1.5), self.tick_seconds)
            self.scheduler.sleep(max(wait, pause))

    def _follow(self, deps: Deps) -> float:
        count = bring_index_up_to_date(deps) if self.feed_on else 0
        return 0.0 if count + make_up_for_the_feed(deps) else 0.5

    def _send(self, deps: Deps) -> float:
        """The one worker that hands mail over; what it has not noted when a round ends has no known fate."""
        mind = self.mind
        try:
            fresh = send_what_is_fresh(deps) if self.feed_on else 0
            return 0.0 if on_tick(deps, most=20).done + fresh else 0.5
        finally:
            self.fate.ended(mind)

    def _upload(self, deps: Deps) -> float:
        return 0.0 if on_upload(deps) else 0.5

    def _report(self, deps: Deps) -> float:
        if self.feed_on:
            renew_reports(deps)
        on_report(deps, "EUR")
        return 600.0

    def _ntp(self) -> None:
        while True:
            self.scheduler.sleep(self.fate.chance.uniform(600, 3600))
            skew = self.fate.chance.uniform(-150, 150)
            self.fate.counted["clock stepped back"] += skew < self.clock.skew
            self.clock.skew = skew

    def redrive(self) -> int:
        return sum(self._queue.revive(topic) for topic in ("uploads", "reports"))

    def busy(self) -> bool:
        ((waiting,),) = self._queue._connection.execute("SELECT count(*) FROM message").fetchall()
        return bool(waiting or self._opened.feed.read("index", 1) or self._opened.feed.read("outbox", 1))

    def taken(self) -> list[Taken]:
        return self.accepted

    def close(self) -> None:
        self._queue.close()
        with suppress(sqlite3.ProgrammingError):
            # The queue it came with is closed already.
            self._opened.close()
