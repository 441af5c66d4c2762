"""What the morning board is made of: figures that are counted and opened by the same question."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chalicelib.records.search import LeadQuery

# late: requests nobody has answered within the limit. today: answers, next contacts and tasks that fall due later
# today. overdue: next contacts and tasks whose moment has passed. promises: those to be kept by the end of today.
# broken: promises not kept in time. no_step: open leads for whom nothing is planned. unowned: open leads nobody owns.
# open: all open leads. answered: requests answered lately.
FIGURES = ("late", "today", "overdue", "promises", "broken", "no_step", "unowned", "open", "answered")


@dataclass(frozen=True, slots=True)
class BoardTimes:
    """`until` is the end of the reader's day, `since` what "lately" means. `active` are the people who are there: what
    somebody promised who has gone is the lead's owner's to keep."""

    now: datetime
    until: datetime
    since: datetime
    active: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FigureFact:
    """One row behind a figure, `owner_id`'s. `what` is answer, contact, task, promise or lead, `record_id` its id where
    it has one; `at` is when it falls or fell due, was answered, or the lead was last changed."""

    owner_id: str
    lead_id: str
    record_id: str
    what: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class AnswerFact:
    """A request that was answered. `limit_at` is its limit, None where that had passed and it was taken further."""

    owner_id: str
    received_at: datetime
    answered_at: datetime
    limit_at: datetime | None

    @property
    def in_time(self) -> bool:
        return self.limit_at is not None and self.answered_at <= self.limit_at


class BoardFacts(Protocol):
    """The read model's part of the board. Whatever is counted for an owner is what `rows` lists for that owner."""

    def tally(self, figure: str, times: BoardTimes) -> Mapping[str, int]:
        """How many there are of each owner's ("" and the like for nobody's)."""
        ...

    def rows(
        self, figure: str, times: BoardTimes, owners: Collection[str] | None, offset: int, limit: int
    ) -> list[FigureFact]:
        """A page of them, the oldest moment first; of these owners alone where they are given."""
        ...

    def answers(self, since: datetime) -> list[AnswerFact]:
        """What was answered since then."""
        ...

    def rejections(self, query: LeadQuery) -> Mapping[str, int]:
        """Of the leads the query finds those that are rejected, by the reason given."""
        ...
