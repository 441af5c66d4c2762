"""A rep works the own leads and the pool, and meets nobody else's: not by id, search, count, order or file.

What is counted over the whole service is told where nobody else's story adds to it: in this process."""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from chalicelib.records.lead import Note
from chalicelib.records.ports import Conflict, Put
from chalicelib.records.rep import Rep, Role
from chalicelib.records.touch import Request
from tests.handlers.desk import given_to, open_desk, words
from tests.stories.people import ANNA, BEN
from tests.stories.story import Story


@dataclass
class House:
    """A story with two reps of its own, who serve nobody but its people. Jana is Ben's lead, Kim is Anna's, and Lee
    nobody's but the manager's, who holds what falls back."""

    story: Story
    anna: Rep
    ben: Rep
    leads: dict[str, str]

    def path(self, name: str) -> str:
        return f"/app/leads/{self.leads[name]}"

    @contextmanager
    def desk(self, rep_id: str) -> Iterator[Story]:
        with self.story.colleague(rep_id) as somebody:
            yield somebody

    def records(self, name: str) -> list[object]:
        return [stored.value for stored in self.story.deps.store.everything_of(self.leads[name])]


@pytest.fixture
def house(story: Story) -> House:
    accounts = (f"{story.mark}.example.com",)
    anna, ben = (replace(rep, rep_id=f"{rep.rep_id}-{story.mark}", email=f"{rep.rep_id}@{story.mark}.example.net",
                         accounts=accounts, countries=()) for rep in (ANNA, BEN))  # fmt: skip
    story.put(anna, ben)
    story.wait_until_known(anna, ben)
    leads = {name: story.lead_of(story.submit(**story.person(name))) for name in ("Jana", "Kim", "Lee")}
    for name, owner in (("Jana", ben.rep_id), ("Kim", anna.rep_id), ("Lee", "eva")):
        story.rest(leads[name])
        give(story, leads[name], owner)
    found = House(story, anna, ben, leads)
    with found.desk(anna.rep_id) as desk:
        story.wait_until(lambda: seen(desk, story.mark) == {"Kim Beispiel", "Lee Beispiel"})
    return found


def give(story: Story, lead_id: str, owner_id: str) -> None:
    """Make that person the owner of the lead and of its requests, whoever the rules chose."""
    store = story.deps.store
    for _ in range(20):
        lead, requests = story.stored(lead_id), store.query(Request, lead_id)
        assert lead.assignment
        given = replace(lead, assignment=replace(lead.assignment, owner_id=owner_id))
        owned = [Put(replace(request.value, owner_id=owner_id), request.version) for request in requests]
        try:
            store.commit([Put(given), *owned])
        except Conflict:
            continue
        return
    raise AssertionError("the service never let go of these records")


def seen(desk: Story, text: str, more: str = "") -> set[str]:
    """The names in the file of the list."""
    sheet = desk.get(f"/app/leads.csv?text={text}{more}").text.lstrip("\ufeff")
    return {row["name"] for row in csv.DictReader(io.StringIO(sheet))}


def answer(desk: Story, house: House, method: str, path: str, fields: dict[str, str]) -> httpx.Response:
    if method == "GET":
        return desk.get(path)
    return desk.post(path, csrf=desk.csrf(house.path("Kim")), **fields)


TRIED: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("GET", "", {}),
    ("POST", "/status", {"status": "qualified"}),
    ("POST", "/note", {"kind": "note", "text": "mine now"}),
    ("POST", "/owner", {"owner_id": "anna"}),
    ("POST", "/deals", {"name": "Stolen", "amount": "1.00", "currency": "EUR"}),
    ("POST", "/deals/unknown", {"stage": "won"}),
)


def test_another_reps_lead_is_as_if_it_were_not_there(house: House) -> None:
    before = house.records("Jana")
    with house.desk(house.anna.rep_id) as anna:
        for method, tail, fields in TRIED:
            theirs = answer(anna, house, method, house.path("Jana") + tail, fields)
            nobody = answer(anna, house, method, f"/app/leads/01AAAAAAAAAAAAAAAAAAAAAAAA{tail}", fields)
            assert theirs.status_code == nobody.status_code == 404, tail
            assert words(theirs.text) == words(nobody.text)
    assert house.records("Jana") == before


def test_the_own_leads_and_the_pool_are_found_and_listed_and_nobody_elses(house: House) -> None:
    mark = house.story.mark
    with house.desk(house.anna.rep_id) as anna:
        shown = words(anna.get(f"/app/leads?text={mark}").text)
        assert "Kim Beispiel" in shown
        assert "Lee Beispiel" in shown
        bens = f"owner={house.ben.rep_id}"
        for more in ("", "%20jana", f"&{bens}", "&sort=name", f"&offset=1&{bens}"):
            assert "Jana" not in words(anna.get(f"/app/leads?text={mark}{more}").text), more


