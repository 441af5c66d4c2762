"""The harder list: not one trap is fallen into, and who is one person under two guises becomes one."""

import pytest

from chalicelib.identify.group import group_contacts
from chalicelib.identify.normalise import fits_many, identity
from tests.identify.lists import contact_of, mistakes, run
from tests.identify.traps import APART, ONE, make_traps


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_whole_list_of_traps_ends_as_its_people_in_whatever_order(seed: int):
    made = make_traps(seed=seed)
    found = group_contacts(len(made.rows), dict(enumerate(map(contact_of, made.rows))))
    wrong = mistakes([str(number) for number in found.of_row], made.people)
    assert [(made.kinds[row], what) for row, what in wrong] == []
    assert len(set(found.of_row)) == len(set(made.people))


@pytest.mark.parametrize("seed", [1, 2])
def test_row_by_row_no_two_people_become_one(seed: int):
    made = make_traps(seed=seed)
    late = sorted(range(len(made.rows)), key=lambda at: fits_many(identity(contact_of(made.rows[at]))))
    owners, _ = run([contact_of(made.rows[at]) for at in late])
    wrong = mistakes(owners, [made.people[at] for at in late])
    assert [(made.kinds[late[row]], what) for row, what in wrong] == []


def test_the_list_has_every_trap_and_every_guise():
    made = make_traps(2)
    assert set(made.kinds) == {trap.__name__ for trap in APART + ONE}
    assert len(set(made.people)) < len(made.rows)


def test_who_is_doubtful_is_named_with_the_reasons():
    made = make_traps(1)
    found = group_contacts(len(made.rows), dict(enumerate(map(contact_of, made.rows))))
    doubted = {made.kinds[pair.rows[1]] for pair in found.doubtful}
    assert doubted == {
        "namesakes_behind_one_switchboard", "numbered_addresses", "family_phone", "pair_of_names",
        "han_and_another_pinyin", "name_alone_beside_twins", "initial_of_two",
    }  # fmt: skip
    assert all(pair.reasons for pair in found.doubtful)
