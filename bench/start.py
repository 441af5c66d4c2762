"""How long until the first answer, how much memory at rest, how long the first start with sample data takes."""

import http.client
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.forms import start_service
from bench.measure import ROOT, spread


def _first_answer(folder: Path) -> tuple[float, float]:
    """(seconds from the command to the first 200, resident MB two seconds later)."""
    began = time.perf_counter()
    process, port = start_service(folder)
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("GET", "/healthz")
        if connection.getresponse().status != 200:
            raise RuntimeError("not healthy")
        seconds = time.perf_counter() - began
        time.sleep(3)
        status = Path(f"/proc/{process.pid}/status").read_text()
        resident = next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))
    finally:
        process.terminate()
        process.wait(timeout=60)
    return seconds, resident


def run() -> list[tuple[str, str]]:
    with tempfile.TemporaryDirectory() as temporary:
        empty = [_first_answer(Path(temporary) / f"empty{n}") for n in range(5)]
        folder = Path(temporary) / "sample"
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "chalicelib", "--data", str(folder), "init", "--sample"], cwd=ROOT, check=True,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        made = time.perf_counter() - began
        sample = [_first_answer(folder) for _ in range(5)]
    return [
        ("empty store: start to first answer", spread([s for s, _ in empty], "s")),
        ("empty store: memory at rest", spread([m for _, m in empty], "MB", 0)),
        ("sample store: start to first answer", spread([s for s, _ in sample], "s")),
        ("sample store: memory at rest", spread([m for _, m in sample], "MB", 0)),
        ("making the sample data", f"{made:.2f} s"),
    ]
