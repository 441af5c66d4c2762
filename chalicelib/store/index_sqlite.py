"""The read model, embedded: a SQLite file of its own with FTS5. It can be deleted; it is rebuilt from the feed's
table. Own file, so that its writes never wait for (or hold up) a submission."""

import sqlite3
import threading
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from chalicelib.records.audit import AuditQuery
from chalicelib.records.inbox import InboxFact
from chalicelib.records.lead import OPEN_STATUSES, Lead
from chalicelib.records.ledgers import LedgerQuery, Listed
from chalicelib.records.money import Money
from chalicelib.records.ports import Ref, Stored
from chalicelib.records.search import (
    FoundCompany,
    FoundPeople,
    KeptQuery,
    LeadPage,
    LeadQuery,
    SearchWords,
    TouchFact,
    Wanted,
    WonFact,
)
from chalicelib.records.touch import WAITING_STATES
from chalicelib.store.codec import stamp, unstamp
from chalicelib.store.index_audit import audits
from chalicelib.store.index_board import BoardIndex
from chalicelib.store.index_find import find_companies, find_people
from chalicelib.store.index_gone import only_new
from chalicelib.store.index_inbox import INBOX, inbox_fact, inbox_values
from chalicelib.store.index_ledgers import ledger_page
from chalicelib.store.index_lists import lead_page
from chalicelib.store.index_rows import COLUMNS, TABLES
from chalicelib.store.index_shape import fit
from chalicelib.store.index_words import listed_words, newest, replace_words
from chalicelib.store.sqlite_transactions import is_open, transaction

Change = tuple[Ref[Any], Stored[Any] | None]

# Tables whose records are counted by what stands in a column.
_COUNTED = (
    ("message", "state"), ("receipt", "outcome"), ("request", "state"), ("promise", "state"), ("quote", "state"),
    ("kept", "state"), ("touch", "kind"),
)  # fmt: skip


# Promises or quotes to one customer.
_OF_ONE_CUSTOMER = 500


