"""B-2: booth staff scan vCard, MeCard, BizCard and plain text; each becomes a lead with a touch of the show."""

import json

import pytest

from chalicelib.records.lead import Lead
from chalicelib.records.touch import Touch
from tests.stories.conftest import KEY, World, cli
from tests.stories.people import EVERYBODY

BEARER = {"Authorization": f"Bearer {KEY}"}
CARDS = {
    "vcard": "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Beispiel;Jana;;;\r\nFN:Jana Beispiel\r\nORG:Beispiel GmbH\r\n"
    "EMAIL:jana@customer.example.com\r\nTEL:+49 30 23125001\r\nEND:VCARD",
    "mecard": "MECARD:N:Beispiel,Jana;ORG:Beispiel GmbH;TEL:+493023125001;EMAIL:jana@customer.example.com;;",
    "bizcard": "BIZCARD:N:Jana;X:Beispiel;T:Buyer;C:Beispiel GmbH;B:+493023125001;E:jana@customer.example.com;;",
    "text": "Jana Beispiel\nBuyer\nBeispiel GmbH\n+49 30 23125001\njana@customer.example.com",
}


def scan(world: World, card: str, scan_id: str = "") -> dict[str, object]:
    body = {"card": card, "campaign": "Spring Fair", "scan_id": scan_id}
    answer = world.client.post("/v1/scans", json=body, headers=BEARER)
    assert answer.status_code in (200, 201), answer.text
    found: dict[str, object] = answer.json()
    return found


@pytest.mark.parametrize("kind", CARDS)
def test_a_scanned_card_is_a_lead_with_a_touch_of_the_shows_campaign(world: World, kind: str) -> None:
    world.put(*EVERYBODY)
    found = scan(world, CARDS[kind])
    stored = world.deps.store.get(Lead, str(found["lead_id"]))
    assert stored
    assert stored.value.full_name == "Jana Beispiel"
    assert stored.value.emails == ("jana@customer.example.com",)
    assert stored.value.phones == ("+493023125001",)
    assert stored.value.company == "Beispiel GmbH"
    assert stored.value.assignment
    (touch,) = world.deps.store.query(Touch, stored.value.lead_id)
    assert (touch.value.kind, touch.value.campaign_id) == ("scan", "fair")


def test_the_same_person_scanned_in_four_ways_is_one_lead_with_four_touches(world: World) -> None:
    world.put(*EVERYBODY)
    ids = {scan(world, card, f"s{n}")["lead_id"] for n, card in enumerate(CARDS.values())}
    assert len(ids) == 1
    assert len(world.deps.store.query(Touch, str(ids.pop()))) == 4


def test_the_same_scan_sent_twice_is_one_touch(world: World) -> None:
    world.put(*EVERYBODY)
    first, second = (scan(world, CARDS["mecard"], "s1") for _ in range(2))
    assert first["touch_id"] == second["touch_id"]
    assert len(world.deps.store.query(Touch, str(first["lead_id"]))) == 1


def test_garbage_is_a_problem_and_the_next_scan_works(world: World) -> None:
    world.put(*EVERYBODY)
    answer = world.client.post("/v1/scans", json={"card": "\x00\x01\x02", "campaign": "fair"}, headers=BEARER)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "card"
    scan(world, CARDS["vcard"])


@pytest.mark.parametrize("kind", CARDS)
def test_the_command_line_reads_the_same_cards(tmp_path: object, kind: str) -> None:
    run = cli(tmp_path, "card", text=CARDS[kind])  # type: ignore[arg-type]
    assert run.returncode == 0, run.stderr
    (line,) = run.stdout.splitlines()
    found = json.loads(line)
    assert found["kind"] == kind
    assert found["emails"] == ["jana@customer.example.com"]
