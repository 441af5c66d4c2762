import numpy as np
import pytest

from chalicelib.attribute.paths import PathTable, read_paths, small_codes
from chalicelib.records.contact import Refusal
from tests.attribute.tables import in_words, paths

HEADER = "path,total_conversions,total_conversion_value,total_null\n"


def test_paths_are_coded_over_the_sorted_channels() -> None:
    table = paths("B > A > B,2,20.5,1", "C,0,0,4")
    assert table.channels == ("A", "B", "C")
    assert table.codes.tolist() == [1, 0, 1, 2]
    assert table.offsets.tolist() == [0, 3, 4]
    assert (table.conversions.tolist(), table.value.tolist(), table.null.tolist()) == ([2, 0], [20.5, 0], [1, 4])
    assert table.lengths.tolist() == [3, 1]


def test_names_keep_spaces_other_scripts_and_a_mark_inside_them() -> None:
    assert paths("Paid Search > 展会 > Q&A>Blog,1,1,0").channels == ("Paid Search", "Q&A>Blog", "展会")


def test_value_and_null_are_zero_where_the_file_has_none() -> None:
    table = read_paths("path,total_conversions\nA,1\n")
    assert isinstance(table, PathTable)
    assert (table.value.tolist(), table.null.tolist()) == ([0], [0])
    assert paths("A,1,,").null.tolist() == [0]


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", Refusal("file", "the file is empty")),
        (HEADER + "A,1,1,0\n,1,1,0", Refusal("path", "a value is missing", 2)),
        (HEADER + "A > > B,1,1,0", Refusal("path", "a touch has no name", 1)),
        (HEADER + "A >,1,1,0", Refusal("path", "a touch has no name", 1)),
        (HEADER + "A,-1,1,0", Refusal("total_conversions", "not a number of zero or more: -1", 1)),
        (HEADER + "A,,1,0", Refusal("total_conversions", "a value is missing", 1)),
        (HEADER + "A,1,1,many", Refusal("total_null", "not a number of zero or more: many", 1)),
        (HEADER + "A,0,5,1", Refusal("total_conversion_value", "a value without a conversion", 1)),
    ],
)
def test_a_row_that_makes_no_sense_is_refused_with_its_number(text: str, refusal: Refusal) -> None:
    assert read_paths(text) == refusal


def test_some_paths_can_be_taken_out_of_a_table() -> None:
    table = paths("A > B,1,1,0", "C,0,0,1", "B,1,5,0")
    first, apart, whole = (
        table.only(np.array(keep)) for keep in ([1, 1, 0], [1, 0, 1], [1, 1, 1]) for keep in [[bool(k) for k in keep]]
    )
    assert in_words(first) == ["AB", "C"]
    assert in_words(apart) == ["AB", "B"]
    assert apart.value.tolist() == [1, 5]
    assert in_words(whole) == ["AB", "C", "B"]
    assert in_words(table.only(np.zeros(3, dtype=bool))) == []


def test_codes_take_one_byte_up_to_256_channels() -> None:
    assert small_codes([0, 255], 256).dtype == np.uint8
    assert small_codes([0, 256], 257).tolist() == [0, 256]
