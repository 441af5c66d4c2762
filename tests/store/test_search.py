"""The read model: people are found as they are looked for."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chalicelib.identify import search_words
from chalicelib.records.lead import Lead, LeadStatus, Score
from chalicelib.records.ports import Ref, Stored
from chalicelib.records.search import LeadQuery
from chalicelib.store.index_sqlite import SqliteReadModel

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
JANA = Lead(
    "L1", "Jana Müller", company="Beispiel GmbH", emails=("jana@customer.example.com",), phones=("+4930900013",),
    score=Score(80), created_at=NOW,
)  # fmt: skip
WANG = Lead("L2", "王小明", company="北京样例科技有限公司", status=LeadStatus.REJECTED, score=Score(5), created_at=NOW)


@pytest.fixture
def model(tmp_path: Path) -> Iterator[SqliteReadModel]:
    made = SqliteReadModel(tmp_path / "index.db", search_words)
    made.apply([(Ref(Lead, (lead.lead_id,)), Stored(lead, 1)) for lead in (JANA, WANG)])
    yield made
    made.close()


def found(model: SqliteReadModel, **query: object) -> list[str]:
    return [row.lead_id for row in model.leads(LeadQuery(**query)).rows]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        *("jana", "JAN", "muller", "Müller Jana", "beispiel gm", "jana@cust"),
        *("+4930900013", "+49 30 900013", "030 900013", "(030) 900-013", "30900"),
    ],
)
def test_a_person_is_found_by_what_people_type(model: SqliteReadModel, text: str) -> None:
    assert found(model, text=text) == ["L1"]


@pytest.mark.parametrize("text", ["王", "小明", "样例科技", "北京"])
def test_han_names_are_found_by_any_of_their_characters(model: SqliteReadModel, text: str) -> None:
    assert found(model, text=text) == ["L2"]


@pytest.mark.parametrize("text", ['"', "jana OR wang", "NEAR(", "* -", "'; DROP TABLE lead", "jana AND"])
def test_no_operator_can_be_typed(model: SqliteReadModel, text: str) -> None:
    assert model.leads(LeadQuery(text=text)).total in (0, 2)


def test_filters_are_joined_and_sorting_is_as_asked(model: SqliteReadModel) -> None:
    assert found(model, sort="score") == ["L1", "L2"]
    assert found(model, min_score=50) == ["L1"]
    assert found(model, status="rejected") == ["L2"]
    assert found(model, status="rejected", text="jana") == []


def test_a_changed_person_is_found_by_the_new_words_only(model: SqliteReadModel) -> None:
    renamed = Lead("L1", "Erika Muster", created_at=NOW)
    model.apply([(Ref(Lead, ("L1",)), Stored(renamed, 2))])
    assert found(model, text="jana") == []
    assert found(model, text="erika") == ["L1"]
    model.apply([(Ref(Lead, ("L1",)), None)])
    assert found(model, text="erika") == []


def test_an_older_version_never_replaces_a_newer_one(model: SqliteReadModel) -> None:
    model.apply([(Ref(Lead, ("L1",)), Stored(Lead("L1", "Erika Muster", created_at=NOW), 3))])
    model.apply([(Ref(Lead, ("L1",)), Stored(JANA, 2))])
    assert found(model, text="jana") == []
    assert found(model, text="erika") == ["L1"]
