"""B-2: booth staff scan vCard, MeCard, BizCard and plain text; each becomes a lead with a touch of the show.

The command line reads the same cards; that is told on this machine alone."""

import json
from pathlib import Path

import pytest

from tests.stories.conftest import cli
from tests.stories.story import BEARER, Story

CARDS = {
    "vcard": "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Beispiel;Jana;;;\r\nFN:Jana Beispiel\r\nORG:Beispiel GmbH\r\n"
    "EMAIL:{email}\r\nTEL:{phone}\r\nEND:VCARD",
    "mecard": "MECARD:N:Beispiel,Jana;ORG:Beispiel GmbH;TEL:{phone};EMAIL:{email};;",
    "bizcard": "BIZCARD:N:Jana;X:Beispiel;T:Buyer;C:Beispiel GmbH;B:{phone};E:{email};;",
    "text": "Jana Beispiel\nBuyer\nBeispiel GmbH\n{phone}\n{email}",
}


def card(story: Story, kind: str) -> str:
    return CARDS[kind].format(email=story.email("jana"), phone=story.phone())


def scan(story: Story, kind: str, scan_id: str = "") -> dict[str, str]:
    return story.api("/v1/scans", {"card": card(story, kind), "campaign": "Spring Fair", "scan_id": scan_id})


@pytest.mark.parametrize("kind", CARDS)
def test_a_scanned_card_is_a_lead_with_a_touch_of_the_shows_campaign(story: Story, kind: str) -> None:
    lead_id = scan(story, kind)["lead_id"]
    stored = story.stored(lead_id)
    assert stored.full_name == "Jana Beispiel"
    assert stored.emails == (story.email("jana"),)
    assert stored.phones == (story.phone(),)
    assert stored.company == "Beispiel GmbH"
    assert stored.assignment
    (touch,) = story.touches(lead_id)
    assert (touch.kind, touch.campaign_id) == ("scan", "fair")


def test_the_same_person_scanned_in_four_ways_is_one_lead_with_four_touches(story: Story) -> None:
    ids = {scan(story, kind, f"{story.mark}-{n}")["lead_id"] for n, kind in enumerate(CARDS)}
    assert len(ids) == 1
    assert len(story.touches(ids.pop())) == 4


def test_the_same_scan_sent_twice_is_one_touch(story: Story) -> None:
    first, second = (scan(story, "mecard", story.mark) for _ in range(2))
    assert first["touch_id"] == second["touch_id"]
    assert len(story.touches(first["lead_id"])) == 1


def test_garbage_is_a_problem_and_the_next_scan_works(story: Story) -> None:
    body = {"card": "\x00\x01\x02", "campaign": "fair"}
    answer = story.client.post("/v1/scans", json=body, headers=BEARER)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "card"
    scan(story, "vcard")


@pytest.mark.parametrize("kind", CARDS)
def test_the_command_line_reads_the_same_cards(tmp_path: Path, kind: str) -> None:
    text = CARDS[kind].format(email="jana@customer.example.com", phone="+49 30 23125001")
    run = cli(tmp_path, "card", text=text)
    assert run.returncode == 0, run.stderr
    (line,) = run.stdout.splitlines()
    found = json.loads(line)
    assert found["kind"] == kind
    assert found["emails"] == ["jana@customer.example.com"]
