"""What the read model is asked for, as conditions of SQL with their values."""

from collections.abc import Collection
from typing import Any

from chalicelib.records.promise import PromiseQuery
from chalicelib.records.quote import QuoteQuery
from chalicelib.records.search import LeadQuery
from chalicelib.store.codec import stamp
from chalicelib.store.index_rows import phrase


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


def conditions(query: LeadQuery) -> tuple[str, list[Any]]:
    parts: list[str] = []
    values: list[Any] = []
    for column, value in (("status", query.status), ("owner_id", query.owner_id)):
        if value:
            parts.append(f"l.{column} = ?")
            values.append(value)
    if query.owners is not None:
        owned_by, ids = among("l.owner_id", query.owners)
        parts.append(owned_by)
        values += ids
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
    if text := phrase(query.text):
        parts.append("l.lead_id IN (SELECT lead_id FROM lead_text WHERE words MATCH ?)")
        values.append(text)
    return (f"WHERE {' AND '.join(parts)}" if parts else ""), values
