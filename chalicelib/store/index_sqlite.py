"""The read model, embedded: a SQLite file of its own with FTS5. It can be deleted; it is rebuilt from the feed's
table. Own file, so that its writes never wait for (or hold up) a submission."""

import sqlite3
import threading
from collections import defaultdict
from collections.abc import Iterable, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from chalicelib.records.lead import OPEN_STATUSES, Lead
from chalicelib.records.money import Money
from chalicelib.records.ports import Ref, Stored
from chalicelib.records.search import LeadPage, LeadQuery, LeadRow, TouchFact, WonFact
from chalicelib.store.codec import unstamp
from chalicelib.store.index_rows import TABLES, lead_text, phrase

Change = tuple[Ref[Any], Stored[Any] | None]

_ORDER = {
    "newest": "updated_at DESC, lead_id DESC",
    "score": "score DESC, lead_id DESC",
    "name": "full_name COLLATE NOCASE, lead_id",
}


class SqliteReadModel:
    """ReadModel port over one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._writing = threading.Lock()
        schema = resources.files("chalicelib.store").joinpath("index_schema.sql").read_text("utf-8")
        self._connection().executescript(schema)

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._path, isolation_level=None, timeout=20)
            self._local.connection = connection
        return connection

    def _rows(self, sql: str, *values: Any) -> list[Any]:
        return self._connection().execute(sql, values).fetchall()

    def apply(self, changes: Sequence[Change]) -> None:
        by_kind: dict[type, list[Change]] = defaultdict(list)
        for ref, record in changes:
            if ref.kind in TABLES:
                by_kind[ref.kind].append((ref, record))
        with self._writing:
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            for kind, group in by_kind.items():
                self._replace(connection, kind, group)
            connection.execute("COMMIT")

    def _replace(self, connection: sqlite3.Connection, kind: type, group: list[Change]) -> None:
        table, key, row = TABLES[kind]
        where = " AND ".join(f"{column} = ?" for column in key)
        newer = [change for change in group if not self._overtaken(connection, table, where, change)]
        if kind is Lead:
            self._replace_text(connection, newer)
        gone = [ref.ids for ref, stored in newer if stored is None]
        rows = [(*row(stored.value), stored.version) for _, stored in newer if stored is not None]
        if gone:
            connection.executemany(f"DELETE FROM {table} WHERE {where}", gone)
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            connection.executemany(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", rows)

    def _overtaken(self, connection: sqlite3.Connection, table: str, where: str, change: Change) -> bool:
        """Whether another reader of the feed has brought a newer version already."""
        ref, stored = change
        if stored is None:
            return False
        found = connection.execute(f"SELECT version FROM {table} WHERE {where}", ref.ids).fetchone()
        return found is not None and found[0] > stored.version

    def _replace_text(self, connection: sqlite3.Connection, group: list[Change]) -> None:
        # FTS5 finds a row by rowid alone; lead_text_id remembers which one is whose.
        found = [
            row
            for ref, _ in group
            for row in connection.execute("SELECT text_id FROM lead_text_id WHERE lead_id = ?", ref.ids)
        ]
        connection.executemany("DELETE FROM lead_text WHERE rowid = ?", found)
        for ref, lead in group:
            if lead is not None:
                cursor = connection.execute(
                    "INSERT INTO lead_text (words, lead_id) VALUES (?, ?)", (lead_text(lead.value), ref.ids[0])
                )
                connection.execute("INSERT OR REPLACE INTO lead_text_id VALUES (?, ?)", (ref.ids[0], cursor.lastrowid))

    def leads(self, query: LeadQuery) -> LeadPage:
        where, values = _conditions(query)
        total = self._rows(f"SELECT count(*) FROM lead l {where}", *values)[0][0]
        rows = self._rows(
            "SELECT lead_id, full_name, company, email, country, status, score, owner_id, touches, updated_at"
            f" FROM lead l {where} ORDER BY {_ORDER.get(query.sort, _ORDER['newest'])} LIMIT ? OFFSET ?",
            *values, query.limit, query.offset,
        )  # fmt: skip
        return LeadPage(tuple(LeadRow(*(*row[:9], unstamp(row[9]))) for row in rows), total)

    def open_by_owner(self) -> dict[str, int]:
        marks = ", ".join(f"'{status}'" for status in sorted(OPEN_STATUSES))
        return dict(self._rows(f"SELECT owner_id, count(*) FROM lead WHERE status IN ({marks}) GROUP BY 1"))

    def touches(self) -> Iterable[TouchFact]:
        for row in self._connection().execute(
            "SELECT lead_id, touch_id, occurred_at, campaign_id, channel FROM touch"
            " ORDER BY lead_id, occurred_at, touch_id"
        ):
            yield TouchFact(row[0], row[1], unstamp(row[2]), row[3], row[4])

    def wins(self) -> Iterable[WonFact]:
        for row in self._rows(
            "SELECT opportunity_id, lead_id, closed_at, amount, currency, margin FROM opportunity"
            " WHERE stage = 'won' ORDER BY closed_at, opportunity_id"
        ):
            yield WonFact(row[0], row[1], unstamp(row[2]), Money(row[3], row[4]), row[5])

    def lead_campaigns(self) -> Iterable[tuple[str, str, str]]:
        yield from self._rows(
            "SELECT l.lead_id, l.status, coalesce((SELECT t.campaign_id FROM touch t WHERE t.lead_id = l.lead_id"
            " ORDER BY t.occurred_at, t.touch_id LIMIT 1), '') FROM lead l"
        )

    def messages(self, state: str = "", limit: int = 200) -> list[tuple[str, str]]:
        return self._rows(
            "SELECT lead_id, message_id FROM message WHERE ? IN ('', state) ORDER BY created_at DESC LIMIT ?",
            state, limit,
        )  # fmt: skip

    def requests(self, state: str = "", limit: int = 200) -> list[tuple[str, str]]:
        return self._rows(
            "SELECT lead_id, request_id FROM request WHERE ? IN ('', state) ORDER BY respond_by LIMIT ?",
            state, limit,
        )  # fmt: skip

    def opportunities(self, stage: str = "", limit: int = 500) -> list[tuple[str, str]]:
        return self._rows(
            "SELECT lead_id, opportunity_id FROM opportunity WHERE ? IN ('', stage)"
            " ORDER BY created_at DESC LIMIT ?",
            stage, limit,
        )  # fmt: skip

    def counts(self) -> dict[str, int]:
        found = {"leads": "lead", "touches": "touch", "requests": "request", "opportunities": "opportunity"}
        numbers = {name: self._rows(f"SELECT count(*) FROM {table}")[0][0] for name, table in found.items()}
        for table, column in (("message", "state"), ("receipt", "outcome"), ("request", "state")):
            for value, count in self._rows(f"SELECT {column}, count(*) FROM {table} GROUP BY 1"):
                numbers[f"{table}.{value}"] = count
        return numbers

    def close(self) -> None:
        self._connection().close()


def _conditions(query: LeadQuery) -> tuple[str, list[Any]]:
    parts: list[str] = []
    values: list[Any] = []
    for column, value in (("status", query.status), ("owner_id", query.owner_id)):
        if value:
            parts.append(f"l.{column} = ?")
            values.append(value)
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
