"""A whole export in the console: what each file is, whose the records are, and what became of every row."""

import re
from pathlib import Path

import pytest

from chalicelib.records.search import LeadQuery
from tests.exports import HUBSPOT, zipped
from tests.handlers import test_uploads_pages as lists
from tests.handlers.desk import Desk, open_desk, words


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_desk(tmp_path)


def choose(desk: Desk) -> str:
    """The page of the draft."""
    return str(lists.choose(desk, zipped(HUBSPOT), "export.zip").headers["location"])


def load(desk: Desk) -> str:
    return lists.load(desk, zipped(HUBSPOT), "export.zip")


def test_a_draft_says_what_each_file_is_taken_for_and_writes_nobody(desk: Desk) -> None:
    shown = desk.page(choose(desk))
    assert "A whole export of HubSpot" in shown
    assert "contacts.csv People 5" in shown
    assert "pipelines.csv Not known, is left out 1" in shown
    assert "No thank-you mail would be sent." in shown
    assert "contacts.csv 5 Duplicate Jola Muster as in row 1" in shown
    assert desk.world.deps.model.leads(LeadQuery()).total == 0


def test_owners_are_found_by_their_address_and_the_others_chosen(desk: Desk) -> None:
    draft = choose(desk)
    page = desk.get(draft).text
    chosen = re.findall(r'<select name="(owner-\d)".*?<option value="([^"]*)"(?: selected)?', page, re.DOTALL)
    assert [name for name, _ in chosen] == ["owner-0", "owner-1"]
    assert re.findall(r'<option value="(\w+)" selected', page) == ["anna"]
    lists.answer_draft(desk, draft, "preview", **{"owner-1": "ben"})
    assert re.findall(r'<option value="(\w+)" selected', desk.get(draft).text) == ["anna", "ben"]
    # Somebody who does not work here, and an owner there is none of, change nothing.
    lists.answer_draft(desk, draft, "preview", **{"owner-0": "nobody-of-ours", "owner-9": "ben"})
    assert re.findall(r'<option value="(\w+)" selected', desk.get(draft).text) == ["anna", "ben"]
    answer = lists.answer_draft(desk, draft, "load", **{"owner-0": ""})
    desk.world.work()
    page = desk.page(f"{answer.headers['location']}?part=1")
    assert "users.csv 1 Refused nobody of ours is chosen for this owner" in page
    assert "users.csv 2 Attached this is: Ben Example" in page


def test_every_row_is_counted_by_file_and_each_count_opens_to_its_rows(desk: Desk) -> None:
    path = load(desk)
    shown = words(desk.get(path).text)
    assert "6 created + 3 merged + 0 suppressed + 12 attached + 5 refused = 26 rows" in shown
    assert "contacts.csv People 5 3 1 0 1 0" in shown
    assert "All files 26 6 3 0 5 12" in shown
    links = re.findall(r'href="\?part=(\d)&amp;outcome=(\w+)#rows">([\d]+)<', desk.get(path).text)
    assert len(links) == 16
    for part, outcome, count in links:
        rows = desk.get(f"{path}?part={part}&outcome={outcome}").text
        table = rows[rows.index('id="rows"') :]
        assert table.count("<tr><td") == int(count)
    assert "No row ended like this." in desk.page(f"{path}?part=9&outcome=created")
    assert desk.page(f"{path}?part=99") == desk.page(f"{path}?part=9")
    assert "Thank-you mails" not in shown


def test_what_was_refused_can_be_read_where_it_came_from(desk: Desk) -> None:
    body = desk.get(f"{load(desk)}/errors.csv").text
    assert body.splitlines()[0].endswith("file,row of the file,as exported,row,reason")
    assert 'contacts.csv,3,Record ID=103,10,"no name, e-mail or phone"' in body
