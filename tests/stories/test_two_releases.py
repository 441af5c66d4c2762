"""A release is taken back: what the newer one wrote is still there. The older one, which is this one, neither stumbles
over it nor spoils it, on every engine.

Told in this process: it writes into the store what another release would."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from chalicelib.records.lead import Lead
from chalicelib.records.message import Message, MessageState
from chalicelib.records.ports import Ref
from chalicelib.records.rep import Rep
from chalicelib.records.search import LeadQuery
from chalicelib.records.touch import Request
from chalicelib.store.codec import stamp
from chalicelib.store.kinds import KINDS
from chalicelib.store.table import Row, RowWrite, Table
from tests.handlers.desk import Desk
from tests.stories.conftest import World
from tests.stories.people import ADA, EVERYBODY

JANA = {"name": "Jana Beispiel", "email": "jana@customer.example.com", "phone": "+49 30 123456"}


def table(world: World) -> Table:
    return world.deps.store._store._table  # type: ignore[attr-defined,no-any-return]


def stored(world: World, ref: Ref[Any]) -> tuple[Row, dict[str, Any]]:
    key = KINDS[ref.kind].key(ref.ids)
    row = table(world).get_many([key])[key]
    return row, json.loads(row.body)


def as_newer(world: World, ref: Ref[Any], **more: Any) -> None:
    """The newer release has written the record, with fields of its own."""
    row, body = stored(world, ref)
    written = RowWrite(row.pk, row.sk, row.kind, json.dumps(body | more).encode(), row.due_at, row.version)
    assert table(world).write([[written]]) == [None]


def put_raw(world: World, pk: str, sk: str, kind: str, body: dict[str, Any], due: bool = False) -> None:
    due_at = stamp(world.now - timedelta(hours=1)) if due else None
    assert table(world).write([[RowWrite(pk, sk, kind, json.dumps(body).encode(), due_at, 0)]]) == [None]


@pytest.fixture
def desk(world: World) -> Desk:
    world.put(*EVERYBODY, ADA)
    world.sign_in("ada")
    answer = world.client.post("/f/contact", json=JANA)
    assert answer.status_code == 201
    world.work()
    return Desk(world)


def jana(desk: Desk) -> str:
    (row,) = desk.world.deps.model.leads(LeadQuery(text="jana")).rows
    return row.lead_id


def test_fields_that_this_release_does_not_know_stay_when_it_changes_the_record(desk: Desk) -> None:
    world, lead_id = desk.world, jana(desk)
    lead = Ref(Lead, (lead_id,))
    _, body = stored(world, lead)
    newer = {"mood": {"score": 3}, "assignment": body["assignment"] | {"shift": "late"}}
    as_newer(world, lead, **newer)
    page = f"/app/leads/{lead_id}"
    assert desk.post(f"{page}/status", page, status="accepted").status_code == 303
    row, after = stored(world, lead)
    assert after["status"] != body["status"]
    assert (after["mood"], after["assignment"]["shift"]) == ({"score": 3}, "late")
    # And again by somebody else: a second enquiry of the same person.
    assert world.client.post("/f/contact", json={**JANA, "message": "Once more"}).status_code == 201
    world.work()
    again, after = stored(world, lead)
    assert again.version > row.version
    assert (after["mood"], after["touch_count"]) == ({"score": 3}, 2)


def test_records_of_a_kind_it_does_not_know_are_parked(desk: Desk) -> None:
    world, lead_id = desk.world, jana(desk)
    put_raw(world, f"LEAD#{lead_id}", "WIDGET#w1", "Widget", {"colour": "red"}, due=True)
    put_raw(world, "WIDGET", "w2", "Widget", {"colour": "blue"}, due=True)
    # Feed, sweep, pages and hand-over go on.
    assert world.client.post("/f/contact", json={"name": "B", "email": "b@customer.example.net"}).status_code == 201
    world.later(hours=2)
    assert world.deps.model.leads(LeadQuery()).total == 2
    assert world.mails("b@customer.example.net")
    assert desk.get(f"/app/leads/{lead_id}").status_code == 200
    assert len(world.deps.store.everything_of(lead_id)) > 2
    assert world.deps.store.due(world.now + timedelta(days=99)) is not None
    # They lie where they lay, due as before.
    found = table(world).get_many([(f"LEAD#{lead_id}", "WIDGET#w1"), ("WIDGET", "w2")])
    assert [(row.version, json.loads(row.body)["colour"], bool(row.due_at)) for row in found.values()] == [
        (1, "red", True), (1, "blue", True),
    ]  # fmt: skip


def test_a_mail_of_a_kind_it_does_not_know_waits_and_the_others_leave(desk: Desk) -> None:
    world, lead_id = desk.world, jana(desk)
    (message, *_) = world.deps.store.query(Message, lead_id)
    _, body = stored(world, Ref(Message, (lead_id, message.value.message_id)))
    newer = body | {"message_id": "m-new", "kind": "brochure", "state": "pending"}
    put_raw(world, f"LEAD#{lead_id}", "MESSAGE#m-new", "Message", newer, due=True)
    before = len(world.mails())
    world.client.post("/f/contact", json={"name": "B", "email": "b@customer.example.net"})
    world.later(minutes=10)
    assert len(world.mails("b@customer.example.net")) == 1
    assert len(world.mails()) > before
    assert desk.get(f"/app/leads/{lead_id}").status_code == 200
    key = (f"LEAD#{lead_id}", "MESSAGE#m-new")
    row = table(world).get_many([key])[key]
    assert (row.version, bool(row.due_at), json.loads(row.body)["kind"]) == (1, True, "brochure")


def test_outbox_rows_and_requests_of_both_releases_go_their_way(desk: Desk) -> None:
    world = desk.world
    world.client.post("/f/contact", json={"name": "C", "email": "c@customer.example.org"})
    # Not sent yet: the newer release had them in hand.
    due = [d.ref for d in world.deps.store.due(world.now + timedelta(hours=1), kind=Message)]
    assert due
    for ref in due:
        as_newer(world, ref, tracking={"campaign": 7})
    waiting = [d.ref for d in world.deps.store.due(world.now + timedelta(days=30), kind=Request)]
    for ref in waiting:
        as_newer(world, ref, channel="phone")
    world.work()
    assert len(world.mails("c@customer.example.org")) == 1
    for ref in due:
        _, body = stored(world, ref)
        assert (body["state"], body["tracking"]) == (MessageState.SENT.value, {"campaign": 7})
    world.later(days=9)
    for ref in waiting:
        _, body = stored(world, ref)
        assert (body["state"], body["channel"]) == ("escalated", "phone")


def test_tokens_keys_and_sessions_of_the_newer_release_are_good(desk: Desk) -> None:
    """Status links, the receipt that makes a repetition harmless, an API key, whoever is signed in, and the person."""
    world = desk.world
    key = {"Idempotency-Key": "order-17", "Authorization": "Bearer story-key"}
    first = world.client.post("/v1/leads", json={**JANA, "email": "d@customer.example.org"}, headers=key)
    for kind in KINDS:
        if kind.__name__ in ("Receipt", "ApiKey", "Session"):
            for ref in refs(world, kind):
                as_newer(world, ref, device={"trusted": True})
    as_newer(world, Ref(Rep, ("ada",)), nickname="The first")
    again = world.client.post("/v1/leads", json={**JANA, "email": "d@customer.example.org"}, headers=key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["lead_id"] == first.json()["lead_id"]
    assert desk.get("/app").status_code == 200
    assert httpx.URL(first.json()["status_url"]).path.startswith("/s/")
    assert world.client.get(httpx.URL(first.json()["status_url"]).path).status_code == 200


def refs(world: World, kind: type) -> list[Ref[Any]]:
    return [ref for number in range(4) for ref, _ in world.deps.store.part(number, 4) if ref.kind is kind]
