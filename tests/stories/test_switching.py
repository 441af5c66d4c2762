"""A house that worked with another product comes over with all it has: people, companies, deals with their stages,
notes, memberships, and above all who wants no promotion. Every row of every file is accounted for, and taken back as a
list is."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.flows.erase_person import erase_person
from chalicelib.flows.erase_sender import erase_sender
from chalicelib.flows.import_people import kept_people
from chalicelib.flows.read_export import reconciled
from chalicelib.flows.redo_upload import ask_redo
from chalicelib.flows.undo_export import A_PART
from chalicelib.flows.undo_upload import TOUCHED
from chalicelib.flows.upload_list import start_upload
from chalicelib.flows.upload_state import enqueue_upload
from chalicelib.flows.work_lead import write_note
from chalicelib.records.campaign import Campaign
from chalicelib.records.company import Company, Subsidiary
from chalicelib.records.lead import Lead, LeadStatus, Note
from chalicelib.records.message import Message
from chalicelib.records.money import Money
from chalicelib.records.opportunity import Opportunity, OpportunityStage
from chalicelib.records.touch import Touch
from chalicelib.records.undo import TakenItems
from chalicelib.records.upload import RowResults, Upload, UploadState
from tests.exports import HUBSPOT, ODOO, SALESFORCE, Tables, zipped
from tests.stories.conftest import World
from tests.stories.lists import person, state, undo, upload_of
from tests.stories.people import ANNA, EVERYBODY, FAIR

MAILING = Campaign("autumn-mailing", "Autumn mailing")


@pytest.fixture
def house(world: World) -> World:
    world.put(*EVERYBODY, FAIR, MAILING)
    return world


def load(house: World, tables: Any = HUBSPOT, mapping: dict[str, str] | None = None) -> Upload:
    upload = start_upload(house.deps, zipped(tables), "export.zip", FAIR.campaign_id, "", mapping or {}, "eva")
    enqueue_upload(house.deps, upload)
    house.work()
    found = upload_of(house, upload.import_id)
    assert found.state is UploadState.FINISHED, found.reason
    return found


def below(house: World, lead: Lead, kind: type[Any]) -> list[Any]:
    return [stored.value for stored in house.deps.store.query(kind, lead.lead_id)]


def test_every_row_of_every_file_is_accounted_for(house: World) -> None:
    upload = load(house)
    assert upload.product == "HubSpot"
    assert (upload.created, upload.merged, upload.suppressed, upload.attached, upload.refused) == (6, 3, 0, 12, 5)
    counts = reconciled(house.deps, upload)
    assert {each.part.file: each.part.rows for each in counts} == {n: len(rows) - 1 for n, rows in HUBSPOT.items()}
    assert all(sum(each.counts.values()) == each.part.rows for each in counts)
    for outcome in ("created", "merged", "suppressed", "attached", "refused"):
        assert sum(each.counts[outcome] for each in counts) == getattr(upload, outcome)
    refused = [(row, why) for part in house.deps.store.query(RowResults, upload.import_id)
               for row, outcome, _, why in part.value.results if outcome == "refused"]  # fmt: skip
    assert len(refused) == 5
    assert all(why for _, why in refused)
    errors = house.deps.blobs.get(f"uploads/{upload.import_id}/errors.csv")
    assert errors
    assert "deals.csv,3,Record ID=903; Deal Name=No one" in errors.decode()


def test_whoever_wants_no_promotion_wants_none_here_whichever_file_says_so(house: World) -> None:
    load(house)
    assert [bool(person(house, email).opted_out_at) for email in
            ("timo@werk.example.com", "ute@werk.example.com", "stranger@example.org", "jola@beispiel.example.com")
            ] == [True, True, True, False]  # fmt: skip
    assert person(house, "stranger@example.org").status is LeadStatus.REJECTED
    leads = [ref.ids[0] for ref, _ in house.deps.store.part(0, 1) if ref.kind is Lead]
    assert not [mail for lead_id in leads for mail in house.deps.store.query(Message, lead_id)]
    head, *rows = HUBSPOT["contacts.csv"]
    again = {**HUBSPOT, "contacts.csv": [head, *([*row[:10], "false"] for row in rows)]}
    load(house, {name: rows for name, rows in again.items() if name != "unsubscribes.csv"})
    assert person(house, "ute@werk.example.com").opted_out_at


def test_deals_come_with_their_stages_and_notes_with_their_day_and_author(house: World) -> None:
    load(house, mapping={"owner:gone@old.example.com": "ben"})
    jola, timo, ute = (person(house, f"{name}.example.com") for name in ("jola@beispiel", "timo@werk", "ute@werk"))
    (won,) = below(house, jola, Opportunity)
    assert (won.name, won.amount, won.stage) == ("Big line", Money(1250050, "EUR"), OpportunityStage.WON)
    assert (f"{won.created_at:%Y-%m-%d}", f"{won.closed_at:%Y-%m-%d}") == ("2025-01-01", "2025-06-01")
    assert (jola.status, jola.owner_id, won.owner_id) == (LeadStatus.CUSTOMER, "anna", "anna")
    (opened,) = below(house, timo, Opportunity)
    assert (opened.stage, timo.status, timo.owner_id) == (OpportunityStage.OPEN, LeadStatus.QUALIFIED, "ben")
    (lost,) = below(house, ute, Opportunity)
    assert (lost.stage, lost.lost_reason, lost.name) == (OpportunityStage.LOST, "too dear", "Lost line")
    told = {(note.kind, f"{note.written_at:%Y-%m-%d %H:%M}", note.author_id, note.text)
            for note in below(house, jola, Note)}  # fmt: skip
    assert told == {
        ("stage", "2025-02-02 10:00", "anna", "Big line: Proposal"),
        ("stage", "2025-06-01 10:00", "ben", "Big line: Closed Won"),
        ("stage", "2025-06-01 12:00", "", "Big line: Amount 12500.50"),
        ("call", "2025-03-03 12:00", "ben", "Called her\nlikes blue"),
        ("note", "2025-03-04 12:00", "anna", "Deal note"),
    }
    assert "".join(sorted((note.text for note in below(house, ute, Note)), key=len, reverse=True)) == "x" * 5000
    member = next(t for t in below(house, jola, Touch) if t.campaign_id == MAILING.campaign_id)
    assert (f"{member.occurred_at:%Y-%m-%d}", member.details) == ("2025-09-09", {"status": "responded"})
    assert (jola.campaign_ids, jola.respond_by) == (("fair", "autumn-mailing"), None)


def test_an_author_nobody_knows_here_is_named_in_the_note(house: World) -> None:
    load(house)
    (call,) = [note for note in below(house, person(house, "jola@beispiel.example.com"), Note) if note.kind == "call"]
    assert (call.author_id, call.text) == ("", "Gert Gone: Called her\nlikes blue")


def test_a_company_comes_with_the_one_it_belongs_to(house: World) -> None:
    load(house)
    companies = {stored.value.name: stored.value for stored in house.deps.store.query(Company)}
    assert set(companies) == {"Beispiel Holding AG", "Beispiel Werk GmbH"}
    holding, works = companies["Beispiel Holding AG"], companies["Beispiel Werk GmbH"]
    assert (works.parent_id, works.parent_name, works.domain) == (
        holding.company_id, "Beispiel Holding AG", "werk.example.com")  # fmt: skip
    assert [s.value.company_id for s in house.deps.store.query(Subsidiary, holding.company_id)] == [works.company_id]


def test_the_same_export_again_adds_nothing(house: World) -> None:
    load(house)
    before = state(house.deps)
    again = load(house)
    assert (again.created, again.refused, state(house.deps)) == (0, 5, before)


def test_an_export_is_taken_back_exactly_and_put_back(house: World) -> None:
    before = state(house.deps)
    upload = load(house)
    after = state(house.deps)
    taken = undo(house, upload.import_id)
    assert (taken.taken_back, taken.kept_back, state(house.deps)) == (4, 0, before)
    back = undo(house, upload.import_id, ask_redo)
    assert (back.kept_back, state(house.deps)) == (0, after)
    undo(house, upload.import_id)
    assert state(house.deps) == before


def test_more_notes_than_one_transaction_holds_come_and_go(house: World) -> None:
    rows = [[f"n{n}", f"note {n}", "2025-03-03 12:00", "", "101", "", "NOTE"] for n in range(5 * A_PART + 3)]
    tables = {**HUBSPOT, "notes.csv": [HUBSPOT["notes.csv"][0], *rows]}
    before = state(house.deps)
    upload = load(house, tables)
    after = state(house.deps)
    jola = person(house, "jola@beispiel.example.com")
    assert len([note for note in below(house, jola, Note) if note.kind == "note"]) == len(rows)
    undo(house, upload.import_id)
    assert state(house.deps) == before
    undo(house, upload.import_id, ask_redo)
    assert state(house.deps) == after


@pytest.mark.parametrize("at_once", [2, 99])
def test_an_erasure_reaches_the_notes_and_deals_kept_of_who_is_nobodys_lead_any_more(
    house: World, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.flows.erase_taken_back.MOST_CHANGES", at_once)
    rows = [[f"n{n}", f"note {n}", "2025-03-03 12:00", "", "101", "", "NOTE"] for n in range(2 * A_PART + 3)]
    upload = load(house, {**HUBSPOT, "notes.csv": [HUBSPOT["notes.csv"][0], *rows]})
    jola, ute = person(house, "jola@beispiel.example.com"), person(house, "ute@werk.example.com")
    undo(house, upload.import_id)
    assert len(below(house, jola, TakenItems)) > 2
    of_others = below(house, ute, TakenItems)
    assert of_others
    erase_sender(house.deps, "jola@beispiel.example.com", timedelta(days=365))
    assert house.deps.store.refs_of(jola.lead_id) == []
    assert below(house, ute, TakenItems) == of_others
    undo(house, upload.import_id, ask_redo)
    assert house.deps.store.refs_of(jola.lead_id) == []


def test_who_was_worked_on_since_is_kept_with_all_that_came(house: World) -> None:
    upload = load(house)
    jola = person(house, "jola@beispiel.example.com")
    write_note(house.deps, jola.lead_id, "note", "called", ANNA)
    taken = undo(house, upload.import_id)
    assert (taken.taken_back, taken.kept_back) == (3, 1)
    assert kept_people(house.deps, upload.import_id) == [(jola.lead_id, TOUCHED)]
    assert len(below(house, jola, Opportunity)) == 1


def test_of_somebody_who_was_erased_nothing_comes_back_and_only_the_count_is_kept(house: World) -> None:
    load(house)
    jola = person(house, "jola@beispiel.example.com")
    erase_person(house.deps, jola.lead_id, timedelta(days=365))
    again = load(house)
    # Two rows of hers, a deal, three stages, two notes, two memberships.
    assert again.suppressed == 10
    assert sum(each.counts["suppressed"] for each in reconciled(house.deps, again)) == 10
    assert house.deps.store.get(Lead, jola.lead_id) is None
    assert not below(house, jola, Note)


@pytest.mark.parametrize(
    ("tables", "ended"),
    [(SALESFORCE, (7, 0, 0, 16, 4)), (ODOO, (6, 0, 0, 9, 4))],
    ids=("Salesforce", "Odoo"),
)  # fmt: skip
def test_another_product_comes_and_goes_the_same_way(house: World, tables: Tables, ended: tuple[int, ...]) -> None:
    # The campaigns of an export stay, as any that a list names.
    house.put(Campaign("spring-webinar", "Spring webinar"), Campaign("lettre-d-avril", "Lettre d'avril"))
    before = state(house.deps)
    upload = load(house, tables)
    merged = int(tables is SALESFORCE)
    found = (upload.created + merged, upload.merged - merged, upload.suppressed, upload.attached, upload.refused)
    assert found == ended
    counts = reconciled(house.deps, upload)
    assert {each.part.file: each.part.rows for each in counts} == {n: len(rows) - 1 for n, rows in tables.items()}
    assert all(sum(each.counts.values()) == each.part.rows for each in counts)
    after = state(house.deps)
    assert load(house, tables).created == 0
    assert state(house.deps) == after
    for each in sorted(house.deps.store.query(Upload), key=lambda u: u.value.import_id, reverse=True):
        undo(house, each.value.import_id)
    assert state(house.deps) == before
    undo(house, upload.import_id, ask_redo)
    assert state(house.deps) == after


def test_salesforce_has_leads_and_contacts_roles_and_consents_by_individual(house: World) -> None:
    load(house, SALESFORCE, {"owner:gone@old.example.com": "ben"})
    rosa, karl = person(house, "rosa@muster.example.com"), person(house, "karl@muster.example.com")
    (won,) = below(house, rosa, Opportunity)
    assert (won.amount, won.stage, rosa.status) == (Money(900000, "USD"), OpportunityStage.WON, LeadStatus.CUSTOMER)
    assert (rosa.company, karl.company, bool(karl.opted_out_at)) == ("Muster Gruppe AG", "Muster Süd GmbH", True)
    nora = person(house, "nora@neu.example.org")
    assert (nora.owner_id, nora.company, nora.extra["source"]) == ("ben", "Neu KG", "Fair")
    assert [note.kind for note in below(house, nora, Note)] == ["call"]
    assert "spring-webinar" in nora.campaign_ids


def test_in_odoo_a_deal_may_be_all_there_is_of_a_person(house: World) -> None:
    load(house, ODOO, {"owner:gone@old.example.com": "ben"})
    mia = person(house, "mia@morel.example.org")
    (lost,) = below(house, mia, Opportunity)
    assert (mia.full_name, mia.company, mia.owner_id) == ("Mia Morel", "Morel SAS", "ben")
    assert (lost.stage, lost.lost_reason, lost.amount) == (OpportunityStage.LOST, "Too expensive", Money(5000, "EUR"))
    lea, paul = person(house, "lea@azur.example.com"), person(house, "paul@petit.example.com")
    assert (lea.company, bool(lea.opted_out_at), bool(paul.opted_out_at)) == ("Azur Sud SARL", False, True)
    assert {deal.name for deal in below(house, lea, Opportunity)} == {"Pompes", "Vannes"}
