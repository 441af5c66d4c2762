"""What is asked of the long ledgers: requests, promises, quotations and outgoing mail, a page at a time."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T")


class Ledger(StrEnum):
    """By time is: by the limit of a request, by the day of a promise (soonest first); by when a quotation or a mail was
    made (newest first)."""

    REQUESTS = "requests"
    PROMISES = "promises"
    QUOTES = "quotes"
    MAILS = "mails"


LEDGER_SORTS = ("time", "person", "company")
LEDGER_PAGE = 50


@dataclass(frozen=True, slots=True)
class LedgerPart:
    """The part somebody looks at: of one person (a rep_id) alone, of the leads a search finds, in one of LEDGER_SORTS
    or `turned` the other way round, from number `offset` on. "" leaves a filter out."""

    of: str = ""
    text: str = ""
    sort: str = LEDGER_SORTS[0]
    turned: bool = False
    offset: int = 0
    limit: int = LEDGER_PAGE


@dataclass(frozen=True, slots=True)
class LedgerQuery:
    """Filters are joined by AND. `states` empty for all. `owners` are whose rows may be shown, None for everybody's:
    requests of one of these to a lead of one of these; promises and quotes given by one of these or to a lead of one
    of these. `until` is when a row's time comes at the latest; `late_at` leaves requests that were taken further or
    whose limit was before; `kind` is that of a mail."""

    ledger: Ledger
    states: frozenset[str] = frozenset()
    owners: frozenset[str] | None = None
    until: datetime | None = None
    late_at: datetime | None = None
    kind: str = ""
    part: LedgerPart = field(default_factory=LedgerPart)


@dataclass(frozen=True, slots=True)
class Listed(Generic[T]):
    """A page of `total`, from number `offset` on: the first one where the page asked for is not there any more."""

    lines: tuple[T, ...]
    total: int
    offset: int = 0
