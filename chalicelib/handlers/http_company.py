"""A company, reached from one of its people: who else is there, what is open, what happened, what it belongs to."""

import re
from collections.abc import Mapping
from typing import Any

from chalice import Response

from chalicelib.flows.company_tree import MOST_ALIASES, NAME, InARing, describe_company
from chalicelib.flows.read_company import PAGE, read_company
from chalicelib.handlers.access import posted
from chalicelib.handlers.api_fields import text
from chalicelib.handlers.console import console_page
from chalicelib.handlers.web import offset_of, query, redirect
from chalicelib.identify.companies import own_domain
from chalicelib.records.rep import Rep
from chalicelib.wiring import service

_BETWEEN = re.compile(r"[\n;]+")


def show_company(request: Any, who: Rep, lead_id: str) -> Response:
    return _page(request, who, lead_id, {}, {})


def _page(request: Any, who: Rep, lead_id: str, typed: Mapping[str, str], errors: Mapping[str, str]) -> Response:
    offset = offset_of(request)
    view = read_company(service().deps, who, lead_id, offset - offset % PAGE)
    shown = console_page(
        request, who, "company.html", view=view, page_size=PAGE, zone=who.week.zone, lead_id=lead_id, typed=typed,
        errors=errors, said=query(request, "said"), now=service().deps.clock(), here="/app/leads/",
    )  # fmt: skip
    shown.status_code = 422 if errors else 200
    return shown


def post_company(request: Any, who: Rep, lead_id: str) -> Response:
    """What the company belongs to, its other names, its domain."""
    sent = posted(request)
    deps = service().deps
    view = read_company(deps, who, lead_id)
    typed = {name: text(sent, name, most) for name, most in (("parent", NAME), ("aliases", 3_000), ("domain", 200))}
    aliases = [" ".join(alias.split()) for alias in _BETWEEN.split(typed["aliases"]) if alias.strip()]
    errors = {}
    if typed["domain"].strip() and not own_domain(typed["domain"]):
        errors["domain"] = "not a domain of one company, such as example.com"
    if len(aliases) > MOST_ALIASES:
        errors["aliases"] = f"more names than allowed: {MOST_ALIASES}"
    try:
        if not errors:
            parent = " ".join(typed["parent"].split())
            describe_company(deps, view.name, parent, aliases, typed["domain"], who.rep_id)
    except InARing:
        errors["parent"] = "a company cannot belong to itself, nor to one that belongs to it"
    return (
        _page(request, who, lead_id, typed, errors) if errors else redirect(f"/app/leads/{lead_id}/company?said=kept")
    )
