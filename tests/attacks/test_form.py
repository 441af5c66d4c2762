"""Attacks through forms and the API (cases form-…)."""

import csv
import io
import json
import logging
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from chalicelib import wiring
from chalicelib.flows.decide_kept import let_in, list_kept
from chalicelib.records.lead import Lead
from chalicelib.records.receipt import Receipt
from chalicelib.records.search import KeptQuery, LeadQuery
from chalicelib.records.touch import Touch
from chalicelib.store.limits import MemoryLimits
from tests.attacks.cases import given, statuses
from tests.handlers.desk import JANA, Desk, open_desk
from tests.stories.conftest import HTML, KEY
from tests.stories.people import ADA, ADS

API = {"Authorization": f"Bearer {KEY}"}
ESC = "\x1b"


def post(desk: Desk, fields: dict[str, Any], **headers: str) -> httpx.Response:
    """As a program posts the form."""
    return desk.world.client.post("/f/contact", json=fields, headers=headers)


def raw(desk: Desk, body: str, path: str = "/v1/leads") -> httpx.Response:
    return desk.world.client.post(path, content=body, headers={**API, "Content-Type": "application/json"})


def api(desk: Desk, **body: Any) -> httpx.Response:
    return desk.world.client.post("/v1/leads", json=body, headers=API)


def rows(desk: Desk) -> list[Any]:
    desk.world.work()
    return list(desk.world.deps.model.leads(LeadQuery(limit=10_000)).rows)


def lead(desk: Desk, answer: httpx.Response) -> Lead:
    stored = desk.world.deps.store.get(Lead, desk.world.lead_id(answer))
    assert stored
    return stored.value


def touches(desk: Desk, lead_id: str) -> list[Touch]:
    return [stored.value for stored in desk.world.deps.store.query(Touch, lead_id)]


def everything_shown(desk: Desk, lead_id: str) -> list[str]:
    paths = (f"/app/leads/{lead_id}", "/app/leads", "/app", "/app/requests", "/app/mailbox", "/app/mailbox?state=all")
    return [desk.get(path).text for path in paths]


def test_form_01_a_script_in_a_name_is_kept_and_shown_as_text_everywhere(desk: Desk) -> None:
    fields = {**JANA, **given("form-01", {"name": "<script>alert(1)</script>", "email": "x1@example.org"}, "fields")}
    answer = post(desk, fields)
    assert answer.status_code in statuses("form-01", 201, 202)
    assert lead(desk, answer).full_name == fields["name"], "stored as it was written"
    desk.world.later(minutes=1)
    for html in everything_shown(desk, desk.world.lead_id(answer)):
        assert "<script>alert" not in html
    assert "&lt;script&gt;" in desk.get(f"/app/leads/{desk.world.lead_id(answer)}").text
    notices = [mail for mail in desk.world.mails() if mail.entry.to in ("anna@example.com", "ben@example.com")]
    assert notices
    assert all("<script>alert" not in mail.html for mail in notices)
    lines = csv.DictReader(io.StringIO(desk.get("/app/leads.csv").text[1:]))
    assert [line["name"] for line in lines if line["email"] == fields["email"]] == [fields["name"]]


def test_form_03_what_comes_with_the_request_is_escaped_and_never_a_javascript_link(desk: Desk) -> None:
    agent, referrer, source = "<img src=x onerror=alert(1)>", "javascript:alert(1)", '"><svg/onload=alert(1)>'
    shown = desk.world.client.get("/f/contact", params={"utm_source": source}, headers={**HTML, "Referer": referrer})
    assert "<svg/onload" not in shown.text
    answer = post(
        desk, {**JANA, "utm_source": source, "referrer": referrer}, **{"User-Agent": agent, "Referer": referrer}
    )
    assert answer.status_code in statuses("form-03", 201, 202)
    desk.world.later(minutes=1)
    for html in [*everything_shown(desk, desk.world.lead_id(answer)), desk.get("/app/sessions").text]:
        assert "<svg/onload" not in html
        assert "<img src=x" not in html
        assert not re.search(r'(?:href|src|action)="\s*javascript:', html, re.IGNORECASE)


@pytest.mark.parametrize("brk", ["\r\n", "\n", "\r", "\u2028", "\x0b", "\x85"])
def test_form_05_a_line_in_an_address_is_a_problem_of_that_field_and_mails_nobody(desk: Desk, brk: str) -> None:
    email = given("form-05", "a@example.org\r\nBcc: victim@example.net", "fields", "email").replace("\r\n", brk)
    for answer in (post(desk, {"name": "n", "email": email}), api(desk, name="n", email=email)):
        assert answer.status_code in statuses("form-05", 400, 422)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["errors"][0]["field"] == "email"
    desk.world.later(minutes=1)
    assert rows(desk) == []
    assert desk.world.mails() == []


