"""From touches in time to journeys: which touches came before which conversion."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from chalicelib.attribute.ordering import in_order
from chalicelib.attribute.paths import Flags, Floats, Integers, PathTable, small_codes

SECONDS_PER_DAY = 86_400


@dataclass(frozen=True, slots=True)
class CodedTouches:
    """Touches and conversions as integers, in any order.

    `person`, `at`, `channel` have one entry a touch, `converted_person`, `converted_at`, `converted_value` one a
    conversion. Persons are any integers, channels index `channels`, times count units of which a day has
    `units_per_day` (seconds unless said otherwise).
    """

    person: Integers
    at: Integers
    channel: Integers
    channels: tuple[str, ...]
    converted_person: Integers
    converted_at: Integers
    converted_value: Floats
    units_per_day: int = SECONDS_PER_DAY


@dataclass(frozen=True, slots=True)
class Milestones:
    """Moments in a person's way, coded like the touches: `name` indexes `names`."""

    names: tuple[str, ...]
    person: Integers
    name: Integers
    at: Integers


@dataclass(frozen=True, slots=True)
class Journeys:
    """Paths made of touches. The first `converting` rows of `table` each end in one conversion, the others are
    the paths of people who never converted.

    `age_days` is the time from each touch of the converting rows to its conversion. `anchors` gives for each
    milestone the position in `table.codes` of the last touch at or before it, one a converting row, -1 where
    the person has no such milestone by then or no touch before it. `first_channel` counts people by the channel
    of their first touch. `unattributed` conversions had no touch before them; their value is kept apart.
    """

    table: PathTable
    converting: int
    age_days: Floats
    unattributed: int
    unattributed_value: float
    first_channel: Integers
    anchors: Mapping[str, Integers] = field(default_factory=dict)
    currency: str = ""
    campaign_touches: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Sorted:
    """Touches in order, and where each person's begin and end."""

    people: Integers
    starts: Integers
    ends: Integers
    at: Integers
    codes: Integers


def coded_journeys(
    touches: CodedTouches, lookback_days: float | None = None, milestones: Milestones | None = None
) -> Journeys:
    """The journeys behind coded touches.

    The journey of a conversion is every touch of that person at or before it and at most `lookback_days`
    earlier; a person's second conversion has its own journey, which may share touches with the first. Who
    never converted gives one path, of the touches at most `lookback_days` before the last one. Touches after
    a person's last conversion count neither for nor against a channel.
    """
    ordered = _sorted(touches)
    window = None if lookback_days is None else int(lookback_days * touches.units_per_day)
    order = np.lexsort((touches.converted_at, touches.converted_person))
    person, at = touches.converted_person[order], touches.converted_at[order]
    value = touches.converted_value[order]
    row = np.searchsorted(ordered.people, person)
    seen = row < len(ordered.people)
    seen[seen] = ordered.people[row[seen]] == person[seen]
    begin, end = np.zeros(len(row), dtype=np.int64), np.zeros(len(row), dtype=np.int64)
    begin[seen], end[seen] = _window(ordered, row[seen], at[seen], window)
    won = end > begin
    lost_begin, lost_end = _lost(ordered, row[seen], window)
    taken = _stretches(begin[won], end[won], len(ordered.at))
    lengths = (end - begin)[won]
    table = _table(ordered, touches.channels, taken, lengths, value[won], (lost_begin, lost_end))
    return Journeys(
        table=table,
        converting=len(lengths),
        age_days=(np.repeat(at[won], lengths) - ordered.at[taken]) / touches.units_per_day,
        unattributed=int((~won).sum()),
        unattributed_value=float(value[~won].sum()),
        first_channel=np.bincount(ordered.codes[ordered.starts], minlength=len(touches.channels)),
        anchors=_anchors(ordered, milestones, (person[won], at[won], begin[won], end[won])),
    )


def _sorted(touches: CodedTouches) -> _Sorted:
    person, at, channel = in_order(touches.person, touches.at, small_codes(touches.channel, len(touches.channels)))
    edges = np.flatnonzero(person[1:] != person[:-1]) + 1
    starts = np.concatenate(([0], edges))[: len(person)]
    ends = np.concatenate((edges, [len(person)]))[: len(starts)]
    return _Sorted(person[starts], starts, ends, at, channel)


