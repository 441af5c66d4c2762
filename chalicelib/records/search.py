"""What the read model answers: lists of leads, who is found by a search, and the facts reports are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from chalicelib.records.money import Money

if TYPE_CHECKING:
    from chalicelib.records.lead import Lead


@dataclass(frozen=True, slots=True)
class Document:
    """The words a person is found by, folded and joined by blanks; each Han or kana character is a word. `name` and
    `company` have Han read aloud as well, `phone` has digits with and without the country's code."""

    name: str = ""
    company: str = ""
    email: str = ""
    phone: str = ""
    product: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One word of a search as `typed`. Found is who has any of `ways`, each a run of words next to each other of which
    the last may be cut short; a name that begins with one of `sounds`; or a whole word of `close`, which are spelled
    nearly like it."""

    typed: str
    ways: tuple[tuple[str, ...], ...]
    sounds: tuple[str, ...] = ()
    close: tuple[str, ...] = ()


class SearchWords(Protocol):
    """How people are written down for a search and how a search is read: the same folding for both."""

    def document(self, lead: Lead) -> Document: ...

    def asked(self, text: str) -> tuple[Wanted, ...]: ...


# The last changed first, the best score first, by name, by company, the last made first, the contact due first, the
# most touches first.
SORTS = ("newest", "score", "name", "company", "created", "due", "touches")


@dataclass(frozen=True, slots=True)
class LeadQuery:
    """Filters are joined by AND; "" or None leaves one out. `text` is a search, read by `SearchWords`, over name,
    company, e-mail, phone and products; `company_text` the same over companies alone. `sort` is one of SORTS, `turned`
    the other way round; `offset`/`limit` in rows. Scores are from `min_score` to `max_score`; leads `created_from` up
    to but without `created_until`; the next contact `due_by`. `owners` are the only ones whose leads may be shown, None
    for all (`assign.visibility`). `company` is a folded name with the name as written, by which people are found who
    came before names were folded. `reason` is why a lead stands as it does, None for any."""

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
    company_text: str = ""
    country: str = ""
    max_score: int | None = None
    created_from: datetime | None = None
    created_until: datetime | None = None
    due_by: datetime | None = None
    turned: bool = False


@dataclass(frozen=True, slots=True)
class LeadRow:
    """One line of the lead list. `contact_by` is when we owe the next contact."""

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
    created_at: datetime | None = None
    contact_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class LeadPage:
    rows: tuple[LeadRow, ...]
    total: int


@dataclass(frozen=True, slots=True)
class FoundLead:
    """Somebody a search may mean, with the words they are found by and every way to reach them."""

    row: LeadRow
    document: Document
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundPeople:
    """The best candidates in no order, and how many there are in all."""

    people: tuple[FoundLead, ...]
    total: int


@dataclass(frozen=True, slots=True)
class FoundCompany:
    """A company by one of its people, how many of them were looked at, and the words it is found by."""

    name: str
    lead_id: str
    people: int
    words: str


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
