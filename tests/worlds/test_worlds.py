"""Worlds in which much goes wrong and nothing is lost, doubled or forgotten, on both engines (more: `make worlds`)."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.worlds.aws_place import AwsPlace
from tests.worlds.embedded_place import EmbeddedPlace
from tests.worlds.faults import Fate
from tests.worlds.world import Place, Plan, Result, World

PLACES: dict[str, Callable[[Fate, Path], Place]] = {"aws": AwsPlace, "embedded": EmbeddedPlace}
# What has to have happened in a world of a thousand, or it shows nothing.
HAPPENS = {
    "aws": {"throttled", "lost reply", "slow", "killed", "conflict", "batch split", "partial batch failure",
            "redelivered", "dead letters", "news lost", "news twice", "clock stepped back"},
    "embedded": {"throttled", "lost reply", "slow", "killed", "mail refused", "clock stepped back"},
}  # fmt: skip


def run(place: str, folder: Path, plan: Plan) -> Result:
    return World(plan, PLACES[place], folder).run()


@pytest.mark.parametrize("place", PLACES)
def test_whatever_goes_wrong_nothing_is_lost_doubled_or_forgotten(place: str, tmp_path: Path) -> None:
    result = run(place, tmp_path, Plan(seed=1, submissions=1000, outage_minutes=40.0))
    assert result.verdict.violations == []
    assert {what for what in HAPPENS[place] if not result.counted[what]} == set()
    # In the outage next to nobody comes through; of those who came a minute before it hardly anybody goes away.
    early = [number for number, came in result.came.items() if came < result.outage_at - 60]
    assert len(early) > 600
    assert result.stored_of(early) > 0.98 * len(early)


@pytest.mark.parametrize("place", PLACES)
def test_with_the_feed_switched_off_for_25_hours_nothing_is_lost(place: str, tmp_path: Path) -> None:
    result = run(place, tmp_path, Plan(seed=2, submissions=60, feed_off_hours=25.0))
    assert result.counted["shown without the feed"] > 0
    assert result.counted["not shown without the feed"] == 0
    assert result.verdict.violations == []


_TRACE = """
import sys, tempfile
from pathlib import Path
from tests.worlds.test_worlds import Plan, run
for seed in (1, 2):
    with tempfile.TemporaryDirectory() as folder:
        print(run(sys.argv[1], Path(folder), Plan(seed, submissions=20)).trace.digest())
"""


@pytest.mark.parametrize("place", PLACES)
def test_the_same_seed_gives_the_same_trace_in_every_process(place: str) -> None:
    traces = []
    for hash_seed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": hash_seed}
        ran = subprocess.run([sys.executable, "-c", _TRACE, place], env=environment, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr
        traces.append(ran.stdout.split())
    assert traces[0] == traces[1]
    assert traces[0][0] != traces[0][1]
