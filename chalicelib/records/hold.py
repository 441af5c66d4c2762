"""A service that was restored waits for a person: it takes what comes in, and sends and reminds nobody."""

from dataclasses import dataclass, field
from datetime import datetime

RESTORE = "restore"


@dataclass(frozen=True, slots=True)
class Hold:
    """There is one, RESTORE. `made_at` is when what was restored was saved, None where nobody knows; `difference` says
    in numbers what the journal brought and what is uncertain. It holds until `released_at`."""

    hold_id: str
    held_at: datetime
    made_at: datetime | None = None
    difference: dict[str, int] = field(default_factory=dict)
    released_at: datetime | None = None
    released_by: str = ""
