"""M-2, what others hold in their hands of somebody who was there twice: a seat with its link and calendar entry, a
quotation's link, a promise. All of it goes on, while the two are one and after they are two again."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from chalicelib.flows.erase_person import erase_person
from chalicelib.flows.keep_promises import Promised, give_promise
from chalicelib.flows.merge_people import ask_merge, ask_part
from chalicelib.flows.plan_seminar import Plan, change_seminar
from chalicelib.flows.quote_price import Asked, give_quote, settle_quote
from chalicelib.records.event import Registration, RegistrationState, SeatCount
from chalicelib.records.message import Message, MessageKind, MessageState
from chalicelib.records.promise import Promise
from chalicelib.records.quote import ListPrice, Product, Quote, QuoteLine, QuoteState
from tests.faults.finished import every_record
from tests.handlers.desk import SEMINAR
from tests.state_hash import state_of
from tests.stories.conftest import HTML, World
from tests.stories.people import ADA, ANNA, EVERYBODY, SIGN_UP
from tests.stories.story import JSON

WORK = {"name": "Jana Beispiel", "email": "jana@customer.example.com"}
HOME = {"name": "Jana B.", "email": "jana@home.example.net"}


@pytest.fixture
def house(world: World) -> World:
    world.put(*EVERYBODY, ADA, SIGN_UP, replace(SEMINAR, seats=2, told_sequence=0))
    return world


def came(house: World, form: str, **sent: str) -> tuple[str, str]:
    """(lead_id, path of the status page)"""
    answer = house.client.post(f"/f/{form}", data=sent, headers=HTML)
    assert answer.status_code == 303, answer.text
    house.work()
    return house.lead_id(answer), str(answer.headers["location"])


def merge(house: World, stays: str, goes: str) -> None:
    ask_merge(house.deps, stays, goes, "eva")
    house.work()


def part(house: World, goes: str) -> None:
    ask_part(house.deps, goes, "eva")
    house.work()


def place(house: World, lead_id: str) -> Registration:
    stored = house.deps.store.get(Registration, SEMINAR.event_id, lead_id)
    assert stored
    return stored.value


def taken(house: World) -> int:
    stored = house.deps.store.get(SeatCount, SEMINAR.event_id)
    assert stored
    return stored.value.taken


def test_a_seat_of_the_one_that_went_is_the_persons_and_signing_up_again_takes_no_second(house: World) -> None:
    first, _ = came(house, "contact", **WORK, message="Hello, please send the brochure.")
    second, status = came(house, "seminar", **HOME)
    merge(house, first, second)
    assert house.client.get(status, headers=JSON).json()["registration"] == "confirmed"
    house.sign_in("eva")
    assert "Seat confirmed" in house.client.get(f"/app/leads/{first}", headers=HTML).text
    again, _ = came(house, "seminar", **WORK)
    assert (again, taken(house)) == (first, 1)
    house.later(days=17, hours=10)
    states = {s.value.kind: s.value.state for s in house.deps.store.query(Message, second)}
    assert states[MessageKind.REMINDER_DAY] is MessageState.SENT


def test_the_link_in_the_mail_gives_the_seat_back_and_who_waits_moves_up(house: World) -> None:
    house.put(replace(SEMINAR, seats=1, told_sequence=0))
    first, _ = came(house, "contact", **WORK, message="Hello, please send the brochure.")
    second, _ = came(house, "seminar", **HOME)
    waits, _ = came(house, "seminar", name="Ada Muster", email="ada@customer.example.org")
    other, _ = came(house, "contact", name="A. Muster", email="ada@home.example.org", message="Hello from me as well.")
    merge(house, first, second)
    merge(house, other, waits)
    link = f"/e/{house.deps.links.make('seminar', SEMINAR.event_id, second)}"
    assert house.client.get(link, headers=HTML).status_code == 200
    assert house.client.get(f"{link}/seminar.ics").status_code == 200
    assert house.client.post(f"{link}/cancel").status_code == 303
    assert place(house, second).state is RegistrationState.CANCELLED
    assert place(house, waits).state is RegistrationState.CONFIRMED
    house.later(minutes=10)
    told = [m.value.state for m in house.deps.store.query(Message, waits)
            if m.value.kind is MessageKind.SEMINAR_PROMOTED]  # fmt: skip
    assert told == [MessageState.SENT]


def test_who_is_part_of_another_record_is_told_when_the_seminar_moves(house: World) -> None:
    first, _ = came(house, "contact", **WORK, message="Hello, please send the brochure.")
    second, _ = came(house, "seminar", **HOME)
    merge(house, first, second)
    before = len(house.mails(HOME["email"]))
    plan = Plan(SEMINAR.title, "2026-03-21T14:00", "2026-03-21T16:00", SEMINAR.zone, "Hall 9", 2)
    change_seminar(house.deps, SEMINAR.event_id, plan)
    house.later(minutes=10)
    assert len(house.mails(HOME["email"])) == before + 1
    assert place(house, second).told == 1
    house.sign_in("eva")
    assert "Jana Beispiel" in house.client.get(f"/app/seminars/{SEMINAR.event_id}", headers=HTML).text


def test_an_erasure_gives_back_the_seats_under_both_ids(house: World) -> None:
    first, _ = came(house, "seminar", **WORK)
    second, _ = came(house, "seminar", **HOME)
    merge(house, first, second)
    assert taken(house) == 2, "two who were told that they have a seat have one"
    erase_person(house.deps, first, timedelta(days=9))
    house.work()
    assert taken(house) == 0
    assert not house.deps.store.query(Registration, SEMINAR.event_id)


def test_the_link_of_a_quotation_goes_on_and_it_is_settled_where_it_is(house: World) -> None:
    house.put(Product("valve", "Valve", "piece", (ListPrice("EUR", 1_000, 500),)))
    first, _ = came(house, "contact", **WORK, message="Hello, please send the brochure.")
    second, _ = came(house, "contact", **HOME, company="Beispiel AG", message="Please send us a quotation for valves.")
    line = QuoteLine("valve", "Valve", "piece", 10, 1_000)
    quote = give_quote(house.deps, second, ANNA, Asked("EUR", (line,), date(2026, 4, 1)))
    give_promise(house.deps, second, ANNA, Promised("sample", "Two valves to try", date(2026, 3, 9), visible=True))
    house.later(minutes=10)
    before = state_of(every_record(house.deps.store))
    links = [f"/o/{house.deps.links.make('quote', second, quote.quote_id)}"]
    merge(house, first, second)
    links.append(f"/o/{house.deps.links.make('quote', first, quote.quote_id)}")
    assert [house.client.get(link, headers=HTML).status_code for link in links] == [200, 200]
    assert [p.value.text for p in house.deps.store.query(Promise, first)] == ["Two valves to try"]
    part(house, second)
    assert state_of(every_record(house.deps.store)) == before
    assert [house.client.get(link, headers=HTML).status_code for link in links] == [200, 200]
    merge(house, first, second)
    settle_quote(house.deps, first, quote.quote_id, QuoteState.ACCEPTED, ANNA)
    part(house, second)
    assert [q.value.state for q in house.deps.store.query(Quote, second)] == [QuoteState.ACCEPTED]
