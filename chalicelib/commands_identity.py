"""The identity engine on the command line."""

from argparse import Namespace
from dataclasses import asdict
from pathlib import Path
from typing import Any

from chalicelib.settings import Settings
from chalicelib.terminal import Refused, show


def dedupe(settings: Settings, arguments: Namespace) -> int:
    """`row,cluster` for each data row of a plain file: equal cluster, same person. No store is asked."""
    from chalicelib.flows.dedupe_file import cluster_csv, dedupe, review_csv
    from chalicelib.records.contact import Refusal

    name = Path(arguments.file).name
    found = dedupe(Path(arguments.file).read_bytes(), name)
    if isinstance(found, Refusal):
        raise Refused(f"{name}: row {found.row}: {found.reason}" if found.row else f"{name}: {found.reason}")
    if arguments.review:
        Path(arguments.review).write_text(review_csv(found), "utf-8")
    lines = cluster_csv(found)
    text = lines.rstrip("\n")
    if arguments.out:
        Path(arguments.out).write_text(lines, "utf-8")
        rows = len(found.clusters.of_row)
        text = f"{rows} rows are {found.people} people; {len(found.clusters.doubtful)} pairs in doubt"
    show(arguments, _document(found), text)
    return 0


def _document(found: Any) -> dict[str, Any]:
    clusters = found.clusters
    return {
        "rows": len(clusters.of_row),
        "people": found.people,
        "compared_as": found.way,
        "columns": [{"column": c.header, "kind": c.kind, "reason": c.reason} for c in found.columns],
        "clusters": clusters.of_row,
        "joined": [asdict(pair) for pair in clusters.joined],
        "doubtful": [asdict(pair) for pair in clusters.doubtful],
    }
