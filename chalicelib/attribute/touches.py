"""Touches, conversions, spend and milestones from CSV files, and the journeys they make."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from chalicelib.attribute.columns import (
    Columns,
    amount,
    amount_from_zero,
    day,
    end_instant,
    instant,
    parsed,
    read_columns,
    word,
)
from chalicelib.attribute.journeys import SECONDS_PER_DAY, CodedTouches, Journeys, Milestones, coded_journeys
from chalicelib.attribute.paths import Integers
from chalicelib.records.contact import Refusal

MICROSECONDS_PER_DAY = SECONDS_PER_DAY * 1_000_000
_MILESTONES = {
    "lead": "lead",
    "lead_created": "lead",
    "lead_creation": "lead",
    "opportunity": "opportunity",
    "opportunity_created": "opportunity",
    "opportunity_creation": "opportunity",
    "close": "close",
    "closed": "close",
    "won": "close",
    "customer": "close",
}
MILESTONE_NAMES = ("lead", "opportunity", "close")


@dataclass(frozen=True, slots=True)
class TouchColumns:
    """One entry a touch; `at` in microseconds since 1970, `campaign` "" where there is none."""

    person: Sequence[str]
    at: Sequence[int]
    channel: Sequence[str]
    campaign: Sequence[str]


@dataclass(frozen=True, slots=True)
class ConversionColumns:
    """One entry a conversion. `currency` of all of them, "" where none is named."""

    person: Sequence[str]
    at: Sequence[int]
    value: Sequence[float]
    currency: str = ""


@dataclass(frozen=True, slots=True)
class SpendColumns:
    """One entry a line of spend, for a channel or else a campaign; the amount may be a credit note's."""

    spent_on: Sequence[date]
    channel: Sequence[str]
    campaign: Sequence[str]
    amount: Sequence[float]
    currency: str = ""


@dataclass(frozen=True, slots=True)
class MilestoneColumns:
    """One entry a milestone; `name` is one of MILESTONE_NAMES."""

    person: Sequence[str]
    name: Sequence[str]
    at: Sequence[int]


def read_touches(text: str) -> TouchColumns | Refusal:
    """`person_id,touched_at,channel[,campaign]`; times in ISO 8601, UTC where no zone is given."""
    columns = read_columns(text, ("person_id", "touched_at", "channel"), ("campaign",))
    if isinstance(columns, Refusal):
        return columns
    person = parsed("person_id", columns["person_id"], word, "not a person")
    if isinstance(person, Refusal):
        return person
    at = parsed("touched_at", columns["touched_at"], instant, "not a date or time")
    if isinstance(at, Refusal):
        return at
    channel = parsed("channel", columns["channel"], word, "not a channel")
    if isinstance(channel, Refusal):
        return channel
    return TouchColumns(person, at, channel, columns["campaign"])


def read_conversions(text: str) -> ConversionColumns | Refusal:
    """`person_id,converted_at,value[,currency]`; a date alone counts as the end of its day. One currency only."""
    columns = read_columns(text, ("person_id", "converted_at", "value"), ("currency",))
    if isinstance(columns, Refusal):
        return columns
    person = parsed("person_id", columns["person_id"], word, "not a person")
    if isinstance(person, Refusal):
        return person
    at = parsed("converted_at", columns["converted_at"], end_instant, "not a date or time")
    if isinstance(at, Refusal):
        return at
    value = parsed("value", columns["value"], amount_from_zero, "not a number of zero or more")
    if isinstance(value, Refusal):
        return value
    currency = _one_currency(columns)
    return currency if isinstance(currency, Refusal) else ConversionColumns(person, at, value, currency)


