"""M-3: a wrong column is noticed after loading. The list is taken back, and the state before comes back exactly: people
it made are gone, people it changed are as they were, mails that had not left are withdrawn."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.flows.draft_upload import keep_draft, load_draft
from chalicelib.flows.erase_person import erase_person
from chalicelib.flows.erase_sender import erase_sender
from chalicelib.flows.erase_taken_back import forget_taken_back_of_erased
from chalicelib.flows.import_people import kept_people
from chalicelib.flows.redo_upload import CAME_AGAIN, CHANGED, ERASED, GONE, ask_redo, mark_redo, redo_upload
from chalicelib.flows.undo_upload import (
    LATER,
    TOUCHED,
    NotUndoable,
    mark_undo,
    undo_upload,
)  # fmt: skip
from chalicelib.flows.upload_list import start_upload
from chalicelib.flows.upload_state import enqueue_upload, resume_upload, stop_upload
from chalicelib.flows.work_lead import write_note
from chalicelib.records.doubt import SamePerson
from chalicelib.records.lead import Lead
from chalicelib.records.message import Message
from chalicelib.records.ports import NotFound
from chalicelib.records.receipt import MatchKey
from chalicelib.records.touch import Touch
from chalicelib.records.undo import BeforeImport, TakenBack
from chalicelib.records.upload import UploadState
from tests.stories.conftest import World, cli
from tests.stories.lists import person, state, undo, upload_of
from tests.stories.people import EVERYBODY, FAIR

FIRST = """name,email,phone,company
Jana Beispiel,jana@customer.example.com,+49 30 123456,
Timo Muster,timo@customer.example.net,,Muster GmbH
"""
# Updates Jana, knows Timo as he is, makes three people of whom two share a phone, and knows one of them twice.
SECOND = """name,email,phone,company,shoe size
Jana Beispiel,jana@customer.example.com,,Beispiel AG,38
Timo Muster,timo@customer.example.net,,,
Ada Neu,ada@new.example.com,+49 30 999999,,
Bob Other,bob@new.example.org,+49 30 999999,,
Ada Neu,ada@new.example.com,+49 30 888888,,40
Cem Name,,,,
"""


@pytest.fixture
def house(world: World) -> World:
    world.put(*EVERYBODY, FAIR, replace(FAIR, campaign_id="second", name="Second Fair"))
    return world


def load(house: World, text: str, campaign: str = "second", basis: str = "consent at the stand") -> str:
    upload = start_upload(house.deps, text.encode(), "l.csv", campaign, basis, {}, "eva")
    enqueue_upload(house.deps, upload)
    house.work()
    found = upload_of(house, upload.import_id)
    assert found.state is UploadState.FINISHED, found
    return upload.import_id


def test_the_state_before_comes_back_exactly_and_the_undo_can_be_undone(house: World) -> None:
    load(house, FIRST, FAIR.campaign_id)
    house.later(hours=1)
    before = state(house.deps)
    import_id = load(house, SECOND, basis="")
    after = state(house.deps)
    assert before != after
    taken = undo(house, import_id)
    assert (taken.state, taken.taken_back, taken.kept_back) == (UploadState.UNDONE, 5, 0)
    assert state(house.deps) == before
    back = undo(house, import_id, ask_redo)
    assert (back.state, back.kept_back) == (UploadState.FINISHED, 0)
    assert state(house.deps) == after
    undo(house, import_id)
    assert state(house.deps) == before
    undo(house, import_id, ask_redo)
    assert state(house.deps) == after
    again = load(house, SECOND, basis="")
    assert (upload_of(house, again).created, state(house.deps)) == (0, after)


def test_mail_that_has_not_left_is_withdrawn_and_what_has_left_stays_as_a_record(house: World) -> None:
    import_id = load(house, FIRST)
    sent = len(house.mails())
    undo(house, import_id)
    house.later(days=1)
    assert len(house.mails()) == sent
    left = [ref for ref, _ in house.deps.store.part(0, 1) if ref.kind is Message]
    assert len(left) == sent


def test_whom_somebody_touched_since_is_kept_and_listed_with_the_reason(house: World) -> None:
    load(house, FIRST, FAIR.campaign_id)
    import_id = load(house, SECOND)
    ada, jana, bob = (person(house, f"{name}") for name in
                      ("ada@new.example.com", "jana@customer.example.com", "bob@new.example.org"))  # fmt: skip
    for lead in (ada, jana):
        write_note(house.deps, lead.lead_id, "note", "called", EVERYBODY[0])
    later = load(house, "name,email\nBob Other,bob@new.example.org\n", FAIR.campaign_id)
    taken = undo(house, import_id)
    assert dict(kept_people(house.deps, import_id)) == {ada.lead_id: TOUCHED, jana.lead_id: TOUCHED, bob.lead_id: LATER}
    assert (taken.taken_back, taken.kept_back) == (2, 3)
    assert person(house, "jana@customer.example.com").company == "Beispiel AG"
    assert person(house, "timo@customer.example.net").campaign_ids == (FAIR.campaign_id,)
    undo(house, later)
    assert upload_of(house, later).state is UploadState.UNDONE


def test_whom_a_list_that_began_before_and_was_loaded_after_names_too_is_kept(house: World) -> None:
    first = start_upload(house.deps, FIRST.encode(), "slow.csv", "second", "consent", {}, "eva")
    stop_upload(house.deps, first.import_id, "Eva")
    import_id = load(house, FIRST)
    jana, timo = (person(house, f"{name}@customer.example.{end}") for name, end in (("jana", "com"), ("timo", "net")))
    resume_upload(house.deps, first.import_id)
    house.work()
    assert (upload_of(house, first.import_id).merged, upload_of(house, first.import_id).created) == (2, 0)
    assert undo(house, import_id).taken_back == 0
    assert dict(kept_people(house.deps, import_id)) == {jana.lead_id: LATER, timo.lead_id: LATER}
    undo(house, first.import_id)
    assert {person(house, "jana@customer.example.com").lead_id, person(house, "timo@customer.example.net").lead_id} == {
        jana.lead_id,
        timo.lead_id,
    }


def test_who_went_with_another_list_is_listed_when_one_that_only_named_them_is_put_back(house: World) -> None:
    first = load(house, FIRST)
    jana = person(house, "jana@customer.example.com")
    second = load(house, "name,email\nJana Beispiel,jana@customer.example.com\n")
    undo(house, second)
    assert undo(house, first).taken_back == 2
    back = undo(house, second, ask_redo)
    assert (back.kept_back, dict(kept_people(house.deps, second))) == (1, {jana.lead_id: GONE})


def test_a_put_back_leaves_whom_it_cannot_and_says_why(house: World) -> None:
    load(house, FIRST, FAIR.campaign_id)
    import_id = load(house, SECOND)
    ids = {mail: person(house, mail).lead_id for mail in
           ("ada@new.example.com", "bob@new.example.org", "jana@customer.example.com")}  # fmt: skip
    undo(house, import_id)
    write_note(house.deps, ids["jana@customer.example.com"], "note", "called", EVERYBODY[0])
    load(house, "name,email\nAda Neu,ada@new.example.com\nBob Other,bob@new.example.org\n", FAIR.campaign_id)
    erase_person(house.deps, person(house, "bob@new.example.org").lead_id, timedelta(days=900))
    back = undo(house, import_id, ask_redo)
    assert dict(kept_people(house.deps, import_id)) == {
        ids["ada@new.example.com"]: CAME_AGAIN,
        ids["bob@new.example.org"]: ERASED,
        ids["jana@customer.example.com"]: CHANGED,
    }
    assert back.kept_back == 3
    assert person(house, "ada@new.example.com").lead_id != ids["ada@new.example.com"]
    assert house.deps.store.get(Lead, ids["bob@new.example.org"]) is None


def test_what_the_list_made_doubtful_is_taken_back_and_put_back(house: World) -> None:
    load(house, FIRST, FAIR.campaign_id)
    house.later(hours=1)
    before = state(house.deps)
    doubtful = "name,email,phone\nXaver Back,,+49 30 777777\nYvonne Back,,+49 30 777777\nJens Beispiel,,+49 30 123456\n"
    import_id = load(house, doubtful, basis="")
    after = state(house.deps)
    assert house.deps.store.query(SamePerson)
    undo(house, import_id)
    assert state(house.deps) == before
    undo(house, import_id, ask_redo)
    assert state(house.deps) == after


def kept_of(house: World, lead_id: str) -> bool:
    return any(
        due.ref.ids[0] == lead_id for due in house.deps.store.due(house.now + timedelta(days=30), 500, TakenBack)
    )


class Counts:
    """A store that says how it is read."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.reads: list[str] = []

    def __getattr__(self, name: str) -> Any:
        self.reads.append(name)
        return getattr(self._store, name)


