"""The order of the inbox, and its reasons in words."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.assign.inbox import rank, urgency
from chalicelib.records.inbox import InboxFact
from chalicelib.records.money import Money
from chalicelib.records.rep import WorkingWeek
from tests.assign.people import NOW

WEEK = WorkingWeek()  # Monday to Friday, 9 to 17 UTC; NOW is a Tuesday, 10:00
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def fact(lead_id: str, score: int = 50, **more: Any) -> InboxFact:
    return InboxFact(lead_id, "new", score, **more)


def order(*facts: InboxFact) -> list[str]:
    return [ranked.fact.lead_id for ranked in rank(facts, NOW, WEEK)]


@pytest.mark.parametrize(
    ("due_at", "times", "why"),
    [
        (NOW - DAY, 16, "past its limit"),
        (NOW, 16, "past its limit"),
        (NOW + 2 * HOUR, 8, "due within two working hours"),
        (NOW + 3 * HOUR, 4, "due within a working day"),
        # Tomorrow at ten: seven hours are left today, one tomorrow.
        (NOW + DAY, 4, "due within a working day"),
        (NOW + 2 * DAY, 2, "due within three working days"),
        # Friday at eleven is the 25th working hour from here.
        (NOW + 3 * DAY + HOUR, 1, "due later than in three working days"),
        (None, 1, "nothing falls due"),
    ],
)
def test_urgency_goes_by_the_working_hours_left(due_at: datetime | None, times: int, why: str) -> None:
    assert urgency(due_at, NOW, WEEK) == (times, why)


def test_a_weekend_is_no_time_left() -> None:
    friday_evening = NOW + 3 * DAY + 6 * HOUR
    assert urgency(friday_evening + 3 * DAY - 5 * HOUR, friday_evening, WEEK)[0] == 4


def test_the_more_urgent_comes_first_at_equal_value_and_the_better_at_equal_urgency() -> None:
    late, soon, good = fact("late", answer_by=NOW - HOUR), fact("soon", answer_by=NOW + HOUR), fact("good", 90)
    assert order(fact("plain"), good, soon, late) == ["late", "soon", "good", "plain"]


def test_much_value_outweighs_some_urgency() -> None:
    assert order(fact("poor", 5, answer_by=NOW + HOUR), fact("rich", 90)) == ["rich", "poor"]


def test_an_entered_deal_counts_and_one_without_counts_as_the_middle_one() -> None:
    small, large = fact("small", deals=Money(1_00, "EUR")), fact("large", deals=Money(9_00, "EUR"))
    assert order(small, fact("unknown"), large) == ["large", "unknown", "small"]
    assert rank([large], NOW, WEEK)[0].reasons == ("nothing falls due", "score: 50", "open deals")
    assert rank([fact("unknown")], NOW, WEEK)[0].reasons[2] == "no deal yet, counted as a usual one"


def test_what_falls_due_first_counts_and_is_named() -> None:
    both = fact("both", answer_by=NOW + DAY, promise_by=NOW + HOUR, task_by=NOW + 2 * HOUR, contact_by=NOW + 2 * DAY)
    (ranked,) = rank([both], NOW, WEEK)
    assert (ranked.what, ranked.due_at, ranked.pressing) == ("promise", NOW + HOUR, True)
    assert ranked.shown_by == NOW + HOUR - timedelta(minutes=1)
    (ranked,) = rank([fact("nothing")], NOW, WEEK)
    assert (ranked.what, ranked.due_at, ranked.shown_by, ranked.pressing) == ("", None, None, False)


def test_of_equals_the_one_due_first_comes_first_and_the_order_is_always_the_same() -> None:
    a, b = fact("a", answer_by=NOW - HOUR), fact("b", answer_by=NOW - DAY)
    assert order(a, b, fact("d"), fact("c")) == ["b", "a", "c", "d"]
