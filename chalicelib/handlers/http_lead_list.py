"""The list of leads: paged, sorted and filtered by its address, and the same as a file."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from chalice import Response

from chalicelib.capture.cells import neutral
from chalicelib.flows.keep_audit import note_export
from chalicelib.handlers.console import console_page, sight_for
from chalicelib.handlers.downloads import csv_file
from chalicelib.handlers.lead_filters import BANDS, DUE, LeadFilters, read_filters
from chalicelib.handlers.web import query
from chalicelib.records.lead import LeadStatus
from chalicelib.records.ports import Deps
from chalicelib.records.rep import Rep
from chalicelib.records.search import SORTS, LeadPage, LeadQuery
from chalicelib.wiring import service

_PAGE = 50
_ALL = 1_000_000
_COLUMNS = ("lead_id", "name", "company", "email", "country", "status", "score", "owner", "touches", "updated_at")


def show_leads(request: Any, who: Rep) -> Response:
    deps = service().deps
    filters, asked = _asked(request, who, deps)
    found = deps.model.leads(asked)
    if asked.offset and not found.rows:
        # The last page was emptied, or the address was typed: the first page is better than nothing.
        asked = replace(asked, offset=0)
        found = deps.model.leads(asked)
    return console_page(
        request, who, "leads.html", asked=asked, filters=filters, found=found, kept=filters.kept(),
        names={rep.rep_id: rep.name for rep in deps.directory.reps()}, reps=deps.directory.reps(),
        campaigns=deps.directory.campaigns(),
        campaign_names={campaign.campaign_id: campaign.name for campaign in deps.directory.campaigns()},
        statuses=list(LeadStatus), sorts=SORTS, bands=BANDS, dues=DUE, now=deps.clock(),
        erased=query(request, "done") == "erased", zone=who.week.zone,
    )  # fmt: skip


def download_leads(request: Any, who: Rep) -> Response:
    """The same query as the page, every row; cells cannot run as formulas."""
    deps = service().deps
    filters, asked = _asked(request, who, deps)
    found = deps.model.leads(replace(asked, offset=0, limit=_ALL))
    out = io.StringIO()
    # Spreadsheets take a file without the mark for the machine's old code page, and Chinese names are lost.
    out.write("\ufeff")
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    writer.writerows(_cells(deps, found))
    # Not the words searched for: they may name somebody.
    told = ", ".join(f"{name}={value}" for name, value in filters.kept().items() if name not in ("text", "company"))
    searched = "yes" if filters.text or filters.company else ""
    note_export(deps, who.rep_id, "leads.csv", rows=str(len(found.rows)), filters=told, search=searched)
    return csv_file(out.getvalue(), "leads.csv")


def _cells(deps: Deps, found: LeadPage) -> Iterator[list[str]]:
    names = {rep.rep_id: rep.name for rep in deps.directory.reps()}
    for row in found.rows:
        cells = (row.lead_id, row.full_name, row.company, row.email, row.country, row.status, str(row.score))
        last = (names.get(row.owner_id, row.owner_id), str(row.touches), row.updated_at.isoformat())
        yield [neutral(cell) for cell in (*cells, *last)]


def _asked(request: Any, who: Rep, deps: Deps) -> tuple[LeadFilters, LeadQuery]:
    """What is asked for, over what this person may see."""
    filters = read_filters(request)
    sight = sight_for(who)
    return filters, filters.over(sight, who.week.zone, deps.clock(), _PAGE)
