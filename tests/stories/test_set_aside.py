"""What looks like spam is quarantined, what nobody understands rejected; nothing is dropped but by a person, and
accepted + merged + quarantined + rejected is what was received."""

import re
from dataclasses import replace
from typing import Any

import httpx
import pytest

from chalicelib import wiring
from chalicelib.capture.suspicion import TRAP
from chalicelib.flows.check_store import check_store
from chalicelib.flows.forget_expired import forget_expired
from chalicelib.flows.keep_post import kept_key
from chalicelib.records.campaign import Campaign
from chalicelib.records.lead import Lead
from chalicelib.records.search import KeptQuery, LeadQuery
from chalicelib.records.touch import Request
from chalicelib.store.limits import MemoryLimits
from tests.stories.conftest import HTML, KEY, World, kept
from tests.stories.people import CONTACT, EVERYBODY

JANA = {"name": "Jana Beispiel", "email": "jana@customer.example.com", "message": "Which sensor fits oil?"}
SPAM = {**JANA, "message": "http://a.example http://b.example http://c.example"}
BEARER = {"Authorization": f"Bearer {KEY}"}


def parts(world: World) -> tuple[int, int, int, int]:
    """(accepted, merged, quarantined, rejected), which add up to what was received."""
    world.work()
    found = check_store(world.deps)
    four = (found["accepted"], found["merged"], found["quarantined"], found["rejected"])
    assert found["received"] == sum(four)
    return four


def decide(world: World, kept_id: str, what: str) -> httpx.Response:
    world.sign_in("eva")
    csrf = world.csrf(f"/app/kept/{kept_id}")
    return world.client.post(f"/app/kept/{kept_id}/{what}", data={"csrf": csrf}, headers=HTML)


def test_a_quarantined_post_is_answered_like_any_other_and_mails_nobody(world: World) -> None:
    world.put(*EVERYBODY)
    honest = world.client.post("/f/contact", json=JANA)
    spam = world.client.post("/f/contact", json={**SPAM, "email": "x@customer.example.org"})
    assert (spam.status_code, set(spam.json())) == (honest.status_code, set(honest.json()))
    page = world.client.post("/f/contact", data={**SPAM, "email": "y@customer.example.org"}, headers=HTML)
    assert (page.status_code, page.headers["location"][:3]) == (303, "/s/")
    told = world.client.get(spam.json()["status_url"], headers={"Accept": "application/json"}).json()
    assert (told["state"], told["with"]) == ("received", "")
    assert parts(world) == (1, 0, 2, 0)
    assert [mail.entry.to for mail in world.mails("customer.example.org")] == []


def test_released_it_becomes_a_lead_as_if_it_had_just_passed_and_once(world: World) -> None:
    world.put(*EVERYBODY)
    answer = world.client.post("/f/contact", json=SPAM)
    found = kept(world)
    assert found.reasons == ("more links than a question needs: 3",)
    world.later(hours=3)
    assert decide(world, found.kept_id, "let-in").headers["location"] == "/app/kept?said=let-in"
    assert decide(world, found.kept_id, "let-in").headers["location"] == "/app/kept?said=decided"
    assert parts(world) == (1, 0, 0, 0)
    (row,) = world.deps.model.leads(LeadQuery()).rows
    (request,) = world.deps.store.query(Request, row.lead_id)
    assert request.value.request_id == answer.json()["request_id"]
    assert request.value.received_at == world.now
    assert len(world.mails("jana@")) == 1
    told = world.client.get(answer.json()["status_url"], headers={"Accept": "application/json"}).json()
    assert told["state"] == "open"
    # The visitor's retry is still the same submission.
    again = world.client.post("/f/contact", json=SPAM)
    assert (again.status_code, again.json()["request_id"]) == (200, answer.json()["request_id"])
    assert world.deps.blobs.get(kept_key(found.kept_id)) is None


