"""Campaigns."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Campaign:
    """`channel` is a GA4 channel name or one of ours for the offline world ("Trade show", "Seminar")."""

    campaign_id: str
    name: str
    channel: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    created_at: datetime | None = None
