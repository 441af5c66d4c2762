"""The order of an inbox: urgency times expected value, each with its reason in words.

*Urgency* is one of five steps by the working hours left (in the rep's own week) until the first thing that falls due:
an unanswered request, the next contact we owe, a promise, a task. *Expected value* is the score as a chance (1 to 100
in a hundred) times the open deals' sum; a lead without a deal counts as the middle one (median) of those with one, so
that a number somebody entered never sinks below the unknown. Values in, values out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

from chalicelib.assign.working_time import working_hours_between
from chalicelib.records.inbox import InboxFact, said_as
from chalicelib.records.money import Money
from chalicelib.records.rep import WorkingWeek

PAST = (16, "past its limit")
NOTHING_DUE = (1, "nothing falls due")
# (working hours left at most, urgency, why)
STEPS = (
    (2.0, 8, "due within two working hours"),
    (8.0, 4, "due within a working day"),
    (24.0, 2, "due within three working days"),
)
LATER = (1, "due later than in three working days")
# From this urgency on a lead is pressing: today's work.
PRESSING = 4
_FAR = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A lead at its place. `what` falls due at `due_at`: "answer", "contact", "promise", "task" or "" for nothing.
    `weight` is urgency × expected value; only its order means something. `reasons` say why here; `deals` belongs to the
    last."""

    fact: InboxFact
    what: str
    due_at: datetime | None
    urgency: int
    weight: float
    reasons: tuple[str, ...]
    deals: Money | None = None

    @property
    def shown_by(self) -> datetime | None:
        return said_as(self.what, self.due_at)

    @property
    def pressing(self) -> bool:
        return self.urgency >= PRESSING


def rank(facts: Sequence[InboxFact], now: datetime, week: WorkingWeek) -> list[Ranked]:
    """The most pressing first; of equals the one due first. `deals` of all facts are in one currency."""
    usual = _usual(facts)
    ranked = [_ranked(fact, usual, now, week) for fact in facts]
    return sorted(ranked, key=lambda r: (-r.weight, r.due_at or _FAR, r.fact.lead_id))


def next_due(fact: InboxFact) -> tuple[datetime | None, str]:
    """The first thing that falls due, and what it is."""
    dues = (
        (fact.answer_by, "answer"),
        (fact.promise_by, "promise"),
        (fact.task_by, "task"),
        (fact.contact_by, "contact"),
    )
    known = [(at, what) for at, what in dues if at is not None]
    return min(known, key=lambda due: due[0]) if known else (None, "")


def urgency(due_at: datetime | None, now: datetime, week: WorkingWeek) -> tuple[int, str]:
    """How much it presses, and why."""
    if due_at is None:
        return NOTHING_DUE
    if due_at <= now:
        return PAST
    left = working_hours_between(now, due_at, week)
    return next(((times, why) for hours, times, why in STEPS if left <= hours), LATER)


def _ranked(fact: InboxFact, usual: float, now: datetime, week: WorkingWeek) -> Ranked:
    due_at, what = next_due(fact)
    times, why = urgency(due_at, now, week)
    value = float(fact.deals.amount_minor) if fact.deals else usual
    worth = "open deals" if fact.deals else "no deal yet, counted as a usual one"
    reasons = (why, f"score: {fact.score}", worth)
    return Ranked(fact, what, due_at, times, times * max(fact.score, 1) / 100 * value, reasons, fact.deals)


def _usual(facts: Iterable[InboxFact]) -> float:
    known = [fact.deals.amount_minor for fact in facts if fact.deals]
    return float(median(known)) if known else 1.0
