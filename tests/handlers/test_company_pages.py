"""A company's page: people, open matters and history over all of ours, within what the reader may see."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from chalicelib.flows.keep_promises import Promised, give_promise
from chalicelib.flows.keep_tasks import add_task
from chalicelib.flows.work_lead import open_deal, write_note
from chalicelib.records.lead import Lead
from chalicelib.records.money import Money
from chalicelib.records.search import LeadQuery
from tests.handlers.desk import NOW, Desk, given_to, open_desk, words
from tests.stories.people import ANNA, BEN

PEOPLE = (
    ("Jana Beispiel", "Beispiel AG", "anna"),
    ("Kim Muster", "BEISPIEL", "ben"),
    ("Lee Probe", "Andere GmbH", "anna"),
)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = open_desk(tmp_path, "anna")
    for n, (name, company, owner) in enumerate(PEOPLE):
        first = name.split()[0].lower()
        made.ask(name=name, company=company, email=f"{first}@customer{n}.example.com", phone=f"+4930123456{n}")
        given_to(made, made.lead_path(first), owner)
    return made


def lead_id(desk: Desk, name: str) -> str:
    (row,) = desk.world.deps.model.leads(LeadQuery(text=name)).rows
    return row.lead_id


def page(desk: Desk, name: str = "jana", query: str = "") -> str:
    return desk.page(f"/app/leads/{lead_id(desk, name)}/company{query}")


def test_its_people_are_there_however_it_was_written_and_nobody_elses(desk: Desk) -> None:
    desk.world.sign_in("eva")
    for name in ("jana", "kim"):
        shown = page(desk, name)
        assert "Jana Beispiel" in shown
        assert "Kim Muster" in shown
        assert "Lee Probe" not in shown
        assert "2 people known to you here" in shown
    assert f'href="/app/leads/{lead_id(desk, "jana")}/company"' in desk.get(f"/app/leads/{lead_id(desk, 'jana')}").text


def test_what_is_open_with_any_of_them_is_there_with_who_has_it(desk: Desk) -> None:
    deps, jana, kim = desk.world.deps, lead_id(desk, "jana"), lead_id(desk, "kim")
    open_deal(deps, kim, "Big order", Money(5_00, "EUR"), None, "ben")
    add_task(deps, kim, "Send the sheet", date(2026, 3, 3), BEN, BEN)
    write_note(deps, jana, "note", "Knows Kim well", ANNA)
    desk.world.work()
    desk.world.sign_in("eva")
    shown = page(desk)
    for said in (
        "Big order · Ben Example €5.00",
        "Send the sheet · Ben Example",
        "Request Kim Muster",
        "Knows Kim well",
    ):
        assert said in shown
    assert shown.index("Knows Kim well") > shown.index("History")


def test_a_rep_sees_the_own_people_and_what_was_promised_to_the_others(desk: Desk) -> None:
    kim = lead_id(desk, "kim")
    open_deal(desk.world.deps, kim, "Secret order", Money(5_00, "EUR"), None, "ben")
    write_note(desk.world.deps, kim, "note", "A secret note", BEN)
    promised = Promised("price", "A tenth less", date(2026, 3, 6))
    give_promise(desk.world.deps, kim, BEN, promised)
    desk.world.work()
    shown = page(desk)
    assert "One person known to you here" in shown
    assert "A tenth less" in shown
    assert "promised by Ben Example" in shown
    for secret in ("Secret order", "A secret note", kim):
        assert secret not in desk.get(f"/app/leads/{lead_id(desk, 'jana')}/company").text
    assert desk.get(f"/app/leads/{kim}/company").status_code == desk.get("/app/leads/nobody/company").status_code == 404


def test_a_lead_without_a_company_has_no_such_page(desk: Desk) -> None:
    stored = desk.world.deps.store.get(Lead, lead_id(desk, "lee"))
    assert stored
    desk.world.put(replace(stored.value, company="", company_key=""))
    assert desk.get(f"/app/leads/{stored.value.lead_id}/company").status_code == 404
    assert "/company" not in desk.get(f"/app/leads/{stored.value.lead_id}").text


def test_a_large_company_comes_a_page_at_a_time_with_who_came_before_names_were_folded(desk: Desk) -> None:
    stored = desk.world.deps.store.get(Lead, lead_id(desk, "jana"))
    assert stored
    many = [
        replace(stored.value, lead_id=f"many-{n:02d}", full_name=f"Guest {n:02d}.", emails=(), company_key="",
                updated_at=NOW + timedelta(minutes=n))
        for n in range(25)
    ]  # fmt: skip
    desk.world.put(*many)
    desk.world.work()
    first, second = page(desk), page(desk, query="?offset=20")
    assert "26 people known to you here" in first
    assert first.count("Guest") + second.count("Guest") >= 25
    assert "Guest" in page(desk, query="?offset=x")


def test_where_nothing_is_open_the_page_says_so(desk: Desk) -> None:
    write_note(desk.world.deps, lead_id(desk, "lee"), "call", "", ANNA)
    desk.world.work()
    assert "Nothing is open." in page(desk, "lee")


def describe(desk: Desk, name: str, **fields: str) -> str:
    """The page after it was said what the company of somebody belongs to."""
    path = f"/app/leads/{lead_id(desk, name)}/company"
    answer = desk.post(path, path, **{"parent": "", "aliases": "", "domain": "", **fields})
    return desk.page(answer.headers["location"]) if answer.status_code == 303 else words(answer.text)


def test_a_page_says_what_a_company_belongs_to_and_leads_there(desk: Desk) -> None:
    desk.world.sign_in("eva")
    assert "Nothing is known of what it belongs to" in page(desk)
    shown = describe(desk, "jana", parent="Andere GmbH", aliases="Probe Werk; PW", domain="www.beispiel.example.com")
    assert "What is known of the company is kept." in shown
    assert "Belongs to Andere GmbH Other names Probe Werk, PW Domain beispiel.example.com" in shown
    link = f'<a href="/app/leads/{lead_id(desk, "lee")}/company">Andere GmbH</a>'
    assert link in desk.get(f"/app/leads/{lead_id(desk, 'jana')}/company").text
    assert "Belonging to it Beispiel AG" in page(desk, "lee")


def test_people_who_name_the_company_otherwise_are_there(desk: Desk) -> None:
    desk.world.sign_in("eva")
    shown = describe(desk, "jana", aliases="Andere GmbH")
    assert "Lee Probe" in shown[shown.index("People") :]


def test_what_makes_no_sense_is_told_at_its_field_and_stays_typed(desk: Desk) -> None:
    desk.world.sign_in("eva")
    shown = describe(desk, "jana", parent="beispiel", domain="gmail.com", aliases="\n".join(map(str, range(11))))
    assert "not a domain of one company" in shown
    assert "more names than allowed: 10" in shown
    assert "cannot belong to itself" in describe(desk, "jana", parent="Beispiel GmbH")


def test_a_company_of_whom_nobody_may_be_seen_is_named_without_a_way_to_it(desk: Desk) -> None:
    desk.world.sign_in("eva")
    describe(desk, "kim", parent="Hidden Holding")
    desk.world.sign_in("ben")
    html = desk.get(f"/app/leads/{lead_id(desk, 'kim')}/company").text
    assert "Hidden Holding</dd>" in html
