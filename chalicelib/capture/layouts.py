"""Exports of other tools, known by their columns: what a column means there, whatever its name suggests."""

import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chalicelib.capture.headers import header_key

_DATA = Path(__file__).parent.parent / "data" / "layouts.json"


@dataclass(frozen=True, slots=True)
class Layout:
    """`fields` are by the reduced header name (`header_key`), "" for kept as given; `tests` are columns that say yes on
    rows somebody made to try the form out."""

    name: str
    least: int
    signs: frozenset[str]
    fields: dict[str, str]
    tests: frozenset[str]


@functools.cache
def _layouts() -> tuple[Layout, ...]:
    return tuple(
        Layout(
            one["name"],
            one["least"],
            frozenset(map(header_key, one["signs"])),
            {header_key(column): field for column, field in one["fields"].items()},
            frozenset(map(header_key, one["tests"])),
        )
        for one in json.loads(_DATA.read_text(encoding="utf-8"))["layouts"]
    )


def known_layout(header: Sequence[str]) -> Layout | None:
    """The layout most of whose signs are among the columns, if enough of them are; None for a list of its own kind."""
    keys = frozenset(map(header_key, header))
    seen = [(len(layout.signs & keys), layout) for layout in _layouts()]
    count, best = max(seen, key=lambda pair: pair[0])
    return best if count >= best.least else None