def test_an_erasure_looks_at_no_more_than_the_imports_taken_back_of_late(house: World) -> None:
    import_id = load(house, SECOND)

    def reads() -> list[str]:
        store = Counts(house.deps.store)
        forget_taken_back_of_erased(replace(house.deps, store=store))
        return store.reads

    assert reads() == ["query"]
    undo(house, import_id)
    assert "due" not in reads()
    assert "get_many" in reads()
    house.later(days=9)
    assert reads() == ["query"]


@pytest.mark.parametrize("taken_up_late", [False, True])
def test_an_erasure_reaches_whom_a_put_back_left_out(house: World, taken_up_late: bool) -> None:
    import_id = load(house, SECOND)
    former = person(house, "bob@new.example.org").lead_id
    undo(house, import_id)
    load(house, "name,email\nBob Other,bob@new.example.org\n", FAIR.campaign_id)
    if taken_up_late:
        mark_redo(house.deps, import_id, "Eva")
        house.later(minutes=3)
    else:
        undo(house, import_id, ask_redo)
    assert dict(kept_people(house.deps, import_id)) == {former: CAME_AGAIN}
    assert kept_of(house, former)
    erase_person(house.deps, person(house, "bob@new.example.org").lead_id, timedelta(days=900))
    house.later(minutes=2)
    assert not kept_of(house, former)


