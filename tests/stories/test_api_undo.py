"""A program that sent a list takes it back, and puts it there again, by the API alone; on either engine."""

from typing import Any

import httpx

from tests.stories.conftest import KEY, World
from tests.stories.people import EVERYBODY, FAIR

BEARER = {"Authorization": f"Bearer {KEY}"}
LIST = "name,email\nJana Beispiel,jana@customer.example.com\nTimo Muster,timo@customer.example.net\n"


def ask(world: World, path: str, method: str = "POST", **sent: Any) -> httpx.Response:
    return world.client.request(method, path, headers=BEARER, **sent)


def state(world: World, import_id: str) -> dict[str, Any]:
    found: dict[str, Any] = ask(world, f"/v1/imports/{import_id}", "GET").json()
    return found


def test_a_program_takes_its_list_back_and_puts_it_there_again(world: World) -> None:
    world.put(*EVERYBODY, FAIR)
    files = {"file": ("people.csv", LIST.encode())}
    sent = ask(world, "/v1/imports", files=files, data={"campaign": "spring-fair", "basis": "consent"})
    assert sent.status_code == 202, sent.text
    path = f"/v1/imports/{sent.json()['import_id']}"
    import_id = sent.json()["import_id"]
    world.work()
    assert (state(world, import_id)["state"], state(world, import_id)["created"]) == ("finished", 2)
    assert ask(world, f"{path}/put-back").status_code == 409

    # Jana writes herself meanwhile: she stays.
    jana = {"name": "Jana Beispiel", "email": "jana@customer.example.com", "message": "Hello"}
    lead_id = ask(world, "/v1/leads", json=jana).json()["lead_id"]
    asked = ask(world, f"{path}/undo")
    assert (asked.status_code, asked.json()["state"]) == (202, "undoing")
    assert ask(world, f"{path}/undo").status_code == 202
    world.work()
    undone = state(world, import_id)
    assert (undone["state"], undone["taken_back"], undone["kept_back"]) == ("undone", 1, 1)
    assert undone["kept"] == [{"lead_id": lead_id, "reason": "somebody worked on this person since"}]
    assert undone["put_back_until"] > undone["started_at"]
    assert ask(world, f"{path}/undo").json()["state"] == "undone"

    back = ask(world, f"{path}/put-back")
    assert (back.status_code, back.json()["state"]) == (202, "redoing")
    world.work()
    assert state(world, import_id)["state"] == "finished"
    world.work()
    names = {lead["name"] for lead in ask(world, "/v1/leads", "GET").json()["leads"]}
    assert names == {"Jana Beispiel", "Timo Muster"}


def test_what_is_asked_of_no_list_or_with_more_than_the_address_is_refused(world: World) -> None:
    world.put(*EVERYBODY, FAIR)
    for action in ("undo", "put-back"):
        assert ask(world, f"/v1/imports/nothing/{action}").status_code == 404
    files = {"file": ("people.csv", LIST.encode())}
    import_id = ask(world, "/v1/imports", files=files, data={"campaign": "spring-fair"}).json()["import_id"]
    early = ask(world, f"/v1/imports/{import_id}/undo")
    assert (early.status_code, early.headers["content-type"]) == (409, "application/problem+json")
    world.work()
    meant = ask(world, f"/v1/imports/{import_id}/undo", json={"rows": [1]})
    assert (meant.status_code, meant.json()["errors"][0]["field"]) == (422, "body")
    listed = ask(world, "/v1/imports?state=finished", "GET").json()["imports"]
    assert [each["import_id"] for each in listed] == [import_id]
