"""Yes and no, in the words of the languages that forms and lists come in."""

import functools
import json
from pathlib import Path

_DATA = Path(__file__).parent.parent / "data" / "columns.json"


@functools.cache
def _flags() -> dict[str, bool]:
    data = json.loads(_DATA.read_text(encoding="utf-8"))
    return dict.fromkeys(data["yes"], True) | dict.fromkeys(data["no"], False)


def read_flag(cell: str) -> bool | None:
    """Yes or no; None for anything else."""
    return _flags().get(cell.strip().casefold())
