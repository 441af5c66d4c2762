"""One person as the lead page shows them: who, how good, whose, and everything that happened on one line of time."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from chalicelib.flows.work_lead import NotFound
from chalicelib.records.campaign import Opportunity, OpportunityStage
from chalicelib.records.event import Registration
from chalicelib.records.lead import OPEN_STATUSES, Lead, Note
from chalicelib.records.message import INTERNAL, Message
from chalicelib.records.ports import Deps, Ref
from chalicelib.records.rep import Rep
from chalicelib.records.touch import WAITING_STATES, Request, Touch

# More than a page can carry; the count of what is older is shown.
LONGEST = 400
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `kind` is touch, request, handed_over, mail, note, deal_opened or deal_closed and says
    what `record` is; `who` is the person of ours, `about` the campaign's or seminar's name, `why` the reason."""

    at: datetime
    kind: str
    record: Any
    who: str = ""
    about: str = ""
    why: str = ""
    request: Request | None = None
    registration: Registration | None = None


@dataclass(frozen=True, slots=True)
class LeadView:
    """`days` is the timeline, newest first, grouped by the reader's calendar day; `older` entries are left out.
    `waiting` are the requests nobody has answered yet, the most urgent first. `links` are the mailto: and tel:
    addresses of the contact points that are normalised."""

    lead: Lead
    owner: Rep | None
    zone: str
    late: bool
    campaigns: tuple[tuple[str, str], ...]
    deals: tuple[Opportunity, ...]
    waiting: tuple[Request, ...]
    days: tuple[tuple[date, tuple[Entry, ...]], ...]
    older: int
    links: dict[str, str]


def read_lead(deps: Deps, lead_id: str, zone: str) -> LeadView:
    """Everything of one lead, times in `zone`. Raises NotFound."""
    records = [stored.value for stored in deps.store.everything_of(lead_id)]
    lead = next((record for record in records if isinstance(record, Lead)), None)
    if lead is None:
        raise NotFound
    waiting = sorted(
        (r for r in records if isinstance(r, Request) and r.state in WAITING_STATES),
        key=lambda request: request.respond_by,
    )
    entries = sorted(_entries(deps, records), key=lambda entry: entry.at, reverse=True)
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
        days=_by_day(entries[:LONGEST], ZoneInfo(zone)),
        older=max(0, len(entries) - LONGEST),
        links=_links(lead),
    )


def _links(lead: Lead) -> dict[str, str]:
    mails = {e: f"mailto:{quote(e, safe='@')}" for e in lead.emails if e.count("@") == 1 and e.isprintable()}
    return mails | {phone: f"tel:{phone}" for phone in lead.phones if _E164.fullmatch(phone)}


def _by_day(entries: list[Entry], zone: ZoneInfo) -> tuple[tuple[date, tuple[Entry, ...]], ...]:
    local = (replace(entry, at=entry.at.astimezone(zone)) for entry in entries)
    days = groupby(local, key=lambda entry: entry.at.date())
    return tuple((day, tuple(group)) for day, group in days)


def _entries(deps: Deps, records: list[Any]) -> list[Entry]:
    requests = {record.touch_id: record for record in records if isinstance(record, Request)}
    places = _registrations(deps, requests)
    found: list[Entry] = []
    for record in records:
        if isinstance(record, Touch):
            request = requests.get(record.touch_id)
            where = _campaign(deps, record.campaign_id)
            found.append(
                Entry(record.occurred_at, "touch", record, "", where, "", request, places.get(record.touch_id))
            )
        elif isinstance(record, Request):
            found += _of_request(deps, record)
        elif isinstance(record, Message):
            who = record.to if record.kind in INTERNAL else ""
            moment = record.sent_at or record.created_at
            found.append(Entry(moment, "mail", record, who, _campaign(deps, record.campaign_id), record.reason))
        elif isinstance(record, Note):
            found.append(Entry(record.written_at, "note", record, _rep(deps, record.author_id)))
        elif isinstance(record, Opportunity):
            found += _of_deal(deps, record)
    return found


def _of_request(deps: Deps, request: Request) -> list[Entry]:
    """What is told with the touch is not told again: only the changes of owner, and the answer."""
    return [
        Entry(when, "handed_over", request, _rep(deps, owner_id), why=why)
        for when, owner_id, why in request.history[1:]
    ]


def _of_deal(deps: Deps, deal: Opportunity) -> list[Entry]:
    who = _rep(deps, deal.owner_id)
    opened = [Entry(deal.created_at, "deal_opened", deal, who)] if deal.created_at else []
    if deal.closed_at is None or deal.stage is OpportunityStage.OPEN:
        return opened
    return [*opened, Entry(deal.closed_at, "deal_closed", deal, who, why=deal.lost_reason)]


def _registrations(deps: Deps, requests: dict[str, Request]) -> dict[str, Registration]:
    asked = [(touch_id, request) for touch_id, request in requests.items() if request.event_id]
    refs = [Ref(Registration, (request.event_id, request.lead_id)) for _, request in asked]
    stored = deps.store.get_many(refs) if refs else []
    return {touch_id: found.value for (touch_id, _), found in zip(asked, stored, strict=True) if found}


def _campaign(deps: Deps, campaign_id: str) -> str:
    campaign = deps.directory.campaign(campaign_id) if campaign_id else None
    return campaign.name if campaign else campaign_id


def _rep(deps: Deps, rep_id: str) -> str:
    """The person's name; a program acts under its key's name, shown as it is."""
    rep = deps.directory.rep(rep_id)
    return rep.name if rep else rep_id
