"""One person as the lead page shows them: who, how good, whose, and everything that happened on one line of time."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from itertools import groupby
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from chalicelib.assign.visibility import sight_of
from chalicelib.flows.dead_addresses import dead_among
from chalicelib.flows.follow_merges import mail_of_merged, merged_into
from chalicelib.flows.keep_visit import visits_before
from chalicelib.flows.read_promises import PromiseLine, promises_around
from chalicelib.flows.read_quotes import QuoteView, quotes_around
from chalicelib.flows.rep_names import rep_name
from chalicelib.follow_up.next_step import NextStep, next_step
from chalicelib.records.event import Registration
from chalicelib.records.form import Form
from chalicelib.records.lead import OPEN_STATUSES, Lead, Note
from chalicelib.records.merge import Merge
from chalicelib.records.message import INTERNAL, Message
from chalicelib.records.opportunity import Opportunity, OpportunityStage
from chalicelib.records.ports import Deps, NotFound, Ref, Stored
from chalicelib.records.promise import Promise
from chalicelib.records.quote import Quote
from chalicelib.records.rep import Rep
from chalicelib.records.task import Task, TaskSource
from chalicelib.records.touch import WAITING_STATES, Request, Touch

# Entries of the timeline on a page.
PAGE = 50
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `kind` is touch, visit, request, handed_over, mail, note, deal_opened, deal_closed,
    promised, promise_settled, quoted, quote_settled, task_set or task_done and says what `record` is; `who` is the
    person of ours, `about` the campaign's or seminar's name, `why` the reason, `form` what a touch was asked, as it
    asks now. `whole_day`: a list said the day alone, which is the same day in every zone."""

    at: datetime
    kind: str
    record: Any
    who: str = ""
    about: str = ""
    why: str = ""
    request: Request | None = None
    registration: Registration | None = None
    form: Form | None = None
    whole_day: bool = False


@dataclass(frozen=True, slots=True)
class LeadView:
    """`days` is a page of the timeline, newest first, grouped by the reader's calendar day, from entry `offset` of
    `happened` in all. `next` is what comes next, or why nothing does; `tasks` are to be done, or were.
    `waiting` are the requests nobody has answered yet, the most urgent first. `links` are the mailto: and tel:
    addresses of the contact points that are normalised. `promises` are those to this person and to others of the same
    company, by whomever, and so are `quotes`, the newest first. `dead` are the addresses that get no mail, and since
    when. `merges` say which records became part of this one."""

    lead: Lead
    owner: Rep | None
    zone: str
    late: bool
    campaigns: tuple[tuple[str, str], ...]
    deals: tuple[Opportunity, ...]
    waiting: tuple[Request, ...]
    days: tuple[tuple[date, tuple[Entry, ...]], ...]
    offset: int
    happened: int
    next: NextStep
    tasks: tuple[Stored[Task], ...]
    version: int
    promises: tuple[PromiseLine, ...]
    quotes: tuple[QuoteView, ...]
    links: dict[str, str]
    dead: dict[str, datetime]
    merges: tuple[Merge, ...]


def sees_lead(deps: Deps, person: Rep, lead_id: str) -> bool:
    """Whether there is such a lead and that person may see it."""
    stored = deps.store.get(Lead, lead_id)
    return stored is not None and sight_of(person, deps.directory.reps()).sees(stored.value)


def see_lead(deps: Deps, person: Rep, lead_id: str) -> None:
    """Raises NotFound for a lead that person may not see, the same as for one there is none of."""
    if not sees_lead(deps, person, lead_id):
        raise NotFound


