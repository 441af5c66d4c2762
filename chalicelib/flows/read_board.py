"""The morning board: what of the team's work is late, due, promised or without a plan, and how each person does.

All counts are the read model's, a moment behind the store; the rows behind a figure are the same question asked for its
rows, so that they are as many as the figure says. What a row tells is read from the store."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.assign.choose import UNASSIGNED
from chalicelib.assign.speed import Speed, speed_of
from chalicelib.assign.teams import team_of
from chalicelib.assign.visibility import Sight
from chalicelib.flows.read_promises import PromiseLine, read_ledger
from chalicelib.records.board import FIGURES, AnswerFact, BoardTimes, FigureFact
from chalicelib.records.lead import Lead
from chalicelib.records.ledgers import LedgerPart
from chalicelib.records.ports import Deps, Ref
from chalicelib.records.promise import Promise
from chalicelib.records.rep import Rep, Role
from chalicelib.records.task import Task
from chalicelib.records.touch import Request

# "Lately": four weeks have as many of each weekday.
LATELY = timedelta(days=28)
PAGE = 50
NOBODY = frozenset({"", UNASSIGNED})
_KINDS: dict[str, type] = {"answer": Request, "task": Task, "promise": Promise}


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose work is looked at: the leader's `team` where `whole` is False, else everybody's. `team` is empty where
    nobody reports to the reader."""

    team: frozenset[str]
    whole: bool

    @property
    def owners(self) -> frozenset[str] | None:
        return None if self.whole else self.team


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One person's part. `rep` is None for what nobody owns, or somebody nobody knows any more. `counts` by figure."""

    rep_id: str
    rep: Rep | None
    counts: Mapping[str, int]
    speed: Speed | None = None

    @property
    def capacity(self) -> int:
        return self.rep.capacity if self.rep else 0


@dataclass(frozen=True, slots=True)
class Board:
    """`figures` in all, by name; of every figure the people's counts add up to it. `speed` is that of all answers.
    `contradictions` are promises of two of ours that differ."""

    figures: Mapping[str, int]
    people: tuple[PersonLine, ...]
    contradictions: int
    as_of: datetime


@dataclass(frozen=True, slots=True)
class OpenedRow:
    """One row behind a figure. `lead` and `record` (a Request, Task, Promise or None) are as stored now, None where
    they have gone meanwhile. `hours` is how long an answer took, `in_time` whether that was within its limit."""

    fact: FigureFact
    lead: Lead | None
    record: Any = None
    owner: Rep | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A page of the rows behind a figure, of `total`. `promises` are those of the figure of contradictions."""

    figure: str
    total: int
    offset: int
    rows: tuple[OpenedRow, ...] = ()
    promises: tuple[PromiseLine, ...] = field(default=())


def scope_of(deps: Deps, who: Rep, everybody: bool) -> Scope:
    """A manager looks at the own team where there is one, or at everybody where that is asked for; an administrator at
    everybody."""
    team = team_of(who.rep_id, deps.directory.reps()) if who.role is Role.MANAGER else frozenset()
    return Scope(team, everybody or not team)


def times_of(deps: Deps, zone: str) -> BoardTimes:
    """Now, and the end of the day as it is in that zone."""
    now = deps.clock()
    local = ZoneInfo(zone)
    midnight = datetime.combine(now.astimezone(local).date() + timedelta(days=1), time(), local)
    active = frozenset(rep.rep_id for rep in deps.directory.reps() if rep.active)
    return BoardTimes(now, midnight.astimezone(ZoneInfo("UTC")), now - LATELY, active)


def read_board(deps: Deps, scope: Scope, zone: str) -> Board:
    times = times_of(deps, zone)
    answers = deps.model.board.answers(times.since)
    # Who answered is told by the answers, which are read for the speed anyhow.
    tallies: dict[str, Mapping[str, int]] = {
        figure: deps.model.board.tally(figure, times) for figure in FIGURES if figure != "answered"
    }
    tallies["answered"] = Counter(answer.owner_id for answer in answers)
    figures = {figure: _sum(tally, _owners(figure, scope)) for figure, tally in tallies.items()}
    return Board(
        figures=figures,
        people=_people(deps, scope, tallies, answers),
        contradictions=read_ledger(deps, Sight(scope.owners), "contradictions", LedgerPart(limit=0)).total,
        as_of=times.now,
    )


def open_board(deps: Deps, scope: Scope, zone: str, figure: str, rep_id: str | None, offset: int) -> Opened:
    """A page of a figure, or of one person's part in it. KeyError for a figure there is none of."""
    if figure == "contradictions":
        listed = read_ledger(deps, Sight(scope.owners), figure, LedgerPart(offset=offset, limit=PAGE))
        return Opened(figure, listed.total, listed.offset, promises=listed.lines)
    times = times_of(deps, zone)
    owners = _owners(figure, scope) if rep_id is None else _one(rep_id)
    total = _sum(deps.model.board.tally(figure, times), owners)
    offset = offset if offset < total else 0
    facts = deps.model.board.rows(figure, times, owners, offset, PAGE)
    return Opened(figure, total, offset, tuple(_opened(deps, facts)))


