"""The sample data, made at any hour, is a store that passes its own check."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chalicelib.flows.check_store import check_store
from chalicelib.sample import make_sample
from chalicelib.settings import Settings
from chalicelib.wiring import open_service


@pytest.mark.parametrize("moment", ["2026-11-25T18:55", "2026-11-29T03:10"])
def test_nothing_of_the_sample_is_past_its_limit_without_an_escalation(tmp_path: Path, moment: str) -> None:
    now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    deps = replace(open_service(Settings(data=tmp_path)).deps, clock=lambda: now)
    make_sample(deps)
    assert check_store(deps)["violations"] == []
