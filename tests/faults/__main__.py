"""Every fault at every side effect: `python -m tests.faults [--pairs | --killed] [--behind N] [--engine NAME]
[--entry TEXT]`.

Prints the table, and what broke in which run; exit 1 when anything did. `--write` puts the
table into docs/guarantees.md."""

import argparse
import sys
from collections.abc import Iterator

from tests.faults import table
from tests.faults.entries import ENTRIES
from tests.faults.kill import kill_everywhere
from tests.faults.run import BEHIND, ENGINES, Tally, run_entry, warm_up

_SHOWN = 12


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--pairs", action="store_true", help="two faults in one run, instead of one")
    asked.add_argument("--killed", action="store_true", help="the embedded process killed at every point, instead")
    asked.add_argument("--behind", type=int, default=BEHIND, help="how many side effects later the second at most")
    asked.add_argument("--engine", choices=ENGINES)
    asked.add_argument("--entry", default="", help="only entry points whose name holds this")
    asked.add_argument("--write", action="store_true")
    chosen = asked.parse_args()
    warm_up()
    print(*table.HEAD, sep="\n", flush=True)
    tallies = []
    for tally in _runs(chosen):
        tallies.append(tally)
        print(table.line(tally), flush=True)
        _explain(tally)
    print(table.total(tallies))
    if chosen.write:
        table.write("killed" if chosen.killed else "pairs" if chosen.pairs else "singles", tallies)
    return int(any(tally.broken for tally in tallies))


def _runs(chosen: argparse.Namespace) -> Iterator[Tally]:
    for engine in [chosen.engine] if chosen.engine else ENGINES:
        for entry in ENTRIES:
            if engine in entry.steps and chosen.entry in entry.name and (engine == "sqlite" or not chosen.killed):
                yield kill_everywhere(entry) if chosen.killed else run_entry(engine, entry, chosen.pairs, chosen.behind)


def _explain(tally: Tally) -> None:
    for at, violations in tally.broken[:_SHOWN]:
        struck = ", ".join(f"{kind} at {number} {_call(tally, number)}" for number, kind in at.items())
        print(f"  {struck or 'no fault'}: {violations[0]}", flush=True)


def _call(tally: Tally, number: int) -> str:
    return tally.calls[number - 1] if number <= len(tally.calls) else "behind the step"


if __name__ == "__main__":
    sys.exit(main())
