"""`make bench`: the figures of bench/RESULTS.md, measured on this machine. Measures, never asserts."""

import argparse
import datetime
import platform
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from bench import attribution, aws_cost, capture_import, console, dedupe, forms, lists, search, start


def _lighthouse() -> list[tuple[str, str]]:
    """Imported when it is asked for: it needs what `make lighthouse` fetches."""
    from bench import pages

    return pages.run()


PARTS: dict[str, Callable[[], Iterable[tuple[str, str]]]] = {
    "lists": lists.run,
    "forms": forms.run,
    "start": start.run,
    "capture import": capture_import.run,
    "aws-cost": aws_cost.run,
    "dedupe": dedupe.run,
    "search": search.run,
    "console": console.run,
    "attribution": lambda: [(name.replace("_", " "), f"{value:.2f}") for name, value in attribution.run().items()],
}
# Asked for by name only: they take long.
LARGE: dict[str, Callable[[], Iterable[tuple[str, str]]]] = {
    "lighthouse": _lighthouse,
    "forms at a million leads": forms.run_large,
}
RESULTS = Path(__file__).with_name("RESULTS.md")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("part", nargs="*", help=f"of {', '.join(PARTS | LARGE)}; without the last ones if left out")
    parser.add_argument("--write", action="store_true", help="write these parts into bench/RESULTS.md")
    arguments = parser.parse_args()
    for part in arguments.part or list(PARTS):
        lines = [f"## {part}", "", f"{datetime.date.today()}, {_machine()}.", "", "| what | measured |", "|---|---|"]
        print(f"-- {part}", flush=True)
        for what, measured in (PARTS | LARGE)[part]():
            print(f"{what}: {measured}", flush=True)
            lines.append(f"| {what} | {measured} |")
        if arguments.write:
            _write(part, "\n".join([*lines, ""]))
    return 0


def _write(part: str, section: str) -> None:
    """The part's section in place of the one before; the others stay, each with its own day."""
    before = RESULTS.read_text("utf-8") if RESULTS.exists() else ""
    head, *old = re.split(r"^(?=## )", before, flags=re.MULTILINE)
    sections = {text.partition("\n")[0].removeprefix("## "): text.rstrip("\n") + "\n" for text in old}
    sections[part] = section
    known = [sections[name] for name in PARTS | LARGE if name in sections]
    RESULTS.write_text("\n".join([head.rstrip("\n") + "\n", *known]), "utf-8")


def _machine() -> str:
    import os

    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.machine(),
    )
    return f"Python {platform.python_version()}, {os.cpu_count()} cores ({model}), {platform.system()}"


if __name__ == "__main__":
    sys.exit(main())
