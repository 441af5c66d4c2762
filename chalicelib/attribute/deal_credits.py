"""Won deals and the touches before them: who earned how much of each."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import numpy as np

from chalicelib.attribute.credit import split
from chalicelib.attribute.paths import PathTable
from chalicelib.attribute.returns_report import Credit, TouchedDeal
from chalicelib.attribute.rules import Timing, touch_shares
from chalicelib.records.search import TouchFact, WonFact

_DAY_SECONDS = 86_400
Journey = Sequence[TouchFact]


def journeys_of(touches: Iterable[TouchFact], won: Sequence[WonFact]) -> list[Journey]:
    """For each deal the touches of a campaign its lead had at or before it was won, in order of time.

    Visits without a campaign cost no campaign money and take no part. Only the touches of winners are kept.
    """
    by_lead: dict[str, list[TouchFact]] = {win.lead_id: [] for win in won}
    for touch in touches:
        if touch.campaign_id and touch.lead_id in by_lead:
            by_lead[touch.lead_id].append(touch)
    for mine in by_lead.values():
        mine.sort(key=lambda touch: (touch.occurred_at, touch.touch_id))
    return [
        mine[: bisect_right(mine, win.closed_at, key=lambda touch: touch.occurred_at)]
        for win in won
        for mine in (by_lead[win.lead_id],)
    ]


def touched_by(won: Sequence[WonFact], journeys: Sequence[Journey]) -> Iterator[TouchedDeal]:
    """Each deal once for each campaign of its journey, or for no campaign where it has none."""
    for win, journey in zip(won, journeys, strict=True):
        for campaign_id in dict.fromkeys(touch.campaign_id for touch in journey) or ("",):
            yield TouchedDeal(win.opportunity_id, win.lead_id, campaign_id, win.amount.currency)


def credits_of(model: str, won: Sequence[WonFact], journeys: Sequence[Journey]) -> Iterator[tuple[Credit, int | None]]:
    """The credit of every touch that earned one by the model, each with its part of the deal's contribution.

    The credits of a deal add up to its amount, their contributions to the margin's percentage of it (rounded half
    up to a minor unit; None without a margin). A deal without a touch has one credit, to no campaign.
    """
    for win, journey, shares in zip(won, journeys, _shares(model, won, journeys), strict=True):
        earning = [(touch.campaign_id, touch.touch_id) for touch, share in zip(journey, shares, strict=False) if share]
        parts = [share for share in shares if share]
        amount, currency = win.amount.amount_minor, win.amount.currency
        margins: Sequence[int | None] = [None] * len(parts)
        if win.margin is not None:
            margins = split((amount * win.margin + 50) // 100, parts)
        rows = zip(earning or [("", "")], split(amount, parts), parts, margins, strict=True)
        for (campaign_id, touch_id), part, share, margin in rows:
            ids = (win.opportunity_id, win.lead_id, campaign_id, touch_id)
            yield Credit(model, *ids, part, currency, share), margin


def _shares(model: str, won: Sequence[WonFact], journeys: Sequence[Journey]) -> Iterator[list[float]]:
    """The shares of each deal's touches; a deal without a touch has the single share 1."""
    flat = [touch for journey in journeys for touch in journey]
    names = tuple(dict.fromkeys(touch.campaign_id for touch in flat))
    code = {name: place for place, name in enumerate(names)}
    lengths = [len(journey) for journey in journeys if journey]
    once = np.ones(len(lengths))
    table = PathTable(
        channels=names,
        codes=np.array([code[touch.campaign_id] for touch in flat], dtype=np.int64),
        offsets=np.cumsum([0, *lengths]),
        conversions=once,
        value=once,
        null=np.zeros(len(lengths)),
    )
    seconds = [
        (win.closed_at - touch.occurred_at).total_seconds()
        for win, journey in zip(won, journeys, strict=True)
        for touch in journey
    ]
    shares = touch_shares(model, table, Timing(np.array(seconds) / _DAY_SECONDS)).tolist()
    cut = (shares[start:end] for start, end in pairwise(table.offsets.tolist()))
    return (next(cut) if journey else [1.0] for journey in journeys)
