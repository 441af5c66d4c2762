"""A world at rest, read from its store, its read model and what its mail transport took."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

from chalicelib.flows.report_returns import read_report
from chalicelib.records.ports import Deps, Ref
from chalicelib.store.dynamo_table import DynamoTable
from chalicelib.store.kinds import BY_NAME
from tests.faults.invariants import Finished, Handed, Post, by_kind


def finish(deps: Deps, handed: Sequence[Handed], posts: Sequence[Post], most_repeats: int | None = None) -> Finished:
    """Read everything there is. A report must be at hand: the last change has asked for one."""
    return Finished(
        # The grace of a claim and of a first sending is over for everything that was begun.
        now=deps.clock() - timedelta(seconds=1),
        records=by_kind(every_record(deps.store)),
        shown=deps.model.counts(),
        open_by_owner=deps.model.open_by_owner(),
        handed=handed,
        posts=posts,
        reported_leads=_reported(deps),
        most_repeats=most_repeats,
    )


def every_record(store: Any) -> Iterator[Any]:
    """All records of either engine."""
    table = getattr(store, "_store", store)._table
    refs = [Ref(BY_NAME[kind].type, BY_NAME[kind].ids_of(pk, sk)) for (pk, sk), kind in _keys(table)]
    yield from (found.value for found in store.get_many(refs) if found)


def _keys(table: Any) -> Iterable[tuple[tuple[str, str], str]]:
    if isinstance(table, DynamoTable):
        return table.keys()
    return (((pk, sk), kind) for pk, sk, kind in table._connection().execute("SELECT pk, sk, kind FROM item"))


def _reported(deps: Deps) -> int | None:
    report = read_report(deps)
    if report is None:
        return None
    return sum(line["leads"] for section in report["sections"][:1] for line in _lines(section))


def _lines(section: dict[str, Any]) -> list[dict[str, Any]]:
    return [*section["rows"], section["unattributed"]]


def in_mailbox(folder: Path) -> list[Handed]:
    """What the embedded service's mail folder holds: a file for each handing over that was completed."""
    return [handed_of(path.read_bytes()) for path in sorted(folder.glob("[!.]*.eml"))]


def handed_of(mail: bytes) -> Handed:
    read = message_from_bytes(mail)
    return Handed(str(read["Message-ID"]).strip().strip("<>"), str(read["To"]))


def as_seen(finished: Finished) -> str:
    """Short, for a failed test: what is stored, and what was handed over."""
    kinds = {kind: len(records) for kind, records in sorted(finished.records.items())}
    return json.dumps({"stored": kinds, "handed": [one.message_id for one in finished.handed]})
