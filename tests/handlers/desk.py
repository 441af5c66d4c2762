"""A service with people, a form and a seminar, somebody signed in, and ways to look at its pages."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import httpx

from chalicelib.handlers.on_change import bring_index_up_to_date
from chalicelib.records.event import Seminar
from chalicelib.records.lead import Lead
from chalicelib.records.search import LeadQuery
from chalicelib.records.touch import Request
from chalicelib.wiring import service, use
from tests.stories.conftest import HTML, World, build_world
from tests.stories.people import ADA, EVERYBODY, SIGN_UP

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
WHEN = datetime(2026, 3, 20, 13, 0, tzinfo=UTC)
SEMINAR = Seminar("sensors", "Choosing a sensor", WHEN, WHEN + timedelta(hours=2), "Europe/Berlin",
                  "2026-03-20T14:00", "Hall 2", 1)  # fmt: skip
JANA = {"name": "Jana Beispiel", "email": "jana@customer.example.com", "company": "Beispiel AG",
        "phone": "+49 30 123456", "message": "Please send us a quotation.\nIt is urgent."}  # fmt: skip


@dataclass
class Desk:
    world: World

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.world.client.get(path, headers={**HTML, **headers})

    def page(self, path: str, **headers: str) -> str:
        """The page's words, without tags, blanks as one."""
        answer = self.get(path, **headers)
        assert answer.status_code == 200, (answer.status_code, answer.text)
        return words(answer.text)

    def post(self, path: str, page: str = "", **fields: str) -> httpx.Response:
        """As a browser posts a form of that page (by default the address without its last part)."""
        token = self.world.csrf(page or path.rpartition("/")[0])
        return self.world.client.post(path, data={"csrf": token, **fields}, headers=HTML)

    def ask(self, form: str = "contact", **changed: str) -> str:
        """A visitor sends the form; the path of the status page."""
        answer = self.world.client.post(f"/f/{form}", data={**JANA, **changed}, headers=HTML)
        assert answer.status_code == 303, words(answer.text)
        self.world.work()
        return str(answer.headers["location"])

    def lead_path(self, text: str = "jana") -> str:
        (row,) = self.world.deps.model.leads(LeadQuery(text=text)).rows
        return f"/app/leads/{row.lead_id}"


def open_desk(folder: Path, signed_in: str = ADA.rep_id, *more: Any) -> Desk:
    world = build_world(folder, NOW)
    world.put(*EVERYBODY, ADA, SIGN_UP, SEMINAR, *more)
    if signed_in:
        world.sign_in(signed_in)
    return Desk(world)


def annas_desk(folder: Path, signed_in: str = ADA.rep_id) -> Desk:
    """With Jana's request, which is Anna's to answer."""
    desk = open_desk(folder, signed_in)
    desk.ask()
    given_to(desk, desk.lead_path(), "anna")
    return desk


def lead_of(desk: Desk) -> Lead:
    """Jana, as stored."""
    stored = desk.world.deps.store.get(Lead, desk.lead_path().rpartition("/")[2])
    assert stored
    return stored.value


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def without_an_address(desk: Desk) -> Desk:
    """As started on one's own machine: no public address is set, so that the sample sign-in may open."""
    found = service()
    use(replace(found, settings=replace(found.settings, public_url="")))
    return desk


def given_to(desk: Desk, path: str, rep_id: str) -> None:
    """Make that person the owner of the lead on the page and of its requests, whoever the rules chose."""
    store, lead_id = desk.world.deps.store, path.rpartition("/")[2]
    stored = store.get(Lead, lead_id)
    assert stored
    assert stored.value.assignment
    assignment = replace(stored.value.assignment, owner_id=rep_id)
    requests = [replace(request.value, owner_id=rep_id) for request in store.query(Request, lead_id)]
    desk.world.put(replace(stored.value, assignment=assignment), *requests)
    # Shown, and no more: the clock would give what is nobody's to somebody.
    bring_index_up_to_date(desk.world.deps)
