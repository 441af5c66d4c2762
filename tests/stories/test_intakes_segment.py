"""Segment's libraries, their host changed to ours: who somebody is, and what asks for something."""

import base64
import gzip
import json
from typing import Any

import httpx
import pytest
from segment.analytics.client import Client

from chalicelib.records.arrival import Entry
from chalicelib.records.intake import Intake
from chalicelib.records.lead import Lead
from chalicelib.records.ports import Put
from chalicelib.records.search import LeadQuery
from chalicelib.records.touch import Request, RequestState, Touch
from tests.stories.conftest import HTML, World, kept
from tests.stories.place import Place
from tests.stories.test_intakes import leads, open_for, parts, touch_of
from tests.stories.test_intakes_google import down, up

KEY = "0123456789abcdefABCDEF0123456789"
WHO = {"email": "jana@customer.example.com", "name": "Jana Beispiel", "company": {"name": "Beispiel AG"}}
ASKED = {"type": "track", "event": "Lead Submitted", "messageId": "m-1", "userId": "u1",
         "properties": {**WHO, "message": "Which sensor fits oil?"},
         "context": {"campaign": {"source": "letter", "medium": "email"}}}  # fmt: skip
KNOWN = {"type": "identify", "messageId": "m-2", "userId": "u1", "traits": WHO}


def opened(world: World, **fields: str) -> str:
    return open_for(world, entry="segment", own_id=KEY, return_hosts="", **fields)


def basic(key: str = KEY) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(f'{key}:'.encode()).decode()}"}


def send(world: World, *messages: Any, key: str = KEY, **more: Any) -> httpx.Response:
    return world.client.post("/v1/batch", json={"batch": list(messages), **more}, headers=basic(key))


def only_request(world: World, lead: Lead) -> Request:
    (stored,) = world.deps.store.query(Request, lead.lead_id)
    return stored.value


def test_segments_own_library_for_python_sends_here_when_its_host_is_changed(house: Place) -> None:
    house.deps.store.commit([Put(Intake(KEY, Entry.SEGMENT, "Shop", house.deps.clock()))])
    failed: list[Any] = []
    for packed in (False, True):
        client = Client(KEY, host=house.address, gzip=packed, on_error=lambda error, _: failed.append(error))
        mail = f"library{packed}@segment.example.com".lower()
        client.identify("u1", {"email": mail, "firstName": "Jana", "lastName": f"Bibliothek{packed}"})
        client.page("u1", "Shop", "Prices", {"url": "https://shop.example.com/prices"})
        client.track("u1", "Button Clicked", {"email": mail})
        client.track("u1", "Lead Submitted", {"email": mail, "message": "Which sensor fits oil?"})
        client.shutdown()
    assert failed == []
    house.work()
    rows = house.deps.model.leads(LeadQuery(text="segment.example.com")).rows
    assert len(rows) == 2
    for row in rows:
        touches = [stored.value for stored in house.deps.store.query(Touch, row.lead_id)]
        assert sorted(touch.kind for touch in touches) == ["api", "form"]
        assert {touch.message for touch in touches} == {"", "Which sensor fits oil?"}


def test_an_event_that_asks_is_a_scored_owned_and_confirmed_request_once(world: World) -> None:
    opened(world)
    for _ in range(2):
        answer = send(world, ASKED, {"type": "page", "userId": "u1"}, {"type": "track", "event": "Clicked"})
        assert (answer.status_code, answer.json()) == (200, {"success": True})
        world.later(hours=1)
    (lead,) = leads(world)
    touch = touch_of(world, lead)
    assert (touch.form_id, touch.campaign_id, touch.message) == (KEY, "ads", "Which sensor fits oil?")
    assert (touch.source.source, touch.details["event"]) == ("letter", "Lead Submitted")
    assert only_request(world, lead).state is RequestState.OPEN
    assert len(world.mails("jana@")) == 1
    assert parts(world) == (1, 0, 0, 0)


def test_who_only_says_who_they_are_is_a_lead_nobody_has_to_answer_and_gets_no_mail(world: World) -> None:
    opened(world)
    for number in range(3):
        send(world, {**KNOWN, "messageId": f"m-{number}"})
        world.later(hours=1)
    (lead,) = leads(world)
    assert lead.assignment
    assert lead.touch_count == 1
    assert only_request(world, lead).state is RequestState.CLOSED
    assert world.mails("jana@") == []
    assert parts(world) == (1, 0, 0, 0)


def test_a_known_person_who_says_who_they_are_is_owed_what_they_were_owed(world: World) -> None:
    opened(world)
    send(world, ASKED)
    (before,) = leads(world)
    world.later(hours=1)
    send(world, {**KNOWN, "traits": {**WHO, "title": "Head buyer"}})
    (after,) = leads(world)
    assert (after.title, after.touch_count) == ("Head buyer", 2)
    assert (after.respond_by, after.next_channel) == (before.respond_by, before.next_channel)


@pytest.mark.parametrize("kind", ["identify", "track"])
def test_one_message_alone_is_told_what_is_wrong_with_it(world: World, kind: str) -> None:
    opened(world)
    message = {**(KNOWN if kind == "identify" else ASKED)}
    message.pop("type")
    name = "traits" if kind == "identify" else "properties"
    wrong = {**message, "messageId": "w", name: {"email": "nope"}}
    answer = world.client.post(f"/v1/{kind}", json=wrong, headers=basic())
    assert (answer.status_code, answer.json()["success"]) == (400, False)
    assert "email" in answer.json()["message"]
    assert world.client.post(f"/v1/{kind}", json={**message, "writeKey": KEY}).json() == {"success": True}
    assert parts(world) == (1, 0, 0, 1)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert world.client.options(f"/v1/{kind}").status_code == 204


