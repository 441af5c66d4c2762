"""Campaigns and what they cost."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from chalice import Response

from chalicelib.flows.import_spend import import_spend
from chalicelib.flows.plan_marketing import add_campaign, add_spend, find_campaign, invoice_problem, remove_spend
from chalicelib.flows.report_returns import read_report
from chalicelib.handlers.access import check_csrf, posted
from chalicelib.handlers.api_fields import day, money, spend_day, text, wrong
from chalicelib.handlers.console import console_page
from chalicelib.handlers.errors import Problem
from chalicelib.handlers.http_uploads import file_form
from chalicelib.handlers.web import query, redirect
from chalicelib.records.campaign import Campaign
from chalicelib.records.contact import Refusal
from chalicelib.records.money import Money
from chalicelib.records.ports import NotFound
from chalicelib.records.rep import Rep
from chalicelib.records.search import LeadQuery
from chalicelib.records.spend import Spend
from chalicelib.wiring import service

# GA4's default channel group, and the offline world.
CHANNELS = (
    "Trade show", "Seminar", "Print", "Phone", "Partner", "Paid Search", "Paid Social", "Paid Video", "Paid Shopping",
    "Paid Other", "Display", "Email", "SMS", "Organic Search", "Organic Social", "Organic Video", "Organic Shopping",
    "Affiliates", "Referral", "Audio", "Mobile Push Notifications", "Direct",
)  # fmt: skip
SPEND_SHOWN = 200


def list_campaigns(request: Any, who: Rep) -> Response:
    return _list_page(request, who, {}, {})


def post_campaign(request: Any, who: Rep) -> Response:
    sent = posted(request)
    read, errors = _readings(sent, {"starts_on": day, "ends_on": day})
    name = " ".join(str(sent.get("name", "")).split())[:200]
    if not name:
        errors["name"] = "this field is required"
    elif find_campaign(service().deps, name):
        errors["name"] = "a campaign of this name exists"
    channel = str(sent.get("channel", ""))
    if channel not in CHANNELS:
        errors["channel"] = "choose one of the list"
    starts_on, ends_on = read.get("starts_on"), read.get("ends_on")
    if starts_on and ends_on and ends_on < starts_on:
        errors["ends_on"] = "the end must not be before the start"
    if errors:
        return _list_page(request, who, sent, errors)
    made = add_campaign(service().deps, name, channel, starts_on, ends_on)
    return redirect(f"/app/campaigns/{made.campaign_id}")


def _readings(sent: Mapping[str, Any], readers: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """(values by field, reasons by field): every wrong field is told at once."""
    read: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, reader in readers.items():
        try:
            read[name] = reader(sent, name)
        except Problem as problem:
            errors |= {refusal.field: refusal.reason for refusal in problem.errors}
    return read, errors


def _list_page(request: Any, who: Rep, typed: Mapping[str, Any], errors: dict[str, str]) -> Response:
    deps = service().deps
    spent: dict[str, dict[str, int]] = {}
    for stored in deps.store.query(Spend):
        amount = stored.value.amount
        mine = spent.setdefault(stored.value.campaign_id, {})
        mine[amount.currency] = mine.get(amount.currency, 0) + amount.amount_minor
    answer = console_page(
        request,
        who,
        "campaigns.html",
        all=sorted(deps.directory.campaigns(), key=_newest_first),
        spent={i: [Money(minor, currency) for currency, minor in sorted(m.items())] for i, m in spent.items()},
        leads=_first_touches(),
        channels=CHANNELS,
        typed=typed,
        errors=errors,
    )
    answer.status_code = 422 if errors else 200
    return answer


def _newest_first(campaign: Campaign) -> tuple[float, str]:
    return (-campaign.created_at.timestamp() if campaign.created_at else 0.0, campaign.name)


def _first_touches() -> dict[str, int] | None:
    """How many leads came first by each campaign, as the latest report says; None before the first report."""
    report = read_report(service().deps)
    rows = report["sections"][0]["rows"] if report and report["sections"] else None
    return None if rows is None else {row["campaign_id"]: row["leads"] for row in rows}


def show_campaign(request: Any, who: Rep, campaign_id: str) -> Response:
    return _page(request, who, _campaign(campaign_id))


def _campaign(campaign_id: str) -> Campaign:
    found = service().deps.directory.campaign(campaign_id)
    if found is None:
        raise NotFound
    return found


def _page(request: Any, who: Rep, campaign: Campaign, **values: Any) -> Response:
    found = service()
    deps = found.deps
    spends = [s.value for s in deps.store.query(Spend) if s.value.campaign_id == campaign.campaign_id]
    spends.sort(key=lambda spend: (spend.spent_on, spend.spend_id), reverse=True)
    totals: dict[str, int] = {}
    for spend in spends:
        totals[spend.amount.currency] = totals.get(spend.amount.currency, 0) + spend.amount.amount_minor
    # Sign-ups for a seminar stand on the seminar's own page.
    forms = [form for form in deps.directory.forms() if form.active and not form.event_id]
    tail = urlencode({"utm_campaign": campaign.campaign_id})
    shown: dict[str, Any] = {"typed": {"currency": found.settings.base_currency}, "errors": {}, "refusals": ()}
    shown |= {"said": query(request, "said"), "count": query(request, "count"), "known": query(request, "known")}
    answer = console_page(
        request,
        who,
        "campaign.html",
        campaign=campaign,
        spends=spends[:SPEND_SHOWN],
        entries=len(spends),
        totals=[Money(minor, currency) for currency, minor in sorted(totals.items())],
        people=deps.model.leads(LeadQuery(campaign_id=campaign.campaign_id, limit=0)).total,
        rejected=deps.model.board.rejections(LeadQuery(campaign_id=campaign.campaign_id)),
        links=[(form, deps.links.absolute(f"/f/{form.form_id}?{tail}")) for form in forms],
        names={rep.rep_id: rep.name for rep in deps.directory.reps()},
        **(shown | values),
    )
    answer.status_code = 422 if values else 200
    return answer


def post_spend(request: Any, who: Rep, campaign_id: str) -> Response:
    sent = posted(request)
    campaign = _campaign(campaign_id)
    read, errors = _readings(sent, {"spent_on": _spent_on, "amount": money, "note": _note, "invoice": _invoice})
    if errors:
        return _page(request, who, campaign, typed=sent, errors=errors)
    spend, new = add_spend(
        service().deps, campaign.campaign_id, read["spent_on"], read["amount"], read["note"], read["invoice"],
        who.rep_id,
    )  # fmt: skip
    if not new and (reason := invoice_problem(spend, read["amount"], read["spent_on"])):
        return _page(request, who, campaign, typed=sent, errors={"invoice": reason})
    return redirect(f"/app/campaigns/{campaign.campaign_id}?said={'entered' if new else 'known'}")


def _spent_on(sent: Mapping[str, Any], name: str) -> date:
    found = spend_day(sent, name, service().deps.clock().date())
    if found is None:
        raise wrong(name, "this field is required")
    return found


def _note(sent: Mapping[str, Any], name: str) -> str:
    return text(sent, name, 500)


def _invoice(sent: Mapping[str, Any], name: str) -> str:
    return text(sent, name, 100)


def post_spend_removal(request: Any, who: Rep, campaign_id: str, spend_id: str) -> Response:
    """Take an entry back. Sent twice, the second finds nothing to do."""
    posted(request)
    remove_spend(service().deps, _campaign(campaign_id).campaign_id, spend_id)
    return redirect(f"/app/campaigns/{campaign_id}?said=removed#spend")


def post_spend_file(request: Any, who: Rep, campaign_id: str) -> Response:
    """All rows of a spend file, or none and the reasons."""
    sent = file_form(request)
    check_csrf(request, sent.fields.get("csrf", ""))
    campaign = _campaign(campaign_id)
    done = import_spend(service().deps, campaign.campaign_id, sent.data, who.rep_id)
    if isinstance(done, list):
        refusals: tuple[Refusal, ...] = tuple(done)
        return _page(request, who, campaign, refusals=refusals, file_name=sent.file_name)
    return redirect(f"/app/campaigns/{campaign.campaign_id}?said=imported&count={done.entered}&known={done.known}")