def _one(rep_id: str) -> frozenset[str]:
    return NOBODY if rep_id in NOBODY else frozenset({rep_id})


def _owners(figure: str, scope: Scope) -> frozenset[str] | None:
    """What nobody owns is in no team: every leader has to see it."""
    return None if figure == "unowned" else scope.owners


def _sum(tally: Mapping[str, int], owners: frozenset[str] | None) -> int:
    return sum(count for owner, count in tally.items() if owners is None or owner in owners)


def _people(
    deps: Deps, scope: Scope, tallies: Mapping[str, Mapping[str, int]], answered: Sequence[AnswerFact]
) -> tuple[PersonLine, ...]:
    """Whoever sells, and whoever else has something in hand; who is late comes first, then who carries most."""
    known = {rep.rep_id: rep for rep in deps.directory.reps()}
    shown = {rep.rep_id for rep in known.values() if rep.active and rep.role is Role.REP}
    shown |= {"" if owner in NOBODY else owner for tally in tallies.values() for owner in tally}
    if scope.owners is not None:
        shown &= scope.owners
    answers: dict[str, list[AnswerFact]] = {}
    for answer in answered:
        answers.setdefault(answer.owner_id, []).append(answer)
    lines = [_line(rep_id, known.get(rep_id), tallies, answers.get(rep_id, [])) for rep_id in shown]
    return tuple(sorted(lines, key=_place))


def _line(
    rep_id: str, rep: Rep | None, tallies: Mapping[str, Mapping[str, int]], answers: Sequence[AnswerFact]
) -> PersonLine:
    counts = {figure: _sum(tally, _one(rep_id)) for figure, tally in tallies.items()}
    return PersonLine(rep_id, rep, counts, speed_of(answers, rep.week) if rep else None)


def _place(line: PersonLine) -> tuple[bool, int, int, str]:
    return (line.rep is None, -line.counts["late"], -line.counts["open"], line.rep.name if line.rep else line.rep_id)


def _opened(deps: Deps, facts: Sequence[FigureFact]) -> list[OpenedRow]:
    refs: list[Ref[Any]] = [Ref(Lead, (fact.lead_id,)) for fact in facts]
    below = [fact for fact in facts if fact.record_id]
    refs += [Ref(_KINDS[fact.what], (fact.lead_id, fact.record_id)) for fact in below]
    stored = deps.store.get_many(refs) if refs else []
    records = {fact: one.value for fact, one in zip(below, stored[len(facts) :], strict=True) if one}
    return [
        OpenedRow(fact, lead.value if lead else None, records.get(fact), deps.directory.rep(fact.owner_id))
        for fact, lead in zip(facts, stored, strict=False)
    ]
