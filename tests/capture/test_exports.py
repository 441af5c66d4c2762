"""Whole exports: which product's they are, what each file is, and what the files say of each other."""

import io
import json
import zipfile
from typing import Any

from chalicelib.capture.export_fields import EMAIL
from chalicelib.capture.export_links import linked
from chalicelib.capture.export_owners import Owner, owners_of
from chalicelib.capture.exports import Export, as_export
from chalicelib.capture.files import read_tables
from chalicelib.capture.sheet import Sheet
from chalicelib.records.contact import Refusal
from tests.capture.archives import zipped as archived
from tests.exports import HUBSPOT, ODOO, SALESFORCE, Tables, zipped


def export_of(tables: Tables) -> Export:
    parts = read_tables(zipped(tables), "export.zip")
    assert isinstance(parts, list)
    found = as_export(parts)
    assert found
    return found


def facts_of(tables: Tables, rep_of: dict[str, str] | None = None) -> dict[str, list[dict[str, Any]]]:
    """{file: the facts of each of its rows}, people named by their row of the whole."""
    sheet = linked(export_of(tables), rep_of or {})
    return {part.file: [json.loads(row[0]) for row in sheet.rows[part.first - 1 : part.first - 1 + part.rows]]
            for part in sheet.parts}  # fmt: skip


def test_each_file_is_known_by_its_columns_and_comes_in_its_turn() -> None:
    export = export_of(HUBSPOT)
    assert export.product == "HubSpot"
    assert [(table.file, table.table) for table in export.tables] == [
        ("users.csv", "owners"), ("companies.csv", "companies"), ("unsubscribes.csv", "opt_outs"),
        ("contacts.csv", "contacts"), ("deals.csv", "deals"), ("deal-stage-history.csv", "stages"),
        ("notes.csv", "notes"), ("campaign-members.csv", "members"), ("pipelines.csv", ""),
    ]  # fmt: skip


def test_lists_of_people_alone_are_no_export() -> None:
    contacts = {"contacts.csv": HUBSPOT["contacts.csv"]}
    parts = read_tables(zipped({**contacts, "more.csv": HUBSPOT["contacts.csv"]}), "a.zip")
    assert isinstance(parts, list)
    assert as_export(parts) is None
    parts = read_tables(zipped({"a.csv": [["name", "email"], ["Ann Lee", "ann@example.com"]]}), "a.zip")
    assert isinstance(parts, list)
    assert as_export(parts) is None


def test_what_is_no_archive_of_lists_has_no_tables() -> None:
    assert read_tables(b"name,email\nAnn,a@example.com\n", "a.csv") is None
    assert read_tables(zipped(HUBSPOT), "a.xlsx") is None
    assert isinstance(read_tables(b"PK\x03\x04 no archive", "a.zip"), Refusal)
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    assert read_tables(book.getvalue(), "a") is None


def test_what_cannot_be_read_is_told() -> None:
    parts = read_tables(archived(("x.pdf", b"%PDF-1"), ("c.csv", b"a,b\n1,2\n")), "a.zip")
    assert isinstance(parts, list)
    sheets = read_tables(zipped(HUBSPOT), "a.zip")
    assert isinstance(sheets, list)
    export = as_export([*sheets, *parts])
    assert export
    assert export.notes == ("left out, not a list that can be read: x.pdf",)


def test_owners_are_known_by_id_name_or_address_however_a_record_names_them() -> None:
    owners = owners_of(export_of(HUBSPOT))
    assert owners == (
        Owner("anna@example.com", "Anna Example", "anna@example.com", 4),
        Owner("gone@old.example.com", "Gert Gone", "gone@old.example.com", 2),
    )
    deals = [HUBSPOT["deals.csv"][0], *(["9", "X", "Open", "", "", "", owner, "101", "", ""] for owner in
             ("11", "ANNA EXAMPLE", "Anna (anna@example.com)", "Somebody Else", "other@example.org"))]  # fmt: skip
    more = owners_of(export_of({**HUBSPOT, "deals.csv": deals}))
    assert {owner.key: owner.records for owner in more} == {
        "anna@example.com": 6, "gone@old.example.com": 1, "Somebody Else": 1, "other@example.org": 1,
    }  # fmt: skip
    assert next(owner for owner in more if owner.key == "other@example.org").email == "other@example.org"


