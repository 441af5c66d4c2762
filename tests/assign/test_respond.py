from datetime import UTC, datetime

import pytest

from chalicelib.assign.respond import limit_hours, limits_of, load_limits, respond_by
from chalicelib.records.rep import WorkingWeek
from chalicelib.records.touch import TouchKind
from tests.assign.people import rep

LIMITS = load_limits()
SHAPE = {"version": "x", "bands": [{"from_points": 0, "hours": 8}], "at_most": {}, "after_escalation": 4}


@pytest.mark.parametrize(("points", "hours"), [(100, 2), (70, 2), (69, 8), (40, 8), (39, 16), (0, 16), (-5, 16)])
def test_the_hotter_the_lead_the_shorter_the_limit(points: int, hours: float) -> None:
    assert limit_hours(TouchKind.FORM, points, 0, LIMITS) == hours


def test_a_service_request_waits_no_longer_than_its_kind_may() -> None:
    assert limit_hours(TouchKind.SERVICE, 0, 0, LIMITS) == 8
    assert limit_hours(TouchKind.SERVICE, 90, 0, LIMITS) == 2


def test_the_forms_own_limit_wins() -> None:
    assert limit_hours(TouchKind.FORM, 90, 24, LIMITS) == 24
    assert limit_hours(TouchKind.SERVICE, 0, 1, LIMITS) == 1


def test_the_limit_runs_in_the_owners_working_time() -> None:
    friday = datetime(2026, 11, 27, 15, 0, tzinfo=UTC)
    berlin = rep("a", week=WorkingWeek("Europe/Berlin"))
    assert respond_by(friday, berlin, 2) == datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
    shanghai = rep("b", week=WorkingWeek("Asia/Shanghai"))
    assert respond_by(friday, shanghai, 2) == datetime(2026, 11, 30, 3, 0, tzinfo=UTC)


def test_without_an_owner_the_limit_runs_in_the_default_week() -> None:
    assert respond_by(datetime(2026, 11, 27, 16, 0, tzinfo=UTC), None, 2) == datetime(2026, 11, 30, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "change",
    [
        {"bands": []},
        {"bands": [{"from_points": 1, "hours": 8}]},
        {"bands": [{"from_points": 0, "hours": 0}]},
        {"at_most": {"service": -1}},
        {"at_most": {"pigeon": 1}},
        {"after_escalation": 0},
    ],
)
def test_limits_that_leave_a_score_without_hours_are_an_error(change: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        limits_of(SHAPE | change)


def test_bands_may_be_written_in_any_order() -> None:
    bands = [{"from_points": 0, "hours": 8}, {"from_points": 50, "hours": 1}]
    assert limit_hours(TouchKind.FORM, 60, 0, limits_of(SHAPE | {"bands": bands})) == 1
