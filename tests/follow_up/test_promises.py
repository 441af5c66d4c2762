from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.follow_up import promises
from chalicelib.records.promise import Promise, PromiseState

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def promise(number: int = 1, by: str = "anna", **changed: object) -> Promise:
    due_on = date(2026, 3, 6)
    made = Promise(
        f"P{number}", f"L{number}", by, "delivery date", "Within four weeks", due_on, "Europe/Berlin",
        promises.due_at(due_on, "Europe/Berlin"), NOW + timedelta(minutes=number), "nordtech", NOW + 3 * DAY,
    )  # fmt: skip
    return replace(made, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("day", "zone", "end"),
    [
        (date(2026, 3, 6), "UTC", "2026-03-07T00:00+00:00"),
        (date(2026, 3, 6), "Asia/Shanghai", "2026-03-06T16:00+00:00"),
        (date(2026, 3, 28), "Europe/Berlin", "2026-03-28T23:00+00:00"),
        (date(2026, 3, 29), "Europe/Berlin", "2026-03-29T22:00+00:00"),  # the day with 23 hours
    ],
)
def test_a_promise_is_due_by_the_end_of_its_day_where_it_was_given(day: date, zone: str, end: str) -> None:
    assert promises.due_at(day, zone) == datetime.fromisoformat(end)


def test_a_kept_promise_says_when_and_by_whom_and_is_reminded_of_no_more() -> None:
    done = promises.kept(promise(), "anna", NOW + DAY)
    assert (done.state, done.settled_by, done.settled_at) == (PromiseState.KEPT, "anna", NOW + DAY)
    assert done.remind_at is None
    assert done.days_late == 0


@pytest.mark.parametrize(("hours", "days"), [(-1, 0), (0, 0), (1, 1), (24, 1), (25, 2)])
def test_days_late_are_counted_from_the_end_of_the_day(hours: int, days: int) -> None:
    late = promise()
    assert promises.kept(late, "anna", late.due_at + timedelta(hours=hours)).days_late == days
    assert late.days_late == 0


def test_a_promise_nobody_kept_is_broken_when_its_day_is_over_and_not_before() -> None:
    made = promise()
    with pytest.raises(ValueError, match="can be kept until"):
        promises.broken(made, made.due_at - timedelta(seconds=1))
    done = promises.broken(made, made.due_at)
    assert (done.state, done.reason) == (PromiseState.BROKEN, promises.NOT_SAID)


def test_a_broken_promise_can_still_be_kept_late_or_withdrawn() -> None:
    made = promise()
    failed = promises.broken(made, made.due_at)
    assert promises.kept(failed, "anna", made.due_at + DAY).days_late == 1
    assert promises.withdrawn(failed, "anna", "not needed any more", NOW).state is PromiseState.WITHDRAWN


def test_a_promise_is_withdrawn_with_a_reason_only() -> None:
    with pytest.raises(ValueError, match="without a reason"):
        promises.withdrawn(promise(), "anna", "", NOW)
    assert promises.withdrawn(promise(), "anna", "bought elsewhere", NOW).reason == "bought elsewhere"


def test_a_wrong_tap_is_undone() -> None:
    made = replace(promise(), remind_at=None)
    assert promises.reopened(promises.kept(made, "anna", NOW)) == made
    assert promises.reopened(promises.withdrawn(made, "anna", "no", NOW)) == made


def test_a_reminder_goes_once() -> None:
    assert promises.reminded(promise()).remind_at is None


@pytest.mark.parametrize(
    "step",
    [
        lambda p: promises.kept(p, "anna", NOW),
        lambda p: promises.withdrawn(p, "anna", "why", NOW),
        lambda p: promises.broken(p, NOW + 30 * DAY),
        promises.reminded,
    ],
)
def test_what_was_withdrawn_stays_so_until_it_is_opened_again(step: Callable[[Promise], Promise]) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        step(promises.withdrawn(promise(), "anna", "why", NOW))


def test_an_open_promise_cannot_be_opened_again() -> None:
    with pytest.raises(ValueError, match="cannot be"):
        promises.reopened(promise())


def test_two_of_ours_who_promise_a_customer_different_things_contradict_each_other() -> None:
    first, second = promise(1), promise(2, "ben", text="Within two weeks")
    (found,) = promises.contradictions([second, first])
    assert (found.customer, found.subject) == ("nordtech", "delivery date")
    assert found.promises == (first, second)


def test_a_different_day_is_a_contradiction_too() -> None:
    assert promises.contradictions([promise(1), promise(2, "ben", due_on=date(2026, 3, 9))])


@pytest.mark.parametrize(
    "other",
    [
        promise(2, "ben", text="within  FOUR weeks."),  # the same in other letters
        promise(2, "anna", text="Within two weeks"),  # one person corrects themselves
        promise(2, "ben", text="Ten percent off", subject="price"),
        promise(2, "ben", text="Within two weeks", customer="another"),
        promise(2, "ben", text="Within two weeks", state=PromiseState.WITHDRAWN),
    ],
)
def test_what_is_no_contradiction(other: Promise) -> None:
    assert promises.contradictions([promise(1), other]) == []


def test_a_subject_is_the_same_in_any_letters_and_widths() -> None:
    assert promises.folded("Ｄelivery  Date!") == promises.folded("delivery date")


def test_the_subjects_come_from_the_data_file() -> None:
    assert "delivery date" in promises.subjects()
