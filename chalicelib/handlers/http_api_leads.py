"""Leads for programs: found, listed a page at a time, and one by its id. A key sees everybody's: it is no rep's."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from chalice import Response

from chalicelib.assign.visibility import Sight
from chalicelib.flows.find_people import Shown, find_people
from chalicelib.handlers.api_answers import (
    MOST,
    answered,
    asked,
    known_parameters,
    moment_cursor,
    number,
    one_of,
    read_moment,
)
from chalicelib.handlers.api_fields import wrong
from chalicelib.handlers.web import dated
from chalicelib.records.api_key import ApiKey
from chalicelib.records.lead import Lead, LeadStatus
from chalicelib.records.ports import NotFound
from chalicelib.records.search import LeadQuery, LeadRow
from chalicelib.wiring import service

_USUAL = 20
_FARTHEST = 99_999_999
_SEARCH = ("q", "limit", "offset")
_LIST = ("limit", "cursor", "status", "owner_id", "campaign_id", "import_id", "country", "min_score", "max_score",
         "created_from", "created_to")  # fmt: skip


def find_leads(request: Any, key: ApiKey) -> Response:
    """With `q` whom it means, the best first, by `offset` as far as `ranked`; without it all, the newest first."""
    if "q" in (request.query_params or {}):
        return _found(request)
    return _listed(request)


def _found(request: Any) -> Response:
    known_parameters(request, *_SEARCH)
    text = asked(request, "q")
    shown = Shown(number(request, "offset", 0, _FARTHEST, 0), number(request, "limit", 1, MOST, _USUAL), companies=0)
    found = find_people(service().deps, Sight(), text, shown)
    leads = [_row(line.row) for line in found.people]
    meant = {typed: list(words) for typed, words in found.spellings}
    counts = {"total": found.total, "ranked": found.ranked, "offset": found.offset}
    return answered(request, {"leads": leads, **counts, "meant": meant})


def _listed(request: Any) -> Response:
    known_parameters(request, *_LIST)
    limit, (begins, skipped) = number(request, "limit", 1, MOST, _USUAL), read_moment(request)
    until = _day(request, "created_to")
    ends = [moment for moment in (begins, until + timedelta(days=1) if until else None) if moment]
    query = LeadQuery(
        status=one_of(request, "status", list(LeadStatus)),
        owner_id=asked(request, "owner_id"),
        campaign_id=asked(request, "campaign_id"),
        import_id=asked(request, "import_id"),
        country=_country(request),
        min_score=number(request, "min_score", 0, 100, None),
        max_score=number(request, "max_score", 0, 100, None),
        created_from=_day(request, "created_from"),
        created_until=min(ends) if ends else None,
        sort="created",
        offset=skipped if begins and min(ends) == begins else 0,
        limit=limit,
    )
    page = service().deps.model.leads(query)
    more = page.total - query.offset > len(page.rows) > 0
    cursor = moment_cursor([row.created_at for row in page.rows], begins, skipped) if more else None
    return answered(request, {"leads": [_row(row) for row in page.rows], "next_cursor": cursor})


def _country(request: Any) -> str:
    code = asked(request, "country", 2).upper()
    if code and not (len(code) == 2 and code.isascii() and code.isalpha()):
        raise wrong("country", "an ISO 3166 code such as DE")
    return code


def _day(request: Any, name: str) -> datetime | None:
    """The day's beginning (UTC). Raises Problem."""
    text = asked(request, name, 40)
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.max
    # At either end of the calendar a day has no neighbour.
    if not 1 < day.year < 9999:
        raise wrong(name, "a date such as 2026-03-31")
    return datetime.combine(day, time(), UTC)


def _row(row: LeadRow) -> dict[str, Any]:
    return {
        "lead_id": row.lead_id, "name": row.full_name, "company": row.company, "email": row.email,
        "status": row.status, "score": row.score, "owner_id": row.owner_id,
        **dated(created_at=row.created_at),
    }  # fmt: skip


def get_lead(request: Any, key: ApiKey, lead_id: str) -> Response:
    """One lead as stored; by the id of a record that became part of it as well."""
    stored = service().deps.store.get(Lead, lead_id)
    if stored is None:
        raise NotFound
    return answered(request, _lead(stored.value), stored.version)


def _lead(lead: Lead) -> dict[str, Any]:
    return {
        "lead_id": lead.lead_id,
        "name": lead.full_name,
        "given_name": lead.given_name,
        "family_name": lead.family_name,
        "company": lead.company,
        "title": lead.title,
        "emails": list(lead.emails),
        "phones": list(lead.phones),
        "country": lead.country,
        "language": lead.language,
        "products": list(lead.products),
        "status": lead.status.value,
        "status_reason": lead.status_reason,
        "score": {"points": lead.score.points, "reasons": list(lead.score.reasons)},
        "owner_id": lead.owner_id,
        "touches": lead.touch_count,
        **dated(created_at=lead.created_at, updated_at=lead.updated_at),
        **dated(respond_by=lead.respond_by, opted_out_at=lead.opted_out_at),
    }