def read_spend(text: str) -> SpendColumns | Refusal:
    """`date,channel|campaign,amount[,currency]`: a column channel, or campaign, or both (channel wins)."""
    columns = read_columns(text, ("date", "amount"), ("channel", "campaign", "currency"))
    if isinstance(columns, Refusal):
        return columns
    named = [channel or campaign for channel, campaign in zip(columns["channel"], columns["campaign"], strict=True)]
    for name, cells in (("channel", named), ("date", columns["date"]), ("amount", columns["amount"])):
        fault = parsed(name, cells, word, "")
        if isinstance(fault, Refusal):
            return fault
    spent_on = parsed("date", columns["date"], day, "not a date")
    if isinstance(spent_on, Refusal):
        return spent_on
    amounts = parsed("amount", columns["amount"], amount, "not a number")
    if isinstance(amounts, Refusal):
        return amounts
    currency = _one_currency(columns)
    if isinstance(currency, Refusal):
        return currency
    return SpendColumns(spent_on, columns["channel"], columns["campaign"], amounts, currency)


def read_milestones(text: str) -> MilestoneColumns | Refusal:
    """`person_id,milestone,at`: lead, opportunity or close (also "lead_created", "won", …); a date alone counts
    as the end of its day."""
    columns = read_columns(text, ("person_id", "milestone", "at"))
    if isinstance(columns, Refusal):
        return columns
    person = parsed("person_id", columns["person_id"], word, "not a person")
    if isinstance(person, Refusal):
        return person
    name = parsed("milestone", columns["milestone"], _milestone, "not a milestone (lead, opportunity, close)")
    if isinstance(name, Refusal):
        return name
    at = parsed("at", columns["at"], end_instant, "not a date or time")
    return at if isinstance(at, Refusal) else MilestoneColumns(person, name, at)


def _milestone(cell: str) -> str | None:
    return _MILESTONES.get("_".join(cell.lower().split()))


def _one_currency(columns: Columns) -> str | Refusal:
    """The currency all rows name. Amounts in several cannot be added: no rate is known here."""
    named = list(dict.fromkeys(cell.upper() for cell in columns["currency"] if cell))
    if len(named) > 1:
        return Refusal(field="currency", reason=f"amounts in several currencies cannot be added: {', '.join(named)}")
    return named[0] if named else ""


def journeys(
    touches: TouchColumns,
    conversions: ConversionColumns,
    lookback_days: float | None = None,
    milestones: MilestoneColumns | None = None,
) -> Journeys | Refusal:
    """The journeys in the files, as `coded_journeys` defines them; without `lookback_days` any touch before
    the conversion counts."""
    if lookback_days is not None and not 0 < lookback_days < 1e6:
        return Refusal(field="lookback", reason=f"not a number of days above zero: {lookback_days:g}")
    channels = tuple(sorted(set(touches.channel)))
    people: dict[str, int] = {}
    code = {name: place for place, name in enumerate(channels)}
    coded = CodedTouches(
        person=_coded(people, touches.person),
        at=np.array(touches.at, dtype=np.int64),
        channel=np.array([code[name] for name in touches.channel], dtype=np.int64),
        channels=channels,
        converted_person=_coded(people, conversions.person),
        converted_at=np.array(conversions.at, dtype=np.int64),
        converted_value=np.array(conversions.value, dtype=np.float64),
        units_per_day=MICROSECONDS_PER_DAY,
    )
    found = coded_journeys(coded, lookback_days, _coded_milestones(people, milestones))
    return replace(found, currency=conversions.currency, campaign_touches=_by_campaign(touches))


def _coded(people: dict[str, int], names: Iterable[str]) -> Integers:
    return np.array([people.setdefault(name, len(people)) for name in names], dtype=np.int64)


def _coded_milestones(people: dict[str, int], milestones: MilestoneColumns | None) -> Milestones | None:
    if milestones is None:
        return None
    # A close is optional: without one, the conversion itself is it.
    names = tuple(name for name in MILESTONE_NAMES if name != "close" or "close" in milestones.name)
    return Milestones(
        names,
        _coded(people, milestones.person),
        np.array([names.index(name) for name in milestones.name], dtype=np.int64),
        np.array(milestones.at, dtype=np.int64),
    )


def _by_campaign(touches: TouchColumns) -> dict[str, dict[str, int]]:
    """How many touches each campaign had on which channel."""
    table: dict[str, dict[str, int]] = {}
    for (campaign, channel), count in Counter(zip(touches.campaign, touches.channel, strict=True)).items():
        if campaign:
            table.setdefault(campaign, {})[channel] = count
    return table
