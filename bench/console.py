"""The console's busiest pages at 1,000 and 100,000 leads with what is open of them, on both engines: the morning board,
the rows behind each of its figures, the ledgers, and a lead with 200 entries on its timeline.

    python -m bench console

Pages are asked for signed in, their HTML included. On AWS it is moto's calls in this process, as in `bench search`."""

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from bench.many_matters import add_matters
from bench.many_people import REPS, fill, leads
from bench.search import COUNTS, TEAM, get, signed_in, timed, told
from chalicelib import wiring
from chalicelib.flows.read_board import PAGE, Scope, read_board, times_of
from chalicelib.records.board import FIGURES
from chalicelib.records.lead import Note
from chalicelib.records.ports import Deps, Put, Ref, Stored
from chalicelib.records.promise import Promise
from chalicelib.records.task import Task
from chalicelib.records.touch import Source, Touch, TouchKind
from chalicelib.settings import Settings
from tests.contracts.places import aws, make_deployment

ENTRIES = 200
LEDGERS = (
    "/app/requests?queue=answered",
    "/app/promises?ledger=open",
    "/app/quotes?ledger=accepted",
    "/app/mailbox?state=all",
)
# How each of them is asked for.
ASKED = ("", "&offset=2000", "&text=m%C3%BCller", "&sort=company", "&sort=person&turned=yes&offset=1000")


def run() -> Iterable[tuple[str, str]]:
    for count in COUNTS:
        with tempfile.TemporaryDirectory() as folder:
            yield from _measured(wiring.open_service(Settings(data=Path(folder))), count, f"embedded, {count:,} leads")
        with aws("moto") as clients:
            service = wiring.open_service(make_deployment(clients, "moto", fresh_seconds=3600))
            yield from _measured(service, count, f"AWS, {count:,} leads")


def _measured(service: wiring.Service, count: int, where: str) -> Iterator[tuple[str, str]]:
    deps = service.deps
    fill(deps.model, count)
    add_matters(deps.model, count, datetime.now(UTC))
    deps.model.purge()
    wiring.use(service)
    deps.store.commit([Put(rep) for rep in TEAM])
    deps.directory.forget()
    lead_id = _busy_lead(deps)
    everybody = Scope(frozenset(), whole=True)
    _store_shown(deps, count)
    yield f"board, {where}: figures and people", told([timed(partial(read_board, deps, everybody, "UTC"))])
    with signed_in(deps) as client:
        yield f"board page, {where}", told([timed(partial(get, client, "/app/board"))])
        for figure in FIGURES:
            yield f"— its figure {figure}", told([timed(partial(get, client, f"/app/board/{figure}"))])
        for path in LEDGERS:
            yield f"ledger {path}, {where}", told([timed(partial(get, client, path + asked)) for asked in ASKED])
        page = partial(get, client, f"/app/leads/{lead_id}")
        yield f"lead page with {ENTRIES} entries, {where}", told([timed(page)])
    service.close()


def _store_shown(deps: Deps, count: int) -> None:
    """The people of each figure's first page, whom its rows are read from the store for."""
    times = times_of(deps, "UTC")
    shown = {fact.lead_id for figure in FIGURES for fact in deps.model.board.rows(figure, times, None, 0, PAGE)}
    found = [Put(lead, 0) for lead in leads(count) if lead.lead_id in shown]
    for begin in range(0, len(found), 50):
        deps.store.commit(found[begin : begin + 50])


def _busy_lead(deps: Deps) -> str:
    """Three notes in four, and of everything else that stands on a timeline."""
    now = datetime.now(UTC)
    lead = replace(next(leads(1)), lead_id="01BUSY", updated_at=now, respond_by=now + timedelta(days=1))
    records: list[object] = [lead]
    for n in range(ENTRIES):
        at, name = now - timedelta(hours=7 * n), f"{n:04d}"
        if n % 4:
            said = "Asked about the pump's flow, its price and when it could be there. " * 3
            records.append(Note(name, lead.lead_id, REPS[n % 20], ("call", "note", "visit")[n % 3], said, at))
        elif n % 8:
            source = Source(channel="Trade show")
            records.append(Touch(name, lead.lead_id, TouchKind.FORM, at, source=source, message="How much is it?"))
        elif n % 16:
            due = at + timedelta(days=3)
            records.append(
                Promise(name, lead.lead_id, REPS[n % 20], "price", "Net price", due.date(), "UTC", due, at, "x")
            )
        else:
            records.append(Task(name, lead.lead_id, REPS[n % 20], "Call back", REPS[0], at))
    for begin in range(0, len(records), 50):
        deps.store.commit([Put(record, 0) for record in records[begin : begin + 50]])
    deps.model.apply([(Ref(type(lead), (lead.lead_id,)), Stored(lead, 1))])
    return lead.lead_id
