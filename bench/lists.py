"""The list of SPEC §5: 4,700 rows cleaned, matched, scored, owned, thank-you queued, durable; then 47,000."""

import csv
import json
import shutil
import tempfile
from collections import defaultdict
from pathlib import Path

from bench.measure import Run, spread
from bench.measure import run as process
from chalicelib.records.upload import RowResults
from chalicelib.settings import Settings
from chalicelib.wiring import open_service

CASES = Path(__file__).resolve().parents[2] / "shared" / "cases" / "lists"


def run_list(source: Path, times: int) -> tuple[list[Run], dict[str, int], Path]:
    """Import a list into fresh stores; the runs, the counts, and the last store's folder."""
    runs = []
    folder = Path()
    for _ in range(times):
        shutil.rmtree(folder, ignore_errors=True) if folder.name else None
        folder = Path(tempfile.mkdtemp(prefix="bench-")) / "data"
        process(["-m", "bench.staff", str(folder)])
        command = ["-m", "chalicelib", "--data", str(folder), "import", str(source), "--campaign", "Show"]
        runs.append(process([*command, "--basis", "consent", "--json"]))
    return runs, json.loads(runs[-1].output), folder


def against_truth(folder: Path, import_id: str, truth: Path) -> str:
    """How many people are one lead each, split in two, or joined with another."""
    store = open_service(Settings(data=folder)).deps.store
    whose = {row: lead for chunk in store.query(RowResults, import_id) for row, _, lead, _ in chunk.value.results}
    people: dict[str, set[str]] = defaultdict(set)
    leads: dict[str, set[str]] = defaultdict(set)
    with truth.open(newline="") as file:
        for line in csv.DictReader(file):
            lead = whose[int(line["row"]) + 1]
            people[line["entity"]].add(lead)
            leads[lead].add(line["entity"])
    split = sum(len(found) > 1 for found in people.values())
    joined = sum(len(found) > 1 for found in leads.values())
    return f"{len(people)} people are {len(leads)} leads; {split} people split, {joined} leads of two people"


def run_parts() -> list[tuple[str, str]]:
    shown = []
    with tempfile.TemporaryDirectory() as temporary:
        for rows, times in ((4700, 5), (47000, 3)):
            source = Path(temporary) / f"leads{rows}.csv"
            process([str(CASES / "make_list.py"), str(rows), str(source)])
            runs, told, folder = run_list(source, times)
            name = f"{rows:,} rows"
            shown += [
                (f"{name}: CPU", spread([r.cpu for r in runs], "s")),
                (f"{name}: wall", spread([r.wall for r in runs], "s")),
                (f"{name}: peak memory", spread([r.peak_mb for r in runs], "MB", 0)),
                (f"{name}: outcomes", ", ".join(f"{told[n]} {n}" for n in ("created", "merged", "refused"))),
                (f"{name}: truth", against_truth(folder, str(told["import_id"]), source.with_suffix(".truth.csv"))),
            ]
    return shown


def run() -> list[tuple[str, str]]:
    if not CASES.exists():
        return [("not measured", "the shared cases are not beside the checkout")]
    return run_parts()
