"""A submission that cannot be stored now is kept at the door and done later, once; the visitor has an address that
tells how it stands, before and after."""

import json
import re
from dataclasses import replace
from typing import Any

import httpx
import pytest

from chalicelib import wiring
from chalicelib.flows.check_store import check_store
from chalicelib.records.lead import Lead
from chalicelib.records.ports import Conflict, StoreUnavailable
from chalicelib.records.search import LeadQuery
from chalicelib.records.touch import Request, Touch
from chalicelib.store.blobs_s3 import S3Blobs
from chalicelib.store.directory import CachedDirectory, CountedLoads
from chalicelib.store.door_aws import QueueOrBlobDoor
from chalicelib.store.queue_sqs import SqsQueue
from tests.aws_world import DOOR
from tests.contracts.places import PLACES
from tests.doubles import Down
from tests.stories.conftest import HTML, KEY, MONDAY, World, deployed_world
from tests.stories.people import EVERYBODY

JANA = {"name": "Jana Beispiel", "email": "jana@customer.example.com", "message": "Which sensor fits oil?"}
BEARER = {"Authorization": f"Bearer {KEY}"}
JSON = {"Accept": "application/json"}


def store_down(world: World, error: Exception, cold: bool = False) -> None:
    """Nothing is written, and nothing read where it is not there; a `cold` process does not even know the forms."""
    down: Any = Down(error, None if isinstance(error, StoreUnavailable) else world.deps.store)
    directory = CachedDirectory(down, CountedLoads(down)) if cold else world.deps.directory
    world.deps.directory.forms()
    wiring.use(replace(wiring.service(), deps=replace(world.deps, store=down, directory=directory)))


def store_up(world: World) -> None:
    wiring.use(replace(wiring.service(), deps=world.deps))
    world.work()


def lead(world: World) -> Lead:
    (row,) = world.deps.model.leads(LeadQuery()).rows
    stored = world.deps.store.get(Lead, row.lead_id)
    assert stored
    return stored.value


def status(world: World, answer: httpx.Response) -> dict[str, Any]:
    told = world.client.get(answer.json()["status_url"], headers=JSON)
    assert told.status_code == 200, told.text
    return dict(told.json())


@pytest.mark.parametrize("error", [StoreUnavailable("throttled"), Conflict(), KeyError("a fault of ours")])
@pytest.mark.parametrize("cold", [False, True])
def test_a_form_sent_while_the_store_is_down_is_done_once_when_it_is_up(
    world: World, error: Exception, cold: bool
) -> None:
    world.put(*EVERYBODY)
    store_down(world, error, cold)
    answer = world.client.post("/f/contact", json={**JANA, "once": "t-1"})
    assert answer.status_code == 202, answer.text
    assert set(answer.json()) == {"request_id", "status_url"}
    assert status(world, answer)["state"] == "received"
    store_up(world)
    told = status(world, answer)
    assert (told["state"], told["confirmation"]) == ("open", "sent")
    found = lead(world)
    (touch,), (request,) = world.deps.store.query(Touch, found.lead_id), world.deps.store.query(Request, found.lead_id)
    assert request.value.request_id == answer.json()["request_id"]
    assert len(world.mails("jana@")) == 1
    # The visitor's own retry is the same submission.
    again = world.client.post("/f/contact", json={**JANA, "once": "t-1"})
    assert (again.status_code, again.json()["request_id"]) == (200, answer.json()["request_id"])
    world.work()
    assert [t.value for t in world.deps.store.query(Touch, found.lead_id)] == [touch.value]
    assert check_store(world.deps)["accepted"] == 1


def test_the_visitors_retry_may_be_first_and_both_addresses_tell_the_same(world: World) -> None:
    world.put(*EVERYBODY)
    store_down(world, StoreUnavailable("down"))
    kept = world.client.post("/f/contact", json={**JANA, "once": "t-1"})
    wiring.use(replace(wiring.service(), deps=world.deps))
    again = world.client.post("/f/contact", json={**JANA, "once": "t-1"})
    assert (kept.status_code, again.status_code) == (202, 201)
    world.work()
    assert status(world, kept) == status(world, again)
    assert lead(world).touch_count == 1
    assert len(world.mails("jana@")) == 1


def test_a_reply_that_was_lost_and_an_outage_of_an_hour_do_not_make_two_of_one(world: World) -> None:
    """Without a one-time token: what counts are the arrivals, not when it could be stored."""
    world.put(*EVERYBODY)
    assert world.client.post("/f/contact", json=JANA).status_code == 201
    store_down(world, StoreUnavailable("down"))
    assert world.client.post("/f/contact", json=JANA).status_code == 202
    world.now = world.now.replace(hour=world.now.hour + 1)
    store_up(world)
    assert lead(world).touch_count == 1


