"""What came back on the spend of each channel, for plain files."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np

from chalicelib.attribute.intervals import ENOUGH_DEALS, revenue_interval
from chalicelib.attribute.journeys import Journeys
from chalicelib.attribute.paths import Floats
from chalicelib.attribute.rules import touch_shares
from chalicelib.attribute.touches import SpendColumns
from chalicelib.records.contact import Refusal


class HasCredit(Protocol):
    @property
    def conversions(self) -> Floats: ...
    @property
    def value(self) -> Floats: ...


@dataclass(frozen=True, slots=True)
class ChannelReturn:
    """`leads` are people whose first touch was on the channel; `wins` and `revenue` are credited by the model.

    `low` and `high` bound revenue per unit of spend with 90 % credibility; `enough` is False where fewer than
    ENOUGH_DEALS deals touched the channel, so that nothing should be concluded. Figures that need a spend are
    None without one, those that need a margin are None without that.
    """

    spend: float
    leads: int
    wins: float
    revenue: float
    revenue_per_spend: float | None
    low: float | None
    high: float | None
    enough: bool
    contribution: float | None = None
    roi: float | None = None

    def as_json(self) -> dict[str, Any]:
        """As a plain dict; contribution and roi only where a margin was given."""
        without = () if self.contribution is not None else ("contribution", "roi")
        return {name: value for name, value in asdict(self).items() if name not in without}


def channel_returns(
    journeys: Journeys, credits: Mapping[str, HasCredit], spend: SpendColumns, margin: float | None
) -> dict[str, dict[str, ChannelReturn]] | Refusal:
    """Per model and channel. Spend on a campaign belongs to its touches' channels, in proportion to their
    number; spend on a channel or campaign nobody was touched by has a line under its own name, so that spend
    adds up. Spend in another currency than the conversions' is refused: no rate is known here."""
    if spend.currency and journeys.currency and spend.currency != journeys.currency:
        named = f"{spend.currency}, {journeys.currency}"
        return Refusal(field="currency", reason=f"spend and conversions are in different currencies: {named}")
    spent = _spent(journeys, spend)
    deals, sizes = _deals(journeys)
    return {
        model: {
            channel: _line(journeys, credit, channel, spent, margin, (deals, sizes))
            for channel in dict.fromkeys((*journeys.table.channels, *spent))
        }
        for model, credit in credits.items()
    }


def _spent(journeys: Journeys, spend: SpendColumns) -> dict[str, float]:
    """Spend by channel, lines without a touch in order of name."""
    table: dict[str, float] = {}
    for channel, campaign, amount in zip(spend.channel, spend.campaign, spend.amount, strict=True):
        parts = {channel: 1} if channel else journeys.campaign_touches.get(campaign, {campaign: 1})
        whole = sum(parts.values())
        for name, part in parts.items():
            table[name] = table.get(name, 0.0) + amount * part / whole
    return dict(sorted(table.items()))


def _deals(journeys: Journeys) -> tuple[Floats, Floats]:
    """Each deal's part in each channel (deals × channels, by unique channels), and the deals' values."""
    table = journeys.table.only(journeys.table.conversions > 0)
    parts = np.zeros((len(table.lengths), len(table.channels)))
    row = np.repeat(np.arange(len(table.lengths)), table.lengths)
    np.add.at(parts, (row, table.codes), touch_shares("linear_unique", table))
    return parts, table.value


def _line(
    journeys: Journeys,
    credit: HasCredit,
    channel: str,
    spent: Mapping[str, float],
    margin: float | None,
    deals: tuple[Floats, Floats],
) -> ChannelReturn:
    cost = spent.get(channel, 0.0)
    known = channel in journeys.table.channels
    place = journeys.table.channels.index(channel) if known else 0
    wins, revenue = (float(of[place]) if known else 0.0 for of in (credit.conversions, credit.value))
    parts = deals[0][:, place] if known else np.zeros(len(deals[1]))
    low, high = revenue_interval(wins, revenue, parts, deals[1])
    per_spend = [None if amount is None or cost <= 0 else amount / cost for amount in (revenue, low, high)]
    contribution = None if margin is None else revenue * margin / 100
    return ChannelReturn(
        spend=cost,
        leads=int(journeys.first_channel[place]) if known else 0,
        wins=wins,
        revenue=revenue,
        revenue_per_spend=per_spend[0],
        low=per_spend[1],
        high=per_spend[2],
        enough=int((parts > 0).sum()) >= ENOUGH_DEALS,
        contribution=contribution,
        roi=None if contribution is None or cost <= 0 else (contribution - cost) / cost,
    )
