"""Search over people and companies: a page, and suggestions while somebody types."""

from typing import Any

from chalice import Response

from chalicelib.assign.visibility import Sight, sight_of
from chalicelib.flows.find_people import CompanyLine, PersonLine, Search, find_people
from chalicelib.handlers.console import console_page
from chalicelib.handlers.web import as_json, offset_of, query
from chalicelib.records.rep import Rep
from chalicelib.wiring import service

_LONGEST = 200
_PAGE, _COMPANIES = 20, 6
# While somebody types.
_PEOPLE_AT_ONCE, _COMPANIES_AT_ONCE = 6, 3


def show_search(request: Any, who: Rep) -> Response:
    """The people a page at a time, as far as they are ranked; the companies beside the first page."""
    found = _found(request, who)
    offset = offset_of(request)
    offset = offset - offset % _PAGE if offset < len(found.people) else 0
    reps = service().deps.directory.reps()
    return console_page(
        request, who, "search.html", found=found, offset=offset, page_size=_PAGE, most_companies=_COMPANIES,
        all_companies=query(request, "companies") == "all", names={rep.rep_id: rep.name for rep in reps},
    )  # fmt: skip


def suggest(request: Any, who: Rep) -> Response:
    """The best few of each, as texts in pieces: [[text, whether it was found], …]."""
    found = _found(request, who)
    return as_json(
        {
            "people": [_person(line) for line in found.people[:_PEOPLE_AT_ONCE]],
            "companies": [_company(line) for line in found.companies[:_COMPANIES_AT_ONCE]],
            "total": found.total,
        }
    )


def _found(request: Any, who: Rep) -> Search:
    deps = service().deps
    text = "".join(c if c.isprintable() else " " for c in query(request, "q")[:_LONGEST]).strip()
    return find_people(deps, _sight(who), text)


def _sight(who: Rep) -> Sight:
    return sight_of(who, service().deps.directory.reps())


def _person(line: PersonLine) -> dict[str, Any]:
    contact = line.contact if any(is_found for _, is_found in line.contact) else ()
    below = (*line.company, *(((" · ", False),) if line.company and contact else ()), *contact)
    return {"href": f"/app/leads/{line.row.lead_id}", "name": line.name or line.contact, "below": below}


def _company(line: CompanyLine) -> dict[str, Any]:
    return {"href": f"/app/leads/{line.lead_id}/company", "name": line.name, "people": line.people}
