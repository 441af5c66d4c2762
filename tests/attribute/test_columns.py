from datetime import date

import pytest

from chalicelib.attribute.columns import (
    amount,
    amount_from_zero,
    day,
    end_instant,
    inert,
    instant,
    parsed,
    read_columns,
)
from chalicelib.records.contact import Refusal


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_columns_are_found_by_name_whatever_delimiter_case_order_or_mark(delimiter: str) -> None:
    text = "\ufeff" + "\r\n".join(
        delimiter.join(cells)
        for cells in (["Other", " Total Null ", "PATH"], ["x", " 1 ", "A > B"], ["", "", ""], ["y"])
    )
    assert read_columns(text, ("path",), ("total_null", "value")) == {
        "path": ["A > B", ""],
        "total_null": ["1", ""],
        "value": ["", ""],
    }


@pytest.mark.parametrize(
    ("text", "field", "row", "reason"),
    [
        ("", "file", 0, "the file is empty"),
        (" \n\n", "file", 0, "the file is empty"),
        ("path\n", "file", 0, "the file has a header and no rows"),
        ("other\nA", "path", 0, "a column is missing: path"),
        ("path,Path\nA,B", "path", 0, "a column appears twice: path"),
        ("path\nA\nA,B", "file", 2, "more cells than the header has: 2"),
        ('path\n"A', "file", 0, "this is not a readable CSV file: unexpected end of data"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_row_and_reason(
    text: str, field: str, row: int, reason: str
) -> None:
    assert read_columns(text, ("path",)) == Refusal(field, reason, row)


def test_the_first_cell_that_cannot_be_read_is_named() -> None:
    assert parsed("value", ["1", "x", "y"], amount, "not a number") == Refusal("value", "not a number: x", 2)
    assert parsed("value", ["1", ""], amount, "not a number") == Refusal("value", "a value is missing", 2)


@pytest.mark.parametrize("cell", ["nan", "inf", "-inf", "1_000", "1,000", "x"])
def test_only_plain_finite_numbers_are_amounts(cell: str) -> None:
    assert amount(cell) is None


def test_an_amount_may_be_negative_only_where_said() -> None:
    assert (amount("-2.5"), amount_from_zero("-2.5"), amount_from_zero("0")) == (-2.5, None, 0.0)


@pytest.mark.parametrize(
    ("cell", "seconds"),
    [
        ("1970-01-02", 86_400),
        ("1970-01-01T01:00:00Z", 3600),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-01 00:00:01.5", 1.5),
        ("1970/1/2 9:30", 86_400 + 34_200),
        ("1970/1/2", 86_400),
        ("1969-12-31", -86_400),
    ],
)
def test_a_time_is_read_as_microseconds_in_utc(cell: str, seconds: float) -> None:
    assert instant(cell) == seconds * 1_000_000


@pytest.mark.parametrize("cell", ["", "soon", "2026-13-01", "2026/2/30", "01.02.2026"])
def test_what_is_no_date_is_no_time(cell: str) -> None:
    assert instant(cell) is None
    assert day(cell) is None


def test_a_conversion_known_by_its_day_comes_after_that_day_s_touches() -> None:
    late = instant("2026-01-05T23:59:59")
    loose, exact = end_instant("2026/1/5"), end_instant("2026-01-05")
    assert late
    assert exact
    assert late < exact == loose
    assert end_instant("2026-01-05T10:00") == instant("2026-01-05T10:00")


def test_a_day_leaves_the_time_out() -> None:
    assert day("2026-01-05 10:00") == date(2026, 1, 5)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_a_text_a_spreadsheet_would_run_is_quoted(cell: str) -> None:
    assert inert(cell) == "'" + cell
    assert inert("Messe = Köln") == "Messe = Köln"
