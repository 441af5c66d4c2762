"""A page of the list of leads, sorted and filtered over all of them."""

import sqlite3
from collections.abc import Sequence
from typing import Any

from chalicelib.records.search import LeadPage, LeadQuery, Wanted
from chalicelib.store.index_find import LEAD_ROW, lead_row_of
from chalicelib.store.index_queries import conditions

_ORDER = {
    "newest": "l.updated_at DESC, l.lead_id DESC",
    "score": "l.score DESC, l.lead_id DESC",
    "name": "l.full_name COLLATE NOCASE, l.lead_id",
}
# Of so few, all are read and sorted; of more, the order's index is walked until the page is full.
_FEW = 4_000


def lead_page(connection: sqlite3.Connection, query: LeadQuery, wanted: Sequence[Wanted]) -> LeadPage:
    where, values = conditions(query, wanted)
    total = connection.execute(f"SELECT count(*) FROM lead l {where}", values).fetchone()[0]
    order = _ORDER.get(query.sort, _ORDER["newest"])
    if total <= _FEW:
        # A + keeps SQLite from walking the order's index, of which nearly nothing may fit.
        order = f"+{order}"
    rows: list[Any] = connection.execute(
        f"SELECT {LEAD_ROW} FROM lead l {where} ORDER BY {order} LIMIT ? OFFSET ?",
        [*values, query.limit, query.offset],
    ).fetchall()
    return LeadPage(tuple(lead_row_of(row) for row in rows), total)
