"""Crediting rules: how one journey's conversion is shared among its touches.

Every rule gives each converting journey shares that sum to 1; a channel's credit is the sum of its touches'
shares times the journey's conversions, and times its value. All work on flat codes and offsets at once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from chalicelib.attribute.paths import Floats, Integers, PathTable

POSITION_ENDS = 0.4
HALF_LIFE_DAYS = 7.0
DIRECT_NAMES = frozenset({"direct", "(direct)"})

# Anchor touches and what each earns (HubSpot's and Bizible's published shares); the rest goes to the others.
ANCHORED = {
    "u_shaped": ({"first": 0.4, "lead": 0.4}, 0.2),
    "w_shaped": ({"first": 0.3, "lead": 0.3, "opportunity": 0.3}, 0.1),
    "full_path": ({"first": 0.225, "lead": 0.225, "opportunity": 0.225, "close": 0.225}, 0.1),
}
ENDS = ("first", "last", "linear", "position")
RULES = (*ENDS, "last_non_direct", "linear_unique", "time_decay_position_half", "time_decay", *ANCHORED)


@dataclass(frozen=True, slots=True)
class Timing:
    """What some rules need beside the paths, for the same journeys: days from each touch to its conversion,
    and per milestone the position of its touch in the flat codes (-1 = none)."""

    age_days: Floats | None = None
    anchors: Mapping[str, Integers] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Credit:
    """What each channel earned, one number a channel in the table's order."""

    conversions: Floats
    value: Floats


def rule_credit(model: str, table: PathTable, timing: Timing | None = None) -> Credit:
    """Credit of every channel by a rule of RULES. `table` may hold non-converting paths; they earn nothing.

    `timing` speaks of the converting paths only. ValueError for a rule this input has no data for.
    """
    rows = table.only((table.conversions != 0) | (table.value != 0))
    if model in ENDS:
        return Credit(_ends_credit(model, rows, rows.conversions), _ends_credit(model, rows, rows.value))
    shares = touch_shares(model, rows, timing)
    return Credit(_sums(rows, shares, rows.conversions), _sums(rows, shares, rows.value))


def touch_shares(model: str, table: PathTable, timing: Timing | None = None) -> Floats:
    """The share of every touch in its journey's conversion, flat like `table.codes`; each journey sums to 1.

    - `first`, `last`: all to the first, to the last touch.
    - `last_non_direct`: all to the last touch that is not Direct; to the last one where all are.
    - `linear`: the same to each touch. `linear_unique`: the same to each channel of the journey, given to its
      first touch there (identical to Shapley values over the sets of channels of converting journeys).
    - `position`: 40 % to the first, 40 % to the last, 20 % evenly between; one touch 100, two 50 and 50.
    - `time_decay`: halves with every 7 days before the conversion. `time_decay_position_half`: halves with
      every touch before the last.
    - `u_shaped`, `w_shaped`, `full_path`: 40 % each to the first touch and the one before lead creation; 30 %
      each with the one before the opportunity; 22.5 % each with the one before the close (the last touch, if no
      such milestone is given). The remaining 20, 10, 10 % go evenly to the other touches. A touch that is
      several anchors earns their sum; where an anchor or the others are missing, the rest is scaled up to 1.
    """
    timing = timing or Timing()
    if not len(table.lengths):
        return np.zeros(0)
    if model in ENDS:
        return _ends_shares(model, table)
    if model in ANCHORED:
        return _anchored(table, timing, *ANCHORED[model])
    if model == "time_decay":
        if timing.age_days is None:
            raise ValueError("time decay needs the times of the touches")
        return _halving(table, timing.age_days / HALF_LIFE_DAYS)
    return _FLAT[model](table)


def end_shares(model: str, lengths: Integers) -> tuple[Floats, Floats, Floats]:
    """Rules that only look at the ends, as three numbers a journey: extra for its first touch, extra for its
    last, and the same for each. Ten million touches are then credited without a number for each."""
    count = len(lengths)
    if model == "first":
        return np.ones(count), np.zeros(count), np.zeros(count)
    if model == "last":
        return np.zeros(count), np.ones(count), np.zeros(count)
    if model == "linear":
        return np.zeros(count), np.zeros(count), 1.0 / lengths
    between = np.where(lengths > 2, (1 - 2 * POSITION_ENDS) / np.maximum(lengths - 2, 1), 0.0)
    ends = np.where(lengths > 2, POSITION_ENDS - between, 0.5)
    return ends, ends, between


