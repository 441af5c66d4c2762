"""A week after the switch somebody exports once more: deals that moved on there move on here, unless somebody worked on
them here; and that export is taken back by itself."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.flows.attach_rows import MOST_AT_ONCE
from chalicelib.flows.erase_person import erase_person
from chalicelib.flows.hand_over import hand_over
from chalicelib.flows.import_people import kept_people
from chalicelib.flows.merge_people import ask_merge, ask_part
from chalicelib.flows.read_uploads import all_rows, has_remark
from chalicelib.flows.redo_upload import ask_redo
from chalicelib.flows.renew_deals import CHANGED_HERE, KNOWN, OLDER, UPDATED, WRITES
from chalicelib.flows.row_desk import GIVEN_UP
from chalicelib.flows.undo_upload import MERGED, TOUCHED
from chalicelib.flows.work_lead import close_deal
from chalicelib.records.lead import Lead, LeadStatus, Note
from chalicelib.records.money import Money
from chalicelib.records.opportunity import Opportunity, OpportunityStage
from chalicelib.records.ports import Put
from chalicelib.records.undo import BeforeDeal
from chalicelib.records.upload import RowResults, Upload
from tests.exports import HUBSPOT, ODOO, SALESFORCE, Tables
from tests.stories.conftest import World
from tests.stories.lists import person, state, undo
from tests.stories.people import EVERYBODY, FAIR
from tests.stories.test_switching import MAILING, below, load

OPEN, WON, LOST = OpportunityStage.OPEN, OpportunityStage.WON, OpportunityStage.LOST


@pytest.fixture
def house(world: World) -> World:
    world.put(*EVERYBODY, FAIR, MAILING)
    return world


def with_deals(tables: Tables, file: str, changes: dict[str, dict[str, str]], more: str = "") -> Tables:
    """The export with other values in these deals' columns, {id: {column: value}}, and a column more."""
    head, *rows = tables[file]
    head = [*head, more] if more else list(head)
    told = [[*row, ""] if more else list(row) for row in rows]
    for row in told:
        for column, value in changes.get(row[0], {}).items():
            row[head.index(column)] = value
    return {**tables, file: [head, *told]}


def hubspot(changes: dict[str, dict[str, str]], changed_at: str = "") -> Tables:
    with_date = {own: {**told, "Last Modified Date": changed_at} for own, told in changes.items()}
    return with_deals(HUBSPOT, "deals.csv", with_date, "Last Modified Date")


MOVED_ON = {"902": {"Deal Stage": "Closed Won", "Amount": "950", "Close Date": "2025-09-01"},
            "901": {"Deal Stage": "Closed Lost", "Closed Lost Reason": "returned"},
            "904": {"Deal Name": "Line again", "Deal Stage": "Proposal"}}  # fmt: skip


def said(house: World, upload: Upload) -> list[str]:
    return [why for part in house.deps.store.query(RowResults, upload.import_id) for *_, why in part.value.results]


def test_deals_that_moved_on_there_move_on_here_and_the_timeline_says_so(house: World) -> None:
    load(house)
    again = load(house, hubspot(MOVED_ON))
    assert said(house, again).count(UPDATED) == 3
    jola, timo, ute = (person(house, f"{name}.example.com") for name in ("jola@beispiel", "timo@werk", "ute@werk"))
    (won,), (lost,), (anew,) = (below(house, lead, Opportunity) for lead in (timo, jola, ute))
    assert (won.stage, won.amount, f"{won.closed_at:%Y-%m-%d}") == (WON, Money(95000, "EUR"), "2025-09-01")
    assert (lost.stage, lost.amount, lost.lost_reason) == (LOST, Money(1250050, "EUR"), "returned")
    assert (anew.name, anew.stage, anew.closed_at, anew.lost_reason) == ("Line again", OPEN, None, "")
    assert [lead.status for lead in (timo, jola, ute)] == [LeadStatus.CUSTOMER, *[LeadStatus.QUALIFIED] * 2]
    assert lost.owner_id == "anna"
    told = {note.text for lead in (jola, timo, ute) for note in below(house, lead, Note)
            if note.import_id == again.import_id}  # fmt: skip
    assert told == {
        "Small line: Closed Won, 800.00 EUR → 950.00 EUR",
        "Big line: Closed Lost",
        "Line again: Proposal, Lost line → Line again",
    }
    before = state(house.deps)
    once_more = load(house, hubspot(MOVED_ON))
    assert UPDATED not in said(house, once_more)
    assert state(house.deps) == before


