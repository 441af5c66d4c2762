"""The first page after signing in, and the queue of requests nobody has answered yet."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.assign.visibility import Sight, sight_of
from chalicelib.flows.keep_tasks import TaskLine, tasks_for
from chalicelib.flows.read_promises import PromiseLine, read_ledger
from chalicelib.records.event import SeatCount, Seminar
from chalicelib.records.lead import OPEN_STATUSES, Lead, LeadStatus
from chalicelib.records.ledgers import Ledger, LedgerPart, LedgerQuery, Listed
from chalicelib.records.message import MessageState
from chalicelib.records.ports import Deps, Ref
from chalicelib.records.rep import Rep, Role
from chalicelib.records.search import LeadQuery, LeadRow
from chalicelib.records.touch import WAITING_STATES, Request, RequestState
from chalicelib.records.upload import Upload

QUEUES = ("waiting", "late", "answered", "closed")
_STATES = {
    "waiting": WAITING_STATES,
    "late": WAITING_STATES,
    "answered": (RequestState.ANSWERED,),
    "closed": (RequestState.CLOSED,),
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request with the person who asked. `late`: its limit has passed, or had when it was taken to somebody else."""

    request: Request
    lead: Lead
    owner: Rep | None
    late: bool


@dataclass(frozen=True, slots=True)
class Seats:
    """A coming seminar with the seats taken and the number of people who wait."""

    seminar: Seminar
    taken: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Home:
    """The board. `waiting` are the most urgent requests, one's own first; `leads` one's own open leads by score, or
    the best new ones for somebody who owns none."""

    new_leads: int
    requests_waiting: int
    requests_late: int
    mails_held: int
    mails_failed: int
    waiting: tuple[Waiting, ...]
    leads: tuple[LeadRow, ...]
    leads_are_mine: bool
    uploads: tuple[Upload, ...]
    seminars: tuple[Seats, ...]
    promises: tuple[PromiseLine, ...]
    promises_broken: int
    tasks: tuple[TaskLine, ...]


def read_home(deps: Deps, person: Rep, shown: int = 8) -> Home:
    """The board for this person, `shown` lines in each list."""
    counts = deps.model.counts()
    sight = sight_of(person, deps.directory.reps())
    waiting = read_queue(deps, "waiting", sight, LedgerPart(limit=shown))
    own = read_queue(deps, "waiting", sight, LedgerPart(of=person.rep_id, limit=shown))
    own_first = {(line.lead.lead_id, line.request.request_id): line for line in [*own.lines, *waiting.lines]}
    mine = _my_leads(deps, person, shown)
    best = deps.model.leads(LeadQuery(status=LeadStatus.NEW, sort="score", limit=shown, owners=sight.owners))
    uploads = sorted((u.value for u in deps.store.query(Upload)), key=lambda upload: upload.started_at, reverse=True)
    return Home(
        new_leads=best.total,
        requests_waiting=waiting.total,
        requests_late=read_queue(deps, "late", sight, LedgerPart(limit=0)).total,
        mails_held=counts.get(f"message.{MessageState.HELD}", 0),
        mails_failed=counts.get(f"message.{MessageState.FAILED}", 0),
        waiting=tuple(own_first.values())[:shown],
        leads=mine or best.rows,
        leads_are_mine=bool(mine),
        uploads=tuple(uploads[:5]),
        seminars=_seminars(deps, deps.clock()),
        promises=read_ledger(deps, sight, "due", LedgerPart(limit=shown)).lines,
        tasks=tasks_for(deps, person, shown),
        promises_broken=read_ledger(deps, sight, "broken", LedgerPart(limit=0)).total,
    )


def read_queue(deps: Deps, queue: str, sight: Sight, part: LedgerPart) -> Listed[Waiting]:
    """A page of the requests of one of QUEUES that are seen, by time the most urgent first."""
    now = deps.clock()
    late_at = now if queue == "late" else None
    states = frozenset(map(str, _STATES[queue]))
    page = deps.model.ledger(LedgerQuery(Ledger.REQUESTS, states, sight.owners, late_at=late_at, part=part))
    lines = [_line(deps, request, lead, now) for request, lead in _read(deps, page.lines)]
    # The read model may lag behind: what was answered or given away a moment ago is not shown.
    shown = [line for line in lines if line.request.state in _STATES[queue] and _seen(sight, line)]
    return Listed(tuple(line for line in shown if line.late or queue != "late"), page.total, page.offset)


def _seen(sight: Sight, line: Waiting) -> bool:
    return sight.sees_of(line.request.owner_id) and sight.sees(line.lead)


def _read(deps: Deps, ids: Sequence[tuple[str, str]]) -> Iterable[tuple[Request, Lead]]:
    refs: list[Ref[Any]] = [Ref(Request, tuple(pair)) for pair in ids] + [Ref(Lead, (pair[0],)) for pair in ids]
    stored = deps.store.get_many(refs) if refs else []
    for request, lead in zip(stored[: len(ids)], stored[len(ids) :], strict=True):
        if request and lead:
            yield request.value, lead.value


def _line(deps: Deps, request: Request, lead: Lead, now: datetime) -> Waiting:
    open_ = request.state in _STATES["waiting"]
    late = open_ and (request.state is RequestState.ESCALATED or request.respond_by < now)
    return Waiting(request, lead, deps.directory.rep(request.owner_id), late)


def _my_leads(deps: Deps, person: Rep, shown: int) -> tuple[LeadRow, ...]:
    if person.role is not Role.REP:
        return ()
    rows = deps.model.leads(LeadQuery(owner_id=person.rep_id, sort="score", limit=shown * 10)).rows
    return tuple(row for row in rows if row.status in OPEN_STATUSES)[:shown]


def _seminars(deps: Deps, now: datetime) -> tuple[Seats, ...]:
    coming = sorted((s for s in deps.directory.seminars() if s.ends_at > now), key=lambda s: s.starts_at)[:5]
    stored = deps.store.get_many([Ref(SeatCount, (s.event_id,)) for s in coming]) if coming else []
    counts = [found.value if found else SeatCount("") for found in stored]
    return tuple(Seats(s, count.taken, len(count.waiting)) for s, count in zip(coming, counts, strict=True))