def read_lead(deps: Deps, person: Rep, lead_id: str, zone: str, offset: int = 0) -> LeadView:
    """Everything of one lead, times in `zone`, the timeline from entry `offset` on. Raises NotFound, as for a lead that
    person may not see."""
    stored = deps.store.everything_of(lead_id)
    records = [one.value for one in stored]
    found = next((one for one in stored if isinstance(one.value, Lead)), None)
    sight = sight_of(person, deps.directory.reps())
    if found is None or not sight.sees(found.value):
        raise NotFound
    lead: Lead = found.value
    stored = [*stored, *mail_of_merged(deps, lead)]
    records = [one.value for one in stored]
    waiting = sorted(
        (r for r in records if isinstance(r, Request) and r.state in WAITING_STATES),
        key=lambda request: request.respond_by,
    )
    entries = sorted(entries_of(deps, records), key=lambda entry: entry.at, reverse=True)
    tasks = [one for one in stored if isinstance(one.value, Task)]
    promises = [r for r in records if isinstance(r, Promise)]
    offset = offset if offset < len(entries) else 0
    due = waiting[0].respond_by if waiting else lead.respond_by if lead.status in OPEN_STATUSES else None
    ids = dict.fromkeys((*lead.campaign_ids, *(r.campaign_id for r in records if isinstance(r, Touch))))
    return LeadView(
        lead=lead,
        owner=deps.directory.rep(lead.assignment.owner_id) if lead.assignment else None,
        zone=zone,
        late=due is not None and due < deps.clock(),
        campaigns=tuple((campaign_id, _campaign(deps, campaign_id)) for campaign_id in ids if campaign_id),
        deals=tuple(record for record in records if isinstance(record, Opportunity)),
        waiting=tuple(waiting),
        days=by_day(entries[offset : offset + PAGE], ZoneInfo(zone)),
        offset=offset,
        happened=len(entries),
        next=next_step(lead, waiting, promises, [task.value for task in tasks]),
        tasks=tuple(task for task in tasks if task.value.source is TaskSource.TASK),
        version=found.version,
        promises=promises_around(deps, lead, promises, sight),
        quotes=quotes_around(deps, lead, (r for r in records if isinstance(r, Quote)), sight),
        links=links_of(lead),
        dead={address: dead.since for address, dead in dead_among(deps, lead.emails).items()},
        merges=tuple(merged_into(deps, lead)),
    )


def entries_since(deps: Deps, lead_id: str, since: datetime, zone: str) -> tuple[Entry, ...]:
    """What the timeline has of later than that, the newest first, times in `zone`."""
    records = [stored.value for stored in deps.store.everything_of(lead_id)]
    later = [in_zone(entry, ZoneInfo(zone)) for entry in entries_of(deps, records) if entry.at > since]
    return tuple(sorted(later, key=lambda entry: entry.at, reverse=True))


def links_of(lead: Lead) -> dict[str, str]:
    """What a mail program or a telephone begins with, by the address or number."""
    mails = {e: f"mailto:{quote(e, safe='@')}" for e in lead.emails if e.count("@") == 1 and e.isprintable()}
    return mails | {phone: f"tel:{phone}" for phone in lead.phones if _E164.fullmatch(phone)}


def by_day(entries: list[Entry], zone: ZoneInfo) -> tuple[tuple[date, tuple[Entry, ...]], ...]:
    """The newest first, under the reader's days."""
    local = sorted((in_zone(entry, zone) for entry in entries), key=day_and_hour, reverse=True)
    days = groupby(local, key=lambda entry: entry.at.date())
    return tuple((day, tuple(group)) for day, group in days)


def in_zone(entry: Entry, zone: ZoneInfo) -> Entry:
    """The entry at its reader's hour."""
    return entry if entry.whole_day else replace(entry, at=entry.at.astimezone(zone))


def day_and_hour(entry: Entry) -> tuple[date, datetime]:
    """The order within a reader's days: a day alone may be another one than its hour would be there."""
    return entry.at.date(), entry.at


def _day_alone(touch: Touch) -> bool:
    """A row's date without a time is stored as midnight UTC; what a clock measured is never that exact."""
    return bool(touch.import_id) and touch.occurred_at.astimezone(UTC).time() == time()


