"""What comes next with a lead is always said, or why nothing does."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from chalicelib.follow_up.next_step import is_to_do, next_step
from chalicelib.records.lead import Assignment, Lead, LeadStatus
from chalicelib.records.promise import Promise, PromiseState
from chalicelib.records.task import Task, TaskSource
from chalicelib.records.touch import Request, RequestState

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
LEAD = Lead("L1", assignment=Assignment("anna", (), "load", "1", NOW))
REQUEST = Request("R1", "L1", "T1", NOW, "anna", NOW + 3 * HOUR, subject="Quotation")
PROMISE = Promise("P1", "L1", "ben", "price", "A price", date(2026, 3, 2), "UTC", NOW + 2 * HOUR, NOW, "L1")
TASK = Task("K1", "L1", "anna", "Send the sheet", "eva", NOW, due_at=NOW + HOUR)


def lead(**changed: Any) -> Lead:
    return replace(LEAD, **changed)


def test_the_first_that_falls_due_comes_next() -> None:
    step = next_step(lead(respond_by=NOW), [REQUEST], [PROMISE], [TASK])
    assert (step.what, step.due_at, step.words, step.who) == ("task", NOW + HOUR, "Send the sheet", "anna")
    assert step.shown_by == NOW + HOUR - timedelta(minutes=1)
    step = next_step(LEAD, [REQUEST], [PROMISE], [])
    assert (step.what, step.words, step.who) == ("promise", "A price", "ben")
    step = next_step(LEAD, [REQUEST], [], [])
    assert step.shown_by == step.due_at
    assert (step.what, step.words, step.late(NOW), step.late(NOW + 3 * HOUR)) == ("answer", "Quotation", False, True)


def test_a_contact_is_owed_where_nothing_was_asked() -> None:
    step = next_step(lead(respond_by=NOW + HOUR), [], [], [])
    assert (step.what, step.due_at, step.who) == ("contact", NOW + HOUR, "anna")
    assert next_step(Lead("L1", respond_by=NOW), [], [], []).who == ""


def test_a_task_without_a_day_comes_after_what_has_one_and_before_nothing() -> None:
    some_day = replace(TASK, due_at=None)
    assert next_step(LEAD, [REQUEST], [], [some_day]).what == "answer"
    step = next_step(LEAD, [], [], [some_day])
    assert (step.what, step.due_at, step.late(NOW)) == ("task", None, False)


def test_what_is_settled_and_what_is_only_to_be_read_is_no_step() -> None:
    settled = replace(REQUEST, state=RequestState.ANSWERED)
    kept = replace(PROMISE, state=PromiseState.KEPT)
    done, mention = replace(TASK, done_at=NOW), replace(TASK, source=TaskSource.MENTION)
    assert [is_to_do(task) for task in (TASK, done, mention)] == [True, False, False]
    step = next_step(lead(next_reason="answered"), [settled], [kept], [done, mention])
    assert (step.what, step.set_one, step.why) == ("none", True, "everything is answered and nothing is planned")


@pytest.mark.parametrize(
    ("changed", "why", "set_one"),
    [
        ({"status": LeadStatus.REJECTED, "status_reason": "no budget"}, "rejected: no budget", False),
        ({"status": LeadStatus.REJECTED}, "rejected", False),
        ({"status": LeadStatus.CUSTOMER}, "a customer to whom nothing is owed", False),
        ({"next_reason": "no permitted channel"}, "no permitted channel", True),
        ({}, "everything is answered and nothing is planned", True),
    ],
)
def test_where_nothing_comes_next_the_reason_is_said(changed: dict[str, Any], why: str, set_one: bool) -> None:
    step = next_step(lead(respond_by=NOW if "status" in changed else None, **changed), [], [], [])
    assert (step.what, step.why, step.set_one) == ("none", why, set_one)
