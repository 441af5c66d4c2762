"""What comes up again has an owner who works here, and a deal undone undoes what it made of the lead."""

from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.flows.hand_over import deactivate
from chalicelib.flows.work_lead import change_status, close_deal, open_deal
from chalicelib.records.lead import LeadStatus, Note
from chalicelib.records.money import Money
from chalicelib.records.opportunity import Opportunity, OpportunityStage
from tests.handlers.desk import Desk, annas_desk, lead_of

ORDER = Money(100, "EUR")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return annas_desk(tmp_path)


def owner_of(desk: Desk) -> str:
    lead = lead_of(desk)
    assert lead.assignment
    return lead.assignment.owner_id


def leave(desk: Desk) -> None:
    deactivate(desk.world.deps, "anna")
    desk.world.work()


@pytest.mark.parametrize("status", [LeadStatus.NEW, LeadStatus.ACCEPTED, LeadStatus.QUALIFIED])
def test_a_rejected_lead_that_is_opened_again_has_an_owner_who_works_here(desk: Desk, status: LeadStatus) -> None:
    deps, lead_id = desk.world.deps, lead_of(desk).lead_id
    change_status(deps, lead_id, LeadStatus.REJECTED, "no budget", "anna")
    desk.world.work()
    leave(desk)
    assert owner_of(desk) == "anna"
    change_status(deps, lead_id, status, "", "eva")
    assert owner_of(desk) == "ben"
    notes = [stored.value.text for stored in deps.store.query(Note, lead_id) if stored.value.kind == "owner"]
    assert notes[-1].startswith("Ben Example: former owner is inactive")


def test_an_owner_who_works_here_stays_when_a_lead_is_opened_again(desk: Desk) -> None:
    deps, lead_id = desk.world.deps, lead_of(desk).lead_id
    change_status(deps, lead_id, LeadStatus.REJECTED, "no budget", "anna")
    change_status(deps, lead_id, LeadStatus.NEW, "", "anna")
    assert owner_of(desk) == "anna"
    assert [s for s in deps.store.query(Note, lead_id) if s.value.kind == "owner"] == []


def test_a_lost_deal_that_is_opened_again_has_an_owner_who_works_here(desk: Desk) -> None:
    deps, lead_id = desk.world.deps, lead_of(desk).lead_id
    deal = open_deal(deps, lead_id, "Order", ORDER, None, "anna")
    close_deal(deps, lead_id, deal.opportunity_id, OpportunityStage.LOST, "price")
    change_status(deps, lead_id, LeadStatus.REJECTED, "no budget", "anna")
    desk.world.work()
    leave(desk)
    again = close_deal(deps, lead_id, deal.opportunity_id, OpportunityStage.OPEN)
    assert (again.owner_id, owner_of(desk), again.closed_at) == ("ben", "ben", None)


def test_a_deal_is_the_leads_owners_whoever_enters_it(desk: Desk) -> None:
    deps, lead_id = desk.world.deps, lead_of(desk).lead_id
    deal = open_deal(deps, lead_id, "Order", ORDER, None, "Web shop")
    assert deal.owner_id == "anna"
    assert deps.store.get(Opportunity, lead_id, deal.opportunity_id)
    (note,) = [stored.value for stored in deps.store.query(Note, lead_id)]
    assert (note.author_id, note.text) == ("Web shop", "Order: Web shop")
    open_deal(deps, lead_id, "Second order", ORDER, None, "anna")
    assert len(deps.store.query(Note, lead_id)) == 1


def test_a_deal_of_a_rejected_lead_whose_owner_left_is_somebodys_who_works_here(desk: Desk) -> None:
    deps, lead_id = desk.world.deps, lead_of(desk).lead_id
    change_status(deps, lead_id, LeadStatus.REJECTED, "no budget", "anna")
    desk.world.work()
    leave(desk)
    assert open_deal(deps, lead_id, "Order", ORDER, None, "eva").owner_id == "ben"


@pytest.mark.parametrize("stage", [OpportunityStage.OPEN, OpportunityStage.LOST])
def test_who_has_nothing_won_any_more_is_no_customer(desk: Desk, stage: OpportunityStage) -> None:
    deps, lead_id = desk.world.deps, lead_of(desk).lead_id
    first, second = (open_deal(deps, lead_id, name, ORDER, None, "anna").opportunity_id for name in ("One", "Two"))
    for deal_id in (first, second):
        close_deal(deps, lead_id, deal_id, OpportunityStage.WON)
    close_deal(deps, lead_id, first, stage)
    assert lead_of(desk).status is LeadStatus.CUSTOMER
    close_deal(deps, lead_id, second, stage)
    assert lead_of(desk).status is LeadStatus.QUALIFIED


def test_a_lost_deal_changes_nothing_about_the_lead(desk: Desk) -> None:
    deps, lead_id = desk.world.deps, lead_of(desk).lead_id
    deal = open_deal(deps, lead_id, "Order", ORDER, None, "anna")
    close_deal(deps, lead_id, deal.opportunity_id, OpportunityStage.LOST)
    assert lead_of(desk).status is LeadStatus.QUALIFIED
    desk.world.put(replace(lead_of(desk), status=LeadStatus.CUSTOMER))
    close_deal(deps, lead_id, deal.opportunity_id, OpportunityStage.OPEN)
    assert lead_of(desk).status is LeadStatus.CUSTOMER