def _window(ordered: _Sorted, row: Integers, at: Integers, window: int | None) -> tuple[Integers, Integers]:
    first, last = ordered.starts[row], ordered.ends[row]
    end = _search(ordered.at, first, last, at, after=True)
    return (first if window is None else _search(ordered.at, first, end, at - window, after=False)), end


def _search(times: Integers, low: Integers, high: Integers, wanted: Integers, *, after: bool) -> Integers:
    """np.searchsorted of each wanted time in its own stretch times[low:high], all stretches at once;
    `after` puts the answer behind equal times, otherwise before them."""
    low, high = low.copy(), high.copy()
    rows = np.flatnonzero(low < high)
    # Most conversions come after the last touch, most windows reach back to the first: that end is tried first.
    middle = (high[rows] - 1) if after else low[rows]
    while len(rows):
        at, sought = times[middle], wanted[rows]
        right = (at <= sought) if after else (at < sought)
        low[rows[right]] = middle[right] + 1
        high[rows[~right]] = middle[~right]
        rows = rows[low[rows] < high[rows]]
        middle = (low[rows] + high[rows]) // 2
    return low


def _lost(ordered: _Sorted, converted_rows: Integers, window: int | None) -> tuple[Integers, Integers]:
    never = np.ones(len(ordered.people), dtype=bool)
    never[converted_rows] = False
    begin, end = ordered.starts[never], ordered.ends[never]
    if window is not None:
        begin = _search(ordered.at, begin, end, ordered.at[end - 1] - window, after=False)
    return begin, end


def _table(
    ordered: _Sorted,
    channels: tuple[str, ...],
    taken: Integers | Flags,
    lengths: Integers,
    value: Floats,
    lost: tuple[Integers, Integers],
) -> PathTable:
    begin, end = lost
    nowhere = np.zeros(len(begin))
    codes = ordered.codes[taken], ordered.codes[_stretches(begin, end, len(ordered.codes))]
    return PathTable(
        channels=channels,
        codes=np.concatenate(codes),
        offsets=np.concatenate(([0], np.cumsum(np.concatenate((lengths, end - begin))))),
        conversions=np.concatenate((np.ones(len(lengths)), nowhere)),
        value=np.concatenate((value, nowhere)),
        null=np.concatenate((np.zeros(len(lengths)), nowhere + 1)),
    )


def _stretches(begin: Integers, end: Integers, size: int) -> Integers | Flags:
    """What takes begin[0] … end[0]-1, begin[1] … end[1]-1, and so on, out of an array of that size.

    Stretches that rise and do not overlap are a mask, which is a third of the cost of an index per touch.
    """
    if (begin[1:] >= end[:-1]).all():
        edges = np.empty(2 * len(begin) + 1, dtype=np.int64)
        edges[0:-1:2], edges[1::2], edges[-1] = begin, end, size
        keep = np.zeros(len(edges), dtype=bool)
        keep[1::2] = True
        return np.repeat(keep, np.diff(edges, prepend=0))
    lengths = end - begin
    steps: Integers = np.repeat(begin - (np.cumsum(lengths) - lengths), lengths)
    return steps + np.arange(len(steps))


def _anchors(
    ordered: _Sorted, milestones: Milestones | None, won: tuple[Integers, Integers, Integers, Integers]
) -> dict[str, Integers]:
    if milestones is None:
        return {}
    return {name: _anchor(ordered, milestones, place, won) for place, name in enumerate(milestones.names)}


def _anchor(
    ordered: _Sorted, milestones: Milestones, place: int, won: tuple[Integers, Integers, Integers, Integers]
) -> Integers:
    """For each journey the position, within the table, of the touch its latest such milestone followed."""
    person, at, begin, end = won
    mine = milestones.name == place
    order = np.lexsort((milestones.at[mine], milestones.person[mine]))
    whose, when = milestones.person[mine][order], milestones.at[mine][order]
    low, high = np.searchsorted(whose, person), np.searchsorted(whose, person, side="right")
    latest = _search(when, low, high, at, after=True) - 1
    found = latest >= low
    moment = when[np.where(found, latest, 0)] if len(when) else np.zeros(len(person), dtype=np.int64)
    touch = _search(ordered.at, begin, end, moment, after=True) - 1
    table_start = np.cumsum(end - begin) - (end - begin)
    return np.where(found & (touch >= begin), table_start + touch - begin, -1)
