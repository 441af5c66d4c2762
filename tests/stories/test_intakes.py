"""A site whose forms were made for another product changes their address alone: what they send becomes leads by the
same rules as ours, once, and is not lost."""

import re
from dataclasses import replace
from typing import Any

import httpx
import pytest

from chalicelib import wiring
from chalicelib.flows.check_store import check_store
from chalicelib.records.intake import Intake
from chalicelib.records.lead import Lead
from chalicelib.records.ports import StoreUnavailable
from chalicelib.records.search import LeadQuery
from chalicelib.records.touch import Request, Touch
from chalicelib.store.directory import CachedDirectory, CountedLoads
from tests.doubles import Down
from tests.stories.conftest import HTML, World, kept
from tests.stories.people import ADA, EVERYBODY

PATH = "/servlet/servlet.WebToLead"
OID = "00D5j000001uVaT"
JANA = {
    "oid": OID, "retURL": "https://www.example.org/thanks?a=1", "first_name": "Jana", "last_name": "Beispiel",
    "email": "jana@customer.example.com", "company": "Beispiel AG", "phone": "+49 30 123456", "country": "DE",
    "description": "Which sensor fits oil?", "lead_source": "Web", "Campaign_ID": "7015j000001",
    "00N5j00000LqV18": "Oil",
}  # fmt: skip


def open_for(world: World, **fields: str) -> str:
    """An intake set up in the console; its id."""
    world.put(*EVERYBODY, ADA)
    world.sign_in("ada")
    sent = {
        "name": "Old contact page",
        "entry": "web-to-lead",
        "own_id": OID,
        "campaign_id": "ads",
        "return_hosts": "www.example.org",
        **fields,
    }
    sent["csrf"] = world.csrf("/app/forms/intakes")
    made = world.client.post("/app/forms/intakes", data=sent, headers=HTML)
    assert made.status_code == 303, made.text
    world.client.cookies.clear()
    return str(made.headers["location"]).rpartition("/")[2].partition("?")[0]


def leads(world: World) -> list[Lead]:
    world.work()
    stored = (world.deps.store.get(Lead, row.lead_id) for row in world.deps.model.leads(LeadQuery()).rows)
    return [found.value for found in stored if found]


def touch_of(world: World, lead: Lead) -> Touch:
    (stored,) = world.deps.store.query(Touch, lead.lead_id)
    return stored.value


def parts(world: World) -> tuple[int, int, int, int]:
    """(accepted, merged, quarantined, rejected)."""
    world.work()
    found = check_store(world.deps)
    return (found["accepted"], found["merged"], found["quarantined"], found["rejected"])


def test_a_salesforce_form_makes_a_scored_owned_and_confirmed_lead_and_the_visitor_goes_on(world: World) -> None:
    open_for(world)
    page = {"Referer": "https://www.example.org/contact?utm_source=mail&gclid=G1"}
    answer = world.client.post(f"{PATH}?encoding=UTF-8", data=JANA, headers={**HTML, **page})
    assert (answer.status_code, answer.headers["location"]) == (303, "https://www.example.org/thanks?a=1")
    (lead,) = leads(world)
    assert (lead.full_name, lead.company, lead.emails) == ("Jana Beispiel", "Beispiel AG", (JANA["email"],))
    assert lead.score.reasons
    assert lead.assignment
    touch = touch_of(world, lead)
    assert (touch.campaign_id, touch.message, touch.form_id) == ("ads", "Which sensor fits oil?", OID)
    assert touch.details["00N5j00000LqV18"] == "Oil"
    assert touch.details["Campaign_ID"] == "7015j000001"
    assert (touch.source.source, touch.source.click_ids, touch.source.referrer) == ("mail", {"gclid": "G1"}, "")
    assert len(world.mails("jana@")) == 1


