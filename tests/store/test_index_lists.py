"""The list of leads is the same whether its order is walked, as of all, or those who fit are sorted."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chalicelib.identify import search_words
from chalicelib.records.lead import Lead, Score
from chalicelib.records.ports import Ref, Stored
from chalicelib.records.search import SORTS, LeadQuery
from chalicelib.store.index_sqlite import SqliteReadModel

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def model(tmp_path: Path) -> Iterator[SqliteReadModel]:
    made = SqliteReadModel(tmp_path / "index.db", search_words)
    leads = [
        Lead(f"L{n:02d}", f"Guest {n % 7}", score=Score(n % 11), updated_at=NOW + n % 5 * timedelta(hours=1),
             respond_by=NOW + n % 4 * timedelta(hours=1) if n % 3 else None, touch_count=n % 2)
        for n in range(40)
    ]  # fmt: skip
    made.apply([(Ref(Lead, (lead.lead_id,)), Stored(lead, 1)) for lead in leads], NOW)
    yield made
    made.close()


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("turned", [False, True])
def test_all_and_those_who_fit_are_sorted_alike(model: SqliteReadModel, sort: str, turned: bool) -> None:
    for offset in range(0, 40, 9):
        walked = LeadQuery(sort=sort, turned=turned, offset=offset, limit=9)
        everybody_fits = replace(walked, min_score=0)
        assert model.leads(walked) == model.leads(everybody_fits)
