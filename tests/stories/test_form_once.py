"""V-1 and the rule "once": a double click, a retry and twenty at once are one lead, one touch, one mail."""

import re
from typing import Any

import httpx
import pytest

from chalicelib.records.message import Message
from tests.stories.story import BEARER, HTML, Story

QUESTION = "Which sensor fits oil?"


def jana(story: Story, **more: str) -> dict[str, str]:
    return {"name": "Jana Beispiel", "email": f"Jana@{story.mark}.Example.com", "message": QUESTION, **more}


def only_lead(story: Story) -> str:
    """The lead_id of the one person this story made."""
    found = story.wait_until(lambda: story.found())
    assert len(found) == 1
    return found[0]


def mails_of(story: Story, lead_id: str) -> list[Message]:
    return [stored.value for stored in story.deps.store.query(Message, lead_id)]


@pytest.mark.parametrize("kind", ["urlencoded", "multipart", "json"])
def test_one_post_gives_a_scored_owned_and_confirmed_lead(story: Story, kind: str) -> None:
    fields = jana(story)
    sent: dict[str, Any] = {
        "urlencoded": {"data": fields},
        "multipart": {"files": {name: (None, value) for name, value in fields.items()}},
        "json": {"json": fields},
    }[kind]
    answer = story.client.post("/f/contact?utm_source=x", **sent)
    assert answer.status_code == 201, answer.text
    lead_id = story.lead_of(answer.json()["status_url"])
    found = story.stored(lead_id)
    assert found.emails == (story.email("jana"),)
    assert found.score.reasons
    assert found.assignment
    assert found.assignment.owner_id in ("anna", "ben")
    assert found.assignment.reasons
    assert found.respond_by
    story.rest(lead_id)
    assert len(story.letters("jana")) == 1
    told = [
        letter for letter in story.place.letters(f"{found.assignment.owner_id}@example.com") if lead_id in letter.text
    ]
    assert len(told) == 1
    assert only_lead(story) == lead_id


def test_utm_fields_and_click_ids_travel_from_the_landing_page_to_the_touch(story: Story) -> None:
    page = story.get("/f/contact?utm_source=google&utm_medium=cpc&utm_term=sensor&gclid=G-1").text
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    path = story.post("/f/contact", **{**hidden, **jana(story)}).headers["location"]
    (touch,) = story.touches(story.lead_of(path))
    source = touch.source
    assert (source.channel, source.source, source.medium, source.term) == ("Paid Search", "google", "cpc", "sensor")
    assert source.click_ids == {"gclid": "G-1"}


def test_a_double_click_is_one_submission_with_the_same_answer(story: Story) -> None:
    sent = jana(story, once=story.mark)
    first, second = (story.post("/f/contact", **sent).headers["location"] for _ in range(2))
    # The signature is made anew; the ids in it are the same.
    assert first.split(".")[:2] == second.split(".")[:2]
    lead_id = story.lead_of(first)
    story.rest(lead_id)
    assert len(story.touches(lead_id)) == 1
    assert len(story.letters("jana")) == 1


def test_without_a_token_the_same_fields_are_one_submission(story: Story) -> None:
    first = story.client.post("/f/contact", json=jana(story))
    again = story.client.post("/f/contact", json=jana(story, name="  jana   BEISPIEL "))
    assert (first.status_code, again.status_code) == (201, 200)
    assert {**again.json(), "status_url": ""} == {**first.json(), "status_url": ""}


def test_a_repeat_enquiry_another_day_is_a_new_touch_of_the_old_person_with_the_old_owner(story: Story) -> None:
    lead_id = story.lead_of(story.submit(**jana(story)))
    before = story.stored(lead_id)
    story.later(lead_id, hours=1)
    assert story.lead_of(story.submit(**jana(story))) == lead_id
    found = story.stored(lead_id)
    assert found.touch_count == 2
    assert found.assignment
    assert before.assignment
    assert found.assignment.owner_id == before.assignment.owner_id
    assert len(story.touches(lead_id)) == 2


def test_twenty_parallel_identical_posts_are_one_lead_one_touch_one_mail(busy_story: Story) -> None:
    story, fields = busy_story, jana(busy_story)

    def post(_: int, client: httpx.Client) -> httpx.Response:
        return client.post("/f/contact", json=fields)

    answers = story.crowd(20, post)
    assert {a.status_code for a in answers} <= {200, 201}
    assert len({story.lead_of(a.json()["status_url"]) for a in answers}) == 1
    assert len({a.json()["request_id"] for a in answers}) == 1
    lead_id = story.lead_of(answers[0].json()["status_url"])
    story.rest(lead_id)
    assert len(story.touches(lead_id)) == 1
    assert len(story.letters("jana")) == 1


def test_the_same_idempotency_key_with_another_body_is_refused_and_says_nothing_of_the_first(story: Story) -> None:
    headers = {**BEARER, "Idempotency-Key": story.mark}
    first = story.client.post("/v1/leads", json={"email": story.email("x14")}, headers=headers)
    other = story.client.post("/v1/leads", json={"email": story.email("evil")}, headers=headers)
    again = story.client.post("/v1/leads", json={"email": story.email("x14")}, headers=headers)
    assert (first.status_code, other.status_code, again.status_code) == (201, 422, 200)
    assert first.json()["lead_id"] not in other.text
    assert again.json()["lead_id"] == first.json()["lead_id"]


def test_the_api_needs_a_key_with_the_scope(story: Story) -> None:
    assert story.client.post("/v1/leads", json=jana(story)).status_code == 401
    wrong = story.client.post("/v1/leads", json=jana(story), headers={"Authorization": "Bearer wrong"})
    assert wrong.status_code == 401
    assert wrong.headers["content-type"] == "application/problem+json"


def test_a_browser_that_goes_back_and_changes_a_word_gets_its_page_again_with_a_fresh_token(story: Story) -> None:
    story.post("/f/contact", **jana(story, once=story.mark))
    again = story.post("/f/contact", **{**jana(story, once=story.mark), "message": "Another one"})
    assert again.status_code == 422
    assert "Another one" in again.text
    assert f'value="{story.mark}"' not in again.text


def test_a_post_from_our_own_page_is_no_referral(story: Story) -> None:
    headers = {**HTML, "Referer": f"{story.place.address}/f/contact"}
    # In words of its own: others' stories have sent what Jana sends.
    sent = {**jana(story), "message": f"Which sensor fits oil at {story.mark}?"}
    answer = story.client.post("/f/contact", data=sent, headers=headers)
    (touch,) = story.touches(story.lead_of(answer.headers["location"]))
    assert (touch.source.channel, touch.source.source) == ("Direct", "(direct)")
