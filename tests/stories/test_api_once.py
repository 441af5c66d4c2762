"""A program whose answer was lost sends again: with its Idempotency-Key nothing is made twice. On either engine."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from chalicelib.flows.make_once import id_to_make
from chalicelib.flows.submission import TokenReused
from chalicelib.records.api_key import ApiKey
from chalicelib.records.campaign import Campaign
from chalicelib.records.opportunity import Opportunity
from chalicelib.records.ports import Put
from chalicelib.records.spend import Spend
from chalicelib.records.upload import Upload
from tests.stories.conftest import KEY, World
from tests.stories.people import EVERYBODY

PAID = {"amount": "100.00", "currency": "EUR"}
LIST = "name,email\nPia Pump,pia@customer.example.net\n"
OTHER_KEY = "another-key"


@pytest.fixture
def planned(world: World) -> World:
    world.put(*EVERYBODY)
    stored = world.deps.store.get(ApiKey, world.deps.digest(f"api-key:{KEY}"))
    assert stored
    other = world.deps.digest(f"api-key:{OTHER_KEY}")
    world.put(ApiKey(other, "other", stored.value.scopes, world.now))
    return world


def send(world: World, path: str, body: dict[str, Any], once: str = "k-1", key: str = KEY) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}"} | ({"Idempotency-Key": once} if once else {})
    if path == "/v1/imports":
        body = dict(body)
        files = {"file": ("list.csv", body.pop("list"), "text/csv")}
        return world.client.post(path, data=body, files=files, headers=headers)
    return world.client.post(path, json=body, headers=headers)


def made(world: World, path: str, lead_id: str) -> int:
    store = world.deps.store
    kinds: dict[str, Any] = {"/v1/campaigns": Campaign, "/v1/spend": Spend, "/v1/imports": Upload}
    found = store.query(Opportunity, lead_id) if path == "/v1/opportunities" else store.query(kinds[path])
    return len(found)


@pytest.mark.parametrize("path", ["/v1/opportunities", "/v1/spend", "/v1/campaigns", "/v1/imports"])
def test_what_is_sent_again_with_its_key_makes_nothing_twice(planned: World, path: str) -> None:
    person = {"name": "Jana Beispiel", "email": "jana@customer.example.com"}
    lead_id = send(planned, "/v1/leads", person, "").json()["lead_id"]
    body: dict[str, Any] = {
        "/v1/opportunities": {"lead_id": lead_id, "name": "Pilot", **PAID},
        "/v1/spend": {"campaign": "ads", "note": "Stand", **PAID},
        "/v1/campaigns": {"name": "Summer fair 2027"},
        "/v1/imports": {"campaign": "ads", "list": LIST},
    }[path]
    changed = {"/v1/imports": {"list": LIST + "Max,max@customer.example.net\n"}, "/v1/campaigns": {"channel": "Email"}}
    other = {**body, **changed.get(path, {"amount": "200.00"})}
    before = made(planned, path, lead_id)
    assert send(planned, path, {**body, "campaign": 5, "name": 5, "list": ""}).status_code == 422, "wrong: not noted"
    first = send(planned, path, body)
    assert first.status_code == (202 if path == "/v1/imports" else 201), first.text
    planned.later(hours=30)
    again = send(planned, path, body)
    assert again.status_code == (202 if path == "/v1/imports" else 200), again.text
    name = next(name for name in first.json() if name.endswith("_id") and name != "lead_id")
    assert again.json()[name] == first.json()[name]
    assert made(planned, path, lead_id) == before + 1
    reused = send(planned, path, other)
    assert (reused.status_code, reused.json()["title"]) == (422, "Sent before")
    assert send(planned, path, body, "k" * 256).status_code == 422
    assert made(planned, path, lead_id) == before + 1
    # Another program's key of the same name, another key of this one, and none at all are other requests.
    for once, key in (("k-1", OTHER_KEY), ("k-2", KEY), ("", KEY)):
        apart = send(planned, path, body, once, key)
        assert apart.status_code == (409 if path == "/v1/campaigns" else first.status_code)
    assert made(planned, path, lead_id) == before + (1 if path == "/v1/campaigns" else 4)


def test_who_died_before_it_was_made_makes_the_same_when_asked_again(planned: World) -> None:
    """The id is noted first: of two at once, and of one that is asked again, it is the same."""
    noted = id_to_make(planned.deps, "token", "body")
    assert id_to_make(planned.deps, "token", "body") == noted
    with pytest.raises(TokenReused):
        id_to_make(planned.deps, "token", "other")

    class Late:
        """A store that does not know yet of what another process has just noted."""

        def __init__(self) -> None:
            self.asked = 0

        def get(self, *ids: Any) -> Any:
            self.asked += 1
            return None if self.asked == 1 else planned.deps.store.get(*ids)

        def commit(self, writes: list[Put]) -> None:
            planned.deps.store.commit(writes)

    late: Any = Late()
    assert id_to_make(replace(planned.deps, store=late), "token", "body") == noted
