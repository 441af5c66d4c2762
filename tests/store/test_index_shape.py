"""A read model that an earlier release made goes on, and is filled from the store."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chalicelib.identify import search_words
from chalicelib.records.lead import Assignment, Lead
from chalicelib.records.ports import Ref, Stored
from chalicelib.records.search import LeadQuery
from chalicelib.store.index_sqlite import SqliteReadModel

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LEAD = Lead("L1", "Jana Beispiel", assignment=Assignment("anna", (), "load", "1", NOW), updated_at=NOW,
            respond_by=NOW + timedelta(hours=1))  # fmt: skip
NEWER = ("contact_by", "snoozed_until", "snoozed_by", "snoozed_at", "company_key", "status_reason")


def earlier(path: Path) -> None:
    """As the release before these columns left it."""
    model = SqliteReadModel(path, search_words)
    model.apply([(Ref(Lead, ("L1",)), Stored(LEAD, 3))])
    model.close()
    connection = sqlite3.connect(path)
    for index in ("lead_company_key", "lead_due", "request_answers"):
        connection.execute(f"DROP INDEX {index}")
    for column in ("answered_at", "limit_at"):
        connection.execute(f"ALTER TABLE request DROP COLUMN {column}")
    for column in NEWER:
        connection.execute(f"ALTER TABLE lead DROP COLUMN {column}")
    connection.commit()
    connection.close()


def test_missing_columns_come_and_the_rows_are_asked_for_anew(tmp_path: Path) -> None:
    earlier(tmp_path / "index.db")
    model = SqliteReadModel(tmp_path / "index.db", search_words)
    ref = Ref(Lead, ("L1",))
    assert model.versions([ref]) == [0]
    assert model.leads(LeadQuery()).total == 1
    assert model.board.answers(NOW) == []
    assert model.inbox("anna", "EUR")[0].contact_by is None
    model.apply([(ref, Stored(LEAD, 3))])
    assert model.versions([ref]) == [3]
    assert model.inbox("anna", "EUR")[0].contact_by == LEAD.respond_by
    model.close()


def test_a_file_that_is_wide_enough_keeps_its_rows(tmp_path: Path) -> None:
    earlier(tmp_path / "index.db")
    for _ in range(2):
        model = SqliteReadModel(tmp_path / "index.db", search_words)
        model.apply([(Ref(Lead, ("L1",)), Stored(LEAD, 3))])
        model.close()
    model = SqliteReadModel(tmp_path / "index.db", search_words)
    assert model.versions([Ref(Lead, ("L1",))]) == [3]
    model.close()
