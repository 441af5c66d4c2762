"""Who asks too often is told when to come back, and counted."""

from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from chalicelib import wiring
from chalicelib.handlers.limits import network_of
from chalicelib.records.arrival import Entry
from chalicelib.records.intake import Intake
from chalicelib.records.search import LeadQuery
from chalicelib.records.sign_in import TurnedAway
from chalicelib.store.limits import MemoryLimits, Rule, rules
from tests.handlers.browsers import another, csrf_of, having
from tests.handlers.desk import JANA, Desk, open_desk, words
from tests.stories.conftest import HTML, KEY
from tests.stories.people import ADA


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = open_desk(tmp_path, ADA.rep_id)
    deps = made.world.deps
    made.world.deps = replace(deps, limits=MemoryLimits(deps.store, deps.clock, lambda: made.world.now.timestamp()))
    wiring.use(replace(wiring.service(), deps=made.world.deps))
    return having(made, smtp_host="mail.example.com")


def ask(client: httpx.Client, token: str, email: str, **headers: str) -> httpx.Response:
    return client.post("/app/sign-in/link", data={"csrf": token, "email": email}, headers=headers)


@pytest.mark.parametrize("email", ["ben@example.com", "nobody@example.com"])
def test_links_for_one_mailbox_are_limited_whether_it_is_known_or_not(desk: Desk, email: str) -> None:
    client = another(desk)
    token = csrf_of(client, "/app/sign-in")
    # From many addresses: behind a proxy of this machine each visitor has their own.
    answers = [ask(client, token, email, **{"X-Forwarded-For": f"192.0.2.{n}"}) for n in range(7)]
    assert [answer.status_code for answer in answers] == [303] * 5 + [429] * 2
    assert 0 < int(answers[-1].headers["retry-after"]) <= 3600
    assert "Too many at once" in words(answers[-1].text)
    assert ask(client, token, "BEN2@example.com").status_code == 303


def test_links_asked_for_from_one_address_are_limited(desk: Desk) -> None:
    client = another(desk)
    token = csrf_of(client, "/app/sign-in")
    most = rules()["link-address"].most
    codes = [ask(client, token, f"p{n}@example.com").status_code for n in range(most + 1)]
    assert codes == [303] * most + [429]
    assert ask(client, token, "p@example.com", **{"X-Forwarded-For": "192.0.2.9"}).status_code == 303
    desk.world.later(hours=1)
    assert ask(client, token, "p@example.com").status_code == 303


def test_forms_are_limited_by_address_and_what_is_turned_away_is_counted_but_not_received(desk: Desk) -> None:
    most = rules()["public-post"].most
    answers = [desk.world.client.post("/f/contact", data=JANA, headers=HTML) for _ in range(most + 3)]
    assert [answer.status_code for answer in answers] == [303] * most + [429] * 3
    desk.world.work()
    (stored,) = desk.world.deps.store.query(TurnedAway)
    assert stored.value.count == 1, "the others are written down with the next, a minute later"
    page = desk.page("/app/operations")
    assert "3 requests were turned away in the last 30 days" in page
    counts = desk.world.deps.model.counts()
    assert sum(value for name, value in counts.items() if name.startswith("receipt.")) == 1


@pytest.mark.parametrize("alone", [False, True])
def test_each_message_of_segments_that_asks_is_counted_and_one_sent_again_is_not(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, alone: bool
) -> None:
    world, key = desk.world, "0123456789abcdefABCDEF0123456789"
    world.put(Intake(key, Entry.SEGMENT, "Shop", world.deps.clock()))
    monkeypatch.setitem(rules(), "asking-events", Rule(3, 60))
    event = {"type": "track", "event": "Lead Submitted"}
    asking = [{**event, "messageId": f"m-{n}", "properties": {"email": f"p{n}@segment.example.com"}} for n in range(6)]
    idle = [{"type": "page", "userId": "u1"}] * 5

    def send() -> list[int]:
        batches = [[*idle, one] for one in asking] if alone else [[*idle, *asking]]
        return [world.client.post("/v1/batch", json={"batch": one, "writeKey": key}).status_code for one in batches]

    def stored() -> int:
        world.work()
        return len(world.deps.model.leads(LeadQuery(text="segment.example.com")).rows)

    assert send() == ([200] * 3 + [429] * 3 if alone else [429])
    assert stored() == 3
    world.later(minutes=1)
    assert send() == ([200] * 6 if alone else [200])
    assert stored() == 6


