"""A company, reached from one of its people: who else is there, what is open, what happened."""

from typing import Any

from chalice import Response

from chalicelib.flows.read_company import PAGE, read_company
from chalicelib.handlers.console import console_page
from chalicelib.handlers.web import offset_of
from chalicelib.records.rep import Rep
from chalicelib.wiring import service


def show_company(request: Any, who: Rep, lead_id: str) -> Response:
    offset = offset_of(request)
    view = read_company(service().deps, who, lead_id, offset - offset % PAGE)
    return console_page(
        request, who, "company.html", view=view, page_size=PAGE, zone=who.week.zone, lead_id=lead_id,
        now=service().deps.clock(), here="/app/leads/",
    )  # fmt: skip
