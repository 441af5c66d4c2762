"""The table of the runs, as Markdown, and its place in docs/guarantees.md."""

import re
from collections.abc import Sequence
from pathlib import Path

from tests.faults.run import READS, Tally

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guarantees.md"
HEAD = (
    "| engine | entry point | side effects | reads | runs | violations | sent again | promotion unknown |",
    "|---|---|--:|--:|--:|--:|--:|--:|",
)


def line(tally: Tally) -> str:
    reads = sum(map(READS[tally.engine], tally.calls))
    cells = (tally.engine, tally.entry, len(tally.calls) - reads, reads, tally.runs, len(tally.broken),
             tally.repeated, tally.unknown)  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |"


def total(tallies: Sequence[Tally]) -> str:
    counted = [(t.runs, len(t.broken), t.repeated, t.unknown) for t in tallies]
    return f"| | together | | | {' | '.join(str(sum(column)) for column in zip(*counted, strict=True))} |"


def write(name: str, tallies: Sequence[Tally]) -> None:
    """Into the page, between the marks of this name."""
    shown = "\n".join([*HEAD, *map(line, tallies), total(tallies)])
    text = PAGE.read_text("utf-8")
    marks = f"<!-- {name} -->\n", f"\n<!-- end of {name} -->"
    found = re.compile(f"{re.escape(marks[0])}.*?{re.escape(marks[1])}", re.DOTALL)
    assert found.search(text), f"the page has no place for {name}"
    PAGE.write_text(found.sub(lambda _: f"{marks[0]}{shown}{marks[1]}", text), "utf-8")
