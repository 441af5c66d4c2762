"""`make bench`: the figures of bench/RESULTS.md, measured on this machine. Measures, never asserts."""

import argparse
import datetime
import platform
import sys
from collections.abc import Callable
from pathlib import Path

from bench import attribution, aws_cost, capture_import, dedupe, forms, lists, search, start

PARTS: dict[str, Callable[[], list[tuple[str, str]]]] = {
    "lists": lists.run,
    "forms": forms.run,
    "start": start.run,
    "capture import": capture_import.run,
    "aws-cost": aws_cost.run,
    "dedupe": dedupe.run,
    "search": search.run,
    "attribution": lambda: [(name.replace("_", " "), f"{value:.2f}") for name, value in attribution.run().items()],
}
# Asked for by name only: they take long.
LARGE: dict[str, Callable[[], list[tuple[str, str]]]] = {"forms at a million leads": forms.run_large}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("part", nargs="*", help=f"of {', '.join(PARTS | LARGE)}; without the last if left out")
    parser.add_argument("--write", action="store_true", help="write bench/RESULTS.md")
    arguments = parser.parse_args()
    chosen = arguments.part or list(PARTS)
    lines = ["# Results", "", f"{datetime.date.today()}, Python {platform.python_version()}, {_machine()}.", ""]
    lines += ["Made by `make bench`. Each figure is the median of its runs, with the least and the most.", ""]
    for part in chosen:
        lines += [f"## {part}", "", "| what | measured |", "|---|---|"]
        print(f"-- {part}", flush=True)
        for what, measured in (PARTS | LARGE)[part]():
            print(f"{what}: {measured}", flush=True)
            lines.append(f"| {what} | {measured} |")
        lines.append("")
    if arguments.write:
        Path(__file__).with_name("RESULTS.md").write_text("\n".join(lines), "utf-8")
    return 0


def _machine() -> str:
    import os

    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.machine(),
    )
    return f"{os.cpu_count()} cores ({model}), {platform.system()}"


if __name__ == "__main__":
    sys.exit(main())
