"""What the read model is asked for, as conditions of SQL with their values."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from chalicelib.records.search import LeadQuery, Wanted
from chalicelib.store.codec import stamp
from chalicelib.store.index_words import matching


def among(column: str, owners: Collection[str] | None) -> tuple[str, list[str]]:
    """The condition that a row's owner is one of these, with its values; true for None."""
    if owners is None:
        return "1", []
    return f"{column} IN ({', '.join('?' * len(owners))})", sorted(owners)


WORDS = "l.text_id IN (SELECT rowid FROM lead_words WHERE lead_words MATCH ?)"
_COMPANY = (
    "l.lead_id IN (SELECT lead_id FROM lead WHERE company_key = ?"
    " UNION SELECT lead_id FROM lead WHERE company = ? AND coalesce(company_key, '') = '')"
)


def conditions(query: LeadQuery, wanted: Sequence[Wanted], company: Sequence[Wanted] = ()) -> tuple[str, list[Any]]:
    """On rows `l` of the leads, with the words of the query's text and company; whose they are and how they stand is
    asked of the full-text index where that is."""
    found = [*_by_words(query, wanted, company), *_by_cells(query)]
    values = [value for _, of_part in found for value in of_part]
    return (f"WHERE {' AND '.join(part for part, _ in found)}" if found else ""), values


_Part = tuple[str, Sequence[Any]]


def _by_words(query: LeadQuery, wanted: Sequence[Wanted], company: Sequence[Wanted]) -> Iterator[_Part]:
    if wanted:
        yield WORDS, [matching(wanted, query.owners, query.status)]
    else:
        if query.status:
            yield "l.status = ?", [query.status]
        if query.owners is not None:
            # The + keeps SQLite from going by all of an owner's leads to a company's few.
            yield among("+l.owner_id" if query.company else "l.owner_id", query.owners)
    if company:
        yield WORDS, [matching(company, columns=("company",))]


def _by_cells(query: LeadQuery) -> Iterator[_Part]:
    if query.company:
        yield _COMPANY, query.company
    if query.reason is not None:
        yield "coalesce(l.status_reason, '') = ?", [query.reason]
    for column, value in (("campaign_id", query.campaign_id), ("import_id", query.import_id)):
        if value:
            yield f"l.lead_id IN (SELECT lead_id FROM touch WHERE {column} = ?)", [value]
    for part, one in (
        ("l.owner_id = ?", query.owner_id or None),
        ("l.country = ?", query.country or None),
        ("l.score >= ?", query.min_score),
        ("l.score <= ?", query.max_score),
        ("l.created_at >= ?", query.created_from),
        ("l.created_at < ?", query.created_until),
        ("l.contact_by <= ?", query.due_by),
    ):
        if one is not None:
            yield part, [stamp(one) if isinstance(one, datetime) else one]