@pytest.mark.parametrize("between", [", ", ";", " ", "\n", ",", "%0a"])
def test_form_07_two_addresses_in_one_field_are_one_problem_and_no_mail(desk: Desk, between: str) -> None:
    answer = post(desk, {"name": "n", "email": f"a@example.org{between}b@example.net"})
    assert answer.status_code in statuses("form-07", 400, 422)
    twice = desk.world.client.post(
        "/f/contact", content="name=n&email=a%40example.org&email=b%40example.net",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )  # fmt: skip
    assert twice.status_code in statuses("form-07", 400, 422)
    desk.world.later(minutes=1)
    assert desk.world.mails() == []


def test_form_09_an_address_in_another_script_is_known_by_its_punycode_or_refused(desk: Desk) -> None:
    email = given("form-09", "анна@пример.рф", "fields", "email")
    answers = [post(desk, {"name": "Анна", "email": address}) for address in (email, email.upper())]
    assert {answer.status_code for answer in answers} <= statuses("form-09", 201, 202, 422) | {200}
    if answers[0].status_code != 422:
        assert len(rows(desk)) == 1


def test_form_11_two_normal_forms_of_a_name_are_one_person(desk: Desk) -> None:
    ids = {desk.world.lead_id(post(desk, {"email": "jose@example.org", "name": name, "message": name}))
           for name in ("Jos\u00e9", "Jose\u0301")}  # fmt: skip
    assert len(ids) == 1
    assert [row.full_name for row in rows(desk)] == ["Jos\u00e9"]


