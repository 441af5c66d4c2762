"""A whole list of contacts at once: the rulings of the stage, whatever the order of the rows."""

from itertools import permutations

from chalicelib.identify.group import group_contacts
from tests.identify.people import OTHER_PHONE, PHONE, contact


def test_rows_that_cannot_be_used_are_people_of_their_own():
    found = group_contacts(
        3, {0: contact("Anna Weber", "anna@example.com"), 2: contact("A. Weber", "Anna@Example.com")}
    )
    assert found.of_row == (0, 1, 0)
    assert found.joined[0].rows == (0, 2)
    assert found.joined[0].reasons == ("same e-mail +22", "same name with initials +2")


def test_a_row_with_a_name_alone_sees_everybody_it_could_be_whatever_the_order():
    rows = (
        contact("John Miller", "john@example.com", PHONE, company="Delta"),
        contact("John Miller", "jm@example.com", OTHER_PHONE, company="Delta"),
        contact("John Miller", company="Delta"),
    )
    for order in permutations(rows):
        assert len(set(group_contacts(3, dict(enumerate(order))).of_row)) == 3
    for order in permutations(rows[1:]):
        assert len(set(group_contacts(2, dict(enumerate(order))).of_row)) == 1


def test_phones_without_a_country_are_compared_as_written():
    rows = (contact("Anna Weber", "", "030 23125-010"), contact("Weber, Anna", "", "(030) 23125010"),
            contact("Anna Weber", "", "030 23125011"), contact("Anna Weber", "", "010"))  # fmt: skip
    assert group_contacts(4, dict(enumerate(rows))).of_row == (0, 0, 1, 2)


def test_an_id_of_its_own_in_every_row_speaks_against_nobody_and_one_that_comes_twice_does():
    def rows(*ids: str) -> tuple[int, ...]:
        people = [contact("Anna Weber", company="Nord", extra={"external_id": each}) for each in ids]
        return group_contacts(len(ids), dict(enumerate(people))).of_row

    assert rows("1", "2", "3") == (0, 0, 0)
    assert rows("1", "2", "1") == (0, 1, 0)
