"""The lead's page says why what came in later was taken for the same person."""

from pathlib import Path

import pytest

from chalicelib.flows.row_desk import MOST_NOTES
from chalicelib.flows.upload_list import run_upload, start_upload
from chalicelib.records.lead import Note
from tests.handlers.desk import Desk, open_desk, words
from tests.stories.people import FAIR


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_desk(tmp_path)


def upload(desk: Desk, text: str) -> str:
    deps = desk.world.deps
    started = start_upload(deps, text.encode(), "cards.csv", FAIR.campaign_id, "", {}, "ada")
    run_upload(deps, started.import_id)
    desk.world.work()
    return started.import_id


def test_a_second_enquiry_says_why_it_is_the_same_person_and_the_first_says_nothing(desk: Desk) -> None:
    desk.ask()
    path = desk.lead_path()
    assert "Why this is the same person" not in desk.page(path)
    desk.ask(name="J. Beispiel", message="Once more, please.")
    page = desk.page(path)
    assert page.count("Why this is the same person same e-mail +22 same phone +14 same name with initials +2") == 1


def test_a_row_that_adds_something_says_why_and_the_same_list_again_says_nothing_more(desk: Desk) -> None:
    rows = (
        "name,email,phone,company,country\n"
        "Anna Weber,anna@nord.example.com,030 23125010,Nord,DE\n"
        "Weber Anna,,030 23125010,Nord,DE\n"
        "Anna Weber,anan@nord.example.com,030 23125010,Nord,DE\n"
    )
    import_id = upload(desk, rows)
    path = desk.lead_path("weber")
    html = desk.get(path).text
    told = words(html)
    assert "Row of a list taken for this person Upload , row 3 Why this is the same person e-mail differs by" in told
    assert "e-mail differs by one letter +9 same phone +14 same name +6 same company +2" in told
    assert f'href="/app/uploads/{import_id}"' in html
    store, lead_id = desk.world.deps.store, path.rpartition("/")[2]
    notes = [stored.value.note_id for stored in store.query(Note, lead_id)]
    assert notes == [f"joined-{import_id}-3"]
    upload(desk, rows)
    assert [stored.value.note_id for stored in store.query(Note, lead_id)] == notes


def test_a_person_who_is_in_a_list_again_and_again_keeps_so_many_notes_as_one_transaction_holds(desk: Desk) -> None:
    lines = "".join(f"Anna Weber,anna@nord.example.com,Product {n}\n" for n in range(120))
    upload(desk, "name,email,product interest\n" + lines)
    lead_id = desk.lead_path("weber").rpartition("/")[2]
    assert 10 < len(desk.world.deps.store.query(Note, lead_id)) <= MOST_NOTES


def test_the_reasons_are_told_in_the_readers_language(desk: Desk) -> None:
    desk.ask()
    desk.ask(message="Once more, please.")
    assert "电子邮件相同" in words(desk.get(desk.lead_path(), **{"Accept-Language": "zh-CN"}).text)
