"""The board, the list of leads with search and filters, and the requests that wait."""

import csv
import io
from dataclasses import replace
from typing import Any

from chalice import Blueprint, Response

from chalicelib.capture.cells import neutral
from chalicelib.flows.read_home import QUEUES, read_home, read_queue
from chalicelib.handlers import http_lead
from chalicelib.handlers.access import person
from chalicelib.handlers.console import console_page
from chalicelib.handlers.web import as_csv, query, route
from chalicelib.records.lead import LeadStatus
from chalicelib.records.search import LeadQuery
from chalicelib.wiring import service

leads = Blueprint(__name__)
blueprints = (leads, *http_lead.blueprints)

SORTS = ("newest", "score", "name")
_PAGE = 50
_ALL = 1_000_000
_COLUMNS = ("lead_id", "name", "company", "email", "country", "status", "score", "owner", "touches", "updated_at")


@route(leads, "/app")
def show_home() -> Response:
    request = leads.current_request
    who = person(request)
    return console_page(request, who, "home.html", home=read_home(service().deps, who), zone=who.week.zone)


@route(leads, "/app/requests")
def show_requests() -> Response:
    """The requests of one queue, the most urgent first; `mine` leaves only one's own."""
    request = leads.current_request
    who = person(request)
    asked = query(request, "queue", QUEUES[0])
    queue = asked if asked in QUEUES else QUEUES[0]
    mine = query(request, "mine") == "yes"
    lines = read_queue(service().deps, queue, who.rep_id if mine else "")
    values: dict[str, Any] = {"lines": lines, "queue": queue, "queues": QUEUES, "mine": mine}
    return console_page(request, who, "requests.html", **values, zone=who.week.zone)


@route(leads, "/app/leads")
def show_leads() -> Response:
    request = leads.current_request
    who = person(request)
    deps = service().deps
    asked = _asked(request)
    found = deps.model.leads(asked)
    if asked.offset and not found.rows:
        # The last page was emptied, or the address was typed: the first page is better than nothing.
        asked = replace(asked, offset=0)
        found = deps.model.leads(asked)
    return console_page(
        request,
        who,
        "leads.html",
        asked=asked,
        found=found,
        kept=_kept(asked),
        names={rep.rep_id: rep.name for rep in deps.directory.reps()},
        reps=deps.directory.reps(),
        campaigns=deps.directory.campaigns(),
        campaign_names={campaign.campaign_id: campaign.name for campaign in deps.directory.campaigns()},
        statuses=list(LeadStatus),
        sorts=SORTS,
        zone=who.week.zone,
    )


@route(leads, "/app/leads.csv")
def download_leads() -> Response:
    """The same query as the page, every row; cells cannot run as formulas."""
    request = leads.current_request
    person(request)
    deps = service().deps
    rows = deps.model.leads(replace(_asked(request), offset=0, limit=_ALL)).rows
    names = {rep.rep_id: rep.name for rep in deps.directory.reps()}
    out = io.StringIO()
    # Spreadsheets take a file without the mark for the machine's old code page, and Chinese names are lost.
    out.write("\ufeff")
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for row in rows:
        cells = (row.lead_id, row.full_name, row.company, row.email, row.country, row.status, str(row.score))
        last = (names.get(row.owner_id, row.owner_id), str(row.touches), row.updated_at.isoformat())
        writer.writerow([neutral(cell) for cell in (*cells, *last)])
    return as_csv(out.getvalue(), "leads.csv")


def _asked(request: Any) -> LeadQuery:
    """The query as typed; what makes no sense is left out."""
    status, sort = query(request, "status"), query(request, "sort")
    score = _whole(query(request, "min_score"), 100)
    return LeadQuery(
        text=query(request, "text")[:200].replace("\x00", " ").strip(),
        status=status if status in list(LeadStatus) else "",
        owner_id=query(request, "owner")[:100],
        campaign_id=query(request, "campaign")[:100],
        import_id=query(request, "import")[:100],
        min_score=score or None,
        sort=sort if sort in SORTS else SORTS[0],
        offset=_whole(query(request, "offset"), _ALL),
        limit=_PAGE,
    )


def _kept(asked: LeadQuery) -> dict[str, str]:
    """The query as parameters, for the next page and the download."""
    named = {
        "text": asked.text, "status": asked.status, "owner": asked.owner_id, "campaign": asked.campaign_id,
        "import": asked.import_id, "min_score": str(asked.min_score or ""),
        "sort": "" if asked.sort == SORTS[0] else asked.sort,
    }  # fmt: skip
    return {name: value for name, value in named.items() if value}


def _whole(text: str, highest: int) -> int:
    return min(int(text), highest) if text.isascii() and text.isdigit() and len(text) < 9 else 0
