"""A page that posts to HubSpot's Forms API posts here once the address in its script is changed, from any site."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from chalicelib import wiring
from chalicelib.records.ports import StoreUnavailable
from chalicelib.records.search import KeptQuery
from tests.doubles import Down
from tests.stories.conftest import HTML, World, kept
from tests.stories.test_intakes import leads, open_for, parts, touch_of

GUID = "78c2891f-ebdd-44c0-bd94-15c012bbbfbf"
PATH = f"/submissions/v3/integration/submit/62515/{GUID}"
ORIGIN = {"Origin": "https://www.example.org"}


def jana(**fields: str) -> dict[str, Any]:
    told = {"firstname": "Jana", "lastname": "Beispiel", "email": "jana@customer.example.com", "company": "Beispiel AG",
            "message": "Which sensor fits oil?", "interest": "Oil", **fields}  # fmt: skip
    page = "https://www.example.org/contact?utm_source=mail&utm_campaign=fair&gclid=G1"
    consent = {"consentToProcess": True, "text": "I agree.", "communications": []}
    return {
        "fields": [{"objectTypeId": "0-1", "name": name, "value": value} for name, value in told.items()],
        "context": {"pageUri": page, "pageName": "Contact us", "hutk": "60c2ccdf", "ipAddress": "192.0.2.1"},
        "legalConsentOptions": {"consent": consent},
    }


def open_form(world: World) -> None:
    open_for(world, entry="hubspot", own_id=f"https://api.hsforms.com{PATH}")


def post(world: World, body: Any, path: str = PATH, **headers: str) -> httpx.Response:
    answer = world.client.post(path, json=body, headers={**ORIGIN, **headers})
    assert answer.headers["access-control-allow-origin"] == "*"
    return answer


def test_a_hubspot_submission_makes_a_lead_with_its_page_and_its_consents(world: World) -> None:
    open_form(world)
    answer = post(world, jana())
    assert (answer.status_code, answer.json()["inlineMessage"]) == (200, "Thanks for submitting the form.")
    (lead,) = leads(world)
    assert (lead.full_name, lead.company, lead.emails) == (
        "Jana Beispiel",
        "Beispiel AG",
        ("jana@customer.example.com",),
    )
    touch = touch_of(world, lead)
    # The campaign of ours that the page's address names counts before the intake's.
    assert (touch.campaign_id, touch.form_id) == ("fair", f"62515-{GUID}")
    assert (touch.source.source, touch.source.click_ids) == ("mail", {"gclid": "G1"})
    assert (touch.details["interest"], touch.details["hutk"]) == ("Oil", "60c2ccdf")
    assert touch.details["consent: processing"] == "yes"
    assert touch.details["text of consent: processing"] == "I agree."
    assert "192.0.2.1" not in str(touch)
    assert len(world.mails("jana@")) == 1
    again = post(world, jana(), PATH.replace(GUID, GUID.upper()))
    assert again.json()["request_id"] == answer.json()["request_id"]
    assert parts(world) == (1, 0, 0, 0)


def test_a_browser_is_told_that_any_site_may_send_json(world: World) -> None:
    """The same for a form nobody knows."""
    asked = {**ORIGIN, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    answer = world.client.options(PATH, headers=asked)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "content-type" in answer.headers["access-control-allow-headers"].lower().split(", ")
    assert "access-control-allow-credentials" not in answer.headers


def test_an_unknown_form_is_refused_in_hubspots_shape_and_kept_nowhere(world: World) -> None:
    open_form(world)
    for path in (PATH.replace("62515", "62516"), PATH.replace("78c2", "78c3"), PATH.replace(GUID, "nobody")):
        answer = post(world, jana(), path)
        assert answer.status_code == 404
        assert answer.json()["status"] == "error"
        assert answer.json()["correlationId"]
    assert world.client.post("/servlet/servlet.WebToLead", data={"oid": f"62515-{GUID}"}).status_code == 404
    assert parts(world) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("body", "kind"),
    [(jana(email="nope"), "INVALID_EMAIL"), ({"fields": []}, "REQUIRED_FIELD"), ({}, "REQUIRED_FIELD"),
     (jana(interest="x" * 501), "INPUT_TOO_LARGE")],
    ids=["email", "nobody", "nothing", "long"],
)  # fmt: skip
def test_what_is_wrong_is_told_in_hubspots_kinds_and_kept_with_its_reason(
    world: World, body: dict[str, Any], kind: str
) -> None:
    open_form(world)
    answer = post(world, body)
    told = answer.json()
    assert (answer.status_code, told["status"], told["message"]) == (400, "error", "The request is not valid")
    assert [error["errorType"] for error in told["errors"]] == [kind]
    assert parts(world) == (0, 0, 0, 1)


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [("application/json", b"{", 400), ("text/plain", b"{}", 415), ("application/json", b'"' + b"x" * 1_100_000, 413)],
    ids=["broken", "type", "large"],
)
def test_what_cannot_be_read_is_kept_as_rejected(world: World, content_type: str, body: bytes, status: int) -> None:
    open_form(world)
    answer = world.client.post(PATH, content=body, headers={**ORIGIN, "Content-Type": content_type})
    assert (answer.status_code, answer.json()["status"]) == (status, "error")
    found = kept(world)
    world.sign_in("eva")
    assert world.client.get(f"/app/kept/{found.kept_id}", headers=HTML).status_code == 200
    assert parts(world) == (0, 0, 0, 1)


def test_spam_is_answered_alike_and_set_aside(world: World) -> None:
    open_form(world)
    spam = post(world, jana(message="http://a.example http://b.example http://c.example"))
    trapped = post(world, jana(email="x@customer.example.com", leave_empty="x"))
    assert spam.json().keys() == trapped.json().keys() == {"inlineMessage", "request_id", "status_url"}
    assert parts(world) == (0, 0, 2, 0)
    assert world.mails("customer.example.com") == []
    assert world.deps.model.kept(KeptQuery())[1] == 2


def test_sent_while_the_store_is_down_it_waits_and_is_done_once(world: World) -> None:
    open_form(world)
    down: Any = Down(StoreUnavailable("throttled"), None)
    world.deps.directory.intakes()
    wiring.use(replace(wiring.service(), deps=replace(world.deps, store=down)))
    answer = post(world, jana())
    assert answer.status_code == 202
    wiring.use(replace(wiring.service(), deps=world.deps))
    (lead,) = leads(world)
    assert touch_of(world, lead).form_id == f"62515-{GUID}"
    assert post(world, jana()).json()["request_id"] == answer.json()["request_id"]
    assert parts(world) == (1, 0, 0, 0)


def test_let_in_by_a_person_it_becomes_the_lead_it_was_sent_as(world: World) -> None:
    open_form(world)
    post(world, jana(leave_empty="x"))
    found = kept(world)
    world.sign_in("eva")
    page = world.client.get(f"/app/kept/{found.kept_id}", headers=HTML).text
    assert "objectTypeId" not in page
    assert "interest" in page
    csrf = world.csrf(f"/app/kept/{found.kept_id}")
    world.client.post(f"/app/kept/{found.kept_id}/let-in", data={"csrf": csrf}, headers=HTML)
    (lead,) = leads(world)
    assert touch_of(world, lead).details["interest"] == "Oil"


def test_the_intakes_page_shows_the_address_the_portal_and_the_form(world: World) -> None:
    open_form(world)
    world.sign_in("ada")
    page = world.client.get(f"/app/forms/intakes/62515-{GUID}", headers=HTML).text
    for shown in (f"http://leadline.example{PATH}", "62515", GUID):
        assert f'value="{shown}"' in page
    assert "retURL" not in page
    made = open_for(world, entry="hubspot", own_id="")
    path = PATH.replace("62515", made[:8]).replace(GUID, made[9:])
    assert post(world, jana(), path).status_code == 200
