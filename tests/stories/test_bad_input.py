"""Bad input gets a problem with the field and the reason: never a trace, never half a change."""

from dataclasses import replace

import pytest

from chalicelib import wiring
from chalicelib.records.campaign import Campaign
from tests.stories.conftest import World
from tests.stories.people import EVERYBODY
from tests.stories.story import BEARER, HTML, Story


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": "Nobody"}, "email"),
        ({"name": "n", "email": "not-an-address"}, "email"),
        ({"name": "n", "email": "a@example.org\r\nBcc: victim@example.net"}, "email"),
        ({"name": "n", "email": "a@example.org, b@example.net"}, "email"),
        ({"name": "n", "email": "a" * 200_000 + "@example.org"}, "email"),
        ({"name": "x" * 200_000, "email": "a@example.org"}, "name"),
        ({"email": "a@example.org"}, "name"),
    ],
    ids=[
        "no contact point",
        "malformed",
        "header injection",
        "two addresses",
        "huge local part",
        "huge name",
        "required",
    ],
)
def test_a_form_that_cannot_be_taken_names_the_field_and_stores_nothing(
    story: Story, fields: dict[str, str], field: str
) -> None:
    fields = {**fields, "company": f"Bad {story.mark}"}
    answer = story.client.post("/f/contact", data=fields)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert field in [error["field"] for error in answer.json()["errors"]]
    page = story.client.post("/f/contact", data=fields, headers=HTML)
    assert page.status_code == 422
    # Once somebody who came after is shown, whoever was stored before would be.
    good = story.client.post("/f/contact", json={**story.person("Good"), "company": f"Good {story.mark}"})
    good_one = story.lead_of(good.json()["status_url"])
    story.wait_until(lambda: good_one in story.found())
    assert story.found() == [good_one]


def test_nul_and_control_bytes_are_taken_out(story: Story) -> None:
    answer = story.client.post("/f/contact", json={"name": "a\x00b\x1b[2J", "email": story.email("x7")})
    assert answer.status_code == 201
    assert story.stored(story.lead_of(answer.json()["status_url"])).full_name.isprintable()


def test_a_phone_without_a_country_is_kept_as_written(story: Story) -> None:
    answer = story.client.post("/f/contact", json={"name": "A", "email": story.email("a"), "phone": "07911 065734"})
    assert "07911 065734" in story.stored(story.lead_of(answer.json()["status_url"])).extra.values()


@pytest.mark.parametrize("path", ["/f/nothing", "/s/forged", "/u/forged", "/e/forged", "/nothing/here"])
def test_what_does_not_exist_is_a_404_problem_and_a_page_for_a_browser(story: Story, path: str) -> None:
    answer = story.client.get(path)
    assert answer.status_code == 404
    assert answer.json()["status"] == 404
    page = story.client.get(path, headers=HTML)
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"<x/>", "application/xml", 415),
        (b"{not json", "application/json", 400),
        (b"[1]", "application/json", 400),
        (b'{"email":"a@example.org","n":NaN}', "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"x" * 11_000_000, "application/json", 413),
        (b"x" * 3_000_000, "application/json", 413),
    ],
    ids=["type", "broken", "array", "nan", "not utf-8", "11 MB", "3 MB"],
)
def test_a_body_that_cannot_be_read_is_a_problem(story: Story, body: bytes, content_type: str, status: int) -> None:
    answer = story.client.post("/v1/leads", content=body, headers={**BEARER, "Content-Type": content_type})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    (error,) = answer.json()["errors"]
    assert error["field"] == ("content-type" if status == 415 else "body")
    assert error["reason"]


def test_a_browser_that_sends_too_much_is_told_so_on_a_page(story: Story) -> None:
    headers = {**HTML, "Content-Type": "application/x-www-form-urlencoded", "Accept-Language": "zh-TW"}
    page = story.client.post("/f/contact", content=b"x" * 11_000_000, headers=headers)
    assert page.status_code == 413
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["content-language"] == "zh-Hant"
    assert "MB" in page.text


def test_a_method_a_route_does_not_have_is_a_problem(story: Story) -> None:
    answer = story.client.put("/v1/leads", headers=BEARER)
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"
    assert "POST" in answer.json()["detail"]


def test_an_unknown_campaign_is_a_problem_not_a_new_campaign(story: Story) -> None:
    answer = story.client.post("/v1/leads", json={"email": "a@example.org", "campaign": "nope"}, headers=BEARER)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "campaign"


def test_a_visitor_cannot_set_what_the_form_does_not_ask(story: Story) -> None:
    more = {"score": "9999", "owner": "eva", "status": "customer", "pk": "x"}
    answer = story.client.post("/f/contact", data={**story.person("A"), **more})
    stored = story.stored(story.lead_of(answer.json()["status_url"]))
    assert stored.status == "new"
    assert stored.score.points <= 100
    assert not set(more) & set(stored.extra)


def test_markup_in_a_name_is_text_on_every_page(story: Story) -> None:
    headers = {"User-Agent": "<img src=x onerror=alert(1)>", "Referer": "javascript:alert(1)"}
    sent = {"name": f"<script>alert('{story.mark}')</script>", "email": story.email("x1"),
            "utm_source": '"><svg/onload=alert(1)>'}  # fmt: skip
    answer = story.client.post("/f/contact", data=sent, headers=headers)
    lead_id = story.lead_of(answer.json()["status_url"])
    story.wait_until(lambda: lead_id in story.found())
    story.sign_in("eva")
    story.wait_until(lambda: story.mark in story.get(f"/app/leads?text={story.mark}").text.partition("<main")[2])
    for path in ("/app", f"/app/leads?text={story.mark}", f"/app/leads/{lead_id}", "/app/mailbox"):
        page = story.get(path)
        assert page.status_code == 200, path
        assert "<script>alert" not in page.text
        assert "<svg/onload" not in page.text
        assert 'href="javascript:' not in page.text
    letter = story.wait_until(lambda: story.letters("x1"))[0]
    assert "<script>" not in letter.html


def test_every_page_has_a_strict_policy_and_no_inline_script(story: Story) -> None:
    story.sign_in("eva")
    for path in ("/f/contact", "/app", "/app/leads", "/app/uploads", "/app/campaigns", "/app/returns", "/app/reps"):
        page = story.client.get(path, headers=HTML)
        assert page.status_code == 200, path
        policy = page.headers["content-security-policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert "<script>" not in page.text
        assert " style=" not in page.text
        assert " onclick=" not in page.text


def test_a_post_without_the_pages_own_token_changes_nothing(story: Story) -> None:
    story.sign_in("eva")
    answer = story.post("/app/campaigns", name=f"Forged {story.mark}")
    assert answer.status_code == 403
    assert all(story.mark not in stored.value.name for stored in story.deps.store.query(Campaign))


def test_pages_need_a_sign_in(story: Story) -> None:
    for path in ("/app", "/app/leads", "/app/uploads", "/app/mailbox", "/app/reps"):
        answer = story.client.get(path, headers=HTML)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/app/sign-in")


def test_the_sample_sign_in_is_closed_for_any_name_but_this_machines_and_on_aws_for_all(world: World) -> None:
    world.put(*EVERYBODY)
    world.deps.blobs.put("sample", b"")
    wiring.use(replace(wiring.service(), settings=replace(wiring.service().settings, public_url="")))
    page = world.client.get("/app/sign-in", headers=HTML)
    assert "Anna Example" not in page.text
    here = world.client.get("/app/sign-in", headers={**HTML, "Host": "127.0.0.1:8000"})
    assert ("Anna Example" in here.text) is (world.pump is None)
