"""The board, the list of leads with search and filters, and the requests that wait."""

import csv
import io
from dataclasses import replace
from typing import Any

from chalice import Response

from chalicelib.assign.visibility import Sight, sight_of
from chalicelib.capture.cells import neutral
from chalicelib.flows.read_home import QUEUES, read_home, read_queue
from chalicelib.handlers.console import console_page
from chalicelib.handlers.downloads import csv_file
from chalicelib.handlers.http_tasks import done_task
from chalicelib.handlers.web import query, whole
from chalicelib.records.lead import LeadStatus
from chalicelib.records.rep import Rep
from chalicelib.records.search import LeadQuery
from chalicelib.wiring import service

SORTS = ("newest", "score", "name")
_PAGE = 50
_ALL = 1_000_000
_COLUMNS = ("lead_id", "name", "company", "email", "country", "status", "score", "owner", "touches", "updated_at")


def show_home(request: Any, who: Rep) -> Response:
    return console_page(
        request,
        who,
        "home.html",
        home=read_home(service().deps, who),
        zone=who.week.zone,
        task_done=done_task(request, who),
    )


def show_requests(request: Any, who: Rep) -> Response:
    """The requests of one queue, the most urgent first; `mine` leaves only one's own."""
    asked = query(request, "queue", QUEUES[0])
    queue = asked if asked in QUEUES else QUEUES[0]
    mine, sight = query(request, "mine") == "yes", _sight(who)
    lines = read_queue(service().deps, queue, sight, who.rep_id if mine else "")
    limited = sight.owners is not None
    values: dict[str, Any] = {"lines": lines, "queue": queue, "queues": QUEUES, "mine": mine, "limited": limited}
    return console_page(request, who, "requests.html", **values, zone=who.week.zone)


def show_leads(request: Any, who: Rep) -> Response:
    deps = service().deps
    asked = _asked(request, who)
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
        erased=query(request, "done") == "erased",
        zone=who.week.zone,
    )


def download_leads(request: Any, who: Rep) -> Response:
    """The same query as the page, every row; cells cannot run as formulas."""
    deps = service().deps
    rows = deps.model.leads(replace(_asked(request, who), offset=0, limit=_ALL)).rows
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
    return csv_file(out.getvalue(), "leads.csv")


def _sight(who: Rep) -> Sight:
    return sight_of(who, service().deps.directory.reps())


def _asked(request: Any, who: Rep) -> LeadQuery:
    """The query as typed, over what this person may see; what makes no sense is left out."""
    status, sort = query(request, "status"), query(request, "sort")
    score = whole(query(request, "min_score"), 100)
    return LeadQuery(
        text=query(request, "text")[:200].replace("\x00", " ").strip(),
        status=status if status in list(LeadStatus) else "",
        owner_id=query(request, "owner")[:100],
        campaign_id=query(request, "campaign")[:100],
        import_id=query(request, "import")[:100],
        min_score=score or None,
        sort=sort if sort in SORTS else SORTS[0],
        offset=whole(query(request, "offset"), _ALL),
        limit=_PAGE,
        owners=_sight(who).owners,
        reason=query(request, "reason")[:300] if "reason" in (request.query_params or {}) else None,
    )


def _kept(asked: LeadQuery) -> dict[str, str]:
    """The query as parameters, for the next page and the download."""
    named = {
        "text": asked.text, "status": asked.status, "owner": asked.owner_id, "campaign": asked.campaign_id,
        "import": asked.import_id, "min_score": str(asked.min_score or ""),
        "sort": "" if asked.sort == SORTS[0] else asked.sort,
    }  # fmt: skip
    kept = {name: value for name, value in named.items() if value}
    return kept if asked.reason is None else {**kept, "reason": asked.reason}
