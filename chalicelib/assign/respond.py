"""Response limits: by when a request must be answered, in the owner's working time."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from chalicelib.assign.working_time import add_working_hours
from chalicelib.records.rep import Rep, WorkingWeek
from chalicelib.records.touch import TouchKind


@dataclass(frozen=True, slots=True)
class ResponseLimits:
    """Working hours to a first answer. `bands` are (from this many points, hours), the highest first;
    `at_most` caps a kind of touch; `after_escalation` caps what the next owner gets."""

    version: str
    bands: tuple[tuple[int, float], ...]
    at_most: dict[TouchKind, float]
    after_escalation: float


def limits_of(data: Mapping[str, Any]) -> ResponseLimits:
    """Limits from the shape of response_limits.json. ValueError unless every score has positive hours."""
    bands = sorted(((band["from_points"], float(band["hours"])) for band in data["bands"]), reverse=True)
    at_most = {TouchKind(kind): float(hours) for kind, hours in data["at_most"].items()}
    after = float(data["after_escalation"])
    if not bands or bands[-1][0] > 0:
        raise ValueError("the lowest band of the response limits must begin at 0 points")
    if min(after, *at_most.values(), *(hours for _, hours in bands)) <= 0:
        raise ValueError("response limits must be more than 0 hours")
    return ResponseLimits(data["version"], tuple(bands), at_most, after)


@cache
def load_limits() -> ResponseLimits:
    """The limits the product ships with."""
    path = Path(__file__).parent.parent / "data" / "response_limits.json"
    return limits_of(json.loads(path.read_text("utf-8")))


def limit_hours(kind: TouchKind, points: int, form_hours: int, limits: ResponseLimits) -> float:
    """Working hours to a first answer: the form's own limit if it has one, else by score and kind."""
    if form_hours > 0:
        return float(form_hours)
    hours = next((hours for from_points, hours in limits.bands if points >= from_points), limits.bands[-1][1])
    return min(hours, limits.at_most.get(kind, hours))


def respond_by(received_at: datetime, rep: Rep | None, limit_hours: float) -> datetime:
    """When the limit runs out, in UTC. Without an owner the clock runs in the default week (UTC)."""
    week = rep.week if rep is not None else WorkingWeek()
    return add_working_hours(received_at, limit_hours, week)
