"""Reports that somebody waits for."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ReportAsked:
    """Whether a report is asked for and not begun yet (`asked_at`), so that ten thousand changes ask once."""

    report: str
    asked_at: datetime | None = None
