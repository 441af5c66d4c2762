"""U5, a customer: "I signed up for the seminar, no confirmation." """

import re
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
from icalendar import Calendar

from chalicelib.handlers.gateway import Gateway
from chalicelib.records.event import Registration, SeatCount, Seminar
from chalicelib.records.message import Message, MessageState
from tests.stories.conftest import HTML, World
from tests.stories.people import EVERYBODY, SIGN_UP

# Thursday 12 March 2026, 14:00 in Berlin.
STARTS = datetime(2026, 3, 12, 13, 0, tzinfo=UTC)
SEMINAR = Seminar(
    "sensors", "Choosing sensors", STARTS, STARTS + timedelta(hours=2), "Europe/Berlin", "2026-03-12T14:00",
    "Example Hall", seats=2, campaign_id="fair",
)  # fmt: skip


def sign_up(world: World, name: str) -> str:
    data = {"name": f"{name} Beispiel", "email": f"{name.lower()}@customer.example.com"}
    answer = world.client.post("/f/seminar", data=data, headers=HTML)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def subjects(world: World, name: str) -> list[str]:
    return [mail.entry.subject for mail in world.mails(f"{name.lower()}@customer.example.com")]


def registration(world: World, path: str) -> object:
    return world.client.get(path, headers={"Accept": "application/json"}).json()["registration"]


def seminar_page(world: World, name: str) -> str:
    """The address in that person's mail."""
    (mail, *_) = world.mails(f"{name.lower()}@customer.example.com")
    found = re.search(r"http://leadline\.example(/e/[^\s/]+)", mail.text)
    assert found, mail.text
    return found.group(1)


def prepared(world: World, seats: int = 2) -> None:
    world.put(*EVERYBODY, SIGN_UP, replace(SEMINAR, seats=seats))


def test_the_confirmation_is_there_within_a_minute_with_a_calendar_file_in_the_seminars_zone(world: World) -> None:
    prepared(world)
    path = sign_up(world, "Jana")
    world.later(minutes=1)
    (mail,) = world.mails("jana@customer.example.com")
    invitation = next((a for a in mail.attachments if a.name.endswith(".ics")), None)
    assert invitation is not None
    (event,) = Calendar.from_ical(invitation.body).walk("VEVENT")
    start = event["DTSTART"].dt
    assert start.utcoffset() == timedelta(hours=1)
    assert start.isoformat().startswith("2026-03-12T14:00")
    assert world.client.get(path, headers={"Accept": "application/json"}).json()["confirmation"] == "sent"


def test_reminders_come_the_day_before_and_an_hour_before(world: World) -> None:
    prepared(world)
    sign_up(world, "Jana")
    world.work()
    world.later(days=9, hours=4)  # Wednesday 12:00 UTC
    assert len(subjects(world, "Jana")) == 1
    world.later(hours=1, minutes=1)
    assert len(subjects(world, "Jana")) == 2
    world.later(hours=23)
    assert len(subjects(world, "Jana")) == 3
    world.later(days=2)
    assert len(subjects(world, "Jana")) == 3


def test_who_signs_up_three_hours_before_gets_only_what_is_still_to_come(world: World) -> None:
    prepared(world)
    world.now = STARTS - timedelta(hours=3)
    sign_up(world, "Late")
    world.work()
    world.later(hours=2, minutes=1)
    assert len(subjects(world, "Late")) == 2
    world.later(hours=4)
    assert len(subjects(world, "Late")) == 2


def test_who_comes_when_all_seats_are_taken_waits_and_moves_up_once_when_one_is_given_back(world: World) -> None:
    prepared(world, seats=1)
    first, second = sign_up(world, "First"), sign_up(world, "Second")
    world.work()
    assert (registration(world, first), registration(world, second)) == ("confirmed", "waiting")
    cancelling = seminar_page(world, "First")
    for _ in range(2):
        assert world.client.post(f"{cancelling}/cancel", headers=HTML).status_code == 303
    world.work()
    assert (registration(world, first), registration(world, second)) == ("cancelled", "confirmed")
    assert len(subjects(world, "Second")) == 2


