"""The word lists of this stage, read on first use from `chalicelib/data`."""

import json
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).resolve().parent.parent / "data"


@cache
def word_list(name: str) -> Any:
    """The contents of `data/<name>.json`. A missing or broken file is a broken installation: it raises."""
    return json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))


@cache
def words_of(name: str, part: str) -> frozenset[str]:
    """One list of such a file as a set."""
    return frozenset(word_list(name)[part])