def test_the_file_holds_what_the_page_shows(house: House) -> None:
    with house.desk(house.anna.rep_id) as anna:
        assert seen(anna, house.story.mark) == {"Kim Beispiel", "Lee Beispiel"}
        assert seen(anna, house.story.mark, f"&owner={house.ben.rep_id}") == set()
    with house.desk("eva") as eva:
        assert seen(eva, house.story.mark) == {"Jana Beispiel", "Kim Beispiel", "Lee Beispiel"}


def test_the_queues_show_what_is_seen(house: House) -> None:
    jana = house.path("Jana")
    with house.desk(house.anna.rep_id) as anna:
        for query in ("", "?queue=waiting&mine=yes", "?queue=late"):
            assert jana not in anna.get(f"/app/requests{query}").text
    with house.desk(house.ben.rep_id) as ben:
        assert jana in ben.get("/app/requests?mine=yes").text


def test_a_rep_takes_a_lead_from_the_pool_and_loses_sight_of_one_given_away(house: House) -> None:
    lee = house.path("Lee")
    with house.desk(house.anna.rep_id) as anna:
        taken = anna.post(f"{lee}/owner", csrf=anna.csrf(lee), owner_id=house.anna.rep_id, reason="")
        assert taken.headers["location"].startswith(lee)
        given = anna.post(f"{lee}/owner", csrf=anna.csrf(lee), owner_id=house.ben.rep_id, reason="your region")
        assert given.headers["location"] == "/app/leads"
        assert anna.get(lee).status_code == 404
    with house.desk(house.ben.rep_id) as ben:
        assert "your region" in ben.get(lee).text


def test_finance_reads_a_lead_and_is_offered_nothing_to_change_it_with(house: House) -> None:
    rep_id = f"fin-{house.story.mark}"
    house.story.put(Rep(rep_id, "Fin Example", f"fin@{house.story.mark}.example.net", Role.FINANCE))
    with house.desk(rep_id) as fin:
        html = fin.get(house.path("Jana")).text
    assert "Jana Beispiel" in html
    assert re.findall(r'action="(/app/leads[^"]*)"', html) == []


def test_a_person_is_offered_only_places_their_role_opens(house: House) -> None:
    with house.desk(house.anna.rep_id) as anna:
        places = set(re.findall(r'href="(/app[^"?]*)"', anna.get("/app").text))
        assert {"/app/leads", "/app/requests"} <= places
        for path in places:
            assert anna.get(path).status_code == 200, path


def test_a_manager_cannot_make_an_administrator_or_take_an_account_over(house: House) -> None:
    mark, page = house.story.mark, f"/app/reps/{house.anna.rep_id}"
    typed = {"name": "Eva", "email": "eva@example.com", "role": "admin", "capacity": "50", "zone": "Europe/Berlin",
             "opens": "09:00", "closes": "17:00", "weekday-1": "yes", "accounts": f"{mark}.example.com"}  # fmt: skip
    with house.desk("eva") as eva:

        def sent(path: str, **changed: str) -> int:
            return eva.post(path, csrf=csrf, **{**typed, **changed}).status_code

        # Who was added a moment ago is known to another function once it is asked for.
        eva.wait_until(lambda: eva.get(page).status_code == 200)
        csrf = eva.csrf(page)
        assert sent("/app/reps/eva") == 403
        assert sent(page, email=house.anna.email) == 403
        assert sent("/app/reps/ada", email="eva.two@example.com") == 403
        assert sent("/app/reps/ada/deactivate") == 403
        assert sent("/app/reps", name="New", email=f"new@{mark}.example.net") == 403
        assert sent(page, name="Anna Other", email=house.anna.email, role="rep") == 303


def test_a_note_on_the_own_lead_is_written(house: House) -> None:
    kim = house.path("Kim")
    with house.desk(house.anna.rep_id) as anna:
        assert anna.post(f"{kim}/note", csrf=anna.csrf(kim), kind="note", text="called").status_code == 303
    assert [record.text for record in house.records("Kim") if isinstance(record, Note)] == ["called"]


def test_the_board_counts_what_is_seen(tmp_path: Path) -> None:
    desk = open_desk(tmp_path)
    for name, owner in (("Jana", "ben"), ("Kim", "anna"), ("Lee", "eva")):
        desk.ask(name=f"{name} Muster", email=f"{name.lower()}@{name.lower()}.example.com", phone="", company=name)
        given_to(desk, desk.lead_path(name), owner)
    desk.world.sign_in("anna")
    assert "2 requests open" in desk.page("/app")
    desk.world.sign_in("eva")
    assert "3 requests open" in desk.page("/app")
    assert "Jana" in desk.page("/app/requests")
