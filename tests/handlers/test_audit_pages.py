"""The audit trail as people read it, and what is in it of whom."""

import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from chalicelib.flows.audit_steps import NOTED
from chalicelib.messaging.templates import environment
from chalicelib.records.audit import Audit
from tests.handlers.desk import Desk, annas_desk
from tests.stories.conftest import KEY


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return annas_desk(tmp_path, "eva")


def rejected(desk: Desk, reason: str = "no budget") -> str:
    path = desk.lead_path()
    assert desk.post(f"{path}/status", path, status="rejected", reason=reason).status_code == 303
    desk.world.work()
    return path


def trail(desk: Desk, **asked: str) -> str:
    return desk.page("/app/audit?" + "&".join(f"{name}={value}" for name, value in asked.items()))


def test_a_change_is_told_with_who_when_and_from_what_to_what(desk: Desk) -> None:
    rejected(desk)
    page = trail(desk)
    assert re.search(r"Eva Example · Jana Beispiel Lead changed Status: New → became Rejected", page)
    assert "Reason: – → became no budget" in page
    assert "Enquiry Talk to us changed State: Open → became Closed" in page


def test_the_leads_own_page_shows_its_part(desk: Desk) -> None:
    path = rejected(desk)
    page = desk.page(path)
    assert "Who changed what" in page
    assert "Status: New → became Rejected" in page
    assert f"/app/audit?lead={path.rpartition('/')[2]}" in desk.get(path).text
    desk.world.sign_in("anna")
    assert "Status: New → became Rejected" in desk.page(path)
    assert "/app/audit" not in desk.get(path).text


def test_filters_leave_what_was_asked_for(desk: Desk) -> None:
    path = rejected(desk)
    lead_id = path.rpartition("/")[2]
    assert "Rejected" in trail(desk, by="eva", kind="Lead", lead=lead_id, day="2026-03-02")
    for asked in ({"by": "anna"}, {"kind": "Campaign"}, {"lead": "nobody"}, {"day": "2026-03-01"}, {"by": "-"}):
        assert "Nothing here." in trail(desk, **asked), asked
    assert "Rejected" in trail(desk, kind="made-up", day="yesterday")


def test_people_and_keys_and_campaigns_and_money_are_in_it(desk: Desk) -> None:
    desk.world.sign_in("ada")
    made = desk.post("/app/campaigns", "/app/campaigns", name="Winter Fair", channel="Trade show")
    assert made.status_code == 303
    campaign = str(made.headers["location"])
    assert (
        desk.post(f"{campaign}/spend", campaign, spent_on="2026-03-01", amount="12.50", currency="EUR").status_code
        == 303
    )
    key = desk.post("/app/api-keys", "/app/api-keys", name="web site", **{"scope-leads:write": "yes"})
    assert key.status_code == 200
    secret = re.search(r'value="([A-Za-z0-9_-]{43})"', key.text)
    assert desk.post("/app/reps/anna/deactivate", "/app/reps/anna").status_code == 200
    desk.world.work()
    page = trail(desk)
    assert "Campaign Winter Fair made Called: Winter Fair" in page
    assert "Amount: €12.50" in page
    assert "API key web site made" in page
    assert "Person Anna Example changed Active: yes → became –" in page
    assert "Owner: Anna Example → became Ben Example" in page
    assert secret is None or secret.group(1) not in page


def test_a_program_is_named_by_its_key(desk: Desk) -> None:
    lead_id = desk.lead_path().rpartition("/")[2]
    body = {"lead_id": lead_id, "name": "First order", "amount": "100", "currency": "EUR"}
    answer = desk.world.client.post("/v1/opportunities", json=body, headers={"Authorization": f"Bearer {KEY}"})
    assert answer.status_code == 201, answer.text
    desk.world.work()
    assert re.search(r"story API key · Jana Beispiel .* Deal First order made", trail(desk))
    assert "First order" in trail(desk, by="key:story")


def test_sessions_that_were_ended_are_told_without_what_they_hold(desk: Desk) -> None:
    desk.world.sign_in("anna")
    cookie = dict(desk.world.client.cookies)
    desk.world.sign_in("ada")
    assert desk.post("/app/reps/anna/sessions/end", "/app/reps/anna").status_code == 303
    desk.world.work()
    page = trail(desk, kind="Session")
    assert "Session removed" in page
    assert all(value not in page for value in cookie.values())


@pytest.mark.parametrize("path", ["/app/leads.csv?text=jana&status=new", "/app/returns.csv"])
def test_a_download_is_told(desk: Desk, path: str) -> None:
    desk.world.sign_in("ada")
    answer = desk.get(path)
    assert answer.status_code == 200, answer.text
    desk.world.work()
    page = trail(desk, kind="Export")
    assert "Ada Example Download" in page
    assert "jana" not in page
    if "leads" in path:
        assert "leads.csv Rows: 1 Filters in force: status=new Search: yes" in page


def test_pages_go_on_where_the_last_ended(desk: Desk) -> None:
    for _ in range(53):
        assert desk.get("/app/leads.csv").status_code == 200
    desk.world.work()
    first = desk.get("/app/audit").text
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following
    second = desk.get(unescape(following.group(1))).text
    assert [text.count("leads.csv") for text in (first, second)] == [50, 3]
    assert "Newest" in second
    assert 'rel="next"' not in second


def test_somebody_erased_is_named_no_more(desk: Desk) -> None:
    path = rejected(desk, "Jana said so")
    desk.world.sign_in("ada")
    assert desk.post(f"{path}/erase", f"{path}/erase", sure="yes").status_code == 303
    desk.world.later(minutes=3)
    page = trail(desk)
    assert "Jana" not in page
    assert "Eva Example · a person who is not here any more Lead changed" in page
    assert "Erasure made" in page


def test_what_a_visitor_or_the_mail_does_is_not_in_it(desk: Desk) -> None:
    desk.ask(message="Once more")
    desk.world.later(minutes=10)
    assert "Nothing here." in trail(desk)


def test_a_record_of_a_kind_nobody_knows_any_more_is_shown_by_its_name(desk: Desk) -> None:
    rejected(desk)
    (stored, *_) = desk.world.deps.store.query(Audit, desk.lead_path().rpartition("/")[2])
    odd = tuple(replace(step, kind="Parcel") for step in stored.value.steps)
    desk.world.put(replace(stored.value, steps=odd))
    desk.world.work()
    assert "Parcel" in trail(desk)


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_every_noted_kind_and_field_has_words(language: str) -> None:
    said = environment(language).get_template("pages/audit_words.html").module
    for kind, names in NOTED.items():
        assert said.kind_name(kind.__name__)
        for name in names:
            assert said.field_name(name), name
