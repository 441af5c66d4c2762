"""Visits as they are told: kept for a while, apart from who anybody is, and forgotten at a word.

A visit costs one write a page and no read: the script says how often it has told of the visit, which is the version the
record has. Nothing reacts to it."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from chalicelib.capture.machines import MAIL_SCANNER
from chalicelib.capture.visits import ToldVisit
from chalicelib.flows.count_refused import DAYS_SHOWN
from chalicelib.flows.until_written import write_or_leave
from chalicelib.records.ports import MOST_WRITES, Conflict, Delete, Deps, Put, Ref, StoreUnavailable
from chalicelib.records.touch import Touch
from chalicelib.records.visit import MachineViews, Visit

KEEP = timedelta(days=90)


def visitor_digest(deps: Deps, visitor: str) -> str:
    return deps.digest(f"visitor-id:{visitor}")


def keep_visit(deps: Deps, told: ToldVisit, site: str) -> None:
    """Raises StoreUnavailable."""
    started_at = deps.clock() - timedelta(seconds=told.age)
    # By the day: from page to page the record keeps its place among what is to be forgotten, which costs half as much.
    forget_at = datetime.combine(started_at.date(), time(), started_at.tzinfo) + KEEP
    visitor = visitor_digest(deps, told.visitor)
    visit = Visit(visitor, told.visit_id, site, started_at, forget_at, told.views, told.source)
    try:
        deps.store.commit([Put(visit, told.sent)])
    except Conflict:
        _keep_the_longer(deps, visit)


def _keep_the_longer(deps: Deps, visit: Visit) -> None:
    """A message was lost, overtaken by a later one, or came twice."""

    def longer(stored: Visit | None) -> Visit | None:
        if stored is None:
            return visit
        return None if len(stored.views) >= len(visit.views) else replace(visit, started_at=stored.started_at)

    write_or_leave(deps, Ref(Visit, (visit.visitor, visit.visit_id)), longer)


def forget_visitor(deps: Deps, visitor: str) -> None:
    """All that is kept of that device."""
    _forget(deps, [visitor_digest(deps, visitor)])


def forget_visits_of(deps: Deps, records: Iterable[Any]) -> None:
    """The visits that were linked to somebody, by any of their touches."""
    _forget(deps, _linked(records))


def _forget(deps: Deps, visitors: Iterable[str]) -> None:
    refs = [Ref(Visit, (visitor, stored.value.visit_id)) for visitor in visitors
            for stored in deps.store.query(Visit, visitor)]  # fmt: skip
    for start in range(0, len(refs), MOST_WRITES):
        deps.store.commit([Delete(ref) for ref in refs[start : start + MOST_WRITES]])


def visits_before(deps: Deps, touches: Iterable[Touch]) -> list[Visit]:
    """The visits before the forms somebody sent with the consent that they may be told with them, as far as they are
    still kept."""
    until: dict[str, datetime] = {}
    for touch in touches:
        if touch.visits_of:
            until[touch.visits_of] = max(touch.occurred_at, until.get(touch.visits_of, touch.occurred_at))
    now = deps.clock()
    found = (stored.value for visitor in until for stored in deps.store.query(Visit, visitor))
    return [visit for visit in found if visit.started_at <= until[visit.visitor] and visit.forget_at > now]


def _linked(records: Iterable[Any]) -> list[str]:
    return list(dict.fromkeys(r.visits_of for r in records if isinstance(r, Touch) and r.visits_of))


def count_machine(deps: Deps, kind: str) -> None:
    """One more today, for people to notice: where many come in the same moment one may be missing."""
    today, scanner = deps.clock().date(), kind == MAIL_SCANNER

    def one_more(stored: MachineViews | None) -> MachineViews:
        was = stored or MachineViews(today)
        return replace(was, crawlers=was.crawlers + (not scanner), mail_scanners=was.mail_scanners + scanner)

    with suppress(StoreUnavailable):
        write_or_leave(deps, Ref(MachineViews, (today.isoformat(),)), one_more)


def machines_lately(deps: Deps) -> tuple[int, int]:
    """(crawlers, scanners of mail) of the last thirty days."""
    first = (deps.clock() - DAYS_SHOWN).date()
    found = [stored.value for stored in deps.store.query(MachineViews) if stored.value.day > first]
    return sum(one.crawlers for one in found), sum(one.mail_scanners for one in found)
