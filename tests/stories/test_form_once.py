"""V-1 and the rule "once": a double click, a retry and twenty at once are one lead, one touch, one mail."""

import threading

import httpx
import pytest

from chalicelib.handlers.gateway import Gateway
from chalicelib.records.lead import Lead
from chalicelib.records.search import LeadQuery
from chalicelib.records.touch import Touch
from tests.stories.conftest import HTML, KEY, World
from tests.stories.people import EVERYBODY

FIELDS = {"name": "Jana Beispiel", "email": "Jana@Customer.Example.com", "message": "Which sensor fits oil?"}
BEARER = {"Authorization": f"Bearer {KEY}"}


def lead(world: World) -> Lead:
    """The one lead there is."""
    world.work()
    page = world.deps.model.leads(LeadQuery())
    assert page.total == 1
    stored = world.deps.store.get(Lead, page.rows[0].lead_id)
    assert stored
    return stored.value


def touches(world: World) -> list[Touch]:
    return [t.value for t in world.deps.store.query(Touch, lead(world).lead_id)]


@pytest.mark.parametrize(
    "sent",
    [{"data": FIELDS}, {"files": {name: (None, value) for name, value in FIELDS.items()}}, {"json": FIELDS}],
    ids=["urlencoded", "multipart", "json"],
)
def test_one_post_gives_a_scored_owned_and_confirmed_lead(world: World, sent: dict[str, object]) -> None:
    world.put(*EVERYBODY)
    answer = world.client.post("/f/contact?utm_source=x", **sent)  # type: ignore[arg-type]
    assert answer.status_code == 201, answer.text
    found = lead(world)
    assert found.lead_id == answer.json()["lead_id"]
    assert found.emails == ("jana@customer.example.com",)
    assert found.score.reasons
    assert found.assignment
    assert found.assignment.owner_id in ("anna", "ben")
    assert found.assignment.reasons
    assert found.respond_by
    assert len(world.mails("jana@customer.example.com")) == 1
    assert len(world.mails(f"{found.assignment.owner_id}@example.com")) == 1


def test_utm_fields_and_click_ids_travel_from_the_landing_page_to_the_touch(world: World) -> None:
    world.put(*EVERYBODY)
    page = world.client.get("/f/contact?utm_source=google&utm_medium=cpc&utm_term=sensor&gclid=G-1", headers=HTML).text
    hidden = dict(__import__("re").findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    assert world.client.post("/f/contact", data={**hidden, **FIELDS}, headers=HTML).status_code == 303
    (touch,) = touches(world)
    source = touch.source
    assert (source.channel, source.source, source.medium, source.term) == ("Paid Search", "google", "cpc", "sensor")
    assert source.click_ids == {"gclid": "G-1"}


def test_a_double_click_is_one_submission_with_the_same_answer(world: World) -> None:
    world.put(*EVERYBODY)
    sent = {**FIELDS, "once": "token-1"}
    first, second = (world.client.post("/f/contact", data=sent, headers=HTML) for _ in range(2))
    assert [a.headers["location"].split(".")[:2] for a in (first, second)] == [
        first.headers["location"].split(".")[:2]
    ] * 2
    assert len(touches(world)) == 1
    assert len(world.mails("jana@")) == 1


def test_without_a_token_the_same_fields_within_ten_minutes_are_one_submission(world: World) -> None:
    world.put(*EVERYBODY)
    first = world.client.post("/f/contact", json=FIELDS)
    world.later(minutes=9)
    again = world.client.post("/f/contact", json={**FIELDS, "name": "  jana   BEISPIEL "})
    assert (first.status_code, again.status_code) == (201, 200)
    assert {**again.json(), "status_url": ""} == {**first.json(), "status_url": ""}


def test_a_repeat_enquiry_after_that_is_a_new_touch_of_the_old_person_with_the_old_owner(world: World) -> None:
    world.put(*EVERYBODY)
    world.client.post("/f/contact", json=FIELDS)
    owner = lead(world).assignment
    world.later(days=1)
    answer = world.client.post("/f/contact", json=FIELDS)
    assert answer.status_code == 201
    found = lead(world)
    assert found.touch_count == 2
    assert found.assignment == owner
    assert len(touches(world)) == 2


def test_twenty_parallel_identical_posts_are_one_lead_one_touch_one_mail(world: World) -> None:
    from app import app

    world.put(*EVERYBODY)
    answers: list[httpx.Response] = []

    def post() -> None:
        client = httpx.Client(transport=httpx.WSGITransport(app=Gateway(app)), base_url="http://leadline.example")
        answers.append(client.post("/f/contact", json=FIELDS))

    threads = [threading.Thread(target=post) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {a.status_code for a in answers} <= {200, 201}
    assert len({a.json()["lead_id"] for a in answers}) == 1
    assert len({a.json()["request_id"] for a in answers}) == 1
    assert len(touches(world)) == 1
    assert len(world.mails("jana@")) == 1


def test_the_same_idempotency_key_with_another_body_is_refused_and_says_nothing_of_the_first(world: World) -> None:
    world.put(*EVERYBODY)
    headers = {**BEARER, "Idempotency-Key": "k-2"}
    first = world.client.post("/v1/leads", json={"email": "x14@customer.example.com"}, headers=headers)
    other = world.client.post("/v1/leads", json={"email": "evil@customer.example.net"}, headers=headers)
    again = world.client.post("/v1/leads", json={"email": "x14@customer.example.com"}, headers=headers)
    assert (first.status_code, other.status_code, again.status_code) == (201, 422, 200)
    assert first.json()["lead_id"] not in other.text
    assert again.json()["lead_id"] == first.json()["lead_id"]


def test_the_api_needs_a_key_with_the_scope(world: World) -> None:
    assert world.client.post("/v1/leads", json=FIELDS).status_code == 401
    wrong = world.client.post("/v1/leads", json=FIELDS, headers={"Authorization": "Bearer wrong"})
    assert wrong.status_code == 401
    assert wrong.headers["content-type"] == "application/problem+json"


def test_a_browser_that_goes_back_and_changes_a_word_gets_its_page_again_with_a_fresh_token(world: World) -> None:
    world.put(*EVERYBODY)
    world.client.post("/f/contact", data={**FIELDS, "once": "t"}, headers=HTML)
    again = world.client.post("/f/contact", data={**FIELDS, "message": "Another one", "once": "t"}, headers=HTML)
    assert again.status_code == 422
    assert "Another one" in again.text
    assert 'value="t"' not in again.text


def test_a_post_from_our_own_page_is_no_referral(world: World) -> None:
    world.put(*EVERYBODY)
    headers = {**HTML, "Referer": "http://leadline.example/f/contact"}
    assert world.client.post("/f/contact", data=FIELDS, headers=headers).status_code == 303
    (touch,) = touches(world)
    assert (touch.source.channel, touch.source.source) == ("Direct", "(direct)")
