"""A company as a page shows it: its people, what is open with them, and what happened, over all of ours.

Whose people are told of is `assign.visibility`'s to say, as everywhere. Promises and quotes to the company are told
whoever gave them (without a way to a lead that may not be seen): whoever talks to a customer has to know."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from chalicelib.assign.visibility import sight_of
from chalicelib.flows.company_tree import Family, family_of
from chalicelib.flows.follow_merges import mail_of_merged
from chalicelib.flows.keep_tasks import TaskLine, line_of
from chalicelib.flows.read_lead import Entry, day_and_hour, entries_of, in_zone
from chalicelib.flows.read_promises import PromiseLine, promises_around
from chalicelib.flows.read_quotes import QuoteView, quotes_around
from chalicelib.flows.rep_names import rep_name
from chalicelib.follow_up.next_step import is_to_do
from chalicelib.identify.folding import company_key
from chalicelib.records.lead import Lead
from chalicelib.records.opportunity import Opportunity, OpportunityStage
from chalicelib.records.ports import Deps, NotFound, Stored
from chalicelib.records.promise import Promise, PromiseState
from chalicelib.records.quote import Quote, QuoteState
from chalicelib.records.rep import Rep
from chalicelib.records.search import LeadQuery
from chalicelib.records.task import Task
from chalicelib.records.touch import WAITING_STATES, Request

R = TypeVar("R")

# People on a page: each is one read.
PAGE = 20
# What happened with them, the newest.
LATEST = 60


@dataclass(frozen=True, slots=True)
class Happened:
    """An entry of somebody's timeline."""

    entry: Entry
    lead: Lead


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works there, and whose lead they are."""

    lead: Lead
    owner: str


@dataclass(frozen=True, slots=True)
class CompanyView:
    """`people` from number `offset` of `total` that may be seen; `requests`, `deals` and `tasks` that are open are
    theirs, `promises` and `quotes` the whole company's. `history` is theirs too, the newest first, by the reader's
    calendar day. `family` says what it belongs to and what belongs to it; `ways` has somebody
    there for each of these companies of whose people one may be seen."""

    name: str
    people: tuple[Person, ...]
    offset: int
    total: int
    requests: tuple[tuple[Request, Lead, str], ...]
    deals: tuple[tuple[Opportunity, Lead, str], ...]
    tasks: tuple[TaskLine, ...]
    promises: tuple[PromiseLine, ...]
    quotes: tuple[QuoteView, ...]
    history: tuple[tuple[date, tuple[Happened, ...]], ...]
    family: Family
    ways: dict[str, str]

    @property
    def open_matters(self) -> int:
        return sum(map(len, (self.requests, self.deals, self.tasks, self.promises, self.quotes)))


def read_company(deps: Deps, who: Rep, lead_id: str, offset: int = 0) -> CompanyView:
    """The company of a lead. Raises NotFound, as for a lead that person may not see or that names none."""
    sight = sight_of(who, deps.directory.reps())
    own = deps.store.everything_of(lead_id)
    one = _lead_of(own)
    if one is None or not sight.sees(one) or not one.company:
        raise NotFound
    key = company_key(one.company)
    asked = LeadQuery(company=(key, one.company), owners=sight.owners, sort="score", offset=offset, limit=PAGE)
    found = deps.model.leads(asked)
    ids = dict.fromkeys(([lead_id] if not offset else []) + [row.lead_id for row in found.rows])
    family = family_of(deps, one.company)
    for other in family.other_names if not offset else ():
        also = LeadQuery(company=(company_key(other), other), owners=sight.owners, sort="score", limit=PAGE)
        ids |= dict.fromkeys(row.lead_id for row in deps.model.leads(also).rows)
    keys = {key, *map(company_key, family.other_names)}
    everything = [own if each == lead_id else deps.store.everything_of(each) for each in ids]
    known = [
        (lead, [*records, *mail_of_merged(deps, lead)])
        for records in everything
        if (lead := _lead_of(records)) and sight.sees(lead)
    ]
    leads = [(lead, records) for lead, records in known if company_key(lead.company) in keys]
    return CompanyView(
        name=one.company,
        people=tuple(Person(lead, rep_name(deps, lead.owner_id)) for lead, _ in leads),
        offset=offset,
        total=max(found.total, len(leads)),
        requests=tuple(sorted(_requests(deps, leads), key=lambda line: line[0].respond_by)),
        deals=tuple(_deals(deps, leads)),
        tasks=_tasks(deps, leads, deps.clock()),
        promises=tuple(p for p in promises_around(deps, one, _own(own, Promise), sight)
                       if p.promise.state in (PromiseState.OPEN, PromiseState.BROKEN)),
        quotes=tuple(q for q in quotes_around(deps, one, _own(own, Quote), sight)
                     if q.quote.state in (QuoteState.OPEN, QuoteState.WAITING)),
        history=_history(deps, leads, ZoneInfo(who.week.zone)),
        family=family,
        ways=_ways(deps, (*family.above, *family.below), sight.owners),
    )  # fmt: skip


def _ways(deps: Deps, names: Sequence[str], owners: frozenset[str] | None) -> dict[str, str]:
    """{company: somebody there who may be seen}: a company's page is reached from one of its people."""
    ways: dict[str, str] = {}
    for name in names[:PAGE]:
        asked = LeadQuery(company=(company_key(name), name), owners=owners, sort="score", limit=1)
        if rows := deps.model.leads(asked).rows:
            ways[name] = rows[0].lead_id
    return ways


_Leads = Sequence[tuple[Lead, list[Stored[Any]]]]


def _lead_of(records: Iterable[Stored[Any]]) -> Lead | None:
    return next((stored.value for stored in records if isinstance(stored.value, Lead)), None)


def _own(records: Iterable[Stored[Any]], kind: type[R]) -> list[R]:
    return [stored.value for stored in records if isinstance(stored.value, kind)]


def _all_of(leads: _Leads, kind: type[R]) -> Iterable[tuple[Stored[R], Lead]]:
    for lead, records in leads:
        yield from ((stored, lead) for stored in records if isinstance(stored.value, kind))


def _requests(deps: Deps, leads: _Leads) -> Iterable[tuple[Request, Lead, str]]:
    for stored, lead in _all_of(leads, Request):
        if stored.value.state in WAITING_STATES:
            yield stored.value, lead, rep_name(deps, stored.value.owner_id)


def _deals(deps: Deps, leads: _Leads) -> Iterable[tuple[Opportunity, Lead, str]]:
    for stored, lead in _all_of(leads, Opportunity):
        if stored.value.stage is OpportunityStage.OPEN:
            yield stored.value, lead, rep_name(deps, stored.value.owner_id)


def _tasks(deps: Deps, leads: _Leads, now: datetime) -> tuple[TaskLine, ...]:
    return tuple(line_of(deps, task, lead, now) for task, lead in _all_of(leads, Task) if is_to_do(task.value))


def _history(deps: Deps, leads: _Leads, zone: ZoneInfo) -> tuple[tuple[date, tuple[Happened, ...]], ...]:
    all_of = [
        Happened(in_zone(entry, zone), lead)
        for lead, records in leads
        for entry in entries_of(deps, [one.value for one in records])
    ]
    newest = sorted(all_of, key=lambda happened: day_and_hour(happened.entry), reverse=True)[:LATEST]
    days = groupby(newest, key=lambda happened: happened.entry.at.date())
    return tuple((day, tuple(group)) for day, group in days)
