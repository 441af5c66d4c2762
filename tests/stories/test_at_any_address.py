"""What visitors and programs meet over HTTP, wherever the service runs."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.stories.people import ADS
from tests.stories.story import BEARER, HTML, Story


def status_path(story: Story, name: str) -> str:
    """A visitor sends the hosted form twice, as a double click does; the path of the one status page."""
    page = story.get("/f/contact?utm_source=newsletter&lang=en")
    once = re.search(r'name="once" value="([^"]+)"', page.text)
    assert once
    data = story.person(name, once=once.group(1), message="Please send a quotation.")
    answers = [story.post("/f/contact", **data) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    # The token is made anew; what it opens is the same request.
    first, second = (story.status(answer.headers["location"])["received_at"] for answer in answers)
    assert first == second
    return str(answers[0].headers["location"]).partition("?")[0]


def test_a_visitor_is_told_with_whom_by_when_and_gets_one_confirmation_within_a_minute(story: Story) -> None:
    path = status_path(story, "Jana")
    shown = story.status(path)
    assert shown["with"]
    assert datetime.fromisoformat(shown["respond_by"]) > datetime.now(UTC)
    assert story.wait_until(lambda: story.status(path)["confirmed_at"])
    assert "We have your request." in story.client.get(f"{path}?lang=en", headers=HTML).text
    assert '<html lang="zh-Hant">' in story.client.get(f"{path}?lang=zh-Hant", headers=HTML).text


def test_a_gateway_that_follows_every_link_changes_nothing(story: Story) -> None:
    path = status_path(story, "Kim")
    story.wait_until(lambda: story.status(path)["confirmed_at"])
    before = story.status(path)
    for link in re.findall(r'href="(/[^"]*)"', story.client.get(path, headers=HTML).text):
        assert story.client.get(link.replace("&amp;", "&")).status_code < 500
        assert story.client.head(link.replace("&amp;", "&")).status_code < 500
    assert story.status(path) == before


def test_a_program_that_repeats_itself_is_answered_the_same_and_with_other_words_refused(story: Story) -> None:
    body = {"name": "Lee Muster", "email": story.email("lee"), "campaign": ADS.campaign_id}
    headers = {**BEARER, "Idempotency-Key": story.mark}
    first, second = (story.client.post("/v1/leads", json=body, headers=headers) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    ids = ("lead_id", "touch_id", "request_id")
    assert [first.json()[name] for name in ids] == [second.json()[name] for name in ids]
    other = story.client.post("/v1/leads", json={**body, "name": "Somebody else"}, headers=headers)
    assert other.status_code == 422
    assert other.headers["content-type"].startswith("application/problem+json")


def test_the_same_person_scanned_and_asking_is_one(story: Story) -> None:
    card = f"MECARD:N:Vorlage,Noa;EMAIL:{story.email('noa')};TEL:{story.phone()};;"
    scanned = story.client.post("/v1/scans", json={"card": card, "campaign": ADS.campaign_id}, headers=BEARER)
    asked = {"name": "Noa Vorlage", "email": story.email("noa")}
    assert story.client.post("/v1/leads", json=asked, headers=BEARER).json()["lead_id"] == scanned.json()["lead_id"]


def test_a_list_by_the_api_ends_in_four_outcomes_that_add_up(story: Story) -> None:
    rows = "".join(f"Row Number{n},{story.email(f'row{n}')},\n" for n in range(30))
    rows += f"Row Number1,{story.email('row1')},\nNobody,,4.91714E+11\n"
    files = {"file": ("list.csv", f"name,email,phone\n{rows}".encode())}
    begun = story.client.post("/v1/imports", data={"campaign": "Any address"}, files=files, headers=BEARER)
    assert begun.status_code == 202, begun.text
    path = f"/v1/imports/{begun.json()['import_id']}"

    def ended() -> dict[str, Any] | None:
        shown = story.client.get(path, headers=BEARER).json()
        return shown if shown["state"] == "finished" else None

    done = story.wait_until(ended)
    assert done["rows"] == 32 == sum(done[name] for name in ("created", "merged", "suppressed", "refused"))
    # Who cannot be reached is kept all the same.
    assert (done["created"], done["merged"], done["refused"]) == (31, 1, 0)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/s/forged.token", b"", 404),
        ("GET", "/f/nobody", b"", 404),
        ("GET", "/nowhere", b"", 404),
        ("POST", "/f/contact", b"name=Nobody", 422),
        ("POST", "/v1/leads", b"{}", 401),
        ("DELETE", "/f/contact", b"", 405),
    ],
)
def test_what_cannot_be_answered_is_a_problem_and_never_a_trace(
    story: Story, method: str, path: str, body: bytes, status: int
) -> None:
    kind = "application/json" if body == b"{}" else "application/x-www-form-urlencoded"
    answer = story.client.request(method, path, content=body, headers={"Content-Type": kind} if body else {})
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert "Traceback" not in answer.text


def test_the_console_asks_for_a_sign_in(story: Story) -> None:
    answer = story.get("/app/leads")
    assert (answer.status_code, answer.headers["location"]) == (303, "/app/sign-in?next=/app/leads")


def test_the_sample_people_are_offered_on_this_machine_and_nowhere_else(story: Story) -> None:
    """Even where the sample's mark has come to lie in a deployed service's bucket."""
    story.deps.blobs.put("sample", b"")
    shown = story.get("/app/sign-in").text
    story.deps.blobs.delete("sample")
    assert ("Anna Example" in shown) is ("127.0.0.1" in story.place.address)
