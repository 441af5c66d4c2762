"""Rows of a plain table to people: candidate pairs, weights in words, groups that agree as a whole."""

from chalicelib.identify.blocks import candidate_pairs
from chalicelib.identify.clusters import Clusters, cluster, numbered
from chalicelib.identify.table import Table, read_table
from chalicelib.identify.weights import Weights

HEADER = ("first", "family", "dob", "city", "email")
FIELDS = ("given_name", "family_name", "", "", "email")


def table(*rows: str) -> Table:
    return read_table(HEADER, [tuple(row.split(",")) for row in rows], FIELDS)


def people(*rows: str) -> Clusters:
    found = table(*rows)
    return cluster(len(rows), candidate_pairs(found), Weights(found))


def test_rows_of_one_person_become_one_whatever_is_misspelled_or_missing():
    found = people(
        "Robert,Alan,1971-06-24,London,robert255@example.net",
        "Grace,Kelly,1997-04-26,Hull,grace.kelly52@example.com",
        "Rob,Allen,1971-06-24,Lonon,roberta25@example.net",
        "Alan,Robert,1971-06-24,,robert255@example.net",
        ",Kelly,1991-04-26,,grace.kelly52@example.com",
    )
    assert found.of_row == (0, 1, 0, 0, 1)
    assert {frozenset(pair.rows) for pair in found.joined} >= {frozenset({1, 4})}


def test_people_who_share_a_name_and_a_city_stay_apart():
    assert people(
        "John,Smith,1971-06-24,London,john.smith@example.net", "John,Smith,1988-11-02,London,js88@example.org"
    ).of_row == (0, 1)


def test_a_pair_explains_itself_by_every_column_and_the_reasons_add_up():
    found = people(
        "Anna,Weber,1971-06-24,Hull,anna@example.com", "Anna,Webr,1971-06-24,Leeds,anna@example.com", "Tom,Koch,,,"
    )
    (pair,) = found.joined
    assert [reason.rsplit(" ", 1)[0] for reason in pair.reasons] == [
        "same first", "family nearly the same", "same dob", "another city", "same email",
    ]  # fmt: skip
    points = [float(reason.rsplit(" ", 1)[1].replace("−", "-")) for reason in pair.reasons]
    assert abs(sum(points) - pair.weight) < 0.3


def test_swapped_names_are_said_to_be_swapped():
    found = people("Logan,Murphy,1973-08-01,Hull,", "Murphy,Logan,1973-08-01,Hull,")
    assert found.joined[0].reasons[0].startswith("given and family name swapped +")


def test_a_rare_value_in_common_weighs_more_than_a_frequent_one():
    rows = [f"Anna{n},Smith,19{n:02d}-01-01,Hull," for n in range(40)] + ["Eva,Quillfeather,,,", "Ida,Quillfeather,,,"]
    weights = Weights(table(*rows))
    assert weights.of(40, 41) > weights.of(0, 1)


def test_one_false_bridge_does_not_join_two_families():
    found = people(
        "Ella,Young,1991-05-13,,",
        "Ella,Young,1991-05-13,,",
        ",,1984-02-02,Leeds,noah@example.org",
        ",,1984-02-02,Leeds,noah@example.org",
        "Ella,Young,,Leeds,noah@example.org",
    )
    assert found.of_row[:4] == (0, 0, 1, 1)
    bridge = [pair for pair in found.doubtful if 4 in pair.rows]
    assert [pair.weight > 6 for pair in bridge] == [True, True]
    assert all(not pair.joined and pair.reasons for pair in bridge)


def test_blocks_too_large_to_tell_anything_are_passed_over():
    assert candidate_pairs(table(*["Anna,,,,"] * 80)) != set()
    assert candidate_pairs(table(*["Anna,,,,"] * 81)) == set()


def test_rows_with_many_columns_need_two_keys_in_common_or_one_of_their_own():
    names = ("first", "family", "dob", "a", "b", "c", "ssn")

    def pairs(*rows: str) -> set[tuple[int, int]]:
        fields = ("given_name", "family_name", "", "", "", "", "")
        return candidate_pairs(read_table(names, [tuple(row.split(",")) for row in rows], fields))

    base = "Anna,Weber,1971-06-24,red street,hull town,north shire,111"
    assert pairs(base, "Tom,Weber,1988-11-02,blue road,leeds town,south shire,222") == set()
    assert pairs(base, "Anna,Weber,1988-11-02,blue road,leeds town,south shire,222") == {(0, 1)}
    assert pairs(base, "Tom,Koch,1988-11-02,blue road,leeds town,south shire,111") == {(0, 1)}


def test_a_whole_name_and_a_postcode_are_keys_too():
    found = read_table(("who", "zip"), [("Anna Weber", "A2119"), ("Weber Antje", "A2119")], ("name", ""))
    assert candidate_pairs(found) == {(0, 1)}
    assert [reason.rsplit(" ", 1)[0] for reason in Weights(found).explain(0, 1)] == ["another who", "same zip"]


def test_an_empty_table_is_nobody():
    assert people() == Clusters(())


def test_people_are_numbered_in_order_of_appearance():
    assert numbered(["b", "a", "b"]) == (0, 1, 0)
