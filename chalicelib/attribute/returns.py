"""What came back on the money spent: the report behind the returns page and GET /v1/attribution."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import fsum

from chalicelib.attribute.deal_credits import credits_of, journeys_of, touched_by
from chalicelib.attribute.returns_report import (
    Credit,
    ReturnLine,
    ReturnSection,
    ReturnsReport,
    TouchedDeal,
    as_csv,
    as_json,
)
from chalicelib.records.campaign import Campaign
from chalicelib.records.lead import SALES_QUALIFIED
from chalicelib.records.money import Money
from chalicelib.records.search import TouchFact, WonFact
from chalicelib.records.spend import Spend

__all__ = ["MODELS", "RETURN_MODELS", "as_csv", "as_json", "returns"]

MODELS = ("first", "last", "linear", "position")
RETURN_MODELS = (*MODELS, "linear_unique", "time_decay")
# The line of what belongs to no known campaign.
_NONE = ""
# Shares are floats: beyond this digit their sums are noise.
_SHARE_DIGITS = 9


@dataclass(slots=True)
class _Tally:
    """What one line adds up to in one currency by one model; money in minor units."""

    spend: int = 0
    leads: int = 0
    qualified: int = 0
    revenue: int = 0
    contribution: int | None = None
    margin_revenue: int = 0
    shares: list[float] = field(default_factory=list)
    deals: set[str] = field(default_factory=set)

    def earn(self, credit: Credit, contribution: int | None) -> None:
        self.revenue += credit.amount_minor
        self.shares.append(credit.share)
        if contribution is not None:
            self.contribution = (self.contribution or 0) + contribution
            self.margin_revenue += credit.amount_minor

    def add(self, other: "_Tally") -> None:
        self.spend += other.spend
        self.leads += other.leads
        self.qualified += other.qualified
        self.revenue += other.revenue
        self.margin_revenue += other.margin_revenue
        self.shares += other.shares
        self.deals |= other.deals
        if other.contribution is not None:
            self.contribution = (self.contribution or 0) + other.contribution


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the lines are made from: `lines` are the known campaigns and, last, the line of none; spend by
    (currency, line), (leads, qualified) by line, credits with their contributions by (model, currency), and
    which deal was touched by which campaign."""

    lines: tuple[Campaign, ...]
    spend: Mapping[tuple[str, str], int]
    leads: Mapping[str, tuple[int, int]]
    earned: Mapping[tuple[str, str], Sequence[tuple[Credit, int | None]]]
    touched: Sequence[TouchedDeal]


def returns(
    touches: Iterable[TouchFact],
    wins: Iterable[WonFact],
    spend: Iterable[Spend],
    leads: Iterable[tuple[str, str, str]],
    campaigns: Iterable[Campaign],
    models: Sequence[str] = MODELS,
    *,
    as_of: datetime,
    base_currency: str,
) -> ReturnsReport:
    """Spend, leads, deals and revenue of every campaign, by each of the models and apart for each currency.

    A deal is credited to the touches of a campaign its lead had at or before it was won. `leads` are (lead_id,
    status, first campaign_id); they have no currency and stand in each section. Deals, touches and spend after
    `as_of` are left out. Revenue, spend and leads add up to the totals exactly, what has no known campaign on the
    line `unattributed`. Amounts in different currencies are never added. ValueError for a model not in
    RETURN_MODELS.
    """
    if unknown := [model for model in models if model not in RETURN_MODELS]:
        raise ValueError(f"not a model for returns: {', '.join(unknown)}")
    won = sorted((win for win in wins if win.closed_at <= as_of), key=lambda win: (win.closed_at, win.opportunity_id))
    journeys = journeys_of(touches, won)
    earned: dict[tuple[str, str], list[tuple[Credit, int | None]]] = {}
    for model in models:
        for credit, contribution in credits_of(model, won, journeys):
            earned.setdefault((model, credit.currency), []).append((credit, contribution))
    spent = [cost for cost in spend if cost.spent_on <= as_of.date()]
    facts = _facts(tuple(campaigns), spent, leads, earned, tuple(touched_by(won, journeys)))
    found = {deal.currency for deal in facts.touched} | {currency for currency, _ in facts.spend}
    currencies = (base_currency, *sorted(found - {base_currency}))
    sections = tuple(_section(facts, model, currency) for currency in currencies for model in models)
    credits = tuple(credit for mine in earned.values() for credit, _ in mine)
    return ReturnsReport(as_of, base_currency, tuple(models), currencies, sections, credits, tuple(facts.touched))


