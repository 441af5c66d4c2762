"""A figure of the returns report opens to its rows, and the rows add up to the figure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chalicelib.attribute.credit import split
from chalicelib.flows.follow_merges import people_named
from chalicelib.records.lead import SALES_QUALIFIED, Lead
from chalicelib.records.money import Money
from chalicelib.records.opportunity import Opportunity
from chalicelib.records.ports import Deps, NotFound, Ref
from chalicelib.records.spend import Spend

# What a figure can be of, as named in the report.
FIGURES = ("spend", "leads", "qualified", "won", "won_deals", "revenue", "contribution")
# A figure that divides one by another opens to the rows of the first, and says what it is divided by.
RATIOS = {"revenue_per_spend": ("revenue", "spend"), "cost_per_lead": ("spend", "leads")}
TOTAL = "*"


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One row behind a figure. `lead` is the person; of a deal `name`, `full` (its whole amount) and `share` (the
    part of it credited here, 0 to 1) are given; `amount` is what this row adds to a figure of money."""

    lead_id: str = ""
    lead: Lead | None = None
    name: str = ""
    on: datetime | None = None
    day: Any = None
    full: Money | None = None
    share: float | None = None
    amount: Money | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` is what the report says (Money, a count, or a sum of shares); `agrees` is False where the records have
    changed since the report was made, so that the rows are those of now. Of a ratio `ratio` names it and the rest is
    its first part, of which the rows are."""

    section: dict[str, Any]
    line: dict[str, Any]
    what: str
    value: Any
    rows: tuple[FigureRow, ...]
    total: int
    agrees: bool
    ratio: str = ""


def section_of(report: dict[str, Any], model: str, currency: str) -> dict[str, Any]:
    """Raises NotFound for a model or currency the report does not have."""
    for section in report["sections"]:
        if (section["model"], section["currency"]) == (model, currency):
            found: dict[str, Any] = section
            return found
    raise NotFound


def line_of(section: dict[str, Any], campaign_id: str) -> dict[str, Any]:
    """The line of a campaign, "" for what is unattributed, TOTAL for the sum. Raises NotFound."""
    lines = {row["campaign_id"]: row for row in section["rows"]}
    lines |= {"": section["unattributed"], TOTAL: section["total"]}
    if campaign_id not in lines:
        raise NotFound
    found: dict[str, Any] = lines[campaign_id]
    return found


def open_figure(
    deps: Deps, report: dict[str, Any], model: str, currency: str, campaign_id: str, what: str, offset: int, limit: int
) -> Figure:
    """The rows behind one figure of the report, a page of them. Raises NotFound for a figure there is none of."""
    section = section_of(report, model, currency)
    line = line_of(section, campaign_id)
    parts = RATIOS.get(what, (what,))
    if parts[0] not in FIGURES or line[what] is None or line[parts[0]] is None:
        raise NotFound
    opened = [_rows(deps, report, section, campaign_id, part) for part in parts]
    agrees = all(_adds_up(rows, part, _shown(line, part)) for rows, part in zip(opened, parts, strict=True))
    page = _with_leads(deps, opened[0][offset : offset + limit])
    ratio = what if what in RATIOS else ""
    return Figure(
        section, line, parts[0], _shown(line, parts[0]), tuple(page), total=len(opened[0]), agrees=agrees, ratio=ratio
    )


def _shown(line: dict[str, Any], what: str) -> Any:
    value = line[what]
    return Money(**value) if isinstance(value, dict) else value


def _rows(deps: Deps, report: dict[str, Any], section: dict[str, Any], campaign_id: str, what: str) -> list[FigureRow]:
    known = {row["campaign_id"] for row in section["rows"]}
    model, currency = section["model"], section["currency"]

    def belongs(other: str) -> bool:
        return campaign_id == TOTAL or (other if other in known else "") == campaign_id

    if what == "spend":
        as_of = datetime.fromisoformat(report["as_of"])
        return [_spend_row(deps, spend) for spend in _spends(deps, currency, as_of) if belongs(spend.campaign_id)]
    if what in ("leads", "qualified"):
        kept = [(i, s) for i, s, first in deps.model.lead_campaigns() if belongs(first)]
        return [FigureRow(lead_id) for lead_id, status in kept if what == "leads" or status in SALES_QUALIFIED]
    return _deal_rows(deps, report, model, currency, belongs, what)


def _adds_up(rows: Sequence[FigureRow], what: str, shown: Any) -> bool:
    if isinstance(shown, Money):
        return shown.amount_minor == sum(row.amount.amount_minor for row in rows if row.amount)
    if what == "won":
        return math.isclose(shown, math.fsum(row.share or 0 for row in rows), abs_tol=1e-6)
    return bool(shown == len(rows))


def _spends(deps: Deps, currency: str, as_of: datetime) -> list[Spend]:
    """Those the report has seen, by day."""
    spends = [stored.value for stored in deps.store.query(Spend)]
    kept = [
        spend
        for spend in spends
        if spend.amount.currency == currency
        and spend.spent_on <= as_of.date()
        and (spend.entered_at is None or spend.entered_at <= as_of)
    ]
    return sorted(kept, key=lambda spend: (spend.spent_on, spend.spend_id))


def _spend_row(deps: Deps, spend: Spend) -> FigureRow:
    campaign = deps.directory.campaign(spend.campaign_id)
    name = campaign.name if campaign else spend.campaign_id
    note = " · ".join(text for text in (spend.note, spend.invoice) if text)
    return FigureRow(name=name, day=spend.spent_on, amount=spend.amount, note=note)


def _deal_rows(
    deps: Deps, report: dict[str, Any], model: str, currency: str, belongs: Any, what: str
) -> list[FigureRow]:
    """Deals with what is credited here; the touches of one deal together."""
    by_deal: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for credit in report["credits"]:
        if credit["model"] == model and credit["amount"]["currency"] == currency:
            by_deal.setdefault((credit["lead_id"], credit["opportunity_id"]), []).append(credit)
    touched = {
        (deal["lead_id"], deal["opportunity_id"])
        for deal in report["touched"]
        if deal["currency"] == currency and belongs(deal["campaign_id"])
    }
    deals = deps.store.get_many([Ref(Opportunity, ids) for ids in by_deal])
    rows = []
    for (ids, credits), deal in zip(by_deal.items(), deals, strict=True):
        mine = [place for place, credit in enumerate(credits) if belongs(credit["campaign_id"])]
        if not (ids in touched if what == "won_deals" else mine):
            continue
        row = _deal_row(ids[0], credits, mine, deal.value if deal else None, currency, what)
        if what != "contribution" or row.amount:
            rows.append(row)
    return sorted(rows, key=lambda row: (row.on.isoformat() if row.on else "", row.lead_id), reverse=True)


def _deal_row(
    lead_id: str, credits: list[dict[str, Any]], mine: list[int], deal: Opportunity | None, currency: str, what: str
) -> FigureRow:
    full = sum(credit["amount"]["amount_minor"] for credit in credits)
    parts: list[int] | None = [credit["amount"]["amount_minor"] for credit in credits]
    if what == "contribution":
        parts = _contributions(credits, full, deal.margin if deal else None)
    return FigureRow(
        lead_id=lead_id,
        name=deal.name if deal else "",
        on=deal.closed_at if deal else None,
        full=Money(full, currency),
        share=sum(credits[place]["share"] for place in mine),
        amount=None if parts is None else Money(sum(parts[place] for place in mine), currency),
        note=f"{deal.margin} %" if what == "contribution" and deal and deal.margin is not None else "",
    )


def _contributions(credits: list[dict[str, Any]], full: int, margin: int | None) -> list[int] | None:
    """As the report shares it: the margin's part of the deal, split by the same shares."""
    if margin is None:
        return None
    return split((full * margin + 50) // 100, [credit["share"] for credit in credits])


def _with_leads(deps: Deps, rows: Sequence[FigureRow]) -> list[FigureRow]:
    leads = people_named(deps, [row.lead_id or "-" for row in rows])
    return [replace(row, lead=lead) if lead else row for row, lead in zip(rows, leads, strict=True)]
