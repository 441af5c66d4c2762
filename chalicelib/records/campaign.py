"""Campaigns, what they cost, and what they won."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from chalicelib.records.money import Money


@dataclass(frozen=True, slots=True)
class Campaign:
    """`channel` is a GA4 channel name or one of ours for the offline world ("Trade show", "Seminar")."""

    campaign_id: str
    name: str
    channel: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Spend:
    """Money spent on a campaign on a day. `invoice` makes an import idempotent."""

    spend_id: str
    campaign_id: str
    spent_on: date
    amount: Money
    note: str = ""
    invoice: str = ""
    entered_by: str = ""
    entered_at: datetime | None = None


class OpportunityStage(StrEnum):
    OPEN = "open"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Opportunity:
    """A possible sale to a lead. `margin` is the contribution's share of the amount in percent, or None."""

    opportunity_id: str
    lead_id: str
    name: str
    amount: Money
    stage: OpportunityStage = OpportunityStage.OPEN
    margin: int | None = None
    owner_id: str = ""
    created_at: datetime | None = None
    closed_at: datetime | None = None
    lost_reason: str = ""
