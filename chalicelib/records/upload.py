"""List uploads: one file, its rows and what became of each."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class UploadState(StrEnum):
    """`failed` until proven `finished`: a stopped upload reads as failed and can be resumed."""

    READING = "reading"
    RUNNING = "running"
    FINISHED = "finished"
    REFUSED = "refused"
    FAILED = "failed"


class Outcome(StrEnum):
    CREATED = "created"
    MERGED = "merged"
    SUPPRESSED = "suppressed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ColumnGuess:
    """Which field a column was taken for, and why. `field` "" means kept as an extra."""

    column: str
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Upload:
    """One list upload. created + merged + suppressed + refused = rows once finished. `digest` is the file's
    SHA-256; `basis` the legal ground recorded for mailing, "" holds its mails."""

    import_id: str
    file_name: str
    campaign_id: str
    state: UploadState
    started_at: datetime
    started_by: str = ""
    digest: str = ""
    basis: str = ""
    rows: int = 0
    done: int = 0
    created: int = 0
    merged: int = 0
    suppressed: int = 0
    refused: int = 0
    mails_queued: int = 0
    mails_held: int = 0
    unreachable: int = 0
    seconds: float = 0.0
    finished_at: datetime | None = None
    reason: str = ""
    columns: tuple[ColumnGuess, ...] = ()
    mapping: dict[str, str] = field(default_factory=dict)