def test_the_newer_export_is_taken_back_exactly_and_put_back_and_then_the_first(house: World) -> None:
    empty = state(house.deps)
    first = load(house)
    before = state(house.deps)
    again = load(house, hubspot(MOVED_ON))
    after = state(house.deps)
    assert before != after
    # Whom the newer one names are kept while it stands.
    assert undo(house, first.import_id).kept_back == 4
    undo(house, first.import_id, ask_redo)
    taken = undo(house, again.import_id)
    assert (taken.kept_back, state(house.deps)) == (0, before)
    back = undo(house, again.import_id, ask_redo)
    assert (back.kept_back, state(house.deps)) == (0, after)
    undo(house, again.import_id)
    undo(house, first.import_id)
    assert state(house.deps) == empty
    assert not [ref for ref, _ in house.deps.store.part(0, 1) if ref.kind is BeforeDeal]


def test_a_deal_somebody_worked_on_here_stays_and_the_row_says_so(house: World) -> None:
    load(house)
    timo = person(house, "timo@werk.example.com")
    (deal,) = below(house, timo, Opportunity)
    close_deal(house.deps, timo.lead_id, deal.opportunity_id, LOST, "no budget")
    again = load(house, hubspot({"902": MOVED_ON["902"]}))
    assert said(house, again).count(CHANGED_HERE) == 1
    (deal,) = below(house, timo, Opportunity)
    assert (deal.stage, deal.lost_reason) == (LOST, "no budget")
    # As long as it stays there what it was there is no news.
    assert CHANGED_HERE not in said(house, load(house))


def test_an_export_that_is_older_than_what_is_known_changes_nothing(house: World) -> None:
    load(house, hubspot({"902": MOVED_ON["902"]}, "2025-10-02 09:00"))
    known = state(house.deps)
    older = load(house, hubspot({"902": {"Amount": "800"}}, "2025-10-01 09:00"))
    assert said(house, older).count(OLDER) == 1
    assert state(house.deps) == known


def test_an_empty_cell_of_a_newer_export_says_nothing(house: World) -> None:
    load(house)
    before = state(house.deps)
    load(house, hubspot({"901": {"Deal Stage": "", "Amount": "", "Deal Name": ""}, "904": {"Closed Lost Reason": ""}}))
    assert state(house.deps) == before


