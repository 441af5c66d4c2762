"""A rep's inbox as a page shows it: the own open leads, the most urgent and most valuable first, a page at a time.

The order is made of what the read model knows; what a row says and allows is read from the store, so that nobody acts
on what was answered, given away or decided a moment ago."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.assign.inbox import Ranked, rank
from chalicelib.assign.snooze import asleep, counts, possible
from chalicelib.records.lead import OPEN_STATUSES, Lead, LeadStatus
from chalicelib.records.ports import Deps, Ref, Stored
from chalicelib.records.rep import Rep
from chalicelib.records.touch import WAITING_STATES, Request, Touch

VIEWS = ("new", "work", "snoozed")
PAGE = 20


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A lead at its place, as stored at `version`. `request` waits for an answer, `said` is what the person wrote in
    it, `source` the campaign or form it came by."""

    ranked: Ranked
    lead: Lead
    version: int
    request: Request | None
    said: str
    source: str
    snoozed_until: datetime | None
    may_snooze: bool


@dataclass(frozen=True, slots=True)
class Inbox:
    """`view` is one of VIEWS; `counts` how many leads each holds, `pressing` how many of them are today's work."""

    view: str
    rows: tuple[InboxRow, ...]
    counts: dict[str, int]
    pressing: dict[str, int]
    offset: int


def read_inbox(deps: Deps, who: Rep, view: str, offset: int, currency: str) -> Inbox:
    """A page of what is `who`'s own. Without a view: what is to be decided, or where that is nothing what is in work.
    Deals count in `currency`."""
    now = deps.clock()
    views = _views(rank(deps.model.inbox(who.rep_id, currency), now, who.week), now)
    if view not in VIEWS:
        view = "new" if views["new"] or not views["work"] else "work"
    if offset >= len(views[view]):
        offset = 0
    shown = views[view][offset : offset + PAGE]
    rows = _rows(deps, who, shown, now)
    _move(views, view, shown, rows)
    return Inbox(
        view=view,
        rows=tuple(row for row in rows if _view_now(row) == view),
        counts={name: len(ranked) for name, ranked in views.items()},
        pressing={name: sum(one.pressing for one in ranked) for name, ranked in views.items()},
        offset=offset,
    )


def _move(views: dict[str, list[Ranked]], view: str, shown: Sequence[Ranked], rows: Sequence[InboxRow]) -> None:
    """What was decided a moment ago counts where it is now, not where the read model still has it."""
    now_in = {row.ranked.fact.lead_id: _view_now(row) for row in rows}
    for one in shown:
        found = now_in.get(one.fact.lead_id, "")
        if found != view:
            views[view].remove(one)
            if found:
                views[found].append(one)


def _view_now(row: InboxRow) -> str:
    return _view_of(row.lead.status, row.snoozed_until is not None)


def _views(ranked: Sequence[Ranked], now: datetime) -> dict[str, list[Ranked]]:
    views: dict[str, list[Ranked]] = {name: [] for name in VIEWS}
    for one in ranked:
        sleeps = asleep(one.fact.snoozed_until, one.due_at, now)
        views[_view_of(LeadStatus(one.fact.status), sleeps)].append(one)
    views["snoozed"].sort(key=lambda one: one.fact.snoozed_until or now)
    return views


def _view_of(status: LeadStatus, sleeps: bool) -> str:
    return "snoozed" if sleeps else "new" if status is LeadStatus.NEW else "work"


def _rows(deps: Deps, who: Rep, ranked: Sequence[Ranked], now: datetime) -> list[InboxRow]:
    refs: list[Ref[Any]] = [Ref(Lead, (one.fact.lead_id,)) for one in ranked]
    asked = [one for one in ranked if one.fact.request_id]
    refs += [Ref(Request, (one.fact.lead_id, one.fact.request_id)) for one in asked]
    stored = deps.store.get_many(refs) if refs else []
    requests = {r.value.lead_id: r.value for r in stored[len(ranked) :] if r and r.value.state in WAITING_STATES}
    touches = _touches(deps, list(requests.values()))
    mine = [(one, lead) for one, lead in zip(ranked, stored, strict=False) if lead and _is_open(lead, who)]
    return [_row(deps, one, lead, requests.get(lead.value.lead_id), touches, now) for one, lead in mine]


def _is_open(lead: Stored[Lead], who: Rep) -> bool:
    return lead.value.owner_id == who.rep_id and lead.value.status in OPEN_STATUSES


def _touches(deps: Deps, requests: Sequence[Request]) -> dict[str, Touch]:
    refs = [Ref(Touch, (request.lead_id, request.touch_id)) for request in requests]
    return {t.value.lead_id: t.value for t in (deps.store.get_many(refs) if refs else []) if t}


def _row(
    deps: Deps, one: Ranked, lead: Stored[Lead], request: Request | None, touches: dict[str, Touch], now: datetime
) -> InboxRow:
    touch = touches.get(lead.value.lead_id)
    until = counts(lead.value.snooze, lead.value.owner_id, request.received_at if request else None)
    campaign_id = touch.campaign_id if touch else next(iter(lead.value.campaign_ids), "")
    campaign = deps.directory.campaign(campaign_id) if campaign_id else None
    return InboxRow(
        ranked=one,
        lead=lead.value,
        version=lead.version,
        request=request,
        said=touch.message if touch else "",
        source=campaign.name if campaign else "",
        snoozed_until=until if asleep(until, one.due_at, now) else None,
        may_snooze=possible(one.due_at, now),
    )