def test_the_same_spam_again_is_the_same_submission(world: World) -> None:
    world.put(*EVERYBODY)
    first, second = (world.client.post("/f/contact", json={**SPAM, "once": "t"}) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json()["request_id"] == first.json()["request_id"]
    assert parts(world) == (0, 0, 1, 0)


def test_dropped_it_stays_counted_and_what_was_sent_is_gone(world: World) -> None:
    world.put(*EVERYBODY)
    world.client.post("/f/contact", json={**JANA, TRAP: "x"})
    found = kept(world)
    assert decide(world, found.kept_id, "drop").headers["location"] == "/app/kept?said=dropped"
    assert decide(world, found.kept_id, "drop").headers["location"] == "/app/kept?said=decided"
    assert decide(world, found.kept_id, "let-in").headers["location"] == "/app/kept?said=decided"
    assert parts(world) == (0, 0, 1, 0)
    assert world.deps.blobs.list("kept/") == []


def test_what_was_sent_is_forgotten_after_its_time_and_the_counts_stay(world: World) -> None:
    world.put(*EVERYBODY)
    world.client.post("/f/contact", json=SPAM)
    world.client.post("/f/contact", content=b"{", headers={"Content-Type": "application/json"})
    world.work()
    world.later(days=29)
    forget_expired(world.deps)
    assert len(world.deps.blobs.list("kept/")) == 2
    world.later(days=2)
    forget_expired(world.deps)
    assert world.deps.blobs.list("kept/") == []
    assert parts(world) == (0, 0, 1, 1)
    assert world.deps.model.kept(KeptQuery()) == ([], 0)


@pytest.mark.parametrize(
    ("content_type", "body", "reason"),
    [
        ("application/json", b"{not json", "not valid JSON: body"),
        ("application/json", b"\xff\xfe\x00", "not valid JSON: body"),
        ("application/xml", b"<x/>", "send a form or JSON, not: application/xml"),
        ("application/json", b'{"name": "Jana"}', "give an e-mail address or a phone number: email"),
        ("application/json", b'"' + b"x" * 1_100_000, "the body is larger than 1 MB: 1100001 bytes"),
    ],
    ids=["broken", "binary", "type", "nobody", "large"],
)
@pytest.mark.parametrize("path", ["/f/contact", "/v1/leads"])
def test_what_nobody_understands_is_kept_with_its_reason_and_received_once(
    world: World, path: str, content_type: str, body: bytes, reason: str
) -> None:
    world.put(*EVERYBODY)
    headers = {**BEARER, "Content-Type": content_type}
    for _ in range(2):
        assert 400 <= world.client.post(path, content=body, headers=headers).status_code < 500
    assert reason in kept(world).reasons
    assert parts(world) == (0, 0, 0, 1)
    world.sign_in("eva")
    shown = world.client.get(f"/app/kept/{kept(world).kept_id}", headers=HTML)
    assert shown.status_code == 200
    assert ("Try again" in shown.text) is (len(body) < 1_000_000)


def test_a_person_who_puts_a_field_right_has_sent_one_request(world: World) -> None:
    world.put(*EVERYBODY)
    assert world.client.post("/f/contact", data={**JANA, "email": "nope"}, headers=HTML).status_code == 422
    assert world.client.post("/f/contact", data=JANA, headers=HTML).status_code == 303
    assert parts(world) == (1, 0, 0, 0)


def test_a_rejected_one_is_done_again_when_what_stood_in_its_way_is_gone(world: World) -> None:
    world.put(*EVERYBODY)
    sent = {**JANA, "campaign": "Autumn Fair"}
    assert world.client.post("/v1/leads", json=sent, headers=BEARER).status_code == 422
    found = kept(world)
    refused = decide(world, found.kept_id, "let-in")
    assert refused.status_code == 422
    assert "no campaign has this id or name" in refused.text
    assert parts(world) == (0, 0, 0, 1)
    world.put(Campaign("autumn", "Autumn Fair", "Trade show"))
    assert decide(world, found.kept_id, "let-in").headers["location"] == "/app/kept?said=let-in"
    assert parts(world) == (1, 0, 0, 0)
    (row,) = world.deps.model.leads(LeadQuery()).rows
    stored = world.deps.store.get(Lead, row.lead_id)
    assert stored
    assert stored.value.emails == (JANA["email"],)


def test_a_form_that_is_gone_lets_nothing_in(world: World) -> None:
    world.put(*EVERYBODY)
    world.client.post("/f/contact", json=SPAM)
    found = kept(world)
    world.put(replace(CONTACT, active=False))
    assert decide(world, found.kept_id, "let-in").status_code == 422
    assert parts(world) == (0, 0, 1, 0)


def test_equal_words_after_ten_minutes_are_another_submission_and_both_are_counted(world: World) -> None:
    world.put(*EVERYBODY)
    first = world.client.post("/f/contact", json=JANA)
    world.later(hours=1)
    second = world.client.post("/f/contact", json=JANA)
    assert parts(world) == (1, 1, 0, 0)
    states = [
        world.client.get(answer.json()["status_url"], headers={"Accept": "application/json"}).json()["received_at"]
        for answer in (first, second)
    ]
    assert states[0] < states[1]


def watched(world: World) -> None:
    limits = MemoryLimits(world.deps.store, world.clock)
    world.deps = replace(world.deps, limits=limits)
    wiring.use(replace(wiring.service(), deps=world.deps))


def fields_of(world: World) -> dict[str, str]:
    page = world.client.get("/f/contact", headers=HTML).text
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))