def test_of_a_deal_that_stands_in_an_export_more_than_once_the_first_row_counts(house: World) -> None:
    load(house)
    before = state(house.deps)
    head, *rows = HUBSPOT["deals.csv"]
    (own,) = (row for row in rows if row[0] == "902")
    amount = head.index("Amount")
    told = [[*own[:amount], each, *own[amount + 1 :]] for each in ("950", "960", "950")]
    # So many of the same person in between that no two of them are written together.
    between = [[f"9020{n}", *own[1:]] for n in range(MOST_AT_ONCE // WRITES)]
    kept = [row for row in rows if row[0] != "902"]
    again = load(house, {**HUBSPOT, "deals.csv": [head, told[0], *between, told[1], *between, told[2], *kept]})
    assert GIVEN_UP not in said(house, again)
    assert said(house, again).count(UPDATED) == 2
    timo = person(house, "timo@werk.example.com")
    (deal,) = (each for each in below(house, timo, Opportunity) if each.told_at or each.amount != Money(80000, "EUR"))
    assert deal.amount == Money(95000, "EUR")
    undo(house, again.import_id)
    assert state(house.deps) == before


def test_a_deal_of_several_people_is_found_with_whomever_it_lies(house: World) -> None:
    both = with_deals(HUBSPOT, "deals.csv", {"901": {"Associated Contact IDs": "101;104"}})
    load(house, both)
    turned = {"901": {"Associated Contact IDs": "104;101", "Amount": "13000"}}
    load(house, with_deals(HUBSPOT, "deals.csv", turned))
    jola, ute = person(house, "jola@beispiel.example.com"), person(house, "ute@werk.example.com")
    assert [deal.amount for deal in below(house, jola, Opportunity)] == [Money(1300000, "EUR")]
    assert [deal.name for deal in below(house, ute, Opportunity)] == ["Lost line"]


def test_a_deal_worked_on_since_the_newer_export_is_kept_when_that_is_taken_back(house: World) -> None:
    load(house)
    again = load(house, hubspot(MOVED_ON))
    timo = person(house, "timo@werk.example.com")
    (deal,) = below(house, timo, Opportunity)
    # Past the person's own record, as the hand-over of a deal alone would.
    stored = house.deps.store.get(Opportunity, timo.lead_id, deal.opportunity_id)
    assert stored
    house.deps.store.commit([Put(replace(deal, margin=20), stored.version)])
    undo(house, again.import_id)
    assert dict(kept_people(house.deps, again.import_id)) == {timo.lead_id: TOUCHED}
    assert below(house, timo, Opportunity)[0].stage is WON


def test_of_somebody_merged_and_parted_the_newer_export_is_taken_back_exactly(house: World) -> None:
    load(house)
    before = state(house.deps)
    again = load(house, hubspot(MOVED_ON))
    jola, timo = person(house, "jola@beispiel.example.com"), person(house, "timo@werk.example.com")
    ask_merge(house.deps, jola.lead_id, timo.lead_id, "eva")
    house.work()
    undo(house, again.import_id)
    assert dict(kept_people(house.deps, again.import_id)) == {timo.lead_id: MERGED, jola.lead_id: TOUCHED}
    undo(house, again.import_id, ask_redo)
    ask_part(house.deps, timo.lead_id, "eva")
    house.work()
    undo(house, again.import_id)
    assert state(house.deps) == before


def test_a_deal_that_opens_again_is_with_somebody_who_works_here(house: World) -> None:
    load(house, hubspot({"902": {"Deal Stage": "Closed Lost"}}), {"owner:gone@old.example.com": "ben"})
    ben = house.deps.directory.rep("ben")
    assert ben
    house.put(replace(ben, active=False))
    house.deps.directory.forget()
    hand_over(house.deps, "ben")
    house.work()
    load(house, hubspot({"902": {"Deal Stage": "Negotiation"}}))
    timo = person(house, "timo@werk.example.com")
    (deal,) = below(house, timo, Opportunity)
    assert (deal.stage, deal.owner_id, timo.owner_id) == (OPEN, timo.owner_id, "anna")


MOVED_IN_SALESFORCE = {
    "006000000000002AAA": {
        "StageName": "Closed Won", "Amount": "77.5", "IsClosed": "1", "IsWon": "1", "CloseDate": "2025-10-10",
    },
}  # fmt: skip
MOVED_IN_ODOO = {
    "__export__.crm_lead_21_aaaaaaaa": {"stage_id/name": "Won", "won_status": "won"},
    "__export__.crm_lead_22_aaaaaaaa": {
        "active": "True", "won_status": "pending", "lost_reason_id/name": "", "expected_revenue": "60.0",
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("tables", "file", "changes"),
    [(SALESFORCE, "Opportunity.csv", MOVED_IN_SALESFORCE), (ODOO, "crm.lead.csv", MOVED_IN_ODOO)],
    ids=("Salesforce", "Odoo"),
)
def test_another_products_deals_move_on_the_same_way(
    house: World, tables: Tables, file: str, changes: dict[str, dict[str, str]]
) -> None:
    load(house, tables)
    before = state(house.deps)
    again = load(house, with_deals(tables, file, changes))
    assert sum(UPDATED in why for why in said(house, again)) == len(changes)
    deals = [deal for ref, _ in house.deps.store.part(0, 1) if ref.kind is Lead
             for deal in house.deps.store.query(Opportunity, ref.ids[0])]  # fmt: skip
    found = {deal.value.name: (deal.value.stage, deal.value.amount) for deal in deals}
    if tables is SALESFORCE:
        assert found["Valves"] == (WON, Money(7750, "EUR"))
    else:
        assert (found["Vannes"], found["From the site"]) == ((WON, Money(10000, "EUR")), (OPEN, Money(6000, "EUR")))
    after = state(house.deps)
    undo(house, again.import_id)
    assert state(house.deps) == before
    undo(house, again.import_id, ask_redo)
    assert state(house.deps) == after


def test_of_somebody_erased_the_books_keep_a_won_deal_that_says_nothing_of_its_name(house: World) -> None:
    load(house)
    again = load(house, hubspot(MOVED_ON))
    timo = person(house, "timo@werk.example.com")
    assert all(deal.told for deal in below(house, timo, Opportunity))
    erase_person(house.deps, timo.lead_id, timedelta(days=365))
    house.work()
    for taken_back in (False, True):
        # Nor does taking back what told it otherwise bring anything of it.
        if taken_back:
            undo(house, again.import_id)
        (deal,) = below(house, timo, Opportunity)
        assert (deal.name, deal.amount, deal.told, deal.told_at) == ("", Money(95000, "EUR"), "", None)
        assert not below(house, timo, BeforeDeal)


def test_what_was_there_before_is_no_remark_and_what_moved_on_is(house: World) -> None:
    load(house)
    again = load(house, hubspot(MOVED_ON))
    rows = [(row[1], row[3]) for row in all_rows(house.deps, again.import_id)]
    assert KNOWN in [why for _, why in rows]
    assert [why for outcome, why in rows if has_remark(outcome, why)] == [UPDATED] * 3