def test_who_cancelled_gets_no_reminder(world: World) -> None:
    prepared(world)
    sign_up(world, "Jana")
    world.work()
    world.client.post(f"{seminar_page(world, 'Jana')}/cancel", headers=HTML)
    (taken,) = world.deps.store.query(Registration, "sensors")
    planned = [world.deps.store.get(Message, taken.value.lead_id, i) for i in taken.value.message_ids]
    assert [m.value.state for m in planned if m] == [MessageState.SUPPRESSED] * 2
    world.later(days=12)
    assert len(subjects(world, "Jana")) == 2  # confirmation and cancellation


def test_reading_the_seminars_page_changes_nothing(world: World) -> None:
    prepared(world)
    path = sign_up(world, "Jana")
    world.work()
    link = seminar_page(world, "Jana")
    for address in (link, f"{link}/seminar.ics", path, f"{link}/cancel"):
        world.client.get(address, headers=HTML)
    assert registration(world, path) == "confirmed"


def test_twenty_at_once_never_take_more_seats_than_there_are(world: World) -> None:
    from app import app

    prepared(world, seats=5)
    states: list[object] = []

    def one(n: int) -> None:
        client = httpx.Client(transport=httpx.WSGITransport(app=Gateway(app)), base_url="http://leadline.example")
        data = {"name": f"Guest{n} Beispiel", "email": f"guest{n}@customer.example.com"}
        path = client.post("/f/seminar", data=data, headers=HTML).headers["location"]
        states.append(client.get(path, headers={"Accept": "application/json"}).json()["registration"])

    threads = [threading.Thread(target=one, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, states)) == ["confirmed"] * 5 + ["waiting"] * 15
    assert world.deps.store.get(SeatCount, "sensors").value.taken == 5  # type: ignore[union-attr]


def test_a_stranger_who_signs_up_with_somebodys_address_cannot_give_the_place_back(world: World) -> None:
    prepared(world)
    own = sign_up(world, "Jana")
    world.later(minutes=1)
    assert "/e/" in world.client.get(own, headers=HTML).text
    data = {"name": "Mallory Fremd", "email": "jana@customer.example.com"}
    path = world.client.post("/f/seminar", data=data, headers=HTML).headers["location"]
    world.work()
    assert len(world.deps.store.query(Registration, "sensors")) == 1
    assert "/e/" not in world.client.get(path, headers=HTML).text
    assert registration(world, own) == "confirmed"


def test_the_page_of_a_second_sign_up_shows_its_own_confirmation(world: World) -> None:
    prepared(world)
    sign_up(world, "Jana")
    world.later(minutes=30)
    path = sign_up(world, "Jana")
    world.work()
    shown = world.client.get(path, headers=HTML).text
    assert "Confirmation sent" in shown
    assert "No confirmation by mail" not in shown


def test_the_status_page_finds_its_confirmation_among_many_mails(world: World) -> None:
    prepared(world)
    path = sign_up(world, "Jana")
    (taken,) = world.deps.store.query(Registration, "sensors")
    (first, *_) = world.deps.store.query(Message, taken.value.lead_id)
    # Of earlier requests, and of later ones.
    ids = [f"0{n:025d}" for n in range(30)] + [f"7{n:025d}" for n in range(30)]
    world.put(*(replace(first.value, message_id=i, request_id="other", state=MessageState.FAILED) for i in ids))
    world.work()
    assert world.client.get(path, headers={"Accept": "application/json"}).json()["confirmation"] == "sent"


def test_signing_up_again_takes_no_second_seat(world: World) -> None:
    prepared(world)
    sign_up(world, "Jana")
    world.later(minutes=30)
    again = sign_up(world, "Jana")
    world.work()
    assert world.client.get(again, headers={"Accept": "application/json"}).json()["confirmation"] == "sent"
    assert world.deps.store.get(SeatCount, "sensors").value.taken == 1  # type: ignore[union-attr]
