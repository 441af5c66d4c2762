"""The embedded service: server, worker and clock in one process over one data folder."""

import gc
import logging
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from chalicelib import wiring
from chalicelib.first_start import make_store
from chalicelib.flows.follow_feed import outbox_behind
from chalicelib.flows.keep_journal import feed_journal
from chalicelib.handlers.logo_setting import read_logo
from chalicelib.handlers.on_change import bring_index_up_to_date, renew_reports, send_what_is_fresh
from chalicelib.handlers.on_report import on_report
from chalicelib.handlers.on_tick import make_up_for_the_feed, on_tick
from chalicelib.handlers.on_upload import on_upload
from chalicelib.records.ports import Deps
from chalicelib.settings import Settings
from chalicelib.store.queue_sqlite import SqliteQueue
from chalicelib.wiring import Service, open_service

log = logging.getLogger("leadline")

TICK_SECONDS = 1.0
# A part of the read model is held against the store this often.
LOOK_SECONDS = 60.0
# A submission is in the journal so long after it is in the store.
JOURNAL_SECONDS = 1.0
# In a rush so much later at most, and so many changes at a time.
JOURNAL_PATIENCE = 10.0
JOURNAL_AT_ONCE = 2_000
# A report shows changes this long after the last one, not after each of ten thousand rows.
REPORT_SECONDS = 2.0
# And it is made so seldom that making it takes no more than this share of the time, however large it has grown.
REPORT_SHARE = 0.05
SERVER_THREADS = 8
MAILS_A_ROUND = 20
# Confirmations this late: a rush, in which they alone are sent, and of all else so many a round.
RUSH_SECONDS = 5.0
MAILS_IN_A_RUSH = 2


class Courtesy:
    """Lets visitors go first: background work asks between its steps, and waits while a request is being answered.

    Python runs one thread at a time and gives it away at each statement of SQLite; two busy workers made a form
    post three times as slow. A visitor's next request is likely to follow at once, so a short silence is waited for;
    but not for long, so that work goes on under any load.

    A confirmation is promised within a minute, though. The longer one has waited (`late`, seconds), the less its
    sending lets others go first; after `PATIENCE` seconds not at all, and from then on each request waits a little,
    which makes room for it however many visitors there are. So a rush of some seconds is answered at full speed, and
    its mail leaves after; in a rush that lasts, posts are taken as fast as their mail leaves."""

    PATIENCE = 20.0
    LONGEST_DELAY = 0.1

    def __init__(self, app: Callable[..., Any], silence: float = 0.02, most_seconds: float = 0.1) -> None:
        self._app = app
        self._silence = silence
        self._most = most_seconds
        self._busy = 0
        self._last = 0.0
        self._changed = threading.Lock()
        self.late = 0.0

    def __call__(self, environ: Any, start: Any) -> Any:
        if self.late > self.PATIENCE:
            time.sleep(self.delay())
        with self._changed:
            self._busy += 1
        try:
            return self._app(environ, start)
        finally:
            with self._changed:
                self._busy -= 1
                self._last = time.monotonic()

    def delay(self) -> float:
        """What a request waits for late mail, seconds: the longest once it is twice as late as it may be."""
        return self.LONGEST_DELAY * min(1.0, max(0.0, self.late / self.PATIENCE - 1.0))

    @property
    def silent(self) -> bool:
        """Whether nobody is being answered, and nobody was a moment ago."""
        return not self._busy and time.monotonic() - self._last >= self._silence

    def wait(self, late: float = 0.0) -> None:
        until = time.monotonic() + self._most * max(0.0, 1.0 - late / self.PATIENCE)
        while time.monotonic() < until and not self.silent:
            time.sleep(0.005)