def entries_of(deps: Deps, records: list[Any]) -> list[Entry]:
    """The timeline of one person's records, in no order."""
    requests = {record.touch_id: record for record in records if isinstance(record, Request)}
    lead = next((record for record in records if isinstance(record, Lead)), None)
    merged_ids = lead.merged_ids if lead else ()
    places = _registrations(deps, requests, merged_ids)
    found: list[Entry] = []
    for record in records:
        if isinstance(record, Touch):
            request = requests.get(record.touch_id)
            where = _campaign(deps, record.campaign_id)
            place = places.get(record.touch_id)
            form = deps.directory.form(record.form_id) if record.form_id else None
            found.append(
                Entry(record.occurred_at, "touch", record, "", where, "", request, place, form, _day_alone(record))
            )
        elif isinstance(record, Request):
            found += _of_request(deps, record)
        elif isinstance(record, Message):
            who = record.to if record.kind in INTERNAL else ""
            moment = record.sent_at or record.created_at
            found.append(Entry(moment, "mail", record, who, _campaign(deps, record.campaign_id), record.reason))
        elif isinstance(record, Note):
            found.append(Entry(record.written_at, "note", record, rep_name(deps, record.author_id)))
        elif isinstance(record, Opportunity):
            found += _of_deal(deps, record)
        elif isinstance(record, Promise):
            found += _of_promise(deps, record)
        elif isinstance(record, Quote):
            found += _of_quote(deps, record)
        elif isinstance(record, Task) and record.source is TaskSource.TASK:
            found.append(Entry(record.made_at, "task_set", record, rep_name(deps, record.made_by)))
            if record.done_at:
                found.append(Entry(record.done_at, "task_done", record, rep_name(deps, record.done_by)))
    return found + _of_visits(deps, records, lead)


def _of_visits(deps: Deps, records: list[Any], lead: Lead | None) -> list[Entry]:
    """The visits before somebody's forms, with their consent; none of whoever has objected since."""
    objected_at = lead.opted_out_at if lead else None
    touches = (r for r in records if isinstance(r, Touch) and not (objected_at and r.occurred_at <= objected_at))
    return [Entry(visit.started_at, "visit", visit) for visit in visits_before(deps, touches)]


def _of_request(deps: Deps, request: Request) -> list[Entry]:
    """What is told with the touch is not told again: only the changes of owner, and the answer."""
    return [
        Entry(when, "handed_over", request, rep_name(deps, owner_id), why=why)
        for when, owner_id, why in request.history[1:]
    ]


def _of_deal(deps: Deps, deal: Opportunity) -> list[Entry]:
    who = rep_name(deps, deal.owner_id)
    opened = [Entry(deal.created_at, "deal_opened", deal, who)] if deal.created_at else []
    if deal.closed_at is None or deal.stage is OpportunityStage.OPEN:
        return opened
    return [*opened, Entry(deal.closed_at, "deal_closed", deal, who, why=deal.lost_reason)]


def _of_promise(deps: Deps, promise: Promise) -> list[Entry]:
    given = Entry(promise.made_at, "promised", promise, rep_name(deps, promise.promised_by))
    if promise.settled_at is None:
        return [given]
    return [
        given,
        Entry(promise.settled_at, "promise_settled", promise, rep_name(deps, promise.settled_by), why=promise.reason),
    ]


def _of_quote(deps: Deps, quote: Quote) -> list[Entry]:
    made = Entry(quote.made_at, "quoted", quote, rep_name(deps, quote.made_by))
    if quote.settled_at is None:
        return [made]
    return [
        made,
        Entry(quote.settled_at, "quote_settled", quote, rep_name(deps, quote.settled_by), why=quote.settled_reason),
    ]


def _registrations(deps: Deps, requests: dict[str, Request], merged_ids: tuple[str, ...]) -> dict[str, Registration]:
    asked = [(touch_id, request) for touch_id, request in requests.items() if request.event_id]
    places = [(touch_id, Ref(Registration, (request.event_id, lead_id)))
              for touch_id, request in asked for lead_id in (request.lead_id, *merged_ids)]  # fmt: skip
    stored = deps.store.get_many([ref for _, ref in places]) if places else []
    found = [(touch_id, place.value) for (touch_id, _), place in zip(places, stored, strict=True) if place]
    # Their own place before another of the same person's.
    return dict(sorted(found, key=lambda one: one[1].touch_id == one[0]))


def _campaign(deps: Deps, campaign_id: str) -> str:
    campaign = deps.directory.campaign(campaign_id) if campaign_id else None
    return campaign.name if campaign else campaign_id
