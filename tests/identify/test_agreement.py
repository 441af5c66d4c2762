"""How far two values agree, by kind."""

import pytest

from chalicelib.identify.agreement import Level, distance, level, winkler
from chalicelib.identify.table import Kind


@pytest.mark.parametrize(
    ("kind", "a", "b", "expected"),
    [
        (Kind.GIVEN, "anna", "anna", Level.SAME), (Kind.GIVEN, "robert", "bob", Level.NEAR),
        (Kind.GIVEN, "robert", "roebrt", Level.NEAR), (Kind.FAMILY, "robert", "bob", Level.OTHER),
        (Kind.FAMILY, "mccarthy", "mccartny", Level.NEAR), (Kind.FAMILY, "mccarthy", "mccattmhy", Level.PART),
        (Kind.FAMILY, "weber", "koch", Level.OTHER), (Kind.FAMILY, "li", "lu", Level.OTHER),
        (Kind.NAME, "anna weber", "weber anna", Level.SAME), (Kind.NAME, "anna weber", "a weber", Level.PART),
        (Kind.NAME, "anna weber", "anna maria weber", Level.NEAR), (Kind.NAME, "anna weber", "tom koch", Level.OTHER),
        (Kind.NAME, "aanna weberr", "anna weber", Level.PART),
        (Kind.DATE, "19710624", "19710624", Level.SAME), (Kind.DATE, "19710624", "19710634", Level.NEAR),
        (Kind.DATE, "19710612", "19711206", Level.NEAR), (Kind.DATE, "19710624", "19710903", Level.PART),
        (Kind.DATE, "19710624", "19580624", Level.PART), (Kind.DATE, "19710624", "19580311", Level.OTHER),
        (Kind.DATE, "1971062", "19710624", Level.NEAR), (Kind.DATE, "soon", "19710624", Level.OTHER),
        (Kind.EMAIL, "anna@example.com", "anan@example.com", Level.NEAR),
        (Kind.EMAIL, "anna@example.com", "anna@example.org", Level.PART),
        (Kind.EMAIL, "anna@firm.example.com", "tom.koch@firm.example.com", Level.DOMAIN),
        (Kind.EMAIL, "anna@example.com", "tom.koch@another.example.org", Level.OTHER),
        (Kind.NUMBER, "1804974", "1804974", Level.SAME), (Kind.NUMBER, "1804974", "1804947", Level.NEAR),
        (Kind.NUMBER, "1804974", "1809944", Level.PART), (Kind.PHONE, "1804974", "6089216", Level.OTHER),
        (Kind.CODE, "2119", "2191", Level.NEAR), (Kind.CODE, "2119", "4881", Level.OTHER),
        (Kind.CLASS, "nsw", "nsw", Level.SAME), (Kind.CLASS, "nsw", "nws", Level.OTHER),
        (Kind.TEXT, "london", "lonon", Level.NEAR), (Kind.TEXT, "london", "leeds", Level.OTHER),
    ],
)  # fmt: skip
def test_the_level_of_two_values(kind: Kind, a: str, b: str, expected: Level):
    assert level(kind, a, b) is expected
    assert level(kind, b, a) is expected


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [("", "", 0), ("a", "", 1), ("ab", "ba", 1), ("kitten", "sitting", 3), ("abcdef", "badcfe", 3), ("a", "bcdefg", 4)],
)
def test_the_distance_counts_swapped_neighbours_once_and_stops_early(a: str, b: str, expected: int):
    assert distance(a, b, 3) == expected
    assert distance(a, b, 1) == min(expected, 2)


# Published examples: Winkler (1990), table 2.
@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [("martha", "marhta", 0.961), ("dixon", "dicksonx", 0.813), ("dwayne", "duane", 0.84), ("abc", "xyz", 0.0)],
)
def test_jaro_winkler_agrees_with_the_published_examples(a: str, b: str, expected: float):
    assert winkler(a, b) == pytest.approx(expected, abs=0.001)
    assert winkler(b, a) == pytest.approx(expected, abs=0.001)
