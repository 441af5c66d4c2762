"""Campaigns, spend and imports for programs, a page at a time in the order of their ids."""

from collections.abc import Callable
from typing import Any, TypeVar

from chalice import Response

from chalicelib.flows.plan_marketing import find_campaign
from chalicelib.handlers.api_answers import (
    MOST,
    answered,
    asked,
    known_parameters,
    make_cursor,
    number,
    one_of,
    read_cursor,
)
from chalicelib.handlers.web import dated
from chalicelib.records.api_key import ApiKey
from chalicelib.records.campaign import Campaign
from chalicelib.records.ports import NotFound
from chalicelib.records.spend import Spend
from chalicelib.records.upload import Upload, UploadState
from chalicelib.wiring import service

R = TypeVar("R")


Place = tuple[int, str]


def _place(request: Any) -> Place:
    """(how many on a page, the id behind which it begins). Raises Problem."""
    limit, cursor = number(request, "limit", 1, MOST, MOST), read_cursor(request, str)
    return limit, cursor[0] if cursor else ""


def _page(
    place: Place, kind: type[R], id_of: Callable[[R], str], keep: Callable[[R], bool]
) -> tuple[list[R], str | None]:
    """(the next of those to keep, the cursor to go on by or None)."""
    (limit, after), found, store = place, list[R](), service().deps.store
    while len(found) <= limit and (batch := store.page(kind, after=after, limit=MOST)):
        found += [stored.value for stored in batch if keep(stored.value)]
        after = id_of(batch[-1].value)
    return found[:limit], make_cursor(id_of(found[limit - 1])) if len(found) > limit else None


def list_campaigns(request: Any, key: ApiKey) -> Response:
    known_parameters(request, "channel", "limit", "cursor")
    channel, place = asked(request, "channel"), _place(request)
    shown, cursor = _page(place, Campaign, lambda c: c.campaign_id, lambda c: channel in ("", c.channel))
    return answered(request, {"campaigns": [campaign_json(each) for each in shown], "next_cursor": cursor})


def get_campaign(request: Any, key: ApiKey, campaign_id: str) -> Response:
    stored = service().deps.store.get(Campaign, campaign_id)
    if stored is None:
        raise NotFound
    return answered(request, campaign_json(stored.value), stored.version)


def list_spend(request: Any, key: ApiKey) -> Response:
    """What was spent, on one campaign (its id or name) or on all."""
    known_parameters(request, "campaign", "limit", "cursor")
    campaign_id, place = "", _place(request)
    if named := asked(request, "campaign", 300):
        campaign = find_campaign(service().deps, named)
        if campaign is None:
            return answered(request, {"spend": [], "next_cursor": None})
        campaign_id = campaign.campaign_id
    shown, cursor = _page(place, Spend, lambda s: s.spend_id, lambda s: campaign_id in ("", s.campaign_id))
    return answered(request, {"spend": [spend_json(each) for each in shown], "next_cursor": cursor})


def list_imports(request: Any, key: ApiKey) -> Response:
    """The lists that were sent, the first first."""
    from chalicelib.handlers.http_imports import import_json

    known_parameters(request, "state", "limit", "cursor")
    state, place = one_of(request, "state", list(UploadState)), _place(request)
    shown, cursor = _page(place, Upload, lambda u: u.import_id, lambda u: state in ("", u.state))
    return answered(request, {"imports": [import_json(each) for each in shown], "next_cursor": cursor})


def campaign_json(campaign: Campaign) -> dict[str, Any]:
    return {
        "campaign_id": campaign.campaign_id,
        "name": campaign.name,
        "channel": campaign.channel,
        **dated(starts_on=campaign.starts_on, ends_on=campaign.ends_on),
    }


def spend_json(spend: Spend) -> dict[str, Any]:
    return {
        "spend_id": spend.spend_id,
        "campaign_id": spend.campaign_id,
        "spent_on": spend.spent_on.isoformat(),
        "amount_minor": spend.amount.amount_minor,
        "currency": spend.amount.currency,
        "note": spend.note,
        "invoice": spend.invoice,
    }