def test_haste_and_repetition_are_seen_where_limits_are_on(world: World) -> None:
    world.put(*EVERYBODY)
    watched(world)
    hidden = fields_of(world)
    world.client.post("/f/contact", data={**hidden, **JANA}, headers=HTML)
    assert kept(world).reasons == ("sent faster than anybody fills in a form, seconds: 0.0",)
    hidden = fields_of(world)
    world.later(seconds=30)
    words = {"message": "We offer the very best sensors for oil"}
    world.client.post("/f/contact", data={**hidden, **JANA, **words}, headers=HTML)
    assert parts(world) == (1, 0, 1, 0)
    for number in range(8):
        sent = {**words, "name": f"N {number}", "email": f"n{number}@customer{number}.example.com"}
        world.client.post("/f/contact", json=sent)
    assert parts(world) == (5, 0, 5, 0)


def test_a_stranger_cannot_tell_a_known_person_from_a_new_one(world: World) -> None:
    world.put(*EVERYBODY)
    world.client.post("/f/contact", json=JANA)
    world.later(days=1)
    known = world.client.post("/f/contact", json={**JANA, "message": "again"})
    new = world.client.post("/f/contact", json={**JANA, "email": "new@customer.example.com"})
    (row,) = world.deps.model.leads(LeadQuery()).rows
    assert known.status_code == new.status_code == 201
    assert set(known.json()) == set(new.json()) == {"request_id", "status_url"}
    assert row.lead_id not in known.text


def test_the_list_is_for_marketing_found_by_day_and_paged(world: World) -> None:
    world.put(*EVERYBODY)
    for number in range(3):
        world.client.post("/f/contact", json={**SPAM, "name": f"N {number}"})
    world.later(days=2)
    world.client.post("/f/contact", json={**SPAM, "name": "Late"})
    world.work()
    assert world.deps.model.kept(KeptQuery(limit=2))[1] == 4
    assert len(world.deps.model.kept(KeptQuery(limit=3, offset=3))[0]) == 1
    world.sign_in("eva")

    def rows(query: str) -> int:
        page: Any = world.client.get(f"/app/kept?{query}", headers=HTML)
        assert page.status_code == 200, query
        return page.text.count('<td class="cell-title')

    assert rows("") == 4
    assert rows("since=2026-03-02&until=2026-03-02") == 3
    assert rows("since=2026-03-04") == 1
    assert rows("until=2026-03-01") == 0
    assert rows("queue=rejected") == 0
    assert rows("since=nonsense&until=9999-12-31&queue=x&offset=-1") == 4
    world.sign_in("anna")
    assert world.client.get("/app/kept", headers=HTML).status_code == 403
