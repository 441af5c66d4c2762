"""A page of a ledger, filtered and sorted over all of it."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.records.ledgers import Ledger, LedgerQuery, Listed
from chalicelib.records.search import Wanted
from chalicelib.store.codec import stamp
from chalicelib.store.index_queries import WORDS, among
from chalicelib.store.index_words import matching

Ids = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a ledger's rows stand: its table and columns. `giver` is who gave or has it; `newest_first` by its time."""

    table: str
    record: str
    time: str
    giver: str = ""
    newest_first: bool = False


_PLACES = {
    Ledger.REQUESTS: _Place("request", "request_id", "respond_by", "owner_id"),
    Ledger.PROMISES: _Place("promise", "promise_id", "due_at", "promised_by"),
    Ledger.QUOTES: _Place("quote", "quote_id", "made_at", "made_by", newest_first=True),
    Ledger.MAILS: _Place("message", "message_id", "created_at", newest_first=True),
}
_NAMES = {"person": "l.full_name", "company": "l.company"}


def ledger_page(connection: sqlite3.Connection, query: LedgerQuery, wanted: Sequence[Wanted] = ()) -> Listed[Ids]:
    place, part = _PLACES[query.ledger], query.part
    parts = _conditions(query, place, wanted)
    values = [value for _, of_part in parts for value in of_part]
    where = f"WHERE {' AND '.join(condition for condition, _ in parts)}" if parts else ""
    # Only where the lead matters: a count over all mail needs no look at each one's lead.
    lead = "LEFT JOIN lead l ON l.lead_id = p.lead_id"
    counted = f"FROM {place.table} p {lead if 'l.' in where else ''} {where}"
    total = connection.execute(f"SELECT count(*) {counted}", values).fetchone()[0]
    offset = part.offset if part.offset < total else 0
    order = _order(query, place)
    shown = f"FROM {place.table} p {lead if 'l.' in where + order else ''} {where}"
    rows = connection.execute(
        f"SELECT p.lead_id, p.{place.record} {shown} ORDER BY {order} LIMIT ? OFFSET ?", [*values, part.limit, offset]
    )
    return Listed(tuple(rows.fetchall()), total, offset)


def _order(query: LedgerQuery, place: _Place) -> str:
    part = query.part
    if column := _NAMES.get(part.sort):
        way = "DESC" if part.turned else "ASC"
        # Who has no name comes last, whichever way round.
        return f"coalesce({column}, '') = '', {column} COLLATE NOCASE {way}, p.{place.time}, p.{place.record}"
    way = "DESC" if place.newest_first != part.turned else "ASC"
    return f"p.{place.time} {way}, p.{place.record} {way}"


_Condition = tuple[str, Sequence[Any]]


def _conditions(query: LedgerQuery, place: _Place, wanted: Sequence[Wanted]) -> list[_Condition]:
    found: list[_Condition] = []
    if query.states:
        found.append(among("p.state", query.states))
    if query.owners is not None:
        found.append(_seen(query, place))
    if query.part.of:
        found.append(_of(query, place))
    if query.until:
        found.append((f"p.{place.time} <= ?", [stamp(query.until)]))
    if query.late_at:
        found.append((f"(p.state = 'escalated' OR p.{place.time} < ?)", [stamp(query.late_at)]))
    if query.kind:
        found.append(("p.kind = ?", [query.kind]))
    if wanted:
        found.append((WORDS, [matching(wanted)]))
    return found


def _seen(query: LedgerQuery, place: _Place) -> _Condition:
    (given, givers), (owned, owners) = among(f"p.{place.giver}", query.owners), among("l.owner_id", query.owners)
    both = "AND" if query.ledger is Ledger.REQUESTS else "OR"
    return f"({given} {both} {owned})", [*givers, *owners]


def _of(query: LedgerQuery, place: _Place) -> _Condition:
    if query.ledger is Ledger.REQUESTS:
        return f"p.{place.giver} = ?", [query.part.of]
    return f"(p.{place.giver} = ? OR l.owner_id = ?)", [query.part.of] * 2
