"""The attack cases: each test names its case ("form-05" is in `test_form_05_…`) and brings its own inputs, so that it
runs everywhere; where the shared folder is there, the answers a case must get are read from it."""

import json
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT.parent / "shared" / "cases" / "attacks" / "attacks_public.jsonl"


@cache
def shared() -> dict[str, dict[str, Any]]:
    """The cases by id; none where the shared folder is not there."""
    if not FILE.exists():
        return {}
    return {case["id"]: case for line in FILE.read_text("utf-8").splitlines() if line for case in [json.loads(line)]}


def given(case_id: str, own: Any, *path: str) -> Any:
    """The case's input at that path ("fields", "email"), or the project's own."""
    value: Any = shared().get(case_id, {}).get("input")
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return own if value is None else value


def statuses(case_id: str, *own: int) -> set[int]:
    """The answers a case may get: the file's, or the project's own."""
    listed = shared().get(case_id, {}).get("expect", {}).get("status")
    return set(listed) if listed else set(own)
