"""People behind one switchboard: each is found again, however many share the number."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.flows.place_lead import CANDIDATES, candidate_ids, key_writes, name_digest
from chalicelib.flows.submission import Submission
from chalicelib.flows.submit import submit
from chalicelib.flows.upload_list import run_upload, start_upload
from chalicelib.identify.normalise import identity
from chalicelib.records.contact import Contact
from chalicelib.records.lead import Lead
from chalicelib.records.ports import Deps, Stored
from chalicelib.records.receipt import OTHERS_LIMIT, MatchKey
from chalicelib.records.touch import TouchKind
from chalicelib.records.upload import RowResults, Upload
from tests.handlers.desk import NOW
from tests.stories.conftest import build_world
from tests.stories.people import CONTACT, EVERYBODY, FAIR

SWITCHBOARD = "+49 30 23125000"
FAMILIES = ("Lane", "Braun", "Kurz", "Vogt", "Stein", "Adler", "Busch", "Fuchs", "Hahn", "Jung", "Koch", "Lang",
            "Maier", "Nagel")  # fmt: skip


@pytest.fixture
def deps(tmp_path: Path) -> Deps:
    world = build_world(tmp_path, NOW)
    world.put(*EVERYBODY)
    return world.deps


def load(deps: Deps, names: list[str]) -> Upload:
    text = "name,phone,company,country\n" + "".join(f"{name},{SWITCHBOARD},Muster KG,DE\n" for name in names)
    upload = start_upload(deps, text.encode(), "cards.csv", FAIR.campaign_id, "", {}, "eva")
    return run_upload(deps, upload.import_id)


def send(deps: Deps, name: str) -> str:
    contact = Contact(full_name=name, phones=(SWITCHBOARD,), country="DE")
    return submit(deps, Submission(contact, TouchKind.FORM, token=deps.new_id(), form=CONTACT)).lead_id


@pytest.mark.parametrize("count", [2, 3, 14])
def test_a_list_of_people_with_one_switchboard_makes_nobody_new_the_second_time(deps: Deps, count: int) -> None:
    names = [f"Emil {family}" for family in FAMILIES[:count]]
    assert (load(deps, names).created, load(deps, names).created) == (count, 0)


@pytest.mark.parametrize("count", [3, 14])
def test_whoever_shares_the_number_is_one_lead_by_the_form_as_well(deps: Deps, count: int) -> None:
    names = [f"Emil {family}" for family in FAMILIES[:count]]
    first = [send(deps, name) for name in names]
    assert len(set(first)) == count
    assert [send(deps, name.upper()) for name in names] == first


def test_a_form_finds_the_person_of_a_list_behind_a_shared_number(deps: Deps) -> None:
    names = [f"Emil {family}" for family in FAMILIES]
    upload = load(deps, names)
    (chunk,) = deps.store.query(RowResults, upload.import_id)
    assert [send(deps, name) for name in names] == [lead_id for _, _, lead_id, _ in chunk.value.results]
    assert load(deps, names).created == 0


def test_whoever_a_key_names_alone_is_looked_at_even_where_two_of_the_name_share_the_number() -> None:
    address, phone = MatchKey("e", "mine"), MatchKey("p", "L1", ("L2", "L3"), ("a", "b", "a"))
    assert candidate_ids([Stored(address, 1), None, Stored(phone, 1)], "a") == ["mine", "L1"]
    assert candidate_ids([Stored(phone, 1)], "a") == ["L1", "L3"]
    assert candidate_ids([Stored(phone, 1)], "c") == ["L1", "L2"]


def test_keys_of_an_older_release_without_names_still_find_people(deps: Deps) -> None:
    who = identity(Contact(full_name="Emil Kurz", phones=(SWITCHBOARD,), country="DE"))
    old = MatchKey(deps.digest(f"p:{who.phones[0]}"), "L1", ("L2",))
    name = name_digest(who, deps.digest)
    assert candidate_ids([Stored(old, 1)], name) == ["L1", "L2"]
    (put,) = key_writes(who, "L3", {old.digest: Stored(old, 1)}, deps.digest)
    assert put.record == replace(old, others=("L2", "L3"), names=("", "", name))
    assert candidate_ids([Stored(put.record, 2)], name) == ["L3", "L1"]


def test_a_key_names_no_more_than_its_limit_and_a_form_reads_two_people_at_most(deps: Deps) -> None:
    who = identity(Contact(full_name="Emil Kurz", phones=(SWITCHBOARD,), country="DE"))
    others = tuple(f"L{n}" for n in range(OTHERS_LIMIT))
    full = MatchKey(deps.digest(f"p:{who.phones[0]}"), "L", others)
    assert key_writes(who, "more", {full.digest: Stored(full, 1)}, deps.digest) == []
    assert len(candidate_ids([Stored(full, 1)], "")) == CANDIDATES
    assert len(candidate_ids([Stored(full, 1)], "", limit=None)) == OTHERS_LIMIT + 1


def test_a_key_holds_no_name_in_clear(deps: Deps) -> None:
    who = identity(Contact(full_name="Emil Kurz", phones=(SWITCHBOARD,), country="DE"))
    (put,) = key_writes(who, "L1", {}, deps.digest)
    assert "emil" not in repr(put.record).casefold()
    assert put.record.names == (name_digest(who, deps.digest),)


def test_whom_name_and_company_name_comes_after_whom_a_better_key_names() -> None:
    address, phone = MatchKey("e", "L1"), MatchKey("p", "L2")
    names = MatchKey("n", "L3", ("L2",), ("a", "a"))
    found = [Stored(address, 1), Stored(phone, 1), Stored(names, 1)]
    assert candidate_ids(found, "a", by_name=1) == ["L1", "L2"]
    assert candidate_ids([None, Stored(phone, 1), Stored(names, 1)], "a", by_name=1) == ["L2", "L3"]
    assert candidate_ids([None, None, Stored(names, 1)], "a", by_name=1) == ["L3", "L2"]


class Interrupted:
    """A store in which somebody else comes in between the reading of a list's rows and their first write."""

    def __init__(self, store: Any, somebody: Callable[[], Any]) -> None:
        self._store, self._somebody = store, [somebody]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def commit_each(self, groups: Any) -> Any:
        while self._somebody:
            self._somebody.pop()()
        return self._store.commit_each(groups)


def test_who_came_in_between_stays_at_the_number_and_nobody_is_at_it_who_is_not_stored(deps: Deps) -> None:
    known = [send(deps, "Ada Erst")]
    store: Any = Interrupted(deps.store, lambda: known.append(send(deps, "Carl Kunz")))
    assert load(replace(deps, store=store), ["Emil Lane", "Emil Braun"]).created == 2
    key = deps.store.get(MatchKey, deps.digest("p:+493023125000"))
    assert key
    named = {key.value.lead_id, *key.value.others}
    assert len(named) == 4
    assert set(known) <= named
    assert all(deps.store.get(Lead, lead_id) for lead_id in named)