def test_people_deals_and_notes_are_joined_by_the_products_ids() -> None:
    facts = facts_of(HUBSPOT, {"anna@example.com": "anna"})
    assert facts["contacts.csv"][0] == {"rep": "anna", "by": "Anna Example", "company": "Beispiel Holding AG"}
    assert [fact.get("opt_out") for fact in facts["contacts.csv"]] == [None, None, None, "yes", None]
    assert [fact.get("of") for fact in facts["deals.csv"]] == [[8], [9], None, [10, 11], [10]]
    assert [fact["state"] for fact in facts["deals.csv"]] == ["won", "open", "lost", "lost", "open"]
    assert facts["deal-stage-history.csv"][0]["name"] == "Big line"
    assert [fact["of"] for fact in facts["notes.csv"]] == [[8], [8], [11]]
    assert facts["unsubscribes.csv"][0]["of"] == [11]
    assert facts["companies.csv"][1]["parent"] == "Beispiel Holding AG"
    assert facts["campaign-members.csv"][0]["campaign"] == "Autumn mailing"
    assert facts["pipelines.csv"] == [{}]


def test_a_consent_in_a_table_holds_unless_another_row_takes_it_back() -> None:
    status = [["Email", "Subscription name", "Subscription status", "Legal basis"],
              ["jola@beispiel.example.com", "News", "SUBSCRIBED", "Consent"],
              ["ute@werk.example.com", "News", "SUBSCRIBED", ""],
              ["ute@werk.example.com", "Offers", "UNSUBSCRIBED", ""],
              ["timo@werk.example.com", "News", "false", ""]]  # fmt: skip
    facts = facts_of({**HUBSPOT, "unsubscribes.csv": status})["contacts.csv"]
    assert [(f.get("consent"), f.get("opt_out")) for f in facts] == [
        ("yes", None), (None, None), (None, None), ("yes", "yes"), (None, None)]  # fmt: skip


def test_a_no_reaches_every_record_with_that_id_or_address() -> None:
    contact, lead = ([*row] for row in (SALESFORCE["Contact.csv"][2], SALESFORCE["Lead.csv"][1]))
    leads = [[*SALESFORCE["Lead.csv"][0], "IndividualId"], *([[*lead, contact[-1]]] * 30)]
    facts = facts_of({**SALESFORCE, "Lead.csv": leads})
    assert [f.get("opt_out") for f in facts["Contact.csv"]] == [None, "yes", None]
    assert [f.get("opt_out") for f in facts["Lead.csv"]] == ["yes"] * 30
    partners = [*ODOO["res.partner.csv"], [*ODOO["res.partner.csv"][4]]]
    partners[-1][0], partners[-1][1] = "__export__.res_partner_14_aaaaaaaa", "Pia Petit"
    facts = facts_of({**ODOO, "res.partner.csv": partners})
    assert [f.get("opt_out") for f in facts["res.partner.csv"]][2:] == [None, "yes", "yes"]


def test_a_no_of_whose_own_row_is_refused_comes_in_by_itself() -> None:
    contacts = [[*row] for row in SALESFORCE["Contact.csv"]]
    contacts[2][8] = "x" * 70_000
    (individual, _) = facts_of({**SALESFORCE, "Contact.csv": contacts})["Individual.csv"]
    assert individual == {"said": "no", "email": "karl@muster.example.com", "at": "2025-05-01T10:00:00+00:00"}
    people = [[*row] for row in HUBSPOT["contacts.csv"]]
    people[4][1] = "<test lead: dummy data for Ute>"
    (ute, _) = facts_of({**HUBSPOT, "contacts.csv": people})["unsubscribes.csv"]
    assert (ute.get("of"), ute["email"]) == (None, "ute@werk.example.com")
    # Another row with the same address can be read, and has the no.
    (ute, _) = facts_of({**HUBSPOT, "contacts.csv": [*people, HUBSPOT["contacts.csv"][4]]})["unsubscribes.csv"]
    assert ute["of"]


