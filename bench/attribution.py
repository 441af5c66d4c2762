"""Attribution of ten million touches: four heuristics (count and value) and exact Markov of order 1.

    python -m bench.attribution [TOUCHES]

The arrays are integer coded before the clock starts; reading and coding a file is measured apart, on 200,000
touches. Each figure is the best of three runs.
"""

import csv
import io
import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np

from chalicelib.attribute.engine import attribute
from chalicelib.attribute.journeys import CodedTouches, coded_journeys
from chalicelib.attribute.touches import read_conversions, read_touches

TOUCHES = 10_000_000
CHANNELS = 24
MODELS = ("first", "last", "linear", "position", "markov")
SEED = 7
_YEAR = 365 * 86_400
_FILE_TOUCHES = 200_000


def made_up(touches: int, *, in_order: bool, converting: float = 0.15) -> CodedTouches:
    """Journeys of geometric length (six on average) over a year in seconds; a part of the people convert at
    their last touch, for log-normal amounts."""
    chance = np.random.default_rng(SEED)
    lengths = chance.geometric(1 / 6, size=touches // 5)
    people = int(np.searchsorted(np.cumsum(lengths), touches)) + 1
    person = np.repeat(np.arange(people), lengths[:people])[:touches]
    people = int(person[-1]) + 1
    at = chance.integers(0, _YEAR, size=touches)
    popularity = 1 / np.arange(1, CHANNELS + 1)
    channel = chance.choice(CHANNELS, size=touches, p=popularity / popularity.sum())
    latest = np.zeros(people, dtype=np.int64)
    np.maximum.at(latest, person, at)
    buyers = np.flatnonzero(chance.random(people) < converting)
    order = np.lexsort((at, person)) if in_order else chance.permutation(touches)
    return CodedTouches(
        person=person[order].astype(np.int32),
        at=at[order],
        channel=channel[order].astype(np.uint8),
        channels=tuple(f"channel {place:02}" for place in range(CHANNELS)),
        converted_person=buyers,
        converted_at=latest[buyers],
        converted_value=np.round(chance.lognormal(6, 1, size=len(buyers)), 2),
    )


def _best(work: Callable[[], object], runs: int = 3) -> float:
    seconds = []
    for _ in range(runs):
        begun = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begun)
    return round(min(seconds), 3)


def _files(touches: int) -> tuple[str, str]:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    data = made_up(touches, in_order=False)
    text, won = io.StringIO(), io.StringIO()
    rows = zip(data.person.tolist(), data.at.tolist(), data.channel.tolist(), strict=True)
    csv.writer(text).writerows([["person_id", "touched_at", "channel"]])
    csv.writer(text).writerows(
        (f"p{person}", (start + timedelta(seconds=at)).isoformat(), data.channels[channel])
        for person, at, channel in rows
    )
    rows = zip(data.converted_person.tolist(), data.converted_at.tolist(), data.converted_value.tolist(), strict=True)
    csv.writer(won).writerows([["person_id", "converted_at", "value"]])
    csv.writer(won).writerows(
        (f"p{person}", (start + timedelta(seconds=at)).isoformat(), value) for person, at, value in rows
    )
    return text.getvalue(), won.getvalue()


def run(touches: int = TOUCHES) -> dict[str, float]:
    """Seconds of wall time by what was done; `touches` in millions beside them."""
    figures: dict[str, float] = {"touches_millions": touches / 1e6}
    for name, in_order in (("sorted", True), ("unsorted", False)):
        data = made_up(touches, in_order=in_order)
        journeys = coded_journeys(data)
        figures[f"{name}_journeys_seconds"] = _best(lambda data=data: coded_journeys(data))
        figures[f"{name}_models_seconds"] = _best(lambda journeys=journeys: attribute(journeys, MODELS))
        figures[f"{name}_total_seconds"] = _best(lambda data=data: attribute(coded_journeys(data), MODELS))
    text, won = _files(_FILE_TOUCHES)
    seconds = _best(lambda: (read_touches(text), read_conversions(won)), runs=1)
    figures["reading_and_coding_seconds_per_million"] = round(seconds * 1e6 / _FILE_TOUCHES, 2)
    return figures


def main() -> None:
    print(json.dumps(run(int(sys.argv[1]) if len(sys.argv) > 1 else TOUCHES)))


if __name__ == "__main__":
    main()
