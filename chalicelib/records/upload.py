"""List uploads: one file, its rows and what became of each."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

NO_COUNTRY = "-"


class UploadState(StrEnum):
    """`failed` until proven `finished`: a stopped upload reads as failed and can be resumed. `undone` was taken back,
    and can be put back for a while."""

    READING = "reading"
    RUNNING = "running"
    FINISHED = "finished"
    REFUSED = "refused"
    FAILED = "failed"
    UNDOING = "undoing"
    UNDONE = "undone"
    REDOING = "redoing"


# Somebody asked for it, and whoever works the queue has to begin, or to go on.
TO_BE_BEGUN = frozenset({UploadState.READING, UploadState.UNDOING, UploadState.REDOING})


class Outcome(StrEnum):
    """`attached` ends a row of a whole export that is no person: it lies with a person, or says something of one."""

    CREATED = "created"
    MERGED = "merged"
    SUPPRESSED = "suppressed"
    REFUSED = "refused"
    ATTACHED = "attached"


@dataclass(frozen=True, slots=True)
class ColumnGuess:
    """Which field a column was taken for, why, and how surely (in percent). `field` "" means kept as an extra."""

    column: str
    field: str
    reason: str
    confidence: int = 0


@dataclass(frozen=True, slots=True)
class ListPart:
    """One table of a whole export: rows `first` to `first` + `rows` - 1 of the upload come from `file`. `table` is what
    it was taken for ("contacts", "deals", …), "" where it was not recognised. `fields` say at which places of `header`
    each of our fields stands; `columns` are those of a table of people."""

    file: str
    table: str
    first: int
    rows: int
    header: tuple[str, ...] = ()
    fields: dict[str, tuple[int, ...]] = field(default_factory=dict)
    columns: tuple[ColumnGuess, ...] = ()

    def holds(self, row: int) -> bool:
        return self.first <= row < self.first + self.rows


@dataclass(frozen=True, slots=True)
class ColumnMemory:
    """What people said of lists with the same columns (`layout`, a digest of their names): {column: field}, and whose
    the phone numbers without a country code are ("" where nobody said)."""

    layout: str
    mapping: dict[str, str]
    phone_country: str
    chosen_at: datetime
    chosen_by: str


@dataclass(frozen=True, slots=True)
class Upload:
    """One list upload. created + merged + suppressed + refused = rows once finished; of a whole export also +
    attached. `digest` is the file's SHA-256, "" while it is on its way; `basis` the legal ground recorded for
    mailing, "" holds its mails. `file_by` is until when a file that is sent on its own is waited for, and until
    when one that is there, or that is to be taken back or put back, should be begun; `chunk_rows` how many rows are
    placed at a time; `notes` which rows come from which sheet or file of several, and what was left out;
    `phone_country` whose numbers those without a country code are (ISO alpha-2), "" as the list suggests,
    NO_COUNTRY for nobody's, which stay as written. `taken_back` people were undone, `kept_back` were left as they
    are since somebody touched them. `product` and `parts` are those of a whole export of another product, whose
    `mapping` says who of ours the owners there are: {owner as named there: rep_id}."""

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
    file_by: datetime | None = None
    chunk_rows: int = 0
    notes: tuple[str, ...] = ()
    phone_country: str = ""
    undone_at: datetime | None = None
    undone_by: str = ""
    taken_back: int = 0
    kept_back: int = 0
    product: str = ""
    parts: tuple[ListPart, ...] = ()
    attached: int = 0


@dataclass(frozen=True, slots=True)
class RowResults:
    """The outcomes of one chunk of an upload, kept together so that a redelivered chunk changes nothing.
    Each result is (row, outcome, lead_id, reason)."""

    import_id: str
    chunk: int
    results: tuple[tuple[int, str, str, str], ...]