def test_the_clock_of_what_waited_began_when_it_came_in(world: World) -> None:
    world.put(*EVERYBODY)
    came_in = world.now
    store_down(world, StoreUnavailable("down"))
    assert world.client.post("/f/contact", json=JANA).status_code == 202
    world.now = world.now.replace(hour=world.now.hour + 1)
    store_up(world)
    (request,) = world.deps.store.query(Request, lead(world).lead_id)
    assert request.value.received_at == came_in


def test_a_browser_gets_a_page_that_says_it_is_safe(world: World) -> None:
    world.put(*EVERYBODY)
    store_down(world, StoreUnavailable("down"))
    answer = world.client.post("/f/contact", data=JANA, headers=HTML)
    assert answer.status_code == 202
    assert "What you sent is safe" in answer.text
    path = re.search(r'href="(/s/[^"]+)"', answer.text)
    assert path
    assert "On its way to the right person" in world.client.get(path.group(1), headers=HTML).text
    store_up(world)
    assert "You get an answer by" in world.client.get(path.group(1), headers=HTML).text


@pytest.mark.parametrize(
    ("path", "body"),
    [("/v1/leads", JANA), ("/v1/scans", {"card": "MECARD:N:Beispiel,Jana;EMAIL:jana@customer.example.com;;"})],
)
def test_programs_and_scanners_are_served_as_well(world: World, path: str, body: dict[str, str]) -> None:
    world.put(*EVERYBODY)
    store_down(world, StoreUnavailable("down"))
    headers = {**BEARER, "Idempotency-Key": "k-1"}
    assert world.client.post(path, json=body, headers=headers).status_code == 202
    store_up(world)
    found = lead(world)
    again = world.client.post(path, json=body, headers=headers)
    assert (again.status_code, again.json()["lead_id"]) == (200, found.lead_id)


def test_a_key_that_was_never_good_makes_no_lead_of_what_it_brought(world: World) -> None:
    world.put(*EVERYBODY)
    store_down(world, StoreUnavailable("down"))
    assert world.client.post("/v1/leads", json=JANA, headers={"Authorization": "Bearer guessed"}).status_code == 202
    store_up(world)
    found = check_store(world.deps)
    assert (found["leads"], found["received"], found["rejected"]) == (0, 1, 1)


def test_what_nobody_can_read_is_kept_as_rejected_once_the_store_is_up(world: World) -> None:
    world.put(*EVERYBODY)
    store_down(world, StoreUnavailable("down"))
    answer = world.client.post("/f/contact", content=b"{not json", headers={"Content-Type": "application/json"})
    assert answer.status_code == 202
    store_up(world)
    assert check_store(world.deps)["rejected"] == 1
    assert status(world, answer)["state"] == "received"


def test_where_nothing_can_be_kept_nobody_is_told_that_it_is(world: World) -> None:
    world.put(*EVERYBODY)
    down: Any = Down(StoreUnavailable("full"))
    wiring.use(replace(wiring.service(), deps=replace(world.deps, store=down, door=down)))
    answer = world.client.post("/f/contact", json=JANA)
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("gone", ["table", "table and queues"])
def test_on_aws_it_waits_in_the_queue_and_else_in_the_bucket(place: str, gone: str, tmp_path: Any) -> None:
    with deployed_world(place, tmp_path, MONDAY) as world:
        world.put(*EVERYBODY)
        assert world.pump
        clients, settings = world.pump.clients, world.pump.settings
        missing = replace(settings, table="leadline-not-there")
        if gone != "table":
            missing = replace(missing, queue_prefix="leadline-not-there-")
        whole = wiring.service()
        broken = wiring.open_service(missing, clock=world.clock)
        wiring.use(broken)
        answer = world.client.post("/f/contact", json=JANA)
        assert answer.status_code == 202, answer.text
        # No policy allows anything of a table that is not ours.
        world.pump.recorder.needs.clear()
        blobs = S3Blobs(clients.s3, settings.bucket)
        queued = SqsQueue(clients.sqs, settings.queue_prefix).waiting(DOOR)
        assert (queued, len(blobs.list("door/"))) == ((1, 0) if gone == "table" else (0, 1))
        wiring.use(whole)
        world.work()
        assert lead(world).emails == ("jana@customer.example.com",)
        assert isinstance(world.deps.door, QueueOrBlobDoor)
        assert world.deps.door.waiting() == 0
        assert json.loads(json.dumps(status(world, answer)))["state"] == "open"
        broken.close()
