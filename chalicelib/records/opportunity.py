"""Possible sales, and what they won."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.records.money import Money


class OpportunityStage(StrEnum):
    OPEN = "open"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Opportunity:
    """A possible sale to a lead. `margin` is the contribution's share of the amount in percent, or None. `import_id`
    is the export it came with; `told` a digest of what that, or a newer one, said of it, and `told_at` when it was last
    changed there: as long as the deal has that digest nobody changed it here (`flows.renew_deals`)."""

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
    import_id: str = ""
    told: str = ""
    told_at: datetime | None = None
