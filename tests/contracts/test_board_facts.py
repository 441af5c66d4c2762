"""What the morning board relies on from the read model: each figure's counts are its rows."""

from dataclasses import replace
from datetime import timedelta

from chalicelib.records.board import FIGURES, AnswerFact, BoardTimes
from chalicelib.records.lead import LeadStatus
from chalicelib.records.ports import ReadModel
from chalicelib.records.promise import Promise, PromiseState
from chalicelib.records.search import LeadQuery
from chalicelib.records.task import Task, TaskSource
from chalicelib.records.touch import Request, RequestState, Touch, TouchKind
from tests.contracts.test_read_model import DAY, MINUTE, NOW, lead, put
from tests.contracts.test_read_model import model as model

HOUR = timedelta(hours=1)
TIMES = BoardTimes(NOW, NOW + 12 * HOUR, NOW - 28 * DAY, frozenset({"anna", "ben"}))


def request(number: int, owner: str, respond_by: object, **changed: object) -> Request:
    made = Request(f"R{number}", f"L{number:03d}", f"T{number}", NOW - DAY, owner, respond_by)  # type: ignore[arg-type]
    return replace(made, **changed)  # type: ignore[arg-type]


def promise(number: int, by: str, due_at: object, state: PromiseState = PromiseState.OPEN) -> Promise:
    return Promise(f"P{number}", f"L{number:03d}", by, "price", "Net", NOW.date(), "UTC", due_at, NOW, "c",  # type: ignore[arg-type]
                   state=state)  # fmt: skip


def ids(model: ReadModel, figure: str, owners: set[str] | None = None, offset: int = 0, limit: int = 100) -> list[str]:
    found = model.board.rows(figure, TIMES, owners, offset, limit)
    return [fact.record_id or fact.lead_id for fact in found]


def test_requests_are_late_once_their_limit_has_passed_and_stay_so_until_answered(model: ReadModel) -> None:
    put(
        model, request(1, "anna", NOW - MINUTE), request(2, "ben", NOW), request(3, "ben", NOW + 12 * HOUR),
        request(4, "ben", NOW + DAY, state=RequestState.ESCALATED, escalations=1),
        request(5, "anna", NOW - DAY, state=RequestState.ANSWERED, first_responded_at=NOW),
    )  # fmt: skip
    assert ids(model, "late") == ["R1", "R4"]
    assert model.board.tally("late", TIMES) == {"anna": 1, "ben": 1}
    assert ids(model, "today") == ["R2"]
    assert ids(model, "late", {"ben"}) == ["R4"]


def test_a_next_contact_counts_where_no_request_waits(model: ReadModel) -> None:
    put(model, lead(1, respond_by=NOW), lead(2, respond_by=NOW - MINUTE), lead(3, respond_by=NOW + DAY))
    put(model, lead(4, respond_by=NOW, status=LeadStatus.REJECTED), lead(5, respond_by=NOW))
    put(model, request(5, "anna", NOW + DAY))
    assert (ids(model, "today"), ids(model, "overdue")) == (["L001"], ["L002"])


def test_tasks_and_promises_fall_due_by_the_end_of_the_day(model: ReadModel) -> None:
    end = TIMES.until
    task = Task("K1", "L001", "anna", "Call", "anna", NOW, due_at=end)
    put(model, lead(1, "carl"), lead(2, "carl"), task, replace(task, task_id="K2", due_at=NOW - MINUTE))
    put(model, replace(task, task_id="K3", done_at=NOW), replace(task, task_id="K4", source=TaskSource.MENTION))
    put(model, replace(task, task_id="K5", due_at=end + MINUTE))
    put(model, promise(1, "anna", end), promise(2, "gone", NOW - MINUTE), promise(3, "ben", end + MINUTE))
    put(model, promise(4, "ben", NOW - DAY, PromiseState.BROKEN), promise(5, "ben", end, PromiseState.KEPT))
    assert (ids(model, "today"), ids(model, "overdue")) == (["K1"], ["K2"])
    assert model.board.tally("promises", TIMES) == {"anna": 1}
    # Whoever gave it has gone: it is the owner's of the lead.
    assert model.board.tally("broken", TIMES) == {"carl": 1, "ben": 1}


