"""What the service counts for its own work."""

from dataclasses import dataclass, field
from datetime import datetime

OPEN_LEADS = "open-leads"


@dataclass(frozen=True, slots=True)
class Workload:
    """How many open leads each person owns, as last counted: assigning reads this where there is no read model at
    hand. `workload_id` is OPEN_LEADS."""

    workload_id: str
    leads: dict[str, int] = field(default_factory=dict)
    counted_at: datetime | None = None
