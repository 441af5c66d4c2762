"""Form posts to the embedded service: throughput at 8 connections, latency on one."""

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
import time
from pathlib import Path

from bench.measure import ROOT
from bench.staff import make

CONNECTIONS = 8
SECONDS = 8.0


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
    import threading

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


def _load(port: int, label: str, connections: int, seconds: float) -> list[float]:
    out: multiprocessing.Queue[list[float]] = multiprocessing.Queue()
    process = multiprocessing.Process(target=_client, args=(port, label, connections, seconds, out))
    process.start()
    times = out.get()
    process.join()
    return times


def at_rest(folder: Path, most_seconds: float = 240) -> None:
    """Wait until the mail of the burst has left: one connection is measured on a service with nothing else to do."""
    with sqlite3.connect(folder / "leadline.db") as connection:
        until = time.monotonic() + most_seconds
        while time.monotonic() < until:
            if not connection.execute("SELECT 1 FROM item WHERE kind = 'Message' AND due_at IS NOT NULL").fetchone():
                return
            time.sleep(1)


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


def run() -> list[tuple[str, str]]:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "data"
        make(folder)
        process, port = start_service(folder)
        try:
            _load(port, "warm", 2, 1.0)
            at_rest(folder)
            alone = sorted(_load(port, "alone", 1, SECONDS))
            busy = [len(_load(port, f"busy{n}", CONNECTIONS, SECONDS)) / SECONDS for n in range(3)]
        finally:
            process.terminate()
            process.wait(timeout=60)
    p99 = alone[int(len(alone) * 0.99)]
    return [
        (f"posts a second at {CONNECTIONS} connections",
         f"{statistics.median(busy):.0f} ({min(busy):.0f} to {max(busy):.0f}, n = {len(busy)})"),
        ("one connection, p50", f"{statistics.median(alone) * 1000:.2f} ms"),
        ("one connection, p99", f"{p99 * 1000:.2f} ms (n = {len(alone)})"),
    ]  # fmt: skip