def test_an_open_lead_without_anything_ahead_has_no_next_step(model: ReadModel) -> None:
    put(model, *(lead(n) for n in range(1, 7)), lead(7, respond_by=NOW), lead(8, status=LeadStatus.CUSTOMER))
    put(model, request(1, "anna", NOW), promise(2, "anna", NOW), Task("K3", "L003", "anna", "Call", "anna", NOW))
    put(model, Task("K4", "L004", "anna", "Read", "anna", NOW, source=TaskSource.MENTION))
    put(model, request(5, "anna", NOW, state=RequestState.CLOSED), promise(6, "anna", NOW, PromiseState.KEPT))
    assert ids(model, "no_step") == ["L004", "L005", "L006"]


def test_what_nobody_owns_is_nobodys_and_open_leads_are_their_owners(model: ReadModel) -> None:
    put(model, lead(1), replace(lead(2), assignment=None), lead(3, "unassigned"), lead(4, status=LeadStatus.REJECTED))
    assert ids(model, "unowned") == ["L002", "L003"]
    assert model.board.tally("open", TIMES) == {"anna": 1, "": 1, "unassigned": 1}


def test_an_answer_is_in_time_where_its_first_limit_had_not_passed(model: ReadModel) -> None:
    answered = request(1, "anna", NOW, state=RequestState.ANSWERED, first_responded_at=NOW)
    late = replace(answered, request_id="R2", first_responded_at=NOW + MINUTE)
    taken = replace(answered, request_id="R3", escalations=1)
    put(model, answered, late, taken, replace(answered, request_id="R4", first_responded_at=NOW - 29 * DAY))
    facts = sorted(model.board.answers(TIMES.since), key=lambda fact: (fact.answered_at, fact.limit_at is None))
    assert facts[0] == AnswerFact("anna", NOW - DAY, NOW, NOW)
    assert [fact.in_time for fact in facts] == [True, False, False]
    assert ids(model, "answered") == ["R1", "R3", "R2"]


def test_every_figure_counts_its_rows_and_pages_through_them_once(model: ReadModel) -> None:
    put(
        model,
        *(lead(n, ("anna", "ben", "")[n % 3], respond_by=NOW + (n - 5) * HOUR if n % 2 else None) for n in range(20)),
    )
    put(model, *(request(n, "ben", NOW + (n - 12) * HOUR) for n in range(9, 15)))
    put(model, *(promise(n, "anna", NOW + (n - 3) * HOUR) for n in range(6)))
    for figure in FIGURES:
        tally = model.board.tally(figure, TIMES)
        every = ids(model, figure)
        assert sum(tally.values()) == len(every), figure
        assert [
            one for offset in range(0, len(every), 3) for one in ids(model, figure, offset=offset, limit=3)
        ] == every
        assert {owner: len(ids(model, figure, {owner})) for owner in tally} == tally


def test_rejections_are_counted_by_their_reason_for_a_source(model: ReadModel) -> None:
    budget = {"status": LeadStatus.REJECTED, "status_reason": "no budget"}
    put(model, lead(1, **budget), lead(2, **budget), lead(3, status=LeadStatus.REJECTED), lead(4, **budget), lead(5))
    put(model, *(Touch(f"T{n}", f"L{n:03d}", TouchKind.LIST, NOW, "fair", import_id="I1") for n in (1, 2, 3, 5)))
    assert model.board.rejections(LeadQuery(campaign_id="fair")) == {"no budget": 2, "": 1}
    assert model.board.rejections(LeadQuery(import_id="I2")) == {}
    asked = LeadQuery(campaign_id="fair", status="rejected", reason="no budget")
    assert model.leads(asked).total == 2
    assert model.leads(replace(asked, reason="")).total == 1