def test_addresses_are_found_in_a_cell_however_long() -> None:
    assert EMAIL.findall("Ann <ann@example.com>; b@c@example.org,'x@y' @no no@ " + "a" * 1_000_000) == [
        "ann@example.com", "b@c@example.org", "x@y"]  # fmt: skip


def test_a_broken_row_costs_itself() -> None:
    deals = [*HUBSPOT["deals.csv"], ["x"] * 30]
    sheet = linked(export_of({**HUBSPOT, "deals.csv": deals}), {})
    assert isinstance(sheet, Sheet)
    assert list(sheet.bad_rows) == [18]


def test_an_export_of_salesforce_is_known_by_the_names_of_its_fields() -> None:
    assert [(table.file, table.table) for table in export_of(SALESFORCE).tables] == [
        ("User.csv", "owners"), ("Campaign.csv", "campaigns"), ("Account.csv", "companies"),
        ("Individual.csv", "opt_outs"), ("Contact.csv", "contacts"), ("Lead.csv", "contacts"),
        ("Opportunity.csv", "deals"), ("OpportunityContactRole.csv", "roles"),
        ("OpportunityFieldHistory.csv", "stages"),
        ("OpportunityHistory.csv", "stages"), ("Note.csv", "notes"), ("Task.csv", "notes"),
        ("CampaignMember.csv", "members"),
    ]  # fmt: skip


def test_a_deal_of_salesforce_lies_with_its_primary_contact_whichever_way_an_id_is_written() -> None:
    facts = facts_of(SALESFORCE)
    assert [fact["of"] for fact in facts["Opportunity.csv"]] == [[10, 11], [11]]
    assert facts["Account.csv"][1]["parent"] == "Muster Gruppe AG"
    assert [fact.get("opt_out") for fact in facts["Contact.csv"]] == [None, "yes", None]
    assert [fact.get("said", "") for fact in facts["Individual.csv"]] == ["no", ""]
    assert [fact["of"] for fact in facts["Note.csv"]] == [[10], [11], [11]]
    assert facts["CampaignMember.csv"][1] == {
        "of": [13], "campaign": "Spring webinar", "at": "2025-03-01T08:00:00+00:00"}  # fmt: skip


def test_an_export_of_odoo_has_people_and_companies_in_one_table_and_people_in_deals() -> None:
    export = export_of(ODOO)
    assert [(table.file, table.table) for table in export.tables] == [
        ("res.users.csv", "owners"), ("mail.blacklist.csv", "opt_outs"), ("mailing.contact.csv", "opt_outs"),
        ("res.partner.csv", "contacts"), ("crm.lead.csv", "deals"), ("mail.tracking.value.csv", "stages"),
        ("mail.message.csv", "notes"), ("mailing.trace.csv", "members"),
    ]  # fmt: skip
    facts = facts_of(ODOO)
    assert [fact.get("as") for fact in facts["res.partner.csv"]] == ["companies", "companies", None, None]
    assert facts["res.partner.csv"][1]["parent"] == "Azur Gruppe SA"
    assert facts["crm.lead.csv"][2]["whose"] == {
        "person": "Mia Morel", "email": "mia@morel.example.org", "firm": "Morel SAS"}  # fmt: skip
    assert [fact.get("of") for fact in facts["crm.lead.csv"]] == [[8], [8], [12], None, [14]]
    assert [fact["state"] for fact in facts["crm.lead.csv"]] == ["won", "open", "lost", "open", "open"]
    assert [fact.get("of") for fact in facts["mail.message.csv"]] == [[8], [8], None]
    assert facts["mail.message.csv"][0]["by"] == "Anna Example"
    assert [fact.get("said") for fact in facts["mail.blacklist.csv"]] == ["no", None]
