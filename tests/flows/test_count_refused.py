"""What is sent to no intake is counted by day, as well as can be."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.flows.count_refused import count_refused, refused_lately
from chalicelib.records.intake import NotTakenIn
from chalicelib.records.ports import Conflict, StoreUnavailable
from tests.doubles import Down
from tests.handlers.desk import Desk, open_desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_desk(tmp_path)


def test_each_is_counted_on_its_day_and_shown_for_thirty(desk: Desk) -> None:
    deps = desk.world.deps
    for _ in range(3):
        count_refused(deps)
    desk.world.now += timedelta(days=29)
    count_refused(deps)
    assert refused_lately(deps) == 4
    assert sorted(stored.value.count for stored in deps.store.query(NotTakenIn)) == [1, 3]
    desk.world.now += timedelta(days=1)
    assert refused_lately(deps) == 1


@pytest.mark.parametrize("error", [StoreUnavailable("throttled"), Conflict()])
def test_a_count_that_cannot_be_written_keeps_nobody_from_their_answer(desk: Desk, error: Exception) -> None:
    reads = None if isinstance(error, StoreUnavailable) else desk.world.deps.store
    down: Any = Down(error, reads)
    count_refused(replace(desk.world.deps, store=down))
    assert refused_lately(desk.world.deps) == 0
