"""Visits to a site of ours, told by t-visits.js with the visitor's consent alone (docs/tracker.md)."""

from dataclasses import dataclass, field
from datetime import date, datetime

from chalicelib.records.touch import Source


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit: a record written over with each page. `visitor` is a keyed hash of the id on the device; `views` are
    (seconds since `started_at`, path), the first ones of many. Who the visitor is it does not know."""

    visitor: str
    visit_id: str
    site: str
    started_at: datetime
    forget_at: datetime
    views: tuple[tuple[int, str], ...]
    source: Source = field(default_factory=Source)


@dataclass(frozen=True, slots=True)
class Website:
    """A site whose pages may tell us of visits."""

    host: str
    added_at: datetime
    added_by: str = ""


@dataclass(frozen=True, slots=True)
class MachineViews:
    """How many messages of a day were told by known machines: nothing else is kept of them."""

    day: date
    crawlers: int = 0
    mail_scanners: int = 0
