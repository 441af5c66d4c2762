"""Rows as a release wrote them that is still out there: each must be read for ever, by default values where fields came
later. A row of a new kind may be added to the file; one that is there is never changed to make this pass."""

import json
from pathlib import Path
from typing import Any

import pytest

from chalicelib.store.codec import decode, encode
from chalicelib.store.kinds import BY_NAME
from chalicelib.store.unknown_fields import UnknownFields

ROWS = json.loads((Path(__file__).parent / "rows_of_an_earlier_release.json").read_text("utf-8"))


@pytest.mark.parametrize("kind", ROWS)
def test_a_row_of_an_earlier_release_is_read_under_its_key_and_loses_nothing(kind: str) -> None:
    row, known = ROWS[kind], BY_NAME[kind]
    record = decode(known.type, json.dumps(row["body"]).encode())
    assert known.key(known.ids(record)) == (row["pk"], row["sk"])
    unknown, body = UnknownFields(), json.dumps(row["body"]).encode()
    unknown.note((row["pk"], row["sk"]), 1, body, encode(record))
    written = json.loads(unknown.kept((row["pk"], row["sk"]), 1, encode(record)))
    assert holds(written, row["body"])


def holds(written: Any, before: Any) -> bool:
    """Whether all of it is there; a later release may have more fields, at any depth."""
    if isinstance(before, dict):
        return all(name in written and holds(written[name], told) for name, told in before.items())
    if isinstance(before, list):
        return len(written) == len(before) and all(map(holds, written, before))
    return bool(written == before)
