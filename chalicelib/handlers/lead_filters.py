"""The filters of the list of leads as they stand in its address."""

from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.assign.visibility import Sight
from chalicelib.handlers.web import query, whole
from chalicelib.records.lead import LeadStatus
from chalicelib.records.search import SORTS, LeadQuery

# Points from and to, as the badges of the score have them.
BANDS = {"high": (60, 100), "middle": (30, 59), "low": (0, 29)}
# Whose next contact is due: by now, by the end of the reader's day, of the seventh day from now.
DUE = ("late", "today", "week")
_LONGEST = 200
_FARTHEST = 1_000_000


@dataclass(frozen=True, slots=True)
class LeadFilters:
    """Each by its parameter's name; "" leaves one out. `reason` is None where it is left out: there may be none."""

    text: str = ""
    status: str = ""
    owner: str = ""
    campaign: str = ""
    upload: str = ""
    min_score: int = 0
    band: str = ""
    company: str = ""
    country: str = ""
    created_from: date | None = None
    created_to: date | None = None
    due: str = ""
    reason: str | None = None
    sort: str = SORTS[0]
    turned: bool = False
    offset: int = 0

    def kept(self) -> dict[str, str]:
        """As parameters, for the next page, the columns' heads and the file; what is usual is left out."""
        usual = LeadFilters()
        named = {
            _PARAMETERS.get(f.name, f.name): getattr(self, f.name)
            for f in fields(self)
            if f.name != "offset" and getattr(self, f.name) != getattr(usual, f.name)
        }
        return {name: "yes" if value is True else str(value) for name, value in named.items()}

    def over(self, sight: Sight, zone: str, now: datetime, limit: int) -> LeadQuery:
        """As the read model is asked, over what somebody may see, by the days of their zone."""
        low, high = BANDS.get(self.band, (0, None))
        return LeadQuery(
            text=self.text, status=self.status, owner_id=self.owner, campaign_id=self.campaign, import_id=self.upload,
            min_score=max(self.min_score, low) or None, max_score=high, company_text=self.company,
            country=self.country, reason=self.reason, sort=self.sort, turned=self.turned, offset=self.offset,
            limit=limit, owners=sight.owners,
            created_from=_begins(self.created_from, zone), created_until=_ends(self.created_to, zone),
            due_by=self._due_by(zone, now),
        )  # fmt: skip

    def _due_by(self, zone: str, now: datetime) -> datetime | None:
        today = now.astimezone(ZoneInfo(zone)).date()
        return {
            "late": now, "today": _ends(today, zone), "week": _ends(today + timedelta(days=6), zone),
        }.get(self.due)  # fmt: skip


_PARAMETERS = {"upload": "import"}


def read_filters(request: Any) -> LeadFilters:
    """The filters as typed; what makes no sense is left out."""
    return LeadFilters(
        text=_typed(request, "text"),
        status=_one_of(request, "status", list(LeadStatus)),
        owner=query(request, "owner")[:100],
        campaign=query(request, "campaign")[:100],
        upload=query(request, "import")[:100],
        min_score=whole(query(request, "min_score"), 100),
        band=_one_of(request, "band", list(BANDS)),
        company=_typed(request, "company"),
        country=query(request, "country").strip().upper()[:2],
        created_from=_day(request, "created_from"),
        created_to=_day(request, "created_to"),
        due=_one_of(request, "due", DUE),
        reason=query(request, "reason")[:300] if "reason" in (request.query_params or {}) else None,
        sort=_one_of(request, "sort", SORTS) or SORTS[0],
        turned=query(request, "turned") == "yes",
        offset=whole(query(request, "offset"), _FARTHEST),
    )


def _typed(request: Any, name: str) -> str:
    return query(request, name)[:_LONGEST].replace("\x00", " ").strip()


def _one_of(request: Any, name: str, allowed: Any) -> str:
    value = query(request, name)
    return value if value in allowed else ""


def _day(request: Any, name: str) -> date | None:
    try:
        found = date.fromisoformat(query(request, name))
    except ValueError:
        return None
    # At either end of the calendar a day has no neighbour.
    return found if 1 < found.year < 9999 else None


def _begins(day: date | None, zone: str) -> datetime | None:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC) if day else None


def _ends(day: date | None, zone: str) -> datetime | None:
    return _begins(day + timedelta(days=1), zone) if day else None
