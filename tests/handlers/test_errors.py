"""What went wrong, as callers are told."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.handlers.errors import problem_of
from chalicelib.records.ports import TooLarge
from tests.handlers.desk import JANA, open_desk


@pytest.mark.parametrize(("kind", "field"), [("Touch", "message"), ("Note", "text"), ("Lead", "body"), ("", "body")])
def test_a_record_the_store_cannot_hold_is_a_problem_of_the_field_its_text_came_from(kind: str, field: str) -> None:
    found = problem_of(TooLarge("a record takes 500000 bytes", kind), "R1")
    assert (found.status, found.errors[0].field) == (413, field)
    assert found.errors[0].reason == "longer than one record can hold: 400 KB"


def test_a_submission_too_large_to_keep_stores_nothing_and_says_so(tmp_path: Path) -> None:
    desk = open_desk(tmp_path)
    deps = desk.world.deps

    class Small:
        """An engine that holds less."""

        def __getattr__(self, name: str) -> Any:
            return getattr(deps.store, name)

        def commit(self, writes: Any) -> None:
            raise TooLarge("a record of kind Touch takes 450000 bytes", "Touch")

    small: Any = Small()
    wiring.use(replace(wiring.service(), deps=replace(deps, store=small)))
    answer = desk.world.client.post("/f/contact", json=JANA)
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    told = json.loads(answer.text)
    assert told["errors"][0]["field"] == "message"
    assert told["detail"] == "longer than one record can hold: 400 KB"
