"""The morning board's questions to the read model, as SQL. A figure is one SELECT; its counts and its rows are made
from that same SELECT, so that a figure opens to exactly as many rows as it says."""

import json
import sqlite3
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.records.board import AnswerFact, BoardTimes, FigureFact
from chalicelib.records.lead import OPEN_STATUSES, LeadStatus
from chalicelib.records.search import LeadQuery, SearchWords
from chalicelib.records.touch import WAITING_STATES
from chalicelib.store.codec import stamp, unstamp
from chalicelib.store.index_queries import conditions

_OPEN = f"l.status IN ({', '.join(repr(status.value) for status in sorted(OPEN_STATUSES))})"
_WAITING = f"state IN ({', '.join(repr(state.value) for state in sorted(WAITING_STATES))})"
# Sets that are small beside the leads: each is read once by its index, not once a lead.
_ASKED = f"SELECT lead_id FROM request WHERE {_WAITING}"
_NOT_ASKED = f"l.lead_id NOT IN ({_ASKED})"
# One set and not three: a lead is looked up in it once.
_NOTHING_AHEAD = (
    f"l.lead_id NOT IN ({_ASKED} UNION ALL SELECT lead_id FROM promise WHERE state = 'open'"
    " UNION ALL SELECT lead_id FROM task WHERE open = 1 AND source = 'task')"
)

_REQUEST = "SELECT owner_id, lead_id, request_id AS record_id, 'answer' AS what, respond_by AS at FROM request WHERE"
_TASK = "SELECT owner_id, lead_id, task_id, 'task', due_at FROM task WHERE open = 1 AND source = 'task' AND"
_CONTACT = f"SELECT l.owner_id, l.lead_id, '', 'contact', l.contact_by FROM lead l WHERE {_OPEN} AND {_NOT_ASKED} AND"
_PROMISE = (
    "SELECT CASE WHEN p.promised_by IN (SELECT value FROM json_each(:active)) THEN p.promised_by"
    " ELSE coalesce(l.owner_id, '') END AS owner_id,"
    " p.lead_id, p.promise_id AS record_id, 'promise' AS what, p.due_at AS at"
    " FROM promise p LEFT JOIN lead l ON l.lead_id = p.lead_id WHERE"
)
_LEAD = "SELECT l.owner_id, l.lead_id, '' AS record_id, 'lead' AS what, l.updated_at AS at FROM lead l WHERE " + _OPEN

_FIGURES = {
    "late": f"{_REQUEST} state = 'escalated' OR (state = 'open' AND respond_by < :now)",
    "today": (
        f"{_REQUEST} state = 'open' AND respond_by >= :now AND respond_by < :until"
        f" UNION ALL {_CONTACT} l.contact_by >= :now AND l.contact_by < :until"
        f" UNION ALL {_TASK} due_at >= :now AND due_at <= :until"
    ),
    "overdue": (
        "SELECT owner_id, lead_id, '' AS record_id, 'contact' AS what, contact_by AS at FROM"
        f" ({_CONTACT} l.contact_by < :now) UNION ALL {_TASK} due_at < :now"
    ),
    "promises": f"{_PROMISE} p.state = 'open' AND p.due_at >= :now AND p.due_at <= :until",
    "broken": f"{_PROMISE} p.state = 'broken' OR (p.state = 'open' AND p.due_at < :now)",
    "no_step": f"{_LEAD} AND l.contact_by IS NULL AND {_NOTHING_AHEAD}",
    "unowned": f"{_LEAD} AND l.owner_id IN ('', 'unassigned')",
    "open": _LEAD,
    "answered": (
        "SELECT owner_id, lead_id, request_id AS record_id, 'answer' AS what, answered_at AS at FROM request"
        " WHERE state = 'answered' AND answered_at >= :since"
    ),
}


class BoardIndex:
    """BoardFacts port over the read model's file."""

    def __init__(self, connection: Callable[[], sqlite3.Connection], words: SearchWords) -> None:
        self._connection, self._words = connection, words

    def _rows(self, sql: str, values: Any) -> list[Any]:
        return self._connection().execute(sql, values).fetchall()

    def tally(self, figure: str, times: BoardTimes) -> Mapping[str, int]:
        return dict(self._rows(f"SELECT owner_id, count(*) FROM ({_FIGURES[figure]}) GROUP BY 1", _values(times)))

    def rows(
        self, figure: str, times: BoardTimes, owners: Collection[str] | None, offset: int, limit: int
    ) -> list[FigureFact]:
        values = _values(times) | {"owners": json.dumps(sorted(owners or ())), "offset": offset, "limit": limit}
        where = "" if owners is None else "WHERE owner_id IN (SELECT value FROM json_each(:owners))"
        found = self._rows(
            f"SELECT owner_id, lead_id, record_id, what, at FROM ({_FIGURES[figure]}) {where}"
            " ORDER BY at, lead_id, record_id LIMIT :limit OFFSET :offset",
            values,
        )
        return [
            FigureFact(owner, lead_id, record_id, what, unstamp(at) if at else None)
            for owner, lead_id, record_id, what, at in found
        ]

    def answers(self, since: datetime) -> list[AnswerFact]:
        found = self._rows(
            "SELECT owner_id, received_at, answered_at, limit_at FROM request"
            " WHERE state = 'answered' AND answered_at >= ?",
            (stamp(since),),
        )
        return [
            AnswerFact(owner, unstamp(received), unstamp(answered), unstamp(limit) if limit else None)
            for owner, received, answered, limit in found
        ]

    def rejections(self, query: LeadQuery) -> Mapping[str, int]:
        rejected = replace(query, status=LeadStatus.REJECTED.value)
        where, values = conditions(rejected, self._words.asked(query.text), self._words.asked(query.company_text))
        return dict(
            self._rows(
                f"SELECT coalesce(l.status_reason, ''), count(*) FROM lead l {where} GROUP BY 1 ORDER BY 2 DESC, 1",
                values,
            )
        )


def _values(times: BoardTimes) -> dict[str, Any]:
    return {
        "now": stamp(times.now),
        "until": stamp(times.until),
        "since": stamp(times.since),
        "active": json.dumps(sorted(times.active)),
    }
