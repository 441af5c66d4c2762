"""Search over people and companies: a page, and suggestions while somebody types."""

from typing import Any

from chalice import Response

from chalicelib.flows.find_people import CompanyLine, PersonLine, Search, Shown, find_people
from chalicelib.handlers.console import console_page, sight_for
from chalicelib.handlers.web import as_json, offset_of, query
from chalicelib.records.rep import Rep
from chalicelib.wiring import service

_LONGEST = 200
_PAGE, _COMPANIES, _ALL_COMPANIES = 20, 6, 100
# While somebody types.
_AT_ONCE = Shown(people=6, companies=3)


def show_search(request: Any, who: Rep) -> Response:
    """The people a page at a time, as far as they are ranked; the companies beside the first page."""
    offset = offset_of(request)
    companies = _ALL_COMPANIES if query(request, "companies") == "all" else _COMPANIES
    found = _found(request, who, Shown(offset - offset % _PAGE, _PAGE, companies))
    names = {rep.rep_id: rep.name for rep in service().deps.directory.reps()}
    return console_page(
        request, who, "search.html", found=found, page_size=_PAGE, most_companies=_ALL_COMPANIES, names=names
    )


def suggest(request: Any, who: Rep) -> Response:
    """The best few of each, as texts in pieces: [[text, whether it was found], …]."""
    found = _found(request, who, _AT_ONCE)
    return as_json(
        {
            "people": [_person(line) for line in found.people],
            "companies": [_company(line) for line in found.companies],
            "total": found.total,
        }
    )


def _text(request: Any) -> str:
    return "".join(c if c.isprintable() else " " for c in query(request, "q")[:_LONGEST]).strip()


def _found(request: Any, who: Rep, shown: Shown) -> Search:
    deps = service().deps
    return find_people(deps, sight_for(who), _text(request), shown)


def _person(line: PersonLine) -> dict[str, Any]:
    contact = line.contact if any(is_found for _, is_found in line.contact) else ()
    below = (*line.company, *(((" · ", False),) if line.company and contact else ()), *contact)
    return {"href": f"/app/leads/{line.row.lead_id}", "name": line.name or line.contact, "below": below}


def _company(line: CompanyLine) -> dict[str, Any]:
    return {"href": f"/app/leads/{line.lead_id}/company", "name": line.name, "people": line.people}