def test_form_13_control_bytes_leave_no_trace_in_records_or_logs(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    answer = post(desk, {**JANA, "name": f"a\x00b{ESC}[2J", "email": "x7@example.org"})
    assert answer.status_code in statuses("form-13", 201, 202, 422)
    desk.world.later(minutes=1)
    if answer.status_code != 422:
        assert lead(desk, answer).full_name == "ab[2J"
    assert not any(ESC in record.getMessage() for record in caplog.records)
    assert desk.world.client.get("/f/%1B%5B2J").status_code == 404


@pytest.mark.parametrize(
    "body",
    ['{"email":"x9@example.org","budget":1e400,"n":NaN}', '{"email":"x9@example.org","n":Infinity}',
     '{"email":"x9@example.org","n":' + "9" * 400 + "}", '{"email":"x9@example.org","n":-1e400}',
     '{"email":"x9@example.org","n":' + "9" * 4_000_000 + "}"],
)  # fmt: skip
def test_form_15_a_number_no_store_keeps_is_a_problem(desk: Desk, body: str) -> None:
    for path in ("/v1/leads", "/f/contact"):
        answer = raw(desk, body, path)
        assert answer.status_code in statuses("form-15", 400, 422) | {413}
        assert answer.headers["content-type"] == "application/problem+json"
    assert rows(desk) == []


def test_form_15_a_good_number_is_kept_as_text(desk: Desk) -> None:
    answer = raw(desk, '{"email":"x9@example.org","budget":1250.5}')
    assert lead(desk, answer).extra["budget"] == "1250.5"


def test_form_17_of_a_key_given_twice_the_last_value_is_checked_and_stored(desk: Desk) -> None:
    answer = raw(desk, '{"email":"a@example.org","email":"b@example.net"}')
    assert answer.status_code in statuses("form-17", 400, 422, 201, 202)
    assert lead(desk, answer).emails == ("b@example.net",)
    assert raw(desk, '{"email":"a@example.org","email":"nope"}').status_code == 422


def test_form_19_nothing_is_stored_that_could_not_be_changed_any_more(desk: Desk) -> None:
    large = {"message": "你" * 130_000}
    assert post(desk, {**JANA, **large}).status_code in statuses("form-19", 413, 422)
    assert api(desk, email="x@example.org", **large).status_code in statuses("form-19", 413, 422)
    fifty = {f"field {n}": f"{n}{'你' * 490}" for n in range(50)}
    assert api(desk, email="x@example.org", name="Xenia Example", **fifty).status_code == 201
    for turn in range(20):
        more = {f"field {turn}-{n}": f"{n}{'好' * 490}" for n in range(50)}
        answer = api(desk, email="x@example.org", name="Xenia Example", message=f"{turn}", **more)
        assert answer.status_code == 201
    person = lead(desk, answer)
    assert sum(len(name) + len(value) for name, value in person.extra.items()) <= 60_000
    said = [touch.details for touch in touches(desk, person.lead_id) if touch.message == "19"]
    assert said[0]["field 19-7"].startswith("7好"), "what the person's record has no room for stays with the touch"


def test_form_21_a_visitor_sets_what_the_form_asks_and_nothing_else(desk: Desk) -> None:
    own = {"email": "x10@example.org", "score": "9999", "owner": "rep-7", "status": "won", "consent": "true",
           "tenant": "other", "pk": "CAMPAIGN#1", "_type": "user", "role": "admin"}  # fmt: skip
    fields = given("form-21", own, "fields")
    honest = {"email": "honest@example.net", "name": "Honest Example"}
    before = lead(desk, post(desk, honest))
    for answer in (
        post(desk, {"name": "X Example", **fields}),
        api(desk, name="Y Example", **{**fields, "email": "y@example.com"}),
    ):
        assert answer.status_code in statuses("form-21", 201, 202, 422)
        made = lead(desk, answer)
        assert made.score.points < 100
        assert made.assignment
        assert made.assignment.owner_id in ("anna", "ben")
        assert made.status == "new"
        kept = json.dumps(made.extra) + json.dumps([touch.details for touch in touches(desk, made.lead_id)])
        for value in ("9999", "rep-7", "CAMPAIGN#1", "won", "admin"):
            assert value not in kept
    assert before.score.version == made.score.version
    assert desk.world.deps.directory.rep("admin") is None


@pytest.mark.parametrize("key", ["", "k" * 2049, "你" * 700, "%00", "a%2Fb"])
def test_form_23_a_key_no_store_takes_is_nobodys_form_or_campaign(desk: Desk, key: str) -> None:
    answers = [
        desk.world.client.post(f"/f/{key}", json=JANA),
        desk.world.client.get(f"/f/{key}"),
        api(desk, campaign=key),
        api(desk, campaign=key or "-", email="a@example.org"),
        desk.world.client.post("/v1/spend", json={"campaign": key, "amount": "5", "currency": "EUR"}, headers=API),
    ]
    assert {answer.status_code for answer in answers} <= statuses("form-23", 404, 422)


def test_form_25_a_form_after_the_campaigns_end_is_kept_and_flagged_late(tmp_path: Path) -> None:
    desk = open_desk(tmp_path, ADA.rep_id, replace(ADS, ends_on=date(2026, 3, 1)))
    answer = post(desk, {**JANA, "email": "x12@example.org"})
    assert answer.status_code in statuses("form-25", 201, 202, 410)
    assert "late" in lead(desk, answer).flags
    assert len(rows(desk)) == 1


def test_form_27_the_same_key_with_another_body_tells_nothing_of_the_first(desk: Desk) -> None:
    for path in ("/f/contact", "/v1/leads"):
        headers = {**API, "Idempotency-Key": f"k-2-{path}"}
        bodies = ({"email": "x14@example.org", "name": "First Person"}, {"email": "evil@example.net", "name": "Second"})
        first, second = (desk.world.client.post(path, json=body, headers=headers) for body in bodies)
        assert first.status_code in (201, 202)
        assert second.status_code in {409, 422}
        assert "First" not in second.text
        assert "x14" not in second.text
        assert desk.world.lead_id(first) not in second.text


def test_form_29_a_key_of_300_bytes_is_refused_and_one_of_255_taken(desk: Desk) -> None:
    key = given("form-29", "k" * 300, "headers", "Idempotency-Key")
    for path, headers in (("/f/contact", {}), ("/v1/leads", API)):
        answer = desk.world.client.post(path, json=JANA, headers={**headers, "Idempotency-Key": key})
        assert answer.status_code in statuses("form-29", 400, 422)
    assert desk.world.client.post("/f/contact", json=JANA, headers={"Idempotency-Key": "k" * 255}).status_code == 201


def test_form_31_twenty_equal_posts_at_once_are_one_lead_one_mail_and_twenty_good_answers(desk: Desk) -> None:
    transport = desk.world.client._transport

    def send(_: int) -> httpx.Response:
        with httpx.Client(transport=transport, base_url="http://leadline.example") as client:
            return client.post("/f/contact", json=JANA, headers={"User-Agent": "one"})

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(send, range(20)))
    assert {answer.status_code for answer in answers} <= {200, 201, 202}
    assert len({desk.world.lead_id(answer) for answer in answers}) == 1
    assert len({answer.json()["request_id"] for answer in answers}) == 1
    desk.world.later(minutes=1)
    (row,) = rows(desk)
    assert row.touches == 1
    assert len([mail for mail in desk.world.mails() if mail.entry.to == JANA["email"]]) == 1


