"""Who may be one is noted once, shown side by side, kept apart for good, looked at later, forgotten with the person."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib.flows.erase_person import erase_person
from chalicelib.flows.review_doubts import LATER, Decided, doubts_of, fresh, keep_apart, list_doubts, look_later
from chalicelib.flows.submission import Submission
from chalicelib.flows.submit import submit
from chalicelib.flows.upload_list import run_upload, start_upload
from chalicelib.identify.compare import Doubt
from chalicelib.records.contact import Contact
from chalicelib.records.doubt import KeptApart, SamePerson
from chalicelib.records.lead import Lead
from chalicelib.records.ports import Delete, Deps, NotFound, Put, Ref
from chalicelib.records.touch import TouchKind
from tests.handlers.desk import NOW
from tests.stories.conftest import World, build_world
from tests.stories.people import CONTACT, EVERYBODY, FAIR

PHONE = "+49 30 23125010"


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = build_world(tmp_path, NOW)
    world.put(*EVERYBODY)
    return world


def send(deps: Deps, name: str, phone: str = PHONE) -> str:
    contact = Contact(full_name=name, phones=(phone,), country="DE")
    return submit(deps, Submission(contact, TouchKind.FORM, token=deps.new_id(), form=CONTACT)).lead_id


def pairs(deps: Deps) -> list[tuple[str, str]]:
    return [(row.people[0].full_name, row.people[1].full_name) for row in list_doubts(deps)[0]]


def test_two_of_a_family_behind_one_phone_are_noted_once_and_shown_with_the_reasons(world: World) -> None:
    deps = world.deps
    send(deps, "Anna Weber")
    send(deps, "Lukas Weber")
    send(deps, "Lukas Weber")
    (row,), further = list_doubts(deps)
    assert [lead.full_name for lead in row.people] == ["Anna Weber", "Lukas Weber"]
    assert row.doubt.reasons == ("same phone +14", "another given name −18")
    assert (row.doubt.weight, further) == (-4.0, "")
    assert len(deps.store.query(SamePerson)) == 1


def test_strangers_behind_one_phone_are_no_matter(world: World) -> None:
    send(world.deps, "Anna Weber")
    send(world.deps, "Tomas Brandt")
    assert pairs(world.deps) == []


def test_who_is_kept_apart_is_never_proposed_again(world: World) -> None:
    deps = world.deps
    send(deps, "Anna Weber")
    send(deps, "Lukas Weber")
    (stored,) = deps.store.query(SamePerson)
    keep_apart(deps, stored.value.pair_id, "ada")
    kept = deps.store.get(KeptApart, stored.value.pair_id)
    assert kept
    assert (kept.value.decided_by, kept.value.reasons) == ("ada", stored.value.reasons)
    send(deps, "Lukas Weber")
    assert pairs(deps) == []
    with pytest.raises(Decided):
        keep_apart(deps, stored.value.pair_id, "eva")
    with pytest.raises(Decided):
        look_later(deps, stored.value.pair_id)
    with pytest.raises(NotFound):
        keep_apart(deps, "A-B", "ada")


def test_two_who_decide_at_once_decide_once(world: World) -> None:
    deps = world.deps
    send(deps, "Anna Weber")
    send(deps, "Lukas Weber")
    (stored,) = deps.store.query(SamePerson)
    pair_id = stored.value.pair_id
    inner = deps.store.commit

    class Rival:
        def __getattr__(self, name: str) -> object:
            return getattr(deps.store, name)

        def commit(self, writes: object) -> None:
            inner([Delete(Ref(SamePerson, (pair_id,)))])
            inner(writes)  # type: ignore[arg-type]

    with pytest.raises(Decided):
        look_later(replace(deps, store=Rival()), pair_id)  # type: ignore[arg-type]


def test_later_is_in_thirty_days(world: World) -> None:
    deps = world.deps
    send(deps, "Anna Weber")
    send(deps, "Lukas Weber")
    look_later(deps, deps.store.query(SamePerson)[0].value.pair_id)
    assert pairs(deps) == []
    world.now += LATER - timedelta(seconds=1)
    assert pairs(deps) == []
    world.now += timedelta(seconds=1)
    assert pairs(deps) == [("Anna Weber", "Lukas Weber")]


def test_a_list_notes_its_doubts_and_the_same_list_again_none(world: World) -> None:
    deps = world.deps
    rows = f"name,phone,company\nAnna Weber,{PHONE},Nord\nLukas Weber,{PHONE},Nord\nHeike Weber,{PHONE},Nord\n"

    def load() -> None:
        upload = start_upload(deps, rows.encode(), "cards.csv", FAIR.campaign_id, "", {}, "eva")
        assert run_upload(deps, upload.import_id).refused == 0

    load()
    first = deps.store.query(SamePerson)
    assert len(first) == 3
    load()
    assert deps.store.query(SamePerson) == first


def test_pairs_of_somebody_erased_are_gone(world: World) -> None:
    deps = world.deps
    anna = send(deps, "Anna Weber")
    send(deps, "Lukas Weber")
    send(deps, "Eva Koch", "+49 30 23125011")
    send(deps, "Ida Koch", "+49 30 23125011")
    erase_person(deps, anna, timedelta(days=1))
    assert pairs(deps) == [("Eva Koch", "Ida Koch")]
    assert len(deps.store.query(SamePerson)) == 1


def test_many_pairs_come_in_pages_and_half_pairs_are_passed_by(world: World) -> None:
    deps = world.deps
    doubts = [SamePerson(f"A-B{n:03d}", "A", f"B{n:03d}", 1.0, ("same phone +14",), NOW, NOW) for n in range(230)]
    for at in range(0, 230, 90):
        deps.store.commit([Put(doubt, 0) for doubt in doubts[at : at + 90]])
    world.put(Lead("A"), *(Lead(f"B{n:03d}") for n in range(0, 120, 2)))
    world.put(*(Lead(f"B{n:03d}") for n in range(120, 230, 2)))
    seen, after = [], ""
    while True:
        rows, after = list_doubts(deps, after, 50)
        seen += [row.doubt.second_id for row in rows]
        if not after:
            break
    assert seen == [f"B{n:03d}" for n in range(0, 230, 2)]


def test_nobody_is_doubted_to_be_oneself_and_without_doubts_nothing_is_read() -> None:
    assert doubts_of("L1", [Doubt("L1", 12.0, ("same phone +14",))], NOW) == []
    assert fresh(None, []) == []  # type: ignore[arg-type]