@pytest.mark.parametrize("asked", ["bob@new.example.org", "+49 30 999999", "BOB+news@new.example.org"])
def test_an_erasure_reaches_what_is_kept_of_who_is_nobodys_lead_any_more(house: World, asked: str) -> None:
    load(house, FIRST, FAIR.campaign_id)
    import_id = load(house, SECOND)
    bob, timo = person(house, "bob@new.example.org").lead_id, person(house, "timo@customer.example.net").lead_id
    undo(house, import_id)
    assert kept_of(house, bob)
    erased = erase_sender(house.deps, asked, timedelta(days=900))
    assert erased.records >= 1
    assert not kept_of(house, bob)
    with pytest.raises(NotFound):
        erase_sender(house.deps, asked, timedelta(days=900))
    undo(house, import_id, ask_redo)
    assert house.deps.store.get(Lead, bob) is None
    assert house.deps.store.get(Lead, timo)


def test_who_came_in_again_is_erased_with_what_is_kept_under_the_former_id(house: World) -> None:
    import_id = load(house, SECOND)
    former = person(house, "bob@new.example.org").lead_id
    undo(house, import_id)
    load(house, "name,email\nBob Other,bob@new.example.org\n", FAIR.campaign_id)
    again = person(house, "bob@new.example.org").lead_id
    assert again != former
    erase_person(house.deps, again, timedelta(days=900))
    house.later(minutes=2)
    assert not kept_of(house, former)
    undo(house, import_id, ask_redo)
    assert house.deps.store.get(Lead, former) is None


def test_what_was_taken_back_is_forgotten_after_a_while(house: World) -> None:
    import_id = load(house, FIRST)
    undo(house, import_id)
    assert [ref for ref, _ in house.deps.store.part(0, 1) if ref.kind is TakenBack]
    for _ in range(2):
        house.later(days=8 - 1, hours=1)
        house.now = house.now.replace(minute=7)
        house.work()
    assert not [ref for ref, _ in house.deps.store.part(0, 1) if ref.kind in (TakenBack, Lead, MatchKey, Touch)]
    undo(house, import_id, ask_redo)
    assert not [ref for ref, _ in house.deps.store.part(0, 1) if ref.kind is Lead]


def test_an_undo_that_is_cut_off_goes_on_and_two_at_once_do_no_more_than_one(house: World) -> None:
    load(house, FIRST, FAIR.campaign_id)
    before = state(house.deps)
    import_id = load(house, SECOND)

    class Died(BaseException):
        pass

    class Dies:
        def __init__(self, store: Any) -> None:
            self._store = store

        def __getattr__(self, name: str) -> Any:
            return getattr(self._store, name)

        def commit_each(self, groups: Any) -> Any:
            self._store.commit_each(groups[:2])
            raise Died

    mark_undo(house.deps, import_id, "Eva")
    mark_undo(house.deps, import_id, "Eva")
    with pytest.raises(Died):
        undo_upload(replace(house.deps, store=Dies(house.deps.store)), import_id)
    finished = undo_upload(house.deps, import_id)
    assert (finished.taken_back, finished.kept_back) == (5, 0)
    assert undo_upload(house.deps, import_id) == finished
    assert state(house.deps) == before
    with pytest.raises(NotUndoable):
        mark_undo(house.deps, import_id, "Eva")
    mark_redo(house.deps, import_id, "Eva")
    with pytest.raises(NotUndoable):
        mark_undo(house.deps, import_id, "Eva")
    redone = redo_upload(house.deps, import_id)
    assert redo_upload(house.deps, import_id) == redone


