"""Who and which companies a search finds, in the read model's file."""

import sqlite3
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from chalicelib.records.search import Document, FoundCompany, FoundLead, FoundPeople, LeadRow, Wanted
from chalicelib.store.codec import unstamp
from chalicelib.store.index_words import matching

# Candidates that are ranked; of a company's people so many are looked at.
MOST_PEOPLE, MOST_OF_COMPANIES = 200, 1_000
LEAD_ROW = (
    "l.lead_id, l.full_name, l.company, l.email, l.country, l.status, l.score, l.owner_id, l.touches, l.updated_at,"
    " l.created_at, l.contact_by"
)
# Of records of before that was noted.
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_ROW = len(LEAD_ROW.split(", "))
_IDS = "SELECT rowid FROM lead_words WHERE lead_words MATCH ? ORDER BY rowid DESC LIMIT ?"


def lead_row_of(row: Sequence[Any]) -> LeadRow:
    updated, created, contact = (unstamp(text) if text else None for text in row[_ROW - 3 : _ROW])
    return LeadRow(*(*row[: _ROW - 3], updated or NEVER, created, contact))


def find_people(
    connection: sqlite3.Connection, wanted: Sequence[Wanted], owners: Collection[str] | None
) -> FoundPeople:
    if not wanted:
        return FoundPeople((), 0)
    begun = matching(wanted, owners)
    ids = [row[0] for text in (matching(wanted, owners, whole=True), begun)
           for row in connection.execute(_IDS, (text, MOST_PEOPLE))]  # fmt: skip
    ids = list(dict.fromkeys(ids))
    total = connection.execute("SELECT count(*) FROM lead_words WHERE lead_words MATCH ?", (begun,)).fetchone()[0]
    rows = connection.execute(
        f"SELECT {LEAD_ROW}, l.emails, l.phones, w.name, w.company, w.email, w.phone, w.product"
        " FROM lead l JOIN lead_words w ON w.rowid = l.text_id"
        f" WHERE l.text_id IN ({', '.join('?' * len(ids))})",
        ids,
    )
    return FoundPeople(tuple(_found(row) for row in rows), total)


def _found(row: Sequence[Any]) -> FoundLead:
    emails, phones, *words = row[_ROW:]
    return FoundLead(lead_row_of(row), Document(*words), tuple(emails.split()), tuple(phones.split()))


def find_companies(
    connection: sqlite3.Connection, wanted: Sequence[Wanted], owners: Collection[str] | None
) -> list[FoundCompany]:
    """Each by its best lead: SQLite takes the other columns from the row of max()."""
    if not wanted:
        return []
    rows = connection.execute(
        "SELECT l.company, l.lead_id, count(*), w.company, max(l.score)"
        f" FROM lead l JOIN lead_words w ON w.rowid = l.text_id WHERE l.text_id IN ({_IDS}) AND l.company <> ''"
        " GROUP BY coalesce(nullif(l.company_key, ''), l.company)",
        (matching(wanted, owners, columns=("company",)), MOST_OF_COMPANIES),
    )
    return [FoundCompany(*row[:4]) for row in rows]
