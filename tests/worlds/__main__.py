"""Many seeded worlds: `python -m tests.worlds [--submissions N] [--within MINUTES] [--seed N] [--engine NAME]
[--write]`.

As many at a time as there are processors. Prints the table, and what broke in which world; exit 1 when anything did.
`--write` puts the table into docs/guarantees.md; `--within` leaves out the worlds that are not done by then."""

import argparse
import multiprocessing
import os
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.worlds.aws_place import AwsPlace
from tests.worlds.embedded_place import EmbeddedPlace
from tests.worlds.faults import Fate
from tests.worlds.world import Place, Plan, World

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guarantees.md"
PLACES: dict[str, Callable[[Fate, Path], Place]] = {"aws": AwsPlace, "embedded": EmbeddedPlace}
# A world has so many submissions at most: more would make it slower, not richer.
A_WORLD = 2500
# Minutes in which nine of ten calls fail.
OUTAGE = 40.0
ROWS = {
    "worlds": "worlds",
    "submissions": "submissions",
    "posts": "posts, with double clicks and repetitions",
    "rows": "rows of lists",
    "mails": "mails handed over",
    "events": "calls of the engine's ports",
    "hours": "simulated hours",
    "throttled": "calls throttled, or file locked",
    "conflict": "transactions cancelled by another",
    "not reached": "connections that failed",
    "lost reply": "lost replies",
    "slow": "answers that took seconds",
    "mail refused": "mails refused for now",
    "killed": "runs or processes killed",
    "batch split": "batches of the stream split",
    "partial batch failure": "batches that failed in part",
    "redelivered": "messages given out twice at once",
    "dead letters": "dead letters, brought back",
    "news lost": "news of mail lost",
    "news twice": "news of mail told twice",
    "clock twice": "minutes that struck twice",
    "clock stepped back": "clocks set back",
    "repeated": "mails sent again, their fate unknown",
    "unknown": "promotion of unknown fate",
    "lost": "**lost**",
    "doubled": "**doubled**",
    "violations": "**violations of any kind**",
}


@dataclass(frozen=True, slots=True)
class Told:
    """What is left of a world when it has been judged."""

    engine: str
    seed: int
    digest: str
    counted: Counter[str]
    violations: list[str]
    seconds: float


def one(asked: tuple[str, int, int]) -> Told:
    engine, seed, submissions = asked
    began = time.process_time()
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as folder:
        world = World(Plan(seed, submissions, outage_minutes=OUTAGE), PLACES[engine], Path(folder))
        result = world.run()
    verdict, finished = result.verdict, result.finished
    counted = Counter({what: number for what, number in result.counted.items() if what in ROWS})
    counted.update(
        worlds=1, submissions=submissions, posts=world.sent, mails=len(finished.handed), events=result.trace.events,
        rows=sum(upload.rows for upload in finished.of("Upload")), hours=round(result.simulated_hours),
        repeated=verdict.repeated, unknown=verdict.unknown, violations=len(verdict.violations),
        lost=sum(found.startswith("lost") for found in verdict.violations),
        doubled=sum(found.startswith(("doubled", "mail twice")) for found in verdict.violations),
    )  # fmt: skip
    return Told(engine, seed, result.trace.digest(), counted, verdict.violations, time.process_time() - began)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--submissions", type=int, default=100_000, help="over all worlds of all engines")
    parser.add_argument("--seed", type=int, default=1, help="the first world's")
    parser.add_argument("--engine", choices=PLACES)
    parser.add_argument("--within", type=float, default=float("inf"), help="minutes")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    engines = [asked.engine] if asked.engine else list(PLACES)
    each = min(A_WORLD, asked.submissions // len(engines))
    number = max(1, asked.submissions // each // len(engines))
    began = time.monotonic()
    told: list[Told] = []
    # Forked, and each worker ends with its world: what one has left in memory is no other's.
    with multiprocessing.get_context("fork").Pool(os.cpu_count(), maxtasksperchild=1) as pool:
        worlds = [(engine, asked.seed + n, each) for n in range(number) for engine in engines]
        for world in pool.imap_unordered(one, worlds):
            told.append(world)
            found = world.counted["violations"]
            print(f"{world.engine} {world.seed}: {world.digest}, {found} violations, {world.seconds:.0f} s", flush=True)
            for line in world.violations[:10]:
                print(f"  {line}", flush=True)
            if time.monotonic() - began > asked.within * 60:
                print(f"{len(worlds) - len(told)} worlds were left out", flush=True)
                pool.terminate()
                break
    text = "\n".join(table(told, engines))
    print(text, f"{time.monotonic() - began:.0f} s", sep="\n")
    if asked.write:
        write(text)
    return int(any(world.violations for world in told))


def table(told: list[Told], engines: list[str]) -> list[str]:
    """A column for each engine."""
    sums = {engine: sum((world.counted for world in told if world.engine == engine), Counter()) for engine in engines}
    lines = [f"| | {' | '.join(engines)} |", f"|---|{'---|' * len(engines)}"]
    return lines + [f"| {words} | {' | '.join(str(sums[e][key]) for e in engines)} |" for key, words in ROWS.items()]


def write(text: str) -> None:
    """Into the page, between the marks."""
    page = PAGE.read_text("utf-8")
    found = re.compile("<!-- worlds -->\n.*?\n<!-- end of worlds -->", re.DOTALL)
    assert found.search(page), "the page has no place for worlds"
    PAGE.write_text(found.sub(lambda _: f"<!-- worlds -->\n{text}\n<!-- end of worlds -->", page), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