class Workers:
    """The background threads: feed and clock, uploads, reports. Each survives the failure of one round."""

    def __init__(self, service: Service, courtesy: Courtesy) -> None:
        self._service = service
        self._courtesy = courtesy
        self._stop = threading.Event()
        self._next_report = 0.0
        self._next_look = 0.0
        rounds = (self._follow, self._send, self._journal, self._upload, self._report)
        self._threads = [threading.Thread(target=self._loop, args=(r,), name=r.__name__, daemon=True) for r in rounds]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=10)

    def _loop(self, work: Callable[[Deps], bool]) -> None:
        while not self._stop.is_set():
            try:
                busy = work(self._service.deps)
            except Exception as error:
                # The kind of error and the worker, never its text: that may hold what somebody typed.
                log.error("worker %s: %s", work.__name__, type(error).__name__)
                busy = False
            if not busy:
                self._wait()

    def _wait(self) -> None:
        # Work is looked for when something was written, at the latest at the next tick.
        self._service.woken.wait(TICK_SECONDS)
        self._service.woken.clear()
        self._stop.wait(0.02)

    def _pause(self) -> bool:
        self._courtesy.wait()
        return self._stop.is_set()

    def _pause_mail(self) -> bool:
        self._courtesy.wait(self._courtesy.late)
        return self._stop.is_set()

    def _follow(self, deps: Deps) -> bool:
        followed = bring_index_up_to_date(deps, self._pause)
        if time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + LOOK_SECONDS
            followed += make_up_for_the_feed(deps, self._pause)
        return followed > 0

    def _send(self, deps: Deps) -> bool:
        late = self._courtesy.late = outbox_behind(deps).total_seconds()
        rush = late > RUSH_SECONDS
        fresh = send_what_is_fresh(deps, self._pause_mail, notices=not rush)
        # A few at a time: a list's mail must not keep a fresh confirmation waiting.
        most = MAILS_IN_A_RUSH if rush else MAILS_A_ROUND
        return on_tick(deps, self._pause_mail, most=most).done + fresh > 0

    def _journal(self, deps: Deps) -> bool:
        """What came in since, once a second when it is quiet: one write to disk for all of it. In a rush it waits, as
        it takes time from those who are being answered, but not for long."""
        until = time.monotonic() + JOURNAL_PATIENCE
        while not self._courtesy.silent and time.monotonic() < until and not self._stop.is_set():
            self._stop.wait(0.1)
        while not self._stop.is_set() and feed_journal(deps, JOURNAL_AT_ONCE) == JOURNAL_AT_ONCE:
            self._courtesy.wait()
        self._stop.wait(JOURNAL_SECONDS)
        return False

    def _upload(self, deps: Deps) -> bool:
        return on_upload(deps) > 0

    def _report(self, deps: Deps) -> bool:
        began = time.monotonic()
        if began < self._next_report:
            return False
        renew_reports(deps)
        made = on_report(deps, self._service.settings.base_currency)
        took = time.monotonic() - began
        self._next_report = time.monotonic() + max(REPORT_SECONDS, took / REPORT_SHARE)
        return made


def serve(settings: Settings, ready: Callable[[str], None], empty: bool = False) -> int:
    """Run until told to stop. `ready` is called once with the address, when requests are answered."""
    import waitress

    # SQLite lets go of the interpreter at each statement; this gets it back soon. Shorter costs more than it saves.
    sys.setswitchinterval(0.002)
    if settings.brand_logo:
        read_logo(settings.brand_logo)
    make_store(settings, sample=not empty)
    from app import app
    from chalicelib.handlers.gateway import MAX_BODY, Gateway

    visitors = Courtesy(Gateway(app))
    # Under load waitress tells of each request that waits a moment; that is what its queue is for.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server = waitress.create_server(
        visitors,
        host=settings.host, port=settings.port, threads=SERVER_THREADS, ident="leadline",
        # A little more than we take, so that our own refusal, a problem, is what most senders see.
        max_request_body_size=2 * MAX_BODY, connection_limit=100, channel_timeout=60,
    )  # fmt: skip
    # Port 0 takes a free one, and links in mail begin with the one it took.
    service = open_service(replace(settings, port=int(server.effective_port)))
    wiring.use(service)
    if isinstance(service.deps.queue, SqliteQueue):
        # One process serves a folder: what a former one was working on when it ended is free again.
        service.deps.queue.release_all()
    _settle_memory()
    workers = Workers(service, visitors)
    workers.start()
    _stop_on_signals(server)
    ready(f"http://{settings.host}:{server.effective_port}")
    try:
        server.run()
    finally:
        workers.stop()
    return 0


def _settle_memory() -> None:
    """What is loaded by now stays: the collector need not walk it again and again, nor run after each few requests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def _stop_on_signals(server: Any) -> None:
    def stop(*_: object) -> None:
        server.close()
        raise SystemExit(0)

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
