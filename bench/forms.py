"""Form posts to the embedded service: how long one takes, how many at 8 connections, and when the mail leaves.

One run, in this order: one connection on a service at rest; 8 connections on a service at rest; 8 connections while
the mail of the posts before is still leaving; 8 connections for a minute and a half, with the age of the oldest
confirmation not sent. The clients share the machine with the service, so the service's own CPU time a post stands
beside each rate: that figure can be compared between machines that others use as well."""

import hashlib
import http.client
import json
import multiprocessing
import os
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.many_leads import fill
from bench.measure import ROOT, spread
from bench.staff import make

CONNECTIONS = 8
SECONDS = 8.0
STEADY_SECONDS = 90.0


@dataclass(frozen=True)
class Load:
    """What the clients saw in `seconds`, and what it cost the service. Times in seconds."""

    times: list[float]
    seconds: float
    cpu: float
    oldest: float

    @property
    def rate(self) -> float:
        return len(self.times) / self.seconds

    @property
    def cpu_a_post(self) -> float:
        """Milliseconds of the whole process, so with what its workers did meanwhile."""
        return self.cpu / len(self.times) * 1000

    def quantile(self, share: float) -> float:
        return sorted(self.times)[int(len(self.times) * share)] * 1000


class Server:
    """The service in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._process, self._port = start_service(folder)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=60)

    def cpu(self) -> float:
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def load(self, label: str, connections: int, seconds: float) -> Load:
        out: multiprocessing.Queue[list[float]] = multiprocessing.Queue()
        client = multiprocessing.Process(target=_client, args=(self._port, label, connections, seconds, out))
        before = self.cpu()
        client.start()
        with self._watched() as ages:
            times = out.get()
        spent = self.cpu() - before
        client.join()
        return Load(times, seconds, spent, max(ages, default=0.0))

    @contextmanager
    def _watched(self) -> Iterator[list[float]]:
        """The age of the oldest confirmation not sent, each second."""
        ages: list[float] = []
        over = threading.Event()

        def watch() -> None:
            with sqlite3.connect(self.folder / "leadline.db") as connection:
                while not over.wait(1.0):
                    ages.append(_oldest_unsent(connection))

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            yield ages
        finally:
            over.set()
            thread.join()

    def at_rest(self, most_seconds: float = 600) -> float:
        """Wait until all mail has left; how many seconds that took."""
        started = time.monotonic()
        with sqlite3.connect(self.folder / "leadline.db") as connection:
            while time.monotonic() < started + most_seconds:
                due = "SELECT 1 FROM item WHERE kind = 'Message' AND due_at IS NOT NULL"
                if not connection.execute(due).fetchone():
                    break
                time.sleep(0.5)
        return time.monotonic() - started

    def settle(self, most_seconds: float = 180) -> None:
        """Wait until nothing else is done either: what a start brings, reports, the read model held against the
        store."""
        until, quiet = time.monotonic() + most_seconds, 0
        while quiet < 3 and time.monotonic() < until:
            before = self.cpu()
            time.sleep(1.0)
            quiet = quiet + 1 if self.cpu() - before < 0.1 else 0


def _oldest_unsent(connection: sqlite3.Connection) -> float:
    row = connection.execute(
        "SELECT min(body ->> '$.created_at') FROM item"
        " WHERE kind = 'Message' AND due_at IS NOT NULL AND body ->> '$.kind' = 'confirmation'"
    ).fetchone()
    return (datetime.now(UTC) - datetime.fromisoformat(row[0])).total_seconds() if row[0] else 0.0


def _post(connection: http.client.HTTPConnection, name: str) -> int:
    fields = {"name": f"Guest {name}", "email": f"{name}@customer.example.com", "company": "Example GmbH"}
    number = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=4).digest(), "big") % 10**8
    fields |= {"phone": f"+49 30 {number:08d}", "message": "Please send a quotation."}
    connection.request("POST", "/f/contact", json.dumps(fields), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    return answer.status


def _client(port: int, label: str, connections: int, seconds: float, out: "multiprocessing.Queue[list[float]]") -> None:
    """Several connections in one process, one thread each."""
    times: list[float] = []

    def work(n: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        until, count = time.perf_counter() + seconds, 0
        while (now := time.perf_counter()) < until:
            status = _post(connection, f"{label}.{n}.{count}")
            if status != 201:
                raise RuntimeError(f"answered {status}")
            times.append(time.perf_counter() - now)
            count += 1

    threads = [threading.Thread(target=work, args=(n,)) for n in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    out.put(times)


def start_service(folder: Path) -> tuple[subprocess.Popen[str], int]:
    process = subprocess.Popen(
        [sys.executable, "-m", "chalicelib", "--data", str(folder), "serve", "--port", "0", "--empty"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "LEADLINE_RATE_LIMITS": "off"},
    )
    assert process.stdout
    found = re.search(r":(\d+)\s*$", process.stdout.readline())
    assert found
    return process, int(found.group(1))


@contextmanager
def served(folder: Path) -> Iterator[Server]:
    server = Server(folder)
    try:
        yield server
    finally:
        server.stop()


def alone(server: Server, seconds: float = SECONDS) -> Load:
    """One connection, once nothing else is to be done."""
    server.load(f"warm{time.time()}", 2, 1.0)
    server.at_rest()
    server.settle()
    return server.load(f"alone{time.time()}", 1, seconds)


def at_once(server: Server, label: str) -> Load:
    """All connections, on a service whose mail has left."""
    server.at_rest()
    return server.load(label, CONNECTIONS, SECONDS)


def run(steady_seconds: float = STEADY_SECONDS) -> list[tuple[str, str]]:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "data"
        make(folder)
        with served(folder) as server:
            one = alone(server)
            rush = [at_once(server, f"rush{n}") for n in range(3)]
            busy = [server.load(f"busy{n}", CONNECTIONS, SECONDS) for n in range(3)]
            server.at_rest()
            steady = server.load("steady", CONNECTIONS, steady_seconds)
            rest = server.at_rest()
    return [
        *_one_connection("one connection", one),
        (f"posts a second at {CONNECTIONS} connections", spread([r.rate for r in rush], "/s", 0)),
        ("CPU a post meanwhile, workers included", spread([r.cpu_a_post for r in rush], "ms")),
        ("the same while the mail of earlier posts leaves", spread([b.rate for b in busy], "/s", 0)),
        ("CPU a post meanwhile, workers included", spread([b.cpu_a_post for b in busy], "ms")),
        ("oldest confirmation not sent meanwhile", spread([b.oldest for b in busy], "s", 1)),
        (f"posts a second in {steady_seconds:.0f} s without a pause", f"{steady.rate:.0f} /s"),
        ("oldest confirmation not sent meanwhile", f"{steady.oldest:.1f} s; all mail gone {rest:.0f} s after"),
        ("CPU a post meanwhile, workers included", f"{steady.cpu_a_post:.2f} ms"),
    ]


def run_large(few: int = 1_000, many: int = 1_000_000) -> list[tuple[str, str]]:
    """One connection beside few leads and beside many, in turn. The stores are made once, which takes half an hour, and
    lie in the folder for temporary files from then on."""
    found: dict[int, list[Load]] = {few: [], many: []}
    for count in [few, many] * 3:
        with served(_stored(count)) as server:
            server.settle()
            found[count].append(alone(server))
    shown = [
        (f"one connection, {count:,} leads, {name}", spread([load.quantile(share) for load in loads], "ms"))
        for count, loads in found.items()
        for name, share in (("p50", 0.5), ("p99", 0.99))
    ]
    small, large = (statistics.median(load.quantile(0.5) for load in loads) for loads in found.values())
    return [*shown, (f"p50 at {many:,} leads against {few:,}", f"{large / small:.2f}-fold")]


def _stored(count: int) -> Path:
    folder = Path(tempfile.gettempdir()) / f"leadline-bench-{count}" / "data"
    if not folder.exists():
        with tempfile.TemporaryDirectory(dir=tempfile.gettempdir()) as making:
            make(Path(making) / "data")
            fill(Path(making) / "data", count)
            folder.parent.mkdir(exist_ok=True)
            (Path(making) / "data").rename(folder)
    # Read once, as a store in use is: what lies on the disk alone is the disk's figure.
    for file in folder.glob("*.db"):
        with file.open("rb") as opened:
            while opened.read(1 << 24):
                pass
    return folder


def _one_connection(name: str, load: Load) -> list[tuple[str, str]]:
    return [
        (f"{name}, p50", f"{load.quantile(0.5):.2f} ms"),
        (f"{name}, p99", f"{load.quantile(0.99):.2f} ms (n = {len(load.times)})"),
        (f"{name}, CPU a post, workers included", f"{load.cpu_a_post:.2f} ms"),
    ]
