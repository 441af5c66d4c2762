"""The port of the read model: lists, search and the facts of reports."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from chalicelib.records.audit import AuditQuery
    from chalicelib.records.board import BoardFacts
    from chalicelib.records.inbox import InboxFact
    from chalicelib.records.ledgers import LedgerQuery, Listed
    from chalicelib.records.ports import Ref, Stored
    from chalicelib.records.search import (
        FoundCompany,
        FoundPeople,
        KeptQuery,
        LeadPage,
        LeadQuery,
        TouchFact,
        Wanted,
        WonFact,
    )


class ReadModel(Protocol):
    """Search, sort and filter over all leads, and the facts of reports; fed by the feed, rebuilt at will."""

    @property
    def board(self) -> BoardFacts:
        """What the morning board counts and opens."""
        ...

    def leads(self, query: LeadQuery) -> LeadPage: ...

    def find(self, wanted: Sequence[Wanted], owners: Collection[str] | None = None) -> FoundPeople:
        """Who has every word wanted, among the leads of these owners (None for everybody's). Candidates are a few
        hundred at most: those with whole words before those with beginnings, newer ones before older ones."""
        ...

    def companies(self, wanted: Sequence[Wanted], owners: Collection[str] | None = None) -> list[FoundCompany]:
        """The companies those words name, of the people of these owners, in no order; of very many not all."""
        ...

    def words(self, beginnings: Collection[str], whole: Collection[str] = ()) -> list[str]:
        """The words people are found by that begin so, and those of `whole` that there are. Over all leads: what is
        told to somebody has to be in what they may see."""
        ...

    def inbox(self, owner_id: str, currency: str, limit: int = 20_000) -> list[InboxFact]:
        """What is open of one person's: each open lead with what falls due of it. Deals count in that currency alone.
        In no order."""
        ...

    def open_by_owner(self) -> dict[str, int]:
        """How many open leads each rep owns, as far as the feed has been read."""
        ...

    def touches(self) -> Iterable[TouchFact]:
        """Every touch, by lead and time."""
        ...

    def by_form(self) -> dict[str, tuple[int, datetime]]:
        """How many touches came by each form, and when the last one did."""
        ...

    def wins(self) -> Iterable[WonFact]: ...

    def lead_campaigns(self) -> Iterable[tuple[str, str, str]]:
        """(lead_id, status, first campaign_id) of every lead that has a touch of a campaign."""
        ...

    def messages(self, state: str = "", limit: int = 200) -> list[tuple[str, str]]:
        """(lead_id, message_id) of outbox rows, newest first."""
        ...

    def kept(self, query: KeptQuery) -> tuple[list[str], int]:
        """(kept_ids, how many there are in all) of quarantined or rejected submissions, newest first."""
        ...

    def requests(self, state: str = "", limit: int = 200) -> list[tuple[str, str]]:
        """(lead_id, request_id), the most urgent first."""
        ...

    def ledger(self, query: LedgerQuery) -> Listed[tuple[str, str]]:
        """(lead_id, record's id) of a page of a ledger, and how many there are in all."""
        ...

    def unanswered(self, until: datetime) -> int:
        """How many requests wait whose limit was before `until`."""
        ...

    def opportunities(
        self, stage: str = "", limit: int = 500, before: datetime | None = None, skip: int = 0
    ) -> list[tuple[str, str]]:
        """(lead_id, opportunity_id), the newest first, but for `skip` of them; made before that moment alone."""
        ...

    def promises(self, customer: str) -> list[tuple[str, str]]:
        """(lead_id, promise_id) of what was promised to a customer, the one due first coming first."""
        ...

    def quotes(self, customer: str) -> list[tuple[str, str]]:
        """(lead_id, quote_id) of a customer's, the newest first."""
        ...

    def tasks(self, owner_id: str, limit: int = 200) -> list[tuple[str, str]]:
        """(lead_id, task_id) of what is open of one person's, the one due first coming first, without a day last."""
        ...

    def disputed(self) -> list[str]:
        """The customers to whom more than one of ours has promised something that was not withdrawn."""
        ...

    def audits(self, query: AuditQuery) -> list[tuple[str, str]]:
        """The ids of the audit trail's records, the newest first."""
        ...

    def counts(self) -> dict[str, int]:
        """How many records of each kind and state, named as in `check`."""
        ...

    def versions(self, refs: Sequence[Ref[Any]]) -> list[int]:
        """At which version each record is shown; 0 for what is not."""
        ...

    def size(self) -> int:
        """About how many records are shown, without counting them."""
        ...

    def part(self, number: int, of: int) -> list[Ref[Any]]:
        """The records shown in one of `of` parts; everything of a lead is in one."""
        ...

    def apply(self, changes: Sequence[tuple[Ref[Any], Stored[Any] | None]], read_at: datetime | None = None) -> None:
        """Bring the model up to date with records as they were read (None = deleted), `read_at` or just now. An older
        version never replaces a newer one, and what was read before it was deleted does not come back, so that two
        readers of the feed may overtake each other."""
        ...

    def compact(self) -> None:
        """Tidy up, now and then: whatever makes reading quick again."""

    def begin_anew(self) -> None:
        """Forget everything: another store stands behind it."""

    def purge(self) -> None:
        """The same as the store's, by the next few `compact` at the latest."""