class SqliteReadModel:
    """ReadModel port over one file."""

    pragmas = ""

    def __init__(self, path: Path, words: SearchWords) -> None:
        self._path, self._words = path, words
        self._local = threading.local()
        self._writing = threading.Lock()
        self.board = BoardIndex(self._connection, words)
        schema = resources.files("chalicelib.store").joinpath("index_schema.sql").read_text("utf-8")
        self._connection().executescript(schema + self.pragmas)
        fit(self._connection(), self.writing, words)

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None or not is_open(connection):
            connection = sqlite3.connect(self._path, isolation_level=None, timeout=20)
            connection.executescript(self.pragmas)
            self._local.connection = connection
        return connection

    def _rows(self, sql: str, *values: Any) -> list[Any]:
        return self._connection().execute(sql, values).fetchall()

    def apply(self, changes: Sequence[Change], read_at: datetime | None = None) -> None:
        with self.writing() as connection:
            self.apply_in(connection, changes, read_at or datetime.now(UTC))

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction, one writer."""
        with self._writing:
            connection = self._connection()
            with transaction(connection):
                yield connection

    def apply_in(self, connection: sqlite3.Connection, changes: Sequence[Change], read_at: datetime) -> None:
        by_kind: dict[type, list[Change]] = defaultdict(list)
        for ref, record in changes:
            if ref.kind in TABLES:
                by_kind[ref.kind].append((ref, record))
        for kind, group in by_kind.items():
            self._replace(connection, kind, only_new(connection, group, read_at))

    def _replace(self, connection: sqlite3.Connection, kind: type, group: list[Change]) -> None:
        table, key, row = TABLES[kind]
        gone = [ref.ids for ref, stored in group if stored is None]
        rows = [(*row(stored.value), stored.version) for _, stored in group if stored is not None]
        changed = newest(connection, group) if kind is Lead else []
        if rows:
            connection.executemany(_upsert(table, key), rows)
        if kind is Lead:
            replace_words(connection, [ids[0] for ids in gone], changed, self._words)
        if gone:
            where = " AND ".join(f"{column} = ?" for column in key)
            connection.executemany(f"DELETE FROM {table} WHERE {where}", gone)

    def begin_anew(self) -> None:
        with self.writing() as connection:
            for table in (*COLUMNS, "lead_words", "gone"):
                connection.execute(f"DELETE FROM {table}")

    def purge(self) -> None:
        """Rewrite the words and the file: a deleted row's are only marked, until their place is needed."""
        with self._writing:
            connection = self._connection()
            connection.execute("INSERT INTO lead_words (lead_words) VALUES ('optimize')")
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def leads(self, query: LeadQuery) -> LeadPage:
        return lead_page(
            self._connection(), query, self._words.asked(query.text), self._words.asked(query.company_text)
        )

    def find(self, wanted: Sequence[Wanted], owners: Collection[str] | None = None) -> FoundPeople:
        return find_people(self._connection(), wanted, owners)

    def companies(self, wanted: Sequence[Wanted], owners: Collection[str] | None = None) -> list[FoundCompany]:
        return find_companies(self._connection(), wanted, owners)

    def words(self, beginnings: Collection[str], whole: Collection[str] = ()) -> list[str]:
        return listed_words(self._connection(), beginnings, whole)

    def inbox(self, owner_id: str, currency: str, limit: int = 20_000) -> list[InboxFact]:
        return [inbox_fact(row, currency) for row in self._rows(INBOX, *inbox_values(owner_id, currency, limit))]

    def open_by_owner(self) -> dict[str, int]:
        marks = ", ".join(f"'{status}'" for status in sorted(OPEN_STATUSES))
        return dict(self._rows(f"SELECT owner_id, count(*) FROM lead WHERE status IN ({marks}) GROUP BY 1"))

    def touches(self) -> Iterable[TouchFact]:
        for row in self._connection().execute(
            "SELECT lead_id, touch_id, occurred_at, campaign_id, channel FROM touch"
            " ORDER BY lead_id, occurred_at, touch_id"
        ):
            yield TouchFact(row[0], row[1], unstamp(row[2]), row[3], row[4])

    def by_form(self) -> dict[str, tuple[int, datetime]]:
        sql = "SELECT form_id, COUNT(*), MAX(occurred_at) FROM touch WHERE form_id <> '' GROUP BY form_id"
        return {row[0]: (row[1], unstamp(row[2])) for row in self._rows(sql)}

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
            "SELECT lead_id, request_id FROM request WHERE ? IN ('', state) ORDER BY respond_by LIMIT ?", state, limit
        )

    def ledger(self, query: LedgerQuery) -> Listed[tuple[str, str]]:
        return ledger_page(self._connection(), query, self._words.asked(query.part.text))

    def unanswered(self, until: datetime) -> int:
        states = tuple(state.value for state in WAITING_STATES)
        found = self._rows(
            f"SELECT count(*) FROM request WHERE state IN ({', '.join('?' * len(states))}) AND respond_by < ?",
            *states, stamp(until),
        )  # fmt: skip
        return int(found[0][0])

    def opportunities(
        self, stage: str = "", limit: int = 500, before: datetime | None = None, skip: int = 0
    ) -> list[tuple[str, str]]:
        return self._rows(
            "SELECT lead_id, opportunity_id FROM opportunity WHERE ? IN ('', stage) AND created_at < ?"
            " ORDER BY created_at DESC, opportunity_id DESC LIMIT ? OFFSET ?",
            stage, stamp(before) if before else "~", limit, skip,
        )  # fmt: skip

    def kept(self, query: KeptQuery) -> tuple[list[str], int]:
        where = "WHERE state = ? AND ? IN ('', outcome) AND received_at >= ? AND received_at < ?"
        since, until = stamp(query.since) if query.since else "", stamp(query.until) if query.until else "~"
        values = (query.state, query.outcome, since, until)
        total = self._rows(f"SELECT count(*) FROM kept {where}", *values)[0][0]
        rows = self._rows(
            f"SELECT kept_id FROM kept {where} ORDER BY received_at DESC, kept_id DESC LIMIT ? OFFSET ?",
            *values, query.limit, query.offset,
        )  # fmt: skip
        return [row[0] for row in rows], total

    def promises(self, customer: str) -> list[tuple[str, str]]:
        return self._rows(
            "SELECT lead_id, promise_id FROM promise WHERE customer = ? ORDER BY due_at, promise_id LIMIT ?",
            customer, _OF_ONE_CUSTOMER,
        )  # fmt: skip

    def tasks(self, owner_id: str, limit: int = 200) -> list[tuple[str, str]]:
        return self._rows(
            "SELECT lead_id, task_id FROM task WHERE owner_id = ? AND open = 1"
            " ORDER BY due_at IS NULL, due_at, task_id LIMIT ?",
            owner_id, limit,
        )  # fmt: skip

    def disputed(self) -> list[str]:
        return [row[0] for row in self._rows(
            "SELECT customer FROM promise WHERE state <> 'withdrawn' GROUP BY 1 HAVING count(DISTINCT promised_by) > 1"
            " ORDER BY max(due_at) DESC LIMIT 1000"
        )]  # fmt: skip

    def quotes(self, customer: str) -> list[tuple[str, str]]:
        return self._rows(
            "SELECT lead_id, quote_id FROM quote WHERE customer = ? ORDER BY made_at DESC, quote_id DESC LIMIT ?",
            customer, _OF_ONE_CUSTOMER,
        )  # fmt: skip

    def audits(self, query: AuditQuery) -> list[tuple[str, str]]:
        return self._rows(*audits(query))

    def counts(self) -> dict[str, int]:
        found = {"leads": "lead", "touches": "touch", "requests": "request", "opportunities": "opportunity"}
        numbers = {name: self._rows(f"SELECT count(*) FROM {table}")[0][0] for name, table in found.items()}
        for table, column in _COUNTED:
            for value, count in self._rows(f"SELECT {column}, count(*) FROM {table} GROUP BY 1"):
                numbers[f"{table}.{value}"] = count
        return numbers

    def versions(self, refs: Sequence[Ref[Any]]) -> list[int]:
        return [self._version(ref) for ref in refs]

    def _version(self, ref: Ref[Any]) -> int:
        if ref.kind not in TABLES:
            return 0
        table, key, _ = TABLES[ref.kind]
        found = self._rows(f"SELECT version FROM {table} WHERE {' AND '.join(f'{c} = ?' for c in key)}", *ref.ids)
        return found[0][0] if found else 0

    def size(self) -> int:
        tables = [table for table, _, _ in TABLES.values()]
        return sum(self._rows(f"SELECT coalesce(max(rowid), 0) FROM {table}")[0][0] for table in tables)

    def part(self, number: int, of: int) -> list[Ref[Any]]:
        """By the last two letters of the first id, which is the lead's or a digest: the end of a ULID is chance, or
        the row's number in its list."""
        found: list[Ref[Any]] = []
        for kind, (table, key, _) in TABLES.items():
            part = f"(unicode(substr({key[0]}, -1)) + 43 * unicode(substr({key[0]}, -2))) % ? = ?"
            rows = self._rows(f"SELECT {', '.join(key)} FROM {table} WHERE {part}", of, number)
            found += [Ref(kind, tuple(row)) for row in rows]
        return found

    def compact(self) -> None:
        """Give the planner fresh statistics."""
        with self._writing:
            self._connection().execute("PRAGMA optimize")

    def close(self) -> None:
        self._connection().close()


@cache
def _upsert(table: str, key: tuple[str, ...]) -> str:
    """Insert, or replace what is older: another reader of the feed may have brought a newer version already."""
    columns = COLUMNS[table]
    marks = ", ".join("?" * len(columns))
    changed = ", ".join(f"{column} = excluded.{column}" for column in columns if column not in key)
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks}) ON CONFLICT ({', '.join(key)})"
        f" DO UPDATE SET {changed} WHERE excluded.version >= {table}.version"
    )
