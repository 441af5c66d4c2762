"""What each column of a plain table holds, and its values in one spelling."""

import pytest

from chalicelib.identify.table import Kind, Table, read_table


def table(header: str, *rows: str, fields: str = "") -> Table:
    names = header.split(",")
    given = fields.split(",") if fields else [""] * len(names)
    return read_table(names, [row.split(",") for row in rows], given)


def kinds(found: Table) -> list[Kind]:
    return [column.kind for column in found.columns]


def test_columns_the_list_reader_knows_keep_their_meaning_and_say_why():
    found = table(
        "First,Surname,Mail,Job", "Anna,Weber,anna@example.com,Buyer", fields="given_name,family_name,email,title"
    )
    assert kinds(found) == [Kind.GIVEN, Kind.FAMILY, Kind.EMAIL, Kind.LEFT]
    assert found.columns[0].reason == "header word or content: given_name"
    assert found.at(Kind.EMAIL) == (2,)
    assert found.records == (("anna", "weber", "anna@example.com", ""),)


def test_the_answer_in_the_file_is_no_evidence():
    assert kinds(table("cluster,rec_id,unique_id", "1,rec-1,7")) == [Kind.LEFT] * 3


@pytest.mark.parametrize("header", ["DOB", "date_of_birth", "Geburtsdatum", "出生日期"])
def test_a_birth_date_is_known_by_its_header(header: str):
    assert kinds(table(header, "x")) == [Kind.DATE]


def test_what_has_no_header_word_is_known_by_its_cells():
    rows = [
        f"200{n % 10}-01-1{n % 10},{n:04d},{'ab'[n % 2]},{10**8 + n // 2},{'word ' * (n % 7 + 1)},{1000 + n},"
        for n in range(60)
    ]
    found = table("a,b,c,d,e,f,g", *rows)
    assert kinds(found) == [Kind.DATE, Kind.LEFT, Kind.CLASS, Kind.NUMBER, Kind.TEXT, Kind.LEFT, Kind.LEFT]
    assert found.columns[2].reason == "2 different values"
    assert found.columns[6].reason == "empty"


def test_short_values_with_digits_are_a_code():
    assert kinds(table("code", *[f"AB{n % 30}" for n in range(60)])) == [Kind.CODE]


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        ("1971-06-24", "19710624"), ("19710624", "19710624"), ("24.6.1971", "19710624"), ("6/24/1971", "19710624"),
        ("1971年6月24日", "19710624"), ("1971-06-24T00:00:00", "19710624"), ("1971-13-24", "19711324"),
        ("soon", "soon"), ("40.1.1971", "4011971"),
    ],
)  # fmt: skip
def test_a_date_has_one_spelling(written: str, spelled: str):
    assert table("dob", written).records == ((spelled,),)


def test_each_kind_has_one_spelling():
    found = table(
        "a,b,c,d", "Jürgen,Müller-Groß,no address,+49 30 23125 010", fields="given_name,family_name,email,phone"
    )
    assert found.records == (("jurgen", "mullergross", "no address", "023125010"),)
    assert table("a", "Dr. Jürgen Müller", fields="name").records == (("jurgen muller",),)