def _ends_credit(model: str, rows: PathTable, amounts: Floats) -> Floats:
    first, last, each = end_shares(model, rows.lengths)
    channels = len(rows.channels)
    total = np.zeros(channels)
    if first.any():
        total += np.bincount(rows.codes[rows.offsets[:-1]], weights=first * amounts, minlength=channels)
    if last.any():
        total += np.bincount(rows.codes[rows.offsets[1:] - 1], weights=last * amounts, minlength=channels)
    if each.any():
        spread = np.repeat(each * amounts, rows.lengths)
        total += np.bincount(rows.codes, weights=spread, minlength=channels)
    return total


def _ends_shares(model: str, table: PathTable) -> Floats:
    first, last, each = end_shares(model, table.lengths)
    shares: Floats = np.repeat(each, table.lengths)
    shares[table.offsets[:-1]] += first
    shares[table.offsets[1:] - 1] += last
    return shares


def _sums(rows: PathTable, shares: Floats, amounts: Floats) -> Floats:
    weights = shares * np.repeat(amounts, rows.lengths)
    return np.bincount(rows.codes, weights=weights, minlength=len(rows.channels)).astype(np.float64)


def _scaled(table: PathTable, weights: Floats) -> Floats:
    """Weights made to sum to 1 in each journey."""
    totals = np.add.reduceat(weights, table.offsets[:-1])
    shares: Floats = weights / np.repeat(totals, table.lengths)
    return shares


def _halving(table: PathTable, halvings: Floats) -> Floats:
    """2 to the minus halvings, scaled; counted from each journey's last touch, so that nothing underflows."""
    latest = np.repeat(halvings[table.offsets[1:] - 1], table.lengths)
    return _scaled(table, np.exp2(latest - halvings))


def _by_position(table: PathTable) -> Floats:
    behind = np.repeat(table.offsets[1:], table.lengths) - 1 - np.arange(len(table.codes))
    return _halving(table, behind.astype(np.float64))


def _last_non_direct(table: PathTable) -> Floats:
    direct = np.array([name.strip().casefold() in DIRECT_NAMES for name in table.channels])
    places = np.where(direct[table.codes], -1, np.arange(len(table.codes)))
    chosen = np.maximum.reduceat(places, table.offsets[:-1])
    shares = np.zeros(len(table.codes))
    shares[np.where(chosen < 0, table.offsets[1:] - 1, chosen)] = 1.0
    return shares


def _linear_unique(table: PathTable) -> Floats:
    journey = np.repeat(np.arange(len(table.lengths)), table.lengths)
    _, first = np.unique(journey * len(table.channels) + table.codes, return_index=True)
    weights = np.zeros(len(table.codes))
    weights[first] = 1.0
    return _scaled(table, weights)


def _anchored(table: PathTable, timing: Timing, anchors: Mapping[str, float], others: float) -> Floats:
    last = table.offsets[1:] - 1
    close = timing.anchors.get("close", last)
    places = {**timing.anchors, "first": table.offsets[:-1], "close": np.where(close < 0, last, close)}
    if missing := [name for name in anchors if name not in places]:
        raise ValueError(f"milestones are needed: {', '.join(missing)}")
    weights = np.zeros(len(table.codes))
    for name, share in anchors.items():
        place = places[name]
        weights[place[place >= 0]] += share
    plain = weights == 0
    left = np.add.reduceat(plain.astype(np.int64), table.offsets[:-1])
    weights += plain * np.repeat(others / np.maximum(left, 1), table.lengths)
    return _scaled(table, weights)


_FLAT: dict[str, Callable[[PathTable], Floats]] = {
    "last_non_direct": _last_non_direct,
    "linear_unique": _linear_unique,
    "time_decay_position_half": _by_position,
}