def test_a_program_is_told_that_it_was_processed_and_twice_is_once(world: World) -> None:
    open_for(world)
    first, again = (world.client.post(PATH, data=JANA) for _ in range(2))
    assert [one.status_code for one in (first, again)] == [200, 200]
    assert first.headers["is-processed"] == "true"
    assert again.json()["request_id"] == first.json()["request_id"]
    assert parts(world) == (1, 0, 0, 0)
    world.later(minutes=11)
    world.client.post(PATH, data=JANA)
    assert parts(world) == (1, 1, 0, 0)


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "http://www.example.org/", "https://www.example.org@evil.example/", ""]
)
def test_nobody_is_sent_on_to_a_site_the_intake_does_not_name(world: World, address: str) -> None:
    open_for(world)
    answer = world.client.post(PATH, data={**JANA, "retURL": address}, headers=HTML)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/s/")
    assert world.client.get(answer.headers["location"], headers=HTML).status_code == 200


def test_the_pages_charset_counts_whether_the_address_or_a_field_names_it(world: World) -> None:
    open_for(world)
    for n, (query, field) in enumerate((("?encoding=GB18030", ""), ("", "&encoding=GB18030"))):
        body = f"oid={OID}&email=li{n}@customer.example.com&last_name=".encode() + "李明".encode("gb18030")
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        assert world.client.post(PATH + query, content=body + field.encode(), headers=headers).status_code == 200
    assert {lead.full_name for lead in leads(world)} == {"李明"}


@pytest.mark.parametrize(
    "changed", [{"oid": "00D000000000000"}, {"oid": "nobody"}, {"oid": ""}], ids=["other", "none", "empty"]
)
def test_what_is_sent_to_nobody_is_refused_in_salesforces_words_and_kept_nowhere(
    world: World, changed: dict[str, str]
) -> None:
    open_for(world)
    answer = world.client.post(PATH, data={**JANA, **changed})
    assert (answer.status_code, answer.headers["is-processed"]) == (404, "false")
    page = world.client.post(PATH, data={**JANA, **changed}, headers=HTML)
    assert page.status_code == 404
    world.sign_in("ada")
    assert "2 submissions were refused" in world.client.get("/app/forms/intakes", headers=HTML).text
    assert parts(world) == (0, 0, 0, 0)
    assert world.deps.blobs.list("kept/") == []


def test_a_withdrawn_intake_answers_like_one_that_never_was(world: World) -> None:
    intake_id = open_for(world)
    never = world.client.post(PATH, data={**JANA, "oid": "00D000000000000"})
    world.sign_in("ada")
    csrf = world.csrf(f"/app/forms/intakes/{intake_id}")
    for _ in range(2):
        gone = world.client.post(f"/app/forms/intakes/{intake_id}/withdraw", data={"csrf": csrf}, headers=HTML)
        assert gone.headers["location"] == f"/app/forms/intakes/{intake_id}?said=withdrawn"
    answer = world.client.post(PATH, data=JANA)
    assert (answer.status_code, answer.json()) == (never.status_code, never.json())
    assert parts(world) == (0, 0, 0, 0)


def test_what_cannot_be_read_is_nobodys(world: World) -> None:
    open_for(world)
    for content_type, body, status in (
        ("application/xml", b"<x/>", 415), ("application/json", b"{", 400),
        ("application/x-www-form-urlencoded", b"a=" + b"x" * 1_100_000, 413),
    ):  # fmt: skip
        answer = world.client.post(PATH, content=body, headers={"Content-Type": content_type})
        assert (answer.status_code, answer.headers["is-processed"]) == (status, "false")
    assert parts(world) == (0, 0, 0, 0)


def test_a_wrong_address_is_refused_field_by_field_and_kept_with_its_reason(world: World) -> None:
    open_for(world)
    answer = world.client.post(PATH, data={**JANA, "email": "nope"})
    assert (answer.status_code, answer.headers["is-processed"]) == (422, "false")
    assert [problem["field"] for problem in answer.json()["errors"]] == ["email"]
    assert parts(world) == (0, 0, 0, 1)


