"""What campaigns cost."""

from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.records.money import Money


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