def test_a_program_gets_the_limit_as_a_problem(desk: Desk) -> None:
    for _ in range(rules()["public-post"].most):
        desk.world.client.post("/f/contact", json=JANA)
    answer = desk.world.client.post("/f/contact", json=JANA)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 429
    assert answer.headers["retry-after"] == "1"


def test_who_guesses_api_keys_is_slowed_down_and_a_good_key_never_is(desk: Desk) -> None:
    def post(key: str) -> int:
        headers = {"Authorization": f"Bearer {key}"}
        return desk.world.client.post("/v1/campaigns", json={"name": "Fair"}, headers=headers).status_code

    assert [post(f"guess-{n}") for n in range(31)] == [401] * 30 + [429]
    assert {post(KEY) for _ in range(50)} == {201, 409}


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::ffff", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::3]", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("unknown", "unknown"),
        ("", ""),
    ],
)
def test_an_address_of_ipv6_is_counted_for_its_subscribers_network(address: str, counted: str) -> None:
    assert network_of(address) == counted


def test_who_changes_the_address_within_one_network_is_limited_all_the_same(desk: Desk) -> None:
    most = rules()["public-post"].most
    codes = [
        desk.world.client.post("/f/contact", json=JANA, headers={"X-Forwarded-For": f"2001:db8::{n + 1:x}"}).status_code
        for n in range(most + 1)
    ]
    assert codes[-1] == 429
    other = {"X-Forwarded-For": "2001:db8:0:1::1"}
    assert desk.world.client.post("/f/contact", json=JANA, headers=other).status_code in (200, 201)


@pytest.mark.parametrize(
    ("peer", "proxies", "forwarded", "address"),
    [
        ("192.0.2.1", 0, "", "192.0.2.1"),
        ("192.0.2.1", 0, "198.51.100.1", "192.0.2.1"),
        ("127.0.0.1", 0, "", "127.0.0.1"),
        ("127.0.0.1", 0, "198.51.100.9, 198.51.100.1", "198.51.100.1"),
        ("192.0.2.1", 1, "198.51.100.9, 198.51.100.1", "198.51.100.1"),
        ("192.0.2.1", 2, "203.0.113.5, 198.51.100.9, 198.51.100.1", "198.51.100.9"),
        ("192.0.2.1", 3, "198.51.100.1", "198.51.100.1"),
        ("192.0.2.1", 1, " , ", "192.0.2.1"),
    ],
)
def test_what_a_proxy_says_is_believed_as_far_as_it_is_ours(
    desk: Desk, peer: str, proxies: int, forwarded: str, address: str
) -> None:
    from types import SimpleNamespace

    from chalicelib.handlers.web import client_address

    having(desk, proxies=proxies)
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    asked = SimpleNamespace(context={"identity": {"sourceIp": peer}}, headers=headers)
    assert client_address(asked) == address


def test_who_guesses_at_intakes_is_turned_away_and_who_names_a_right_one_is_not(desk: Desk) -> None:
    intake = Intake("00D5j000001uVaT", Entry.WEB_TO_LEAD, "Old form", desk.world.now)
    desk.world.put(intake)
    path, most = "/servlet/servlet.WebToLead", rules()["intake"].most
    sent = [{"oid": f"00D{n:012d}", "email": "jana@customer.example.com"} for n in range(most + 2)]
    guesses = [desk.world.client.post(path, data=one) for one in sent]
    assert [answer.status_code for answer in guesses] == [404] * most + [429] * 2
    right = {"oid": intake.intake_id, "email": "jana@customer.example.com"}
    assert desk.world.client.post(path, data=right).status_code == 200
    assert f"{most} submissions were refused" in desk.page("/app/forms/intakes")