def test_spam_is_answered_alike_set_aside_and_let_in_by_a_person(world: World) -> None:
    open_for(world)
    spam = {**JANA, "description": "http://a.example http://b.example http://c.example"}
    answer = world.client.post(PATH, data=spam, headers=HTML)
    assert answer.headers["location"] == JANA["retURL"]
    found = kept(world)
    assert found.reasons == ("more links than a question needs: 3",)
    assert world.mails("jana@") == []
    world.sign_in("eva")
    assert "Old contact page" in world.client.get("/app/kept", headers=HTML).text
    csrf = world.csrf(f"/app/kept/{found.kept_id}")
    let_in = world.client.post(f"/app/kept/{found.kept_id}/let-in", data={"csrf": csrf}, headers=HTML)
    assert let_in.headers["location"] == "/app/kept?said=let-in"
    assert parts(world) == (1, 0, 0, 0)


@pytest.mark.parametrize("cold", [False, True])
def test_sent_while_the_store_is_down_it_waits_and_is_done_once(world: World, cold: bool) -> None:
    open_for(world)
    down: Any = Down(StoreUnavailable("throttled"), None)
    world.deps.directory.intakes()
    directory = CachedDirectory(down, CountedLoads(down)) if cold else world.deps.directory
    wiring.use(replace(wiring.service(), deps=replace(world.deps, store=down, directory=directory)))
    answer: httpx.Response = world.client.post(f"{PATH}?encoding=UTF-8", data=JANA)
    assert answer.status_code == 202
    wiring.use(replace(wiring.service(), deps=world.deps))
    (lead,) = leads(world)
    assert touch_of(world, lead).form_id == OID
    told = world.client.get(answer.json()["status_url"], headers={"Accept": "application/json"})
    assert told.json()["state"] == "open"
    # The sender's own retry is the same submission.
    again = world.client.post(f"{PATH}?encoding=UTF-8", data=JANA)
    assert again.json()["request_id"] == answer.json()["request_id"]
    assert parts(world) == (1, 0, 0, 0)


def test_withdrawn_while_it_waited_at_the_door_it_is_kept_as_rejected(world: World) -> None:
    intake_id = open_for(world)
    down: Any = Down(StoreUnavailable("throttled"), None)
    world.deps.directory.intakes()
    wiring.use(replace(wiring.service(), deps=replace(world.deps, store=down)))
    assert world.client.post(PATH, data=JANA).status_code == 202
    wiring.use(replace(wiring.service(), deps=world.deps))
    stored = world.deps.store.get(Intake, intake_id)
    assert stored
    world.put(replace(stored.value, active=False))
    assert parts(world) == (0, 0, 0, 1)


def test_a_campaign_of_ours_named_by_the_form_counts_before_the_intakes(world: World) -> None:
    open_for(world)
    world.client.post(PATH, data={**JANA, "Campaign_ID": "Spring fair"})
    (lead,) = leads(world)
    assert touch_of(world, lead).campaign_id == "fair"


def test_who_wants_no_mail_gets_no_promotion(world: World) -> None:
    open_for(world)
    world.client.post(PATH, data={**JANA, "emailOptOut": "1"})
    (lead,) = leads(world)
    assert lead.extra["consent"] == "no"
    assert touch_of(world, lead).details["consent: email"] == "no"


