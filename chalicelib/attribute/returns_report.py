"""The returns report as values, as JSON and as CSV."""

import csv
import io
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple

from chalicelib.attribute.columns import inert
from chalicelib.records.money import Money, exponent

CSV_COLUMNS = (
    "line",
    "campaign_id",
    "name",
    "channel",
    "currency",
    "spend",
    "leads",
    "qualified",
    "won",
    "won_deals",
    "revenue",
    "revenue_per_spend",
    "contribution",
    "margin_revenue",
    "cost_per_lead",
)


class Credit(NamedTuple):
    """What one touch earned of one deal by one model, where it earned anything. The credits of a deal add up to its
    amount exactly, their shares to 1. A deal without a touch has one credit, to campaign ""."""

    model: str
    opportunity_id: str
    lead_id: str
    campaign_id: str
    touch_id: str
    amount_minor: int
    currency: str
    share: float


class TouchedDeal(NamedTuple):
    """A won deal whose lead the campaign touched before; campaign "" for a deal without a touch."""

    opportunity_id: str
    lead_id: str
    campaign_id: str
    currency: str


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """One campaign in one currency by one model.

    `leads` came first by this campaign, `qualified` of them are or were accepted by sales. `won` adds the shares
    of deals credited, `won_deals` counts the deals the campaign touched before they were won, whatever the model.
    `contribution` is the margin's part of the credited revenue whose margin is known, `margin_revenue`; None where
    that is no deal's. `revenue_per_spend` and `cost_per_lead` are None without spend or without leads.
    `other_currencies` names those in which this campaign has money too: it is not in these figures.
    """

    campaign_id: str
    name: str
    channel: str
    spend: Money
    leads: int
    qualified: int
    won: float
    won_deals: int
    revenue: Money
    revenue_per_spend: float | None
    contribution: Money | None
    margin_revenue: Money
    cost_per_lead: Money | None
    other_currencies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReturnSection:
    """All campaigns in one currency by one model. `rows` and `unattributed` add up to `total`; unattributed are
    deals without a touch before them, and touches, leads and spend of no known campaign."""

    model: str
    currency: str
    rows: tuple[ReturnLine, ...]
    unattributed: ReturnLine
    total: ReturnLine


@dataclass(frozen=True, slots=True)
class ReturnsReport:
    """One section per model and currency, the base currency first. `credits` are the rows behind won and revenue,
    `touched` those behind won_deals."""

    as_of: datetime
    base_currency: str
    models: tuple[str, ...]
    currencies: tuple[str, ...]
    sections: tuple[ReturnSection, ...]
    credits: tuple[Credit, ...]
    touched: tuple[TouchedDeal, ...]


def as_json(report: ReturnsReport, *, with_rows: bool = True) -> dict[str, Any]:
    """Plain dicts, lists, texts and numbers; money as {"amount_minor", "currency"}. `credits` and `touched`, which
    the figures open to, only `with_rows`."""
    document = {
        "as_of": report.as_of.isoformat(),
        "base_currency": report.base_currency,
        "models": list(report.models),
        "currencies": list(report.currencies),
        "sections": [
            {
                "model": section.model,
                "currency": section.currency,
                "rows": [_line_json(line) for line in section.rows],
                "unattributed": _line_json(section.unattributed),
                "total": _line_json(section.total),
            }
            for section in report.sections
        ],
    }
    if not with_rows:
        return document
    rows = {"credits": [_credit_json(credit) for credit in report.credits]}
    return document | rows | {"touched": [deal._asdict() for deal in report.touched]}


def _line_json(line: ReturnLine) -> dict[str, Any]:
    return {field.name: _plain(getattr(line, field.name)) for field in fields(line)}


def _plain(value: Any) -> Any:
    if isinstance(value, Money):
        return {"amount_minor": value.amount_minor, "currency": value.currency}
    return list(value) if isinstance(value, tuple) else value


def _credit_json(credit: Credit) -> dict[str, Any]:
    return {
        "model": credit.model,
        "opportunity_id": credit.opportunity_id,
        "lead_id": credit.lead_id,
        "campaign_id": credit.campaign_id,
        "touch_id": credit.touch_id,
        "amount": {"amount_minor": credit.amount_minor, "currency": credit.currency},
        "share": credit.share,
    }


def as_csv(report_json: dict[str, Any], model: str, currency: str) -> str:
    """The section of a model and currency as CSV with a header, made from the JSON alone so that it equals the
    screen: a row a campaign, then `unattributed`, then `total`. Money is in whole units with the currency's decimals.
    LookupError for a section the report does not have."""
    for section in report_json["sections"]:
        if (section["model"], section["currency"]) == (model, currency):
            break
    else:
        raise LookupError(f"no such section in the report: {model}, {currency}")
    lines = [("campaign", row) for row in section["rows"]]
    lines += [("unattributed", section["unattributed"]), ("total", section["total"])]
    text = io.StringIO()
    writer = csv.DictWriter(text, CSV_COLUMNS, extrasaction="ignore")
    writer.writeheader()
    for kind, line in lines:
        cells = {name: _cell(value) for name, value in line.items()}
        writer.writerow(cells | {"line": kind, "currency": currency})
    return text.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, dict):
        return _decimal(value["amount_minor"], exponent(value["currency"]))
    if isinstance(value, str):
        return inert(value)
    return "" if value is None else str(value)


def _decimal(amount_minor: int, digits: int) -> str:
    whole, rest = divmod(abs(amount_minor), 10**digits)
    sign = "-" if amount_minor < 0 else ""
    return f"{sign}{whole}.{rest:0{digits}}" if digits else f"{sign}{whole}"
