"""What the read model answers: lists of leads, and the facts reports are made of."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.records.money import Money


@dataclass(frozen=True, slots=True)
class LeadQuery:
    """Filters are joined by AND; "" or None leaves one out. `text` is matched by word prefix over name,
    company, e-mail and phone. `sort` is one of "newest", "score", "name"; `offset`/`limit` in rows. `owners` are the
    only ones whose leads may be shown, None for all (`assign.visibility`). `company` is a folded name with the name as
    written, by which people are found who came before names were folded. `reason` is why a lead stands as it does, None
    for any."""

    text: str = ""
    status: str = ""
    owner_id: str = ""
    campaign_id: str = ""
    import_id: str = ""
    min_score: int | None = None
    sort: str = "newest"
    offset: int = 0
    limit: int = 50
    owners: frozenset[str] | None = None
    company: tuple[str, str] | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class LeadRow:
    """One line of the lead list."""

    lead_id: str
    full_name: str
    company: str
    email: str
    country: str
    status: str
    score: int
    owner_id: str
    touches: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class LeadPage:
    rows: tuple[LeadRow, ...]
    total: int


@dataclass(frozen=True, slots=True)
class TouchFact:
    """A touch as reports see it."""

    lead_id: str
    touch_id: str
    occurred_at: datetime
    campaign_id: str
    channel: str


@dataclass(frozen=True, slots=True)
class WonFact:
    """A won opportunity as reports see it. `margin` in percent, or None."""

    opportunity_id: str
    lead_id: str
    closed_at: datetime
    amount: Money
    margin: int | None = None


@dataclass(frozen=True, slots=True)
class KeptQuery:
    """Submissions kept for a person to look at: of one outcome ("" for both) and state, received from `since` up to
    but without `until`."""

    outcome: str = ""
    state: str = "waiting"
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 50
    offset: int = 0