def test_the_intakes_pages_show_what_came_in_and_what_to_put_into_the_form(world: World) -> None:
    intake_id = open_for(world)
    world.client.post(PATH, data=JANA)
    world.work()
    world.sign_in("ada")
    page = world.client.get(f"/app/forms/intakes/{intake_id}", headers=HTML).text
    assert f'value="http://leadline.example{PATH}"' in page
    assert f'value="{OID}"' in page
    listed = world.client.get("/app/forms/intakes", headers=HTML).text
    assert '<td data-label="Submissions" class="number">1</td>' in listed
    assert world.client.get("/app/forms/intakes/nobody", headers=HTML).status_code == 404


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", " "),
        ("own_id", "123"),
        ("own_id", OID),
        ("return_hosts", "localhost"),
        ("campaign_id", "nobody"),
        ("entry", "other"),
    ],
)
def test_what_is_wrong_with_a_new_intake_is_said_at_its_field(world: World, field: str, typed: str) -> None:
    open_for(world)
    world.sign_in("ada")
    sent = {"name": "Second", "entry": "web-to-lead", "own_id": "", field: typed}
    sent["csrf"] = world.csrf("/app/forms/intakes")
    answer = world.client.post("/app/forms/intakes", data=sent, headers=HTML)
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text
    assert len(world.deps.directory.intakes()) == 1


def test_without_an_id_of_its_own_a_form_is_given_one(world: World) -> None:
    made = open_for(world, own_id="")
    assert made.startswith("00D")
    assert world.client.post(PATH, data={**JANA, "oid": made}).status_code == 200


def changed(world: World, intake_id: str, **sent: str) -> httpx.Response:
    page = world.client.get(f"/app/forms/intakes/{intake_id}", headers=HTML).text
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found
    sent = {"csrf": world.csrf(f"/app/forms/intakes/{intake_id}"), "version": found[1], **sent}
    return world.client.post(f"/app/forms/intakes/{intake_id}", data=sent, headers=HTML)


def test_an_intake_is_changed_and_what_comes_from_then_on_goes_by_it(world: World) -> None:
    intake_id = open_for(world)
    world.sign_in("ada")
    answer = changed(world, intake_id, name="New name", campaign_id="", return_hosts="shop.example.org")
    assert answer.status_code == 303, answer.text
    assert "Saved." in world.client.get(answer.headers["location"], headers=HTML).text
    world.client.cookies.clear()
    sent = world.client.post(PATH, data={**JANA, "retURL": "https://shop.example.org/x"}, headers=HTML)
    assert sent.headers["location"] == "https://shop.example.org/x"
    (lead,) = leads(world)
    assert touch_of(world, lead).campaign_id == ""
    (request,) = world.deps.store.query(Request, lead.lead_id)
    assert request.value.subject == "New name"


@pytest.mark.parametrize(("field", "typed"), [("name", ""), ("campaign_id", "nobody"), ("return_hosts", "localhost"),
                                              ("version", "0")])  # fmt: skip
def test_what_is_wrong_with_a_change_is_said_at_its_field_and_what_was_typed_stays(
    world: World, field: str, typed: str
) -> None:
    intake_id = open_for(world)
    world.sign_in("ada")
    answer = changed(world, intake_id, **{"name": "New name", "campaign_id": "", "return_hosts": "", field: typed})
    assert answer.status_code == 422
    assert f'id="f-{"name" if field == "version" else field}-error"' in answer.text
    assert world.deps.store.get(Intake, intake_id).value.name == "Old contact page"  # type: ignore[union-attr]
    if field != "name":
        assert 'value="New name"' in answer.text
    if field == "version":
        assert changed(world, intake_id, name="New name").status_code == 303, "saved again it is in its place"


def test_a_withdrawn_intake_is_opened_again(world: World) -> None:
    intake_id = open_for(world)
    world.sign_in("ada")
    for what in ("withdraw", "open", "open"):
        csrf = world.csrf(f"/app/forms/intakes/{intake_id}")
        path = f"/app/forms/intakes/{intake_id}/{what}"
        assert world.client.post(path, data={"csrf": csrf}, headers=HTML).status_code == 303
    assert world.client.post("/app/forms/intakes/nobody/open", data={"csrf": csrf}, headers=HTML).status_code == 404
    assert (
        world.client.post("/app/forms/intakes/nobody", data={"csrf": csrf, "name": "x"}, headers=HTML).status_code
        == 404
    )
    world.client.cookies.clear()
    assert world.client.post(PATH, data=JANA).status_code == 200
