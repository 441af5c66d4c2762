"""The stage over whole lists: every person once, nobody lost, no two people one."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.identify.lists import SHARED, Made, contact_of, make_list, mistakes, read_list, run

needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="the shared cases are not here")


def found(made: Made) -> tuple[list[str], int]:
    owners, leads = run([contact_of(row) for row in made.rows])
    return owners, len(leads)


def partition(owners: list[str], rows: list[int]) -> set[frozenset[int]]:
    groups: dict[str, set[int]] = {}
    for row, owner in zip(rows, owners, strict=True):
        groups.setdefault(owner, set()).add(row)
    return {frozenset(group) for group in groups.values()}


def test_a_made_list_of_six_kinds_of_duplicates_ends_as_one_lead_a_person():
    made = make_list(2400)
    assert {kind: made.kinds.count(kind) for kind in set(made.kinds)} == {
        "base": 2100,
        "exact": 50,
        "email_case": 50,
        "phone_format": 50,
        "name_variant": 50,
        "email_missing_phone_same": 50,
        "email_typo_phone_same": 50,
    }
    owners, leads = found(made)
    assert (leads, mistakes(owners, made.people)) == (2100, [])


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_the_order_of_the_rows_does_not_change_who_is_whom(seed: int):
    made = make_list(800)
    rows = Made([row | {"row": str(at)} for at, row in enumerate(made.rows)], made.people, made.kinds)
    before, _ = found(rows)
    other = rows.shuffled(seed)
    after, _ = found(other)
    order = [int(row["row"]) for row in other.rows]
    assert order != sorted(order)
    assert partition(after, order) == partition(before, list(range(len(before))))


def test_the_same_list_again_finds_everybody_and_changes_nobody():
    made = make_list(600)
    contacts = [contact_of(row) for row in made.rows]
    _, once = run(contacts)
    owners, twice = run(contacts + contacts)
    assert twice == once
    assert owners[: len(contacts)] == owners[len(contacts) :]


@needs_shared
def test_the_shared_list_of_4700_rows_is_4136_people():
    made = read_list(SHARED / "leads4700.csv")
    owners, leads = found(made)
    assert (len(owners), leads, mistakes(owners, made.people)) == (4700, 4136, [])


@needs_shared
def test_of_47000_rows_with_two_strangers_sharing_a_phone_41360_are_people(tmp_path: Path):
    file = tmp_path / "list.csv"
    subprocess.run([sys.executable, str(SHARED / "make_list.py"), "47000", str(file)], check=True, capture_output=True)
    made = read_list(file)
    owners, leads = found(made)
    assert (len(owners), leads, mistakes(owners, made.people)) == (47000, 41360, [])
    sharing = {owner for owner, row in zip(owners, made.rows, strict=True) if row["phone"] == "07911 287131"}
    assert len(sharing) == 2


def test_the_count_of_mistakes_sees_two_people_made_one_and_one_made_two():
    assert mistakes(["L1", "L1", "L2"], ["a", "b", "a"]) == [
        (1, "two people became one"),
        (2, "one person became two"),
    ]
