"""Attacks by codes a scanner reads (cases badge-…)."""

import http.server
import json
import random
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from chalicelib.records.lead import Lead
from chalicelib.records.search import LeadQuery
from chalicelib.records.touch import Touch
from tests.attacks.cases import given, statuses
from tests.handlers.desk import Desk
from tests.stories.conftest import KEY

API = {"Authorization": f"Bearer {KEY}"}
FOLDED = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ann\r\n Lee\r\nEMAIL:a@x.org"
ONE = "BEGIN:VCARD\r\nFN:{}\r\nEMAIL:{}@x.example.org\r\nEND:VCARD\r\n"
TWO = ONE.format("Ann Lee", "ann") + ONE.format("Bob Ray", "bob")


def scan(desk: Desk, card: str, **more: Any) -> httpx.Response:
    body = json.dumps({"card": card, "campaign": "fair", **more})
    return desk.world.client.post("/v1/scans", content=body, headers={**API, "Content-Type": "application/json"})


def kept(desk: Desk, answer: httpx.Response) -> tuple[Lead, Touch]:
    assert answer.status_code in (200, 201, 202), answer.text
    lead = desk.world.deps.store.get(Lead, answer.json()["lead_id"])
    touch = desk.world.deps.store.get(Touch, answer.json()["lead_id"], answer.json()["touch_id"])
    assert lead
    assert touch
    return lead.value, touch.value


@pytest.mark.parametrize("code", [FOLDED, TWO, "BEGIN:VCARD\nEMAIL:a@x.org", "BEGIN:VCARD\r\nFN:\r\n =?=\r\nX:Ann"])
def test_badge_01_a_broken_card_is_read_or_kept_as_it_came(desk: Desk, code: str) -> None:
    lead, touch = kept(desk, scan(desk, code))
    assert lead.emails or "unreachable" in lead.flags
    read = touch.details["card"].replace("\r\n", "\n")
    assert read == code.replace("\r\n", "\n").strip(), "what was on the code stays for a person to look at"


def test_badge_01_a_folded_line_is_one_line(desk: Desk) -> None:
    lead, _ = kept(desk, scan(desk, FOLDED))
    assert (lead.full_name, lead.emails) == ("AnnLee", ("a@x.org",))


def test_badge_03_escapes_of_a_mecard_are_honoured(desk: Desk) -> None:
    code = given("badge-03", ["MECARD:N:Lee\\;Ann,X;TEL:+8613800138000;EMAIL:a\\:b@x.org;;"], "codes")[0]
    lead, touch = kept(desk, scan(desk, code))
    assert lead.phones == ("+8613800138000",)
    assert "Lee;Ann" in (lead.full_name, lead.family_name, lead.full_name.partition(" ")[2])
    assert "a:b@x.org" in {*lead.emails, *lead.extra.values()}
    assert touch.details["card"] == code


@pytest.fixture
def fetched() -> Iterator[tuple[str, list[str]]]:
    """A server that notes whatever is asked of it."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()


def test_badge_05_the_address_on_a_badge_is_text_and_nobody_goes_there(
    desk: Desk, fetched: tuple[str, list[str]]
) -> None:
    here, asked = fetched
    codes = given("badge-05", ["http://169.254.169.254/badge?id=1", "https://organiser.example/b/123"], "codes")
    for code in (*codes, f"{here}/badge?id=1", f"URL:{here}/b"):
        lead, touch = kept(desk, scan(desk, code))
        assert code.removeprefix("URL:") in {*lead.extra.values(), touch.details["card"], touch.details["card"][4:]}
        assert desk.get(f"/app/leads/{lead.lead_id}").status_code == 200
    desk.world.later(minutes=1)
    assert asked == []


@pytest.mark.parametrize("code", ["\x00\xff", "A" * 4296, "\x00" * 3000, "A" * 5001, "\ud83d", "A" * 12_000_000])
def test_badge_07_bytes_that_are_no_card_are_answered_and_break_nothing(desk: Desk, code: str) -> None:
    answer = scan(desk, code)
    assert answer.status_code in statuses("badge-07", 202, 400, 413)
    assert answer.headers["content-type"] in ("application/json", "application/problem+json")
    assert kept(desk, scan(desk, "MECARD:N:Lee,Ann;EMAIL:ann@x.example.org;;"))[0].emails == ("ann@x.example.org",)


def test_badge_09_a_queue_sent_twice_out_of_order_by_a_clock_that_is_off_is_300_scans(desk: Desk) -> None:
    scans = []
    for number in range(300):
        when = (desk.world.now - timedelta(hours=3, seconds=number)).isoformat()
        card = f"MECARD:N:Guest{number:03d},Ann;EMAIL:guest{number}@x.example.org;;"
        scans.append({"card": card, "scan_id": f"device-1-{number}", "scanned_at": when})
    again = random.Random(7).sample(scans, len(scans))
    first = {each["scan_id"]: scan(desk, **each).json() for each in scans}
    second = {each["scan_id"]: scan(desk, **each).json() for each in again}
    assert {name: answer["touch_id"] for name, answer in first.items()} == {
        name: answer["touch_id"] for name, answer in second.items()
    }
    desk.world.work()
    rows = desk.world.deps.model.leads(LeadQuery(limit=1_000)).rows
    assert len(rows) == 300
    assert sum(row.touches for row in rows) == 300
    touch = desk.world.deps.store.get(Touch, first["device-1-7"]["lead_id"], first["device-1-7"]["touch_id"])
    assert touch
    assert touch.value.details["scanned at"] == scans[7]["scanned_at"]
    assert touch.value.occurred_at == desk.world.now
