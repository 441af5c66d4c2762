"""Google Ads delivers the leads of a form to a webhook, each until it has been told that it arrived."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from chalicelib import wiring
from chalicelib.flows.read_intake import google_key
from chalicelib.records.ports import StoreUnavailable
from chalicelib.store.directory import CachedDirectory, CountedLoads
from tests.doubles import Down
from tests.stories.conftest import HTML, World, kept
from tests.stories.test_intakes import leads, open_for, parts, touch_of


def lead_of(world: World, intake_id: str, **changed: Any) -> dict[str, Any]:
    columns = {"FULL_NAME": "Jana Beispiel", "EMAIL": "jana@customer.example.com", "Which sensor?": "Oil"}
    return {
        "lead_id": "L-1", "google_key": google_key(world.deps, intake_id), "gcl_id": "G1", "campaign_id": 20000000000,
        "user_column_data": [{"column_id": name, "string_value": value} for name, value in columns.items()], **changed,
    }  # fmt: skip


def post(world: World, intake_id: str, body: Any) -> httpx.Response:
    return world.client.post(f"/intakes/google/{intake_id}", json=body)


def opened(world: World) -> str:
    return open_for(world, entry="google", own_id="")


def down(world: World, cold: bool = False) -> None:
    gone: Any = Down(StoreUnavailable("throttled"), None)
    world.deps.directory.intakes()
    directory = CachedDirectory(gone, CountedLoads(gone)) if cold else world.deps.directory
    wiring.use(replace(wiring.service(), deps=replace(world.deps, store=gone, directory=directory)))


def up(world: World) -> None:
    wiring.use(replace(wiring.service(), deps=world.deps))


def test_a_delivered_lead_is_a_lead_and_each_further_delivery_the_same(world: World) -> None:
    intake_id = opened(world)
    answer = post(world, intake_id, lead_of(world, intake_id))
    assert (answer.status_code, answer.json()) == (200, {})
    (lead,) = leads(world)
    touch = touch_of(world, lead)
    assert (lead.full_name, touch.campaign_id, touch.form_id) == ("Jana Beispiel", "ads", intake_id)
    assert (touch.source.channel, touch.source.click_ids) == ("Paid Search", {"gclid": "G1"})
    assert (touch.details["Which sensor?"], touch.details["lead_id"]) == ("Oil", "L-1")
    assert len(world.mails("jana@")) == 1
    world.later(hours=3)
    assert post(world, intake_id, lead_of(world, intake_id)).status_code == 200
    assert parts(world) == (1, 0, 0, 0)
    # Another lead of the same words is another one.
    assert post(world, intake_id, lead_of(world, intake_id, lead_id="L-2")).status_code == 200
    assert parts(world) == (1, 1, 0, 0)


def test_the_same_id_with_other_values_is_refused_and_kept(world: World) -> None:
    intake_id = opened(world)
    post(world, intake_id, lead_of(world, intake_id))
    other = [{"column_id": "EMAIL", "string_value": "other@customer.example.com"}]
    answer = post(world, intake_id, lead_of(world, intake_id, user_column_data=other))
    assert (answer.status_code, set(answer.json())) == (400, {"message"})
    assert parts(world) == (1, 0, 0, 1)


@pytest.mark.parametrize("key", ["", "wrong", "schlüssel", None, ["x"]])
def test_without_the_key_nothing_is_taken_in_and_it_is_not_told_whether_the_address_exists(
    world: World, key: Any
) -> None:
    intake_id = opened(world)
    wrong = post(world, intake_id, lead_of(world, intake_id, google_key=key))
    nobody = post(world, "0" * 24, lead_of(world, intake_id))
    unreadable = world.client.post(f"/intakes/google/{intake_id}", content=b"{")
    assert wrong.status_code == nobody.status_code == unreadable.status_code == 403
    assert wrong.json() == nobody.json() == unreadable.json()
    assert parts(world) == (0, 0, 0, 0)


def test_the_key_of_one_intake_does_not_open_another(world: World) -> None:
    first, second = opened(world), opened(world)
    assert post(world, first, lead_of(world, second)).status_code == 403


def test_a_test_is_answered_and_stores_nothing(world: World) -> None:
    intake_id = opened(world)
    answer = post(world, intake_id, lead_of(world, intake_id, is_test=True))
    assert (answer.status_code, answer.json()) == (200, {})
    assert post(world, intake_id, lead_of(world, intake_id, is_test=True, google_key="wrong")).status_code == 403
    assert parts(world) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    "changed",
    [{"user_column_data": []}, {"user_column_data": None}, {"lead_id": "x" * 256},
     {"user_column_data": [{"column_id": "EMAIL", "string_value": "nope"}]}],
    ids=["nobody", "nothing", "long id", "address"],
)  # fmt: skip
def test_what_is_wrong_is_told_once_and_kept_with_its_reason(world: World, changed: dict[str, Any]) -> None:
    intake_id = opened(world)
    answer = post(world, intake_id, lead_of(world, intake_id, **changed))
    assert (answer.status_code, set(answer.json())) == (400, {"message"})
    assert parts(world) == (0, 0, 0, 1)
    world.sign_in("eva")
    assert world.client.get(f"/app/kept/{kept(world).kept_id}", headers=HTML).status_code == 200


def test_spam_is_set_aside_and_google_is_told_that_it_arrived(world: World) -> None:
    intake_id = opened(world)
    name = [{"column_id": "FULL_NAME", "string_value": "See www.spam.example"},
            {"column_id": "EMAIL", "string_value": "jana@customer.example.com"}]  # fmt: skip
    answer = post(world, intake_id, lead_of(world, intake_id, user_column_data=name))
    assert (answer.status_code, answer.json()) == (200, {})
    found = kept(world)
    assert found.reasons == ("a link stands where a name should",)
    world.sign_in("eva")
    page = world.client.get(f"/app/kept/{found.kept_id}", headers=HTML).text
    assert "See www.spam.example" in page
    assert google_key(world.deps, intake_id) not in page


@pytest.mark.parametrize("cold", [False, True])
def test_delivered_while_the_store_is_down_it_waits_and_google_need_not_come_again(world: World, cold: bool) -> None:
    intake_id = opened(world)
    down(world, cold)
    assert post(world, intake_id, lead_of(world, intake_id)).status_code == 200
    up(world)
    (lead,) = leads(world)
    assert touch_of(world, lead).form_id == intake_id
    post(world, intake_id, lead_of(world, intake_id))
    assert parts(world) == (1, 0, 0, 0)


def test_neither_a_test_nor_a_wrong_key_that_waited_at_the_door_makes_a_lead(world: World) -> None:
    intake_id = opened(world)
    down(world, cold=True)
    post(world, intake_id, lead_of(world, intake_id, is_test=True))
    post(world, intake_id, lead_of(world, intake_id, google_key="wrong"))
    up(world)
    assert leads(world) == []
    assert parts(world) == (0, 0, 0, 2)


def test_the_intakes_page_shows_the_address_and_the_key(world: World) -> None:
    intake_id = opened(world)
    world.sign_in("ada")
    page = world.client.get(f"/app/forms/intakes/{intake_id}", headers=HTML).text
    assert f'value="http://leadline.example/intakes/google/{intake_id}"' in page
    assert f'value="{google_key(world.deps, intake_id)}"' in page
    assert len(google_key(world.deps, intake_id)) <= 50
    assert google_key(world.deps, intake_id) not in world.client.get("/app/forms/intakes", headers=HTML).text
    typed = {"name": "X", "entry": "google", "own_id": "mine", "csrf": world.csrf("/app/forms/intakes")}
    assert world.client.post("/app/forms/intakes", data=typed, headers=HTML).status_code == 422
