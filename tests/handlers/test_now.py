"""An open lead page hears of what others do: cheaply while nothing happens, and in a line once it does."""

import re
from datetime import timedelta
from html import unescape
from pathlib import Path

import httpx
import pytest

from chalicelib.flows.sessions import IDLE
from chalicelib.records.sign_in import Session
from tests.handlers.desk import Desk, annas_desk

JSON = {"Accept": "application/json"}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return annas_desk(tmp_path, "ada")


class Open:
    """A page that is open: what it asks, and by which tag."""

    def __init__(self, desk: Desk, who: str = "ada") -> None:
        self.desk, self.who, self.path = desk, who, desk.lead_path()
        desk.world.sign_in(who)
        text = desk.get(self.path).text
        found = re.search(r'data-live="([^"]+)" data-tag="([^"]+)"', text)
        assert found
        self.address, self.tag = (unescape(part) for part in found.groups())

    def ask(self, tag: str = "") -> httpx.Response:
        self.desk.world.sign_in(self.who)
        headers = {**JSON, "If-None-Match": tag or self.tag}
        return self.desk.world.client.get(self.address, headers=headers)

    def told(self) -> str:
        answer = self.ask()
        assert answer.status_code == 200, answer.text
        assert self.ask(answer.headers["etag"]).status_code == 304
        return str(answer.json()["text"])


def did(desk: Desk, who: str, what: str, **fields: str) -> None:
    desk.world.now += timedelta(seconds=1)
    desk.world.sign_in(who)
    path = desk.lead_path()
    assert desk.post(f"{path}/{what}", path, **fields).status_code == 303


def test_while_nothing_happens_the_answer_is_empty(desk: Desk) -> None:
    page = Open(desk)
    answer = page.ask()
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == page.tag


def test_a_colleagues_change_is_told_with_who_and_what(desk: Desk) -> None:
    page = Open(desk)
    did(desk, "eva", "status", status="rejected", reason="no budget")
    assert page.told() == "Eva Example changed this meanwhile: Lead, Enquiry."


def test_a_note_is_told_and_a_call_both_ways(desk: Desk) -> None:
    page = Open(desk)
    did(desk, "eva", "note", kind="note", text="Only a note")
    assert page.told() == "Eva Example wrote something down."
    page = Open(desk)
    did(desk, "eva", "note", kind="call", text="Talked")
    assert page.told() == "Eva Example changed this meanwhile: Lead, Enquiry. Eva Example wrote something down."


def test_what_one_did_in_another_window_is_told_as_that(desk: Desk) -> None:
    page = Open(desk)
    did(desk, "ada", "status", status="accepted")
    assert page.told() == "You changed this elsewhere: Lead."


def test_a_task_and_a_promise_of_somebody_else_are_told(desk: Desk) -> None:
    page = Open(desk)
    did(desk, "eva", "tasks", title="Send the sheet", owner_id="eva", due_on="2026-03-09")
    assert page.told() == "Eva Example changed this meanwhile: Task."


def test_that_the_person_wrote_again_is_told(desk: Desk) -> None:
    page = Open(desk)
    desk.world.now += timedelta(minutes=20)
    desk.ask(message="And one more question, please")
    assert page.told() == "This person wrote or came by again."


def test_what_the_clock_did_is_a_rules_doing(desk: Desk) -> None:
    page = Open(desk)
    desk.world.later(days=5)
    assert "A rule of ours changed this meanwhile: Lead, Enquiry." in page.told()


def test_a_lead_given_to_somebody_else_is_no_longer_there(desk: Desk) -> None:
    page = Open(desk, "anna")
    did(desk, "eva", "owner", owner_id="ben")
    assert page.ask().status_code == 404


def test_what_was_asked_for_wrongly_is_no_error(desk: Desk) -> None:
    page = Open(desk)
    for tail in ("", "?since=yesterday", "?since=2026-03-02T08:00:00&after=%23%23"):
        answer = desk.world.client.get(f"{page.path}/now.json{tail}", headers=JSON)
        assert answer.status_code == 200
        assert answer.json()["text"]


def test_an_open_page_keeps_no_session_alive(desk: Desk) -> None:
    page = Open(desk)
    client, world = desk.world.client, desk.world
    began = world.now
    while world.now < began + IDLE + timedelta(minutes=1):
        world.now += timedelta(minutes=30)
        answer = client.get(page.address, headers={**JSON, "If-None-Match": page.tag})
    assert answer.status_code == 303
    assert "sign-in" in answer.headers["location"]
    assert all(stored.value.last_seen_at == began for stored in world.deps.store.query(Session, "ada"))
