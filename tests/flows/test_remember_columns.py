"""What was chosen for a list's columns holds for the next list with the same columns."""

from pathlib import Path

import pytest

from chalicelib.flows.draft_upload import choose_columns, keep_draft, load_draft, preview_draft
from chalicelib.flows.read_list import read_list
from chalicelib.flows.upload_chunks import begin_upload
from chalicelib.flows.upload_list import run_upload, start_upload
from chalicelib.records.lead import Lead
from chalicelib.records.ports import Deps
from chalicelib.records.upload import NO_COUNTRY, ColumnMemory, RowResults, Upload
from tests.handlers.desk import Desk, open_desk

LIST = b"Who,Mail,Ruf\nJana Beispiel,jana@customer.example.com,030 123456\n"
LATER = b"MAIL,ruf,Who\ntimo@customer.example.net,030 654321,Timo Muster\n"


@pytest.fixture
def deps(tmp_path: Path) -> Deps:
    desk: Desk = open_desk(tmp_path)
    return desk.world.deps


def people(deps: Deps, upload: Upload) -> list[Lead]:
    rows = [row for part in deps.store.query(RowResults, upload.import_id) for row in part.value.results]
    found = [deps.store.get(Lead, row[2]) for row in rows]
    return [stored.value for stored in found if stored]


def loaded(deps: Deps, data: bytes, mapping: dict[str, str], country: str = "") -> Upload:
    upload = start_upload(deps, data, "l.csv", "fair", "", mapping, "eva", country)
    return run_upload(deps, upload.import_id)


def test_what_was_chosen_once_is_guessed_for_such_a_list_again_and_says_so(deps: Deps) -> None:
    draft = keep_draft(deps, LIST, "a.csv", "fair", "", "eva")
    assert [column.guess.field for column in preview_draft(deps, draft).columns] == ["", "email", "phone"]
    draft = choose_columns(deps, draft, {0: "name"}, "Germany")
    run_upload(deps, load_draft(deps, draft))
    again = preview_draft(deps, keep_draft(deps, LATER, "b.csv", "fair", "", "anna"))
    assert [column.guess.field for column in again.columns] == ["email", "phone", "name"]
    assert again.columns[2].guess.reason == f"chosen for such a list before: {deps.clock():%Y-%m-%d}"
    assert again.columns[2].guess.confidence == 100
    assert again.phone_country == "DE"
    (timo,) = people(deps, loaded(deps, LATER, {}))
    assert (timo.full_name, timo.phones) == ("Timo Muster", ("+4930654321",))


def test_the_last_word_counts_and_what_it_does_not_name_stays(deps: Deps) -> None:
    loaded(deps, LIST, {"Who": "name", "Ruf": "phone"}, "DE")
    loaded(deps, LATER, {"Who": "company"})  # in another order and spelling
    (memory,) = [stored.value for stored in deps.store.query(ColumnMemory)]
    assert (memory.mapping, memory.phone_country) == ({"Who": "company", "ruf": "phone"}, "DE")
    before = deps.store.get(ColumnMemory, memory.layout)
    loaded(deps, LATER, {"Who": "company"})
    assert deps.store.get(ColumnMemory, memory.layout) == before, "nothing new was said"


def test_a_list_in_chunks_remembers_and_a_list_that_is_begun_stays_as_it_was_begun(deps: Deps) -> None:
    first = start_upload(deps, LIST, "l.csv", "fair", "", {"Who": "name"}, "eva")
    begin_upload(deps, first.import_id, again=False)
    assert [stored.value.mapping for stored in deps.store.query(ColumnMemory)] == [{"Who": "name"}]
    loaded(deps, LIST, {"Who": "company"})
    stored = deps.store.get(Upload, first.import_id)
    assert stored
    assert stored.value.columns[0].field == "name"
    assert run_upload(deps, first.import_id).columns[0].field == "name"


def test_what_cannot_be_any_more_is_forgotten(deps: Deps) -> None:
    memory = ColumnMemory("x", {"Who": "shoe size"}, "", deps.clock(), "eva")
    read = read_list(LIST, "l.csv", {}, lambda _header: memory)
    assert isinstance(read, tuple)
    assert read[1][0].field == ""


@pytest.mark.parametrize(
    ("typed", "kept", "phones"),
    [("", NO_COUNTRY, ()), ("France", "FR", ("+33123456789",)), ("Atlantis", "", ()), ("CN", "", ())],
)
def test_a_person_says_whose_the_numbers_without_a_code_are(
    deps: Deps, typed: str, kept: str, phones: tuple[str, ...]
) -> None:
    chinese = "姓名,手机\nAnn Lee,01 23 45 67 89\n".encode()
    draft = keep_draft(deps, chinese, "a.csv", "fair", "", "eva")
    assert preview_draft(deps, draft).phone_country == "CN"
    draft = choose_columns(deps, draft, {}, typed)
    assert draft.phone_country == kept
    assert preview_draft(deps, draft).phone_country == {"": "CN", NO_COUNTRY: ""}.get(kept, kept)
    (ann,) = people(deps, run_upload(deps, load_draft(deps, draft)))
    assert phones in (ann.phones, ())
    assert (kept == NO_COUNTRY) == (not ann.phones)


def test_a_row_s_own_country_and_its_other_numbers_come_first(deps: Deps) -> None:
    rows = b"name,phone,mobile,country\nAnn,030 123456,+49 171 3920011,\nBob,01 23 45 67 89,,France\nCem,555,,\n"
    ann, bob, cem = people(deps, loaded(deps, rows, {}, "US"))
    assert ann.phones == ("+4930123456", "+491713920011")
    assert bob.phones == ("+33123456789",)
    assert cem.phones == ()
