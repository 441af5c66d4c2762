"""The embedded service: server, worker and clock in one process over one data folder."""

import logging
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from chalicelib import wiring
from chalicelib.first_start import make_store
from chalicelib.handlers.on_change import bring_index_up_to_date, renew_reports, send_what_is_fresh
from chalicelib.handlers.on_report import on_report
from chalicelib.handlers.on_tick import on_tick
from chalicelib.handlers.on_upload import on_upload
from chalicelib.records.ports import Deps, Mail, Transport
from chalicelib.settings import Settings
from chalicelib.store.queue_sqlite import SqliteQueue
from chalicelib.wiring import Service, open_service

log = logging.getLogger("leadline")

TICK_SECONDS = 1.0
# A report shows changes this long after the last one, not after each of ten thousand rows.
REPORT_SECONDS = 2.0
SERVER_THREADS = 8
MAILS_A_ROUND = 20


class Courtesy:
    """Lets visitors go first: background work asks between its steps, and waits while a request is being answered.

    Python runs one thread at a time and gives it away at each statement of SQLite; two busy workers made a form
    post three times as slow. A visitor's next request is likely to follow at once, so a short silence is waited for;
    but not for long, so that work goes on under any load."""

    def __init__(self, app: Callable[..., Any], silence: float = 0.02, most_seconds: float = 0.1) -> None:
        self._app = app
        self._silence = silence
        self._most = most_seconds
        self._busy = 0
        self._last = 0.0
        self._changed = threading.Lock()

    def __call__(self, environ: Any, start: Any) -> Any:
        with self._changed:
            self._busy += 1
        try:
            return self._app(environ, start)
        finally:
            with self._changed:
                self._busy -= 1
                self._last = time.monotonic()

    def wait(self) -> None:
        until = time.monotonic() + self._most
        while (now := time.monotonic()) < until and (self._busy or now - self._last < self._silence):
            time.sleep(0.005)


class PacedTransport:
    """Hands mail over at no more than `per_second`, so that a list's mail does not starve the visitors."""

    def __init__(self, inner: Transport, per_second: float) -> None:
        self._inner = inner
        self._gap = 1 / per_second
        self._next = 0.0
        self._lock = threading.Lock()

    def send(self, mail: Mail) -> None:
        with self._lock:
            now = time.monotonic()
            wait, self._next = max(0.0, self._next - now), max(now, self._next) + self._gap
        if wait:
            time.sleep(wait)
        self._inner.send(mail)


class Workers:
    """The background threads: feed and clock, uploads, reports. Each survives the failure of one round."""

    def __init__(self, service: Service, courtesy: Courtesy) -> None:
        self._service = service
        self._courtesy = courtesy
        self._stop = threading.Event()
        self._last_report = 0.0
        rounds = (self._follow, self._send, self._upload, self._report)
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

    def _follow(self, deps: Deps) -> bool:
        return bring_index_up_to_date(deps, self._pause) > 0

    def _send(self, deps: Deps) -> bool:
        # A few at a time: a list's mail must not keep a fresh confirmation waiting.
        fresh = send_what_is_fresh(deps, self._pause)
        return on_tick(deps, self._pause, most=MAILS_A_ROUND).done + fresh > 0

    def _upload(self, deps: Deps) -> bool:
        return on_upload(deps) > 0

    def _report(self, deps: Deps) -> bool:
        if time.monotonic() - self._last_report < REPORT_SECONDS:
            return False
        self._last_report = time.monotonic()
        renew_reports(deps)
        return on_report(deps, self._service.settings.base_currency)


def serve(settings: Settings, ready: Callable[[str], None], empty: bool = False) -> int:
    """Run until told to stop. `ready` is called once with the address, when requests are answered."""
    import waitress

    # SQLite lets go of the interpreter at each statement; this gets it back soon. Shorter costs more than it saves.
    sys.setswitchinterval(0.002)
    make_store(settings, sample=not empty)
    service = _paced(open_service(settings))
    wiring.use(service)
    if isinstance(service.deps.queue, SqliteQueue):
        # One process serves a folder: what a former one was working on when it ended is free again.
        service.deps.queue.release_all()
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
    workers = Workers(service, visitors)
    workers.start()
    _stop_on_signals(server)
    ready(f"http://{settings.host}:{server.effective_port}")
    try:
        server.run()
    finally:
        workers.stop()
    return 0


def _paced(service: Service) -> Service:
    from dataclasses import replace

    transport = PacedTransport(service.deps.transport, service.settings.mail_per_second)
    return replace(service, deps=replace(service.deps, transport=transport))


def _stop_on_signals(server: Any) -> None:
    def stop(*_: object) -> None:
        server.close()
        raise SystemExit(0)

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
