"""Builders: paths in words, coded touches by hand, facts of the returns report."""

from datetime import UTC, date, datetime, timedelta

import numpy as np

from chalicelib.attribute.journeys import CodedTouches
from chalicelib.attribute.paths import PathTable, read_paths
from chalicelib.records.campaign import Campaign
from chalicelib.records.money import Money
from chalicelib.records.search import TouchFact, WonFact
from chalicelib.records.spend import Spend

DAY_0 = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
AS_OF = datetime(2026, 12, 31, tzinfo=UTC)


def paths(*rows: str) -> PathTable:
    """paths("A > B,2,20,1") is one path walked three times."""
    table = read_paths("\n".join(("path,total_conversions,total_conversion_value,total_null", *rows)))
    assert isinstance(table, PathTable), table
    return table


def by_channel(table: PathTable, numbers: np.ndarray) -> dict[str, float]:
    return dict(zip(table.channels, numbers.tolist(), strict=True))


def in_words(table: PathTable) -> list[str]:
    """Each path as its channels, joined: ["AB", "C"]."""
    names = [table.channels[code] for code in table.codes]
    return ["".join(names[start:end]) for start, end in zip(table.offsets[:-1], table.offsets[1:], strict=True)]


def coded(
    touches: list[tuple[int, int, str]], won: list[tuple[int, int, float]] = (), per_day: int = 1
) -> CodedTouches:
    """Touches (person, at, channel) and conversions (person, at, value); a unit of time is a day."""
    channels = tuple(sorted({channel for _, _, channel in touches}))
    return CodedTouches(
        person=np.array([person for person, _, _ in touches], dtype=np.int64),
        at=np.array([at for _, at, _ in touches], dtype=np.int64),
        channel=np.array([channels.index(channel) for _, _, channel in touches], dtype=np.int64),
        channels=channels,
        converted_person=np.array([person for person, _, _ in won], dtype=np.int64),
        converted_at=np.array([at for _, at, _ in won], dtype=np.int64),
        converted_value=np.array([value for _, _, value in won], dtype=np.float64),
        units_per_day=per_day,
    )


def touch(lead: str, day: int, campaign: str, touch_id: str = "") -> TouchFact:
    return TouchFact(lead, touch_id or f"{lead}-{day}-{campaign}", DAY_0 + timedelta(days=day), campaign, "Fair")


def win(
    opportunity: str, lead: str, day: int, amount: int, currency: str = "EUR", margin: int | None = None
) -> WonFact:
    return WonFact(opportunity, lead, DAY_0 + timedelta(days=day), Money(amount, currency), margin)


def spend(campaign: str, amount: int, currency: str = "EUR", on: date = date(2026, 3, 1)) -> Spend:
    return Spend(f"{campaign}-{amount}-{on}", campaign, on, Money(amount, currency))


def campaign(campaign_id: str, name: str = "") -> Campaign:
    return Campaign(campaign_id, name or campaign_id.upper(), "Trade show")