def test_what_the_queue_was_not_told_of_is_taken_up_by_the_clock(house: World) -> None:
    load(house, FIRST, FAIR.campaign_id)
    house.later(hours=1)
    before = state(house.deps)
    import_id = load(house, SECOND, basis="")
    after = state(house.deps)
    mark_undo(house.deps, import_id, "Eva")
    house.work()
    assert upload_of(house, import_id).state is UploadState.UNDOING
    house.later(minutes=2)
    assert (upload_of(house, import_id).state, state(house.deps)) == (UploadState.UNDONE, before)
    mark_redo(house.deps, import_id, "Eva")
    house.later(minutes=2)
    assert (upload_of(house, import_id).state, state(house.deps)) == (UploadState.FINISHED, after)


def test_a_list_that_was_stopped_is_taken_back_and_put_back_as_it_stood(house: World) -> None:
    before = state(house.deps)
    upload = start_upload(house.deps, FIRST.encode(), "l.csv", "second", "", {}, "eva")
    stop_upload(house.deps, upload.import_id, "Eva")
    assert undo(house, upload.import_id).state is UploadState.UNDONE
    assert state(house.deps) == before
    assert undo(house, upload.import_id, ask_redo).state is UploadState.FAILED


def test_a_person_taken_back_is_not_found_by_what_the_list_said(house: World) -> None:
    undo(house, load(house, FIRST))
    answer = house.client.post("/f/contact", json={"name": "Jana Beispiel", "email": "jana@customer.example.com"})
    assert answer.status_code in (200, 201, 202, 404)
    again = load(house, FIRST)
    assert upload_of(house, again).created >= 1


def test_the_page_takes_a_list_back_and_puts_it_back(house: World) -> None:
    house.sign_in("eva")
    draft = keep_draft(house.deps, FIRST.encode(), "cards.csv", "second", "", "eva")
    path = f"/app/uploads/{load_draft(house.deps, draft)}"
    house.work()
    token = house.csrf(path)
    assert house.client.post(f"{path}/undo", data={"csrf": token}).status_code == 303
    assert "being taken back" in house.client.get(path).text
    house.work()
    shown = house.client.get(path).text
    assert "2 people are as before the list, gone where" in shown
    assert "It can be put back until" in shown
    assert "Whose they are" not in shown
    assert "/app/leads/" not in shown, "nobody is there to look at"
    assert house.client.post(f"{path}/undo", data={"csrf": token}).status_code == 409
    house.client.post(f"{path}/undo", data={"csrf": token, "back": "1"})
    house.work()
    assert "Take this import back" in house.client.get(path).text


def test_on_the_command_line_an_import_is_taken_back_and_put_back(tmp_path: Path) -> None:
    source = tmp_path / "cards.csv"
    source.write_text(FIRST, "utf-8")
    told = json.loads(cli(tmp_path / "data", "import", str(source), "--campaign", "Fair", "--json").stdout)
    undone = json.loads(cli(tmp_path / "data", "undo", told["import_id"], "--json").stdout)
    assert undone == {"import_id": told["import_id"], "state": "undone", "taken_back": 2, "kept": []}
    again = cli(tmp_path / "data", "undo", told["import_id"])
    assert (again.returncode, again.stderr.strip()) == (2, "leadline: the import cannot be taken back")
    assert cli(tmp_path / "data", "undo", "nothing").returncode == 2
    assert (
        json.loads(cli(tmp_path / "data", "undo", told["import_id"], "--back", "--json").stdout)["state"] == "finished"
    )
    assert cli(tmp_path / "data", "undo", told["import_id"], "--back").returncode == 2


def test_lists_taken_back_one_after_the_other_the_last_first_leave_the_state_before_each(house: World) -> None:
    empty = state(house.deps)
    first = load(house, FIRST, FAIR.campaign_id)
    between = state(house.deps)
    second = load(house, SECOND)
    third = load(house, "name,email,company\nTimo Muster,timo@customer.example.net,Muster KG\n", "third")
    undo(house, third)
    undo(house, third, ask_redo)
    undo(house, third)
    undo(house, second)
    assert state(house.deps) == between
    taken = undo(house, first)
    print(
        [
            (i, house.deps.store.refs_of(i), house.deps.store.get(Lead, i), house.deps.store.query(BeforeImport, i))
            for i, _ in kept_people(house.deps, first)
        ]
    )
    assert kept_people(house.deps, first) == []
    assert (taken.taken_back, taken.kept_back) == (2, 0)
    assert state(house.deps) == empty
