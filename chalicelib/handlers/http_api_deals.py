"""Possible sales for programs."""

from typing import Any

from chalice import Response

from chalicelib.flows.follow_merges import surviving
from chalicelib.flows.work_lead import close_deal, open_deal
from chalicelib.handlers.api_answers import (
    MOST,
    answered,
    asked,
    etag,
    if_match,
    known_parameters,
    moment_cursor,
    number,
    one_of,
    read_moment,
)
from chalicelib.handlers.api_fields import choice, known_fields, money, text, wrong
from chalicelib.handlers.api_once import id_to_make_once
from chalicelib.handlers.web import as_json, dated
from chalicelib.records.api_key import ApiKey
from chalicelib.records.opportunity import Opportunity, OpportunityStage
from chalicelib.records.ports import NotFound, Ref, Stored
from chalicelib.wiring import service

_STAGES = [stage.value for stage in OpportunityStage]


def list_opportunities(request: Any, key: ApiKey) -> Response:
    """The newest first, of all or of one stage; or all of one lead."""
    known_parameters(request, "lead_id", "stage", "limit", "cursor")
    deps, stage = service().deps, one_of(request, "stage", _STAGES)
    limit, (before, skipped) = number(request, "limit", 1, MOST, MOST), read_moment(request)
    if lead_id := asked(request, "lead_id"):
        of_lead = [stored.value for stored in deps.store.query(Opportunity, surviving(deps, lead_id))]
        shown = [deal for deal in of_lead if stage in ("", deal.stage)]
        return answered(request, {"opportunities": [_deal(deal) for deal in shown], "next_cursor": None})
    ids = deps.model.opportunities(stage, limit + 1, before, skipped)
    found = deps.store.get_many([Ref(Opportunity, each) for each in ids[:limit]])
    deals = [stored.value for stored in found if stored]
    more = len(ids) > limit and deals
    cursor = moment_cursor([deal.created_at for deal in deals], before, skipped) if more else None
    return answered(request, {"opportunities": [_deal(deal) for deal in deals], "next_cursor": cursor})


def get_opportunity(request: Any, key: ApiKey, lead_id: str, opportunity_id: str) -> Response:
    stored = _stored(lead_id, opportunity_id)
    return answered(request, _deal(stored.value), stored.version)


def post_opportunity(request: Any, key: ApiKey) -> Response:
    """A possible sale to a lead, with amount and currency."""
    body = known_fields(request, "lead_id", "name", "amount", "amount_minor", "currency", "margin")
    margin = body.get("margin")
    # type() rather than isinstance: true is an int.
    if margin is not None and not (type(margin) is int and 0 <= margin <= 100):
        raise wrong("margin", "a whole percentage, 0 to 100")
    lead_id, name = text(body, "lead_id", 26, required=True), text(body, "name", 200, required=True)
    deps, paid = service().deps, money(body)
    lead_id, made_id = surviving(deps, lead_id), id_to_make_once(request, key, body)
    if made_id and (before := deps.store.get(Opportunity, lead_id, made_id)):
        return as_json(_deal(before.value), 200, {"ETag": etag(before.version)})
    deal = open_deal(deps, lead_id, name, paid, margin, key.name, made_id)
    return as_json(_deal(deal), 201, {"ETag": etag(1)})


def patch_opportunity(request: Any, key: ApiKey, lead_id: str, opportunity_id: str) -> Response:
    """Move a sale to won, lost or open; with `If-Match` only in the state the program has read."""
    body = known_fields(request, "stage", "reason", "lead_id", "opportunity_id", "id")
    stage = OpportunityStage(choice(body, "stage", _STAGES))

    def check(deal: Stored[Opportunity]) -> None:
        if_match(request, deal.version)

    reason = text(body, "reason", 500)
    close_deal(service().deps, lead_id, opportunity_id, stage, reason, check)
    stored = _stored(lead_id, opportunity_id)
    return as_json(_deal(stored.value), headers={"ETag": etag(stored.version)})


def _stored(lead_id: str, opportunity_id: str) -> Stored[Opportunity]:
    stored = service().deps.store.get(Opportunity, lead_id, opportunity_id)
    if stored is None:
        raise NotFound
    return stored


def _deal(deal: Opportunity) -> dict[str, Any]:
    return {
        "opportunity_id": deal.opportunity_id,
        "lead_id": deal.lead_id,
        "name": deal.name,
        "amount_minor": deal.amount.amount_minor,
        "currency": deal.amount.currency,
        "margin": deal.margin,
        "stage": deal.stage.value,
        "owner_id": deal.owner_id,
        "lost_reason": deal.lost_reason,
        **dated(created_at=deal.created_at, closed_at=deal.closed_at),
    }
