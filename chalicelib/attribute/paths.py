"""Journeys as paths of channels, integer coded: the form every credit model reads."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from chalicelib.attribute.columns import amount_from_zero, parsed, read_columns, word
from chalicelib.records.contact import Refusal

Integers = npt.NDArray[np.integer[Any]]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

# A ">" between spaces; one inside a name ("Q&A>Blog") belongs to the name.
_SEPARATOR = re.compile(r"(?<=\s)>(?=\s)")
_MEASURES = ("total_conversions", "total_conversion_value", "total_null")


@dataclass(frozen=True, slots=True)
class PathTable:
    """`n` paths over `m` channels. Path `i` is `codes[offsets[i]:offsets[i + 1]]`, at least one touch long,
    each code an index into `channels`. `conversions`, `value` and `null` (how often the path was walked
    without a conversion) have one number a path."""

    channels: tuple[str, ...]
    codes: Integers
    offsets: Integers
    conversions: Floats
    value: Floats
    null: Floats

    @property
    def lengths(self) -> Integers:
        """Touches per path."""
        return np.diff(self.offsets)

    def only(self, keep: Flags) -> "PathTable":
        """The paths where `keep` is true, in the same order; nothing is copied where they are the first ones."""
        count = int(keep.sum())
        if keep[:count].all():
            return self._first(count)
        kept = self.lengths[keep]
        return PathTable(
            self.channels,
            self.codes[np.repeat(keep, self.lengths)],
            np.concatenate(([0], np.cumsum(kept))),
            self.conversions[keep],
            self.value[keep],
            self.null[keep],
        )

    def _first(self, count: int) -> "PathTable":
        offsets = self.offsets[: count + 1]
        measures = self.conversions[:count], self.value[:count], self.null[:count]
        return PathTable(self.channels, self.codes[: offsets[-1]], offsets, *measures)


def small_codes(values: npt.ArrayLike, channels: int) -> Integers:
    """Channel codes in one byte where they fit: ten million of them then stay near the processor's cache."""
    return np.asarray(values).astype(np.uint8 if channels <= 256 else np.int32, copy=False)


def read_paths(text: str) -> PathTable | Refusal:
    """A paths file: `path,total_conversions,total_conversion_value,total_null`, touches separated by " > ".

    `path` and `total_conversions` must be there, the other two default to 0. Refuses, with the row: a path or
    touch without a name, a number that is negative or none, a value without a conversion. Channels come out
    sorted by name.
    """
    columns = read_columns(text, ("path", "total_conversions"), _MEASURES[1:])
    if isinstance(columns, Refusal):
        return columns
    paths = parsed("path", columns["path"], word, "not a path")
    if isinstance(paths, Refusal):
        return paths
    numbers: list[list[float]] = []
    for name in _MEASURES:
        cells = columns[name] if name == _MEASURES[0] else [cell or "0" for cell in columns[name]]
        values = parsed(name, cells, amount_from_zero, "not a number of zero or more")
        if isinstance(values, Refusal):
            return values
        numbers.append(values)
    steps = [[touch.strip() for touch in _SEPARATOR.split(f" {path} ")] for path in paths]
    return _row_refusal(steps, numbers) or _table(steps, numbers)


def _row_refusal(steps: Sequence[Sequence[str]], numbers: Sequence[Sequence[float]]) -> Refusal | None:
    for row, (path, conversions, value) in enumerate(zip(steps, numbers[0], numbers[1], strict=True), start=1):
        if "" in path:
            return Refusal(row=row, field="path", reason="a touch has no name")
        if value and not conversions:
            return Refusal(row=row, field="total_conversion_value", reason="a value without a conversion")
    return None


def _table(steps: Sequence[Sequence[str]], numbers: Sequence[Sequence[float]]) -> PathTable:
    channels = tuple(sorted({touch for path in steps for touch in path}))
    code = {name: place for place, name in enumerate(channels)}
    flat = [code[touch] for path in steps for touch in path]
    offsets = np.concatenate(([0], np.cumsum([len(path) for path in steps])))
    conversions, value, null = (np.array(column, dtype=np.float64) for column in numbers)
    return PathTable(channels, small_codes(flat, len(channels)), offsets, conversions, value, null)
