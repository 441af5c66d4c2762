"""Another rep's ids, at every address that takes a lead's: in the path, below the own lead, in the query, in a file.

The addresses come from the table of routes, so that a new one is asked too."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from chalicelib.handlers.routes import PEOPLE, ROUTES, Route
from chalicelib.records.lead import Note
from chalicelib.records.money import Money
from chalicelib.records.opportunity import Opportunity
from chalicelib.records.promise import Promise
from chalicelib.records.quote import Quote
from chalicelib.records.rep import Role
from chalicelib.records.task import Task
from tests.handlers.desk import NOW, Desk, given_to, open_desk, words
from tests.stories.conftest import HTML

NOBODYS = "01AAAAAAAAAAAAAAAAAAAAAAAA"
SECRET = "Jana's own affair"
# What any of these forms could send, so that no refusal comes from a missing field.
TYPED = {"status": "accepted", "kind": "note", "text": "mine now", "owner_id": "anna", "name": "Stolen",
         "amount": "1.00", "currency": "EUR", "stage": "won", "title": "Mine", "state": "declined", "reason": "mine",
         "decision": "approve", "email": "x@x.example.com", "note_id": "their-note", "seen": "1"}  # fmt: skip
STEPS = {"/app/inbox/{lead_id}": "accept", "/app/leads/{lead_id}/promises/{promise_id}": "kept"}
# The ids of Ben's records, by the name they have in a path.
THEIRS = {"deal_id": "their-deal", "task_id": "their-task", "promise_id": "their-promise", "quote_id": "their-quote"}


@dataclass
class Two:
    desk: Desk
    mine: str
    theirs: str

    def ask(self, route: Route, ids: dict[str, str]) -> httpx.Response:
        path = re.sub(r"\{(\w+)\}", lambda found: ids[found[1]], route.path)
        if route.method == "GET":
            return self.desk.get(path)
        sent = {"csrf": self.desk.world.csrf("/app"), **TYPED, "step": STEPS.get(route.path, "done")}
        return self.desk.world.client.post(path, data=sent, headers=HTML)

    def records(self) -> Sequence[object]:
        return self.desk.world.deps.store.everything_of(self.theirs)


def of_lead(lead_id: str) -> list[Any]:
    """A record of each kind that a path names below a lead."""
    until, zone, ends_at = date(2026, 4, 1), "Europe/Berlin", NOW + timedelta(days=30)
    return [
        Opportunity("their-deal", lead_id, SECRET, Money(100, "EUR"), created_at=NOW),
        Task("their-task", lead_id, "ben", SECRET, "ben", NOW, done_at=NOW),
        Promise("their-promise", lead_id, "ben", SECRET, SECRET, until, zone, ends_at, NOW, "beispiel"),
        Note("their-note", lead_id, "ben", "note", SECRET, NOW),
        Quote("their-quote", lead_id, "Q-2026-0099", 1, "beispiel", "Beispiel AG", "ben", NOW, "EUR", (), until, zone,
              ends_at, reason=SECRET),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Two:
    desk = open_desk(Path(tmp_path_factory.mktemp("two")))
    desk.ask()
    desk.ask(name="Kim Muster", email="kim@muster.example.com", phone="", company="Muster AG")
    ids = {name: desk.lead_path(name).rpartition("/")[2] for name in ("jana", "kim")}
    desk.world.put(*of_lead(ids["jana"]))
    given_to(desk, desk.lead_path("jana"), "ben")
    given_to(desk, desk.lead_path("kim"), "anna")
    desk.world.sign_in("anna")
    return Two(desk, ids["kim"], ids["jana"])


def reps(route: Route) -> bool:
    return route.access.who == PEOPLE and Role.REP in route.access.roles


ROUTES_OF_LEADS = [route for route in ROUTES if "{lead_id}" in route.path and reps(route)]


@pytest.mark.parametrize("route", ROUTES_OF_LEADS, ids=lambda route: f"{route.method} {route.path}")
def test_a_lead_of_another_rep_is_at_no_address(two: Two, route: Route) -> None:
    before = two.records()
    theirs = two.ask(route, {"lead_id": two.theirs, **THEIRS})
    nobodys = two.ask(route, {"lead_id": NOBODYS, **THEIRS})
    assert theirs.status_code == nobodys.status_code == 404
    assert words(theirs.text) == words(nobodys.text)
    assert SECRET not in theirs.text
    assert two.records() == before


BELOW = [route for route in ROUTES_OF_LEADS if route.path.count("{") > 1]


@pytest.mark.parametrize("route", BELOW, ids=lambda route: f"{route.method} {route.path}")
def test_what_belongs_to_another_reps_lead_is_not_found_below_the_own(two: Two, route: Route) -> None:
    before = two.records()
    theirs = two.ask(route, {"lead_id": two.mine, **THEIRS})
    nobodys = two.ask(route, {"lead_id": two.mine, **dict.fromkeys(THEIRS, NOBODYS)})
    assert theirs.status_code == nobodys.status_code == 404
    assert words(theirs.text) == words(nobodys.text)
    assert two.records() == before


@pytest.mark.parametrize(
    "place",
    [
        "/app/inbox?done=accepted&lead={lead}&note=their-note",
        "/app/inbox?task=their-task&of={lead}",
        "/app?task=their-task&of={lead}",
        "/app/leads?owner=ben",
        "/app/leads?offset=1&owner=ben",
        "/app/leads.csv?owner=ben",
        "/app/leads.csv?text=jana",
        "/app/requests?queue=waiting",
        "/app/promises?ledger=open",
        "/app/quotes?mine=no",
    ],
)
def test_no_query_and_no_file_shows_another_reps_lead(two: Two, place: str) -> None:
    answer = two.desk.get(place.format(lead=two.theirs))
    assert answer.status_code == 200
    told = words(answer.text)
    assert "Jana" not in told
    assert two.theirs not in answer.text
    assert SECRET not in told