def _facts(
    campaigns: tuple[Campaign, ...],
    spend: Iterable[Spend],
    leads: Iterable[tuple[str, str, str]],
    earned: Mapping[tuple[str, str], Sequence[tuple[Credit, int | None]]],
    touched: Sequence[TouchedDeal],
) -> _Facts:
    known = {campaign.campaign_id for campaign in campaigns}
    spent: dict[tuple[str, str], int] = {}
    for cost in spend:
        key = cost.amount.currency, cost.campaign_id if cost.campaign_id in known else _NONE
        spent[key] = spent.get(key, 0) + cost.amount.amount_minor
    counts: dict[str, tuple[int, int]] = {}
    for _, status, campaign_id in leads:
        line = campaign_id if campaign_id in known else _NONE
        came, qualified = counts.get(line, (0, 0))
        counts[line] = came + 1, qualified + (status in SALES_QUALIFIED)
    return _Facts((*campaigns, Campaign(_NONE, "Unattributed")), spent, counts, earned, touched)


def _section(facts: _Facts, model: str, currency: str) -> ReturnSection:
    tallies = {line.campaign_id: _Tally() for line in facts.lines}
    for line, tally in tallies.items():
        tally.spend = facts.spend.get((currency, line), 0)
        tally.leads, tally.qualified = facts.leads.get(line, (0, 0))
    for credit, contribution in facts.earned.get((model, currency), ()):
        tallies.get(credit.campaign_id, tallies[_NONE]).earn(credit, contribution)
    for deal in facts.touched:
        if deal.currency == currency:
            tallies.get(deal.campaign_id, tallies[_NONE]).deals.add(deal.opportunity_id)
    total = _Tally()
    for tally in tallies.values():
        total.add(tally)
    others = _other_currencies(facts, currency)
    *rows, unattributed = (
        _line(line, tallies[line.campaign_id], currency, others.get(line.campaign_id, ())) for line in facts.lines
    )
    return ReturnSection(model, currency, tuple(rows), unattributed, _line(Campaign(_NONE, "Total"), total, currency))


def _other_currencies(facts: _Facts, currency: str) -> dict[str, tuple[str, ...]]:
    """In which other currencies each line has spend or a deal it touched."""
    known = {line.campaign_id for line in facts.lines}
    money = {(line, other) for other, line in facts.spend}
    money |= {(deal.campaign_id if deal.campaign_id in known else _NONE, deal.currency) for deal in facts.touched}
    table: dict[str, tuple[str, ...]] = {}
    for line, other in sorted(money):
        if other != currency:
            table[line] = (*table.get(line, ()), other)
    return table


def _line(campaign: Campaign, tally: _Tally, currency: str, others: tuple[str, ...] = ()) -> ReturnLine:
    return ReturnLine(
        campaign_id=campaign.campaign_id,
        name=campaign.name,
        channel=campaign.channel,
        spend=Money(tally.spend, currency),
        leads=tally.leads,
        qualified=tally.qualified,
        won=round(fsum(tally.shares), _SHARE_DIGITS),
        won_deals=len(tally.deals),
        revenue=Money(tally.revenue, currency),
        revenue_per_spend=tally.revenue / tally.spend if tally.spend > 0 else None,
        contribution=None if tally.contribution is None else Money(tally.contribution, currency),
        margin_revenue=Money(tally.margin_revenue, currency),
        cost_per_lead=_cost_per_lead(tally, currency),
        other_currencies=others,
    )


def _cost_per_lead(tally: _Tally, currency: str) -> Money | None:
    """Rounded half up to a minor unit."""
    if not tally.leads or tally.spend <= 0:
        return None
    return Money((2 * tally.spend + tally.leads) // (2 * tally.leads), currency)
