"""What the read model is asked for, as conditions of SQL with their values."""

from collections.abc import Collection, Sequence
from typing import Any

from chalicelib.records.promise import PromiseQuery
from chalicelib.records.quote import QuoteQuery
from chalicelib.records.search import LeadQuery, Wanted
from chalicelib.store.codec import stamp
from chalicelib.store.index_words import matching


def among(column: str, owners: Collection[str] | None) -> tuple[str, list[str]]:
    """The condition that a row's owner is one of these, with its values; true for None."""
    if owners is None:
        return "1", []
    return f"{column} IN ({', '.join('?' * len(owners))})", sorted(owners)


def of_ledger(giver: str, query: PromiseQuery | QuoteQuery) -> tuple[str, list[Any]]:
    """The condition on rows `p` of a ledger, beside the lead `l` they are to; `giver` is the column of who gave it."""
    parts: list[str] = []
    values: list[Any] = []
    if query.states:
        parts.append(f"p.state IN ({', '.join('?' * len(query.states))})")
        values += sorted(query.states)
    if query.customer:
        parts.append("p.customer = ?")
        values.append(query.customer)
    if isinstance(query, PromiseQuery) and query.due_by:
        parts.append("p.due_at <= ?")
        values.append(stamp(query.due_by))
    if query.owners is not None:
        (by, ids), (own, owned) = among(f"p.{giver}", query.owners), among("l.owner_id", query.owners)
        parts.append(f"({by} OR {own})")
        values += [*ids, *owned]
    return (f"WHERE {' AND '.join(parts)}" if parts else ""), values


def conditions(query: LeadQuery, wanted: Sequence[Wanted]) -> tuple[str, list[Any]]:
    """On rows `l` of the leads; whose they are and how they stand is asked of the full-text index where that is."""
    parts: list[str] = []
    values: list[Any] = []
    if wanted:
        parts.append("l.text_id IN (SELECT rowid FROM lead_words WHERE lead_words MATCH ?)")
        values.append(matching(wanted, query.owners, query.status))
    elif query.status:
        parts.append("l.status = ?")
        values.append(query.status)
    if query.owners is not None and not wanted:
        owned_by, ids = among("l.owner_id", query.owners)
        parts.append(owned_by)
        values += ids
    if query.owner_id:
        parts.append("l.owner_id = ?")
        values.append(query.owner_id)
    if query.company:
        parts.append(
            "l.lead_id IN (SELECT lead_id FROM lead WHERE company_key = ?"
            " UNION SELECT lead_id FROM lead WHERE company = ? AND coalesce(company_key, '') = '')"
        )
        values += query.company
    if query.reason is not None:
        parts.append("coalesce(l.status_reason, '') = ?")
        values.append(query.reason)
    if query.min_score is not None:
        parts.append("l.score >= ?")
        values.append(query.min_score)
    for column, value in (("campaign_id", query.campaign_id), ("import_id", query.import_id)):
        if value:
            parts.append(f"l.lead_id IN (SELECT lead_id FROM touch WHERE {column} = ?)")
            values.append(value)
    return (f"WHERE {' AND '.join(parts)}" if parts else ""), values
