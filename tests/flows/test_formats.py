"""The shared example files, through the whole of an upload.

Where EXPECTED.json leaves a choice, docs/lists.md decides: names stay as they are written, a refunded ticket's owner is
a lead, and a list makes one touch a person and campaign."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chalicelib.flows.import_spend import Imported, import_spend
from chalicelib.flows.upload_list import run_upload, start_upload
from chalicelib.records.lead import Lead
from chalicelib.records.message import Message
from chalicelib.records.money import Money
from chalicelib.records.spend import Spend
from chalicelib.records.touch import Touch
from chalicelib.records.upload import RowResults, Upload
from tests.stories.conftest import World
from tests.stories.people import EVERYBODY, FAIR

FORMATS = Path("../shared/cases/formats")
pytestmark = pytest.mark.skipif(not FORMATS.exists(), reason="the shared cases are not here")
LISTS = ("f01_meta_lead_ads_utf16.csv", "f05_eventbrite_attendees.csv", "f07_business_cards_gb18030.csv",
         "f08_hubspot_contacts.csv", "f11_cards.vcf")  # fmt: skip
REFUNDED = ("f05_eventbrite_attendees.csv", 3)


def load(world: World, name: str, country: str = "") -> tuple[Upload, dict[int, tuple[str, str]]]:
    """The upload and {row: (outcome, lead_id)}."""
    world.put(*EVERYBODY, FAIR)
    world.now = datetime(2026, 11, 2, 8, tzinfo=UTC)
    deps = world.deps
    data = (FORMATS / name).read_bytes()
    upload = start_upload(deps, data, name, FAIR.campaign_id, "consent", {}, "eva", country)
    upload = run_upload(deps, upload.import_id)
    rows = [row for part in deps.store.query(RowResults, upload.import_id) for row in part.value.results]
    return upload, {row: (outcome, lead_id) for row, outcome, lead_id, _ in rows}


@pytest.fixture
def expected() -> dict[str, Any]:
    read: dict[str, Any] = json.loads((FORMATS / "EXPECTED.json").read_text())
    return read


@pytest.mark.parametrize("name", LISTS)
def test_the_files_marketers_get_become_the_people_they_name(world: World, expected: dict[str, Any], name: str) -> None:
    case = expected[name]
    _, rows = load(world, name, "US" if name == "f11_cards.vcf" else "")
    stored = {i: world.deps.store.get(Lead, i) for _, i in rows.values() if i}
    leads = [lead.value for lead in stored.values() if lead]
    refused = {row for row, (outcome, _) in rows.items() if outcome == "refused"}
    assert refused == {r["row"] for r in case.get("rejected", ()) if (name, r["row"]) != REFUNDED}
    assert len(leads) == len(case["leads"]) + (name == REFUNDED[0])
    for wanted in case["leads"]:
        (lead,) = [each for each in leads if each.full_name.casefold() == wanted["name"].casefold()]
        assert (lead.emails[:1] or (None,))[0] == wanted["email"]
        phone = (wanted["phone"] or "").partition(" ")[0]
        assert (lead.phones[:1] or ("",))[0] == phone
        assert lead.company == (wanted["company"] or "")
        assert {*wanted.get("other_emails", ())} <= {*lead.emails}
        assert {*wanted.get("other_phones", ())} <= {*lead.phones}
        assert lead.title == wanted.get("title", lead.title)
        assert lead.extra.get("Department", "") == wanted.get("department", "")
        assert lead.family_name == wanted.get("surname", lead.family_name)
        assert lead.given_name == wanted.get("given", lead.given_name)
        assert lead.extra.get("external_id", "") == wanted.get("external_id", lead.extra.get("external_id", ""))
        assert lead.extra.get("Phone extension", "") == wanted.get("ext", "")
        assert bool(lead.opted_out_at) == bool(wanted.get("opted_out"))
        assert wanted.get("marketing_consent", "No").startswith("No")
        if "marketing_consent" in wanted:
            assert lead.extra["consent"] == "no"
        touches = world.deps.store.query(Touch, lead.lead_id)
        if wanted.get("note", "").startswith("Met at"):
            assert touches[0].value.message == wanted["note"]
        if "created_utc" in wanted:
            assert f"{touches[0].value.occurred_at:%Y-%m-%dT%H:%M:%SZ}" == wanted["created_utc"]
        if "postcode" in wanted:
            assert lead.extra["address"] == wanted["postcode"]
    for again in (*case.get("duplicates", ()), *case.get("possible_duplicates", ())):
        assert rows[again["row"]][1] == rows[again["of_row"]][1]


def test_a_cost_report_is_spend_day_by_day_and_its_totals_count_once(world: World, expected: dict[str, Any]) -> None:
    world.put(*EVERYBODY, FAIR)
    world.now = datetime(2026, 11, 2, 8, tzinfo=UTC)
    name = "f02_google_ads_cost_utf16.csv"
    wanted = [(day, campaign, Money(round(float(cost) * 100), currency))
              for day, campaign, currency, cost, *_ in expected[name]["costs"]]  # fmt: skip
    for entered in (3, 0):
        done = import_spend(world.deps, FAIR.campaign_id, (FORMATS / name).read_bytes(), "eva")
        assert done == Imported(entered, 3 - entered)
    spends = [stored.value for stored in world.deps.store.query(Spend)]
    assert sorted((str(s.spent_on), s.note, s.amount) for s in spends) == wanted
    assert f"{sum(s.amount.amount_minor for s in spends) / 100:.2f}" == expected[name]["total"]


def test_who_said_no_to_news_gets_no_thank_you_whatever_an_earlier_row_said(world: World) -> None:
    upload, rows = load(world, "f05_eventbrite_attendees.csv")
    assert upload.notes == ("recognised as an export of: Eventbrite attendees",)
    for row in (1, 2):
        assert not world.deps.store.query(Message, rows[row][1])
        stored = world.deps.store.get(Lead, rows[row][1])
        assert stored
        assert (stored.value.next_channel, stored.value.next_reason) == ("", "no promotion is wanted")


def test_what_could_run_in_a_spreadsheet_and_what_hides_is_stored_as_text(world: World) -> None:
    _, rows = load(world, "f08_hubspot_contacts.csv")
    names = {row: world.deps.store.get(Lead, lead_id) for row, (_, lead_id) in rows.items() if lead_id}
    formula, hidden = names[2], names[7]
    assert formula
    assert hidden
    assert (formula.value.full_name, formula.value.company) == ("=cmd|' /C calc'!A0 Tester", "@SUM(1+1)")
    assert hidden.value.full_name == "NulWidth Txet"