def test_form_33_a_burst_from_one_address_is_told_to_wait_and_others_are_served(desk: Desk) -> None:
    deps = desk.world.deps
    desk.world.deps = replace(deps, limits=MemoryLimits(deps.store, deps.clock, lambda: desk.world.now.timestamp()))
    wiring.use(replace(wiring.service(), deps=desk.world.deps))
    answers = []
    for number in range(200):
        desk.world.now = desk.world.now.replace(microsecond=0) if number % 20 else desk.world.now
        answers.append(post(desk, {**JANA, "message": f"{number}"}, **{"X-Forwarded-For": "198.51.100.7"}))
    limited = [answer for answer in answers if answer.status_code in statuses("form-33", 429)]
    assert limited
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in limited)
    assert all(answer.headers["content-type"] == "application/problem+json" for answer in limited)
    assert post(desk, JANA, **{"X-Forwarded-For": "203.0.113.9"}).status_code == 201
    assert len(desk.world.deps.store.query(Receipt)) == 0 or limited, "what was turned away is not received"


def test_form_35_a_confirmation_carries_no_strangers_link(desk: Desk) -> None:
    name = given("form-35", "WIN $$$ http://evil.example click", "fields", "name")
    for number, written in enumerate((name, f"{name} www.evil.example", "x" * 119, f"visit evil。example {name}")):
        post(desk, {"email": f"victim{number}@example.net", "name": written, "message": "buy at http://evil.example"})
    desk.world.later(minutes=1)
    told = [mail.entry.to for mail in desk.world.mails() if mail.entry.to.startswith("victim")]
    assert told == ["victim2@example.net"], "a link in a name is looked at first"
    for kept in list_kept(desk.world.deps, KeptQuery())[0]:
        let_in(desk.world.deps, kept.kept_id, "eva")
    desk.world.later(minutes=1)
    mails = [mail for mail in desk.world.mails() if mail.entry.to.startswith("victim")]
    assert len(mails) == 4
    for mail in mails:
        shown = mail.text + mail.html + mail.entry.subject
        assert "http://evil" not in shown
        assert "evil.example" not in shown
        assert "evil。example" not in shown
        assert "x" * 81 not in shown


@pytest.mark.parametrize("name", ["return", "redirect", "next", "retURL", "_next", "success_url"])
def test_form_37_a_post_leads_to_a_page_of_ours_whatever_it_asks(desk: Desk, name: str) -> None:
    for target in ("https://attacker.example/phish", "//attacker.example", "/\\attacker.example"):
        fields = {**JANA, name: target}
        answer = desk.world.client.post(f"/f/contact?{urlencode({name: target})}", data=fields, headers=HTML)
        assert answer.status_code in statuses("form-37", 201, 202, 302, 303, 400)
        assert answer.headers["location"].startswith("/s/")
        language = desk.world.client.post("/language", data={"language": "en", "next": target}, headers=HTML)
        assert language.headers["location"] == "/"


def test_form_39_the_servers_time_counts_and_the_senders_is_kept_beside_it(desk: Desk) -> None:
    claimed = given("form-39", "2099-01-01T00:00:00Z", "fields", "submitted_at")
    by_api = api(desk, email="x16@example.org", submitted_at=claimed)
    for answer in (post(desk, {**JANA, "submitted_at": claimed}), by_api):
        assert answer.status_code == 201
        person = lead(desk, answer)
        (touch,) = touches(desk, person.lead_id)
        assert touch.occurred_at == desk.world.now
        assert person.created_at == desk.world.now
        assert claimed in {touch.details.get("submitted at"), person.extra.get("submitted_at")}, "kept beside it"


def test_form_39_a_clock_that_ticked_between_two_clicks_makes_no_second_submission(desk: Desk) -> None:
    clicks = [post(desk, {**JANA, "submitted_at": f"2026-03-02T08:00:0{second}Z"}) for second in (1, 2)]
    assert len({answer.json()["request_id"] for answer in clicks}) == 1


def test_form_41_no_form_is_filled_with_somebody_elses_data(desk: Desk) -> None:
    answer = post(desk, JANA)
    lead_id = desk.world.lead_id(answer)
    client = httpx.Client(transport=desk.world.client._transport, base_url="http://leadline.example")
    for known in (lead_id, "1002"):
        for name in ("lead", "lead_id", "id", "email", "token"):
            cookies = {"lead_id": known, name: known}
            text = client.get("/f/contact", params={name: known}, headers=HTML, cookies=cookies).text
            assert "jana@" not in text
            assert "Jana" not in text
    status = answer.json()["status_url"].removeprefix("http://leadline.example")
    assert "Jana" not in client.get(status, headers=HTML).text
