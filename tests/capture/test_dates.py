from datetime import UTC, datetime

import pytest

from chalicelib.capture.dates import DAY_FIRST, MONTH_FIRST, date_order, read_date


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-09-14T10:05:00+02:00", at(2026, 9, 14, 8, 5)),
        ("2026-09-14T10:05:00.123Z", at(2026, 9, 14, 10, 5)),
        ("2026-09-14 10:05 -0530", at(2026, 9, 14, 15, 35)),
        (" 2026-09-14 ", at(2026, 9, 14)),
        ("2026/9/4 1:05 PM", at(2026, 9, 4, 13, 5)),
        ("2026.9.4", at(2026, 9, 4)),
        ("2026年9月4日 12:30", at(2026, 9, 4, 12, 30)),
        ("20260914", at(2026, 9, 14)),
        ("4.9.2026", at(2026, 9, 4)),
        ("04.09.26 12:00 a.m.", at(2026, 9, 4)),
        ("23/4/2026", at(2026, 4, 23)),
        ("4/23/2026, 9:30", at(2026, 4, 23, 9, 30)),
        ("4/4/2026", at(2026, 4, 4)),
        ("Oct 1, 2026 at 6:00 PM", at(2026, 10, 1, 18)),
        ("Thursday, October 1st, 2026", at(2026, 10, 1)),
        ("1 Oct 2026", at(2026, 10, 1)),
        ("46296", at(2026, 10, 1)),
        ("46296.75", at(2026, 10, 1, 18)),
    ],
)
def test_a_date_is_read_however_a_tool_writes_it(text: str, moment: datetime) -> None:
    assert read_date(text) == moment


@pytest.mark.parametrize(
    "text",
    ["", "soon", "3/4/2026", "31.2.2026", "2026-13-01", "2026-01-01 yesterday", "2026-01-01 25:00", "1 Foo 2026",
     "10001", "1899-01-01", "99999999"],
)  # fmt: skip
def test_what_is_no_date_or_could_be_two_is_not_read(text: str) -> None:
    assert read_date(text) is None


def test_the_order_of_the_column_settles_what_one_cell_leaves_open() -> None:
    assert read_date("3/4/2026", DAY_FIRST) == at(2026, 4, 3)
    assert read_date("3/4/2026", MONTH_FIRST) == at(2026, 3, 4)


def test_the_whole_column_shows_its_order() -> None:
    assert date_order(["3/4/2026", "", "23/4/2026"]) == (DAY_FIRST, "23/4/2026")
    assert date_order(["3-4-26", "4-23-26"]) == (MONTH_FIRST, "4-23-26")
    assert date_order(["3.4.2026"]) == (DAY_FIRST, "3.4.2026")
    assert date_order(["3/4/2026", "5/5/2026"]) == ("", "3/4/2026")
    assert date_order(["23/4/2026", "4/23/2026"]) == ("", "23/4/2026 / 4/23/2026")
    assert date_order(["2026-04-03", "4/4/2026"]) == ("", "")