def test_a_message_that_is_wrong_holds_up_none_of_its_batch_and_is_kept(world: World) -> None:
    opened(world)
    answer = send(world, {**ASKED, "messageId": "x", "properties": {"email": "nope"}}, ASKED)
    assert answer.json() == {"success": True}
    assert parts(world) == (1, 0, 0, 1)
    world.sign_in("eva")
    page = world.client.get(f"/app/kept/{kept(world).kept_id}", headers=HTML)
    assert page.status_code == 200
    assert "nope" in page.text


def test_the_same_message_id_with_other_values_is_refused_and_kept(world: World) -> None:
    opened(world)
    send(world, ASKED)
    other = {**ASKED, "properties": {"email": "other@customer.example.com"}}
    alone = world.client.post("/v1/track", json=other, headers=basic())
    assert (alone.status_code, alone.json()["message"]) == (400, "this messageId came before with other values")
    assert send(world, other).json() == {"success": True}
    assert parts(world)[:3] == (1, 0, 0)


def test_spam_is_set_aside_and_answered_alike(world: World) -> None:
    opened(world)
    spam = {**ASKED, "properties": {**WHO, "name": "See www.spam.example"}}
    assert send(world, spam).json() == {"success": True}
    assert kept(world).reasons == ("a link stands where a name should",)
    assert parts(world) == (0, 0, 1, 0)


@pytest.mark.parametrize("key", ["", "nobody", KEY.lower(), "0" * 32, "schlüssel"])
def test_without_the_write_key_nothing_is_taken_in(world: World, key: str) -> None:
    opened(world)
    answer = send(world, ASKED, key=key)
    assert (answer.status_code, answer.json()["success"]) == (401, False)
    assert parts(world) == (0, 0, 0, 0)


@pytest.mark.parametrize("authorization", ["Basic %%%", "Bearer x", "Basic"])
def test_a_header_that_says_no_key_is_none(world: World, authorization: str) -> None:
    opened(world)
    answer = world.client.post("/v1/batch", json={"batch": [ASKED]}, headers={"Authorization": authorization})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"", 400), (b"{", 400), (b"[]", 400), (b'{"batch": 5}', 400), (b'{"batch": [5]}', 400), (b"[" * 90_000, 400),
     (b'{"batch": [{"type": "other"}]}', 400), (b"x" * 500_001, 413),
     (json.dumps({"batch": [{**ASKED, "x": "y" * 70_000}]}).encode(), 413)],
)  # fmt: skip
def test_what_is_no_batch_is_refused(world: World, content: bytes, status: int) -> None:
    opened(world)
    assert world.client.post("/v1/batch", content=content, headers=basic()).status_code == status


PACKED = gzip.compress(json.dumps({"batch": [ASKED]}).encode())


@pytest.mark.parametrize(
    ("packed", "status"),
    [(PACKED, 200), (b"no gzip", 400), (gzip.compress(b"0" * 900_000), 413), (PACKED[:-9], 400)],
    ids=["packed", "not", "too long", "cut off"],
)
def test_what_comes_packed_is_unpacked_as_far_as_it_may_be_long(world: World, packed: bytes, status: int) -> None:
    opened(world)
    headers = {**basic(), "Content-Encoding": "gzip"}
    assert world.client.post("/v1/batch", content=packed, headers=headers).status_code == status


@pytest.mark.parametrize("event", ["Lead Submitted", "Sample Ordered"])
@pytest.mark.parametrize("cold", [False, True])
def test_sent_while_the_store_is_down_each_waits_and_is_done_once(world: World, cold: bool, event: str) -> None:
    opened(world, events="" if event == ASKED["event"] else event)
    down(world, cold)
    asked = {**ASKED, "event": event}
    other = {**asked, "messageId": "m-3", "properties": {"email": "max@customer.example.com"}}
    idle = {**asked, "event": "Button Clicked", "messageId": "m-4", "properties": {"email": "eve@customer.example.com"}}
    assert send(world, asked, other, idle, {"type": "page", "userId": "u1"}).json() == {"success": True}
    up(world)
    assert len(leads(world)) == 2
    send(world, asked, other, idle)
    assert parts(world) == (2, 0, 0, 0)


def test_what_asks_is_what_the_intake_says_and_the_batchs_context_is_its_messages(world: World) -> None:
    opened(world, events="Asked")
    answer = send(
        world, {**ASKED, "event": "Asked", "context": None}, ASKED, context={"traits": {"name": "Jana Kontext"}}
    )
    assert answer.json() == {"success": True}
    (lead,) = leads(world)
    assert lead.touch_count == 1


def test_the_intakes_page_shows_host_key_and_events(world: World) -> None:
    opened(world)
    world.sign_in("ada")
    page = world.client.get(f"/app/forms/intakes/{KEY}", headers=HTML).text
    assert f'value="{KEY}"' in page
    assert 'value="http://leadline.example"' in page
    assert "<li>Lead Submitted</li>" in page
