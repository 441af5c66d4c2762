"""Somebody leaves: nothing open stays behind, whoever writes meanwhile."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.assign.choose import UNASSIGNED
from chalicelib.flows.hand_over import ROUNDS, deactivate, hand_over
from chalicelib.records.message import Message, MessageKind
from chalicelib.records.ports import NotFound
from chalicelib.records.search import LeadQuery
from chalicelib.records.touch import Request, RequestState
from tests.flows.rivals import with_rivals
from tests.handlers.desk import JANA, Desk, annas_desk, given_to, lead_of
from tests.stories.conftest import HTML, World
from tests.stories.people import ADS, CONTACT, FAIR


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return annas_desk(tmp_path)


def test_an_unknown_person_cannot_leave(desk: Desk) -> None:
    with pytest.raises(NotFound):
        deactivate(desk.world.deps, "nobody")


def test_what_a_person_has_beside_leads_requests_and_deals_is_not_read(desk: Desk) -> None:
    class Partial:
        """Cuts a long partition short."""

        def __getattr__(self, name: str) -> Any:
            return getattr(desk.world.deps.store, name)

        def everything_of(self, lead_id: str) -> list[Any]:
            return []

    partial: Any = Partial()
    done = deactivate(replace(desk.world.deps, store=partial), "anna")
    assert (done.leads, done.requests, done.left) == ({"ben": 1}, {"ben": 1}, 0)


def test_the_new_owner_is_told_of_each_request_and_why_it_is_theirs(desk: Desk) -> None:
    done = deactivate(desk.world.deps, "anna")
    assert (done.leads, done.requests, done.deals, done.left) == ({"ben": 1}, {"ben": 1}, {}, 0)
    lead = lead_of(desk)
    assert lead.assignment
    assert lead.assignment.reasons[0] == "former owner is inactive"
    notices = [s.value for s in desk.world.deps.store.query(Message, lead.lead_id) if s.value.to == "ben@example.com"]
    assert MessageKind.REP_NOTICE in {notice.kind for notice in notices}


def test_the_limit_a_person_was_told_stays(desk: Desk) -> None:
    lead_id = lead_of(desk).lead_id
    (before,) = desk.world.deps.store.query(Request, lead_id)
    deactivate(desk.world.deps, "anna")
    (after,) = desk.world.deps.store.query(Request, lead_id)
    assert after.value.respond_by == before.value.respond_by


def test_a_request_goes_to_the_leads_own_owner_where_that_is_somebody_else(desk: Desk) -> None:
    lead = lead_of(desk)
    assert lead.assignment
    desk.world.put(replace(lead, assignment=replace(lead.assignment, owner_id="eva")))
    done = deactivate(desk.world.deps, "anna")
    assert done.requests == {"eva": 1}
    assert lead_of(desk).assignment == replace(lead.assignment, owner_id="eva")


def test_what_is_closed_stays_where_it_is(desk: Desk) -> None:
    lead = lead_of(desk)
    (request,) = desk.world.deps.store.query(Request, lead.lead_id)
    desk.world.put(replace(request.value, state=RequestState.CLOSED))
    done = deactivate(desk.world.deps, "anna")
    assert (done.leads, done.requests) == ({"ben": 1}, {})
    (kept,) = desk.world.deps.store.query(Request, lead.lead_id)
    assert kept.value.owner_id == "anna"


def test_who_writes_meanwhile_does_not_keep_a_lead_behind(desk: Desk) -> None:
    def note() -> None:
        desk.world.put(replace(lead_of(desk), company="Changed AG"))

    deactivate(desk.world.deps, "anna")
    given_to(desk, desk.lead_path(), "anna")
    done = hand_over(with_rivals(desk.world.deps, note, note), "anna")
    assert (done.leads, done.left) == ({"ben": 1}, 0)
    assert lead_of(desk).company == "Changed AG"


def test_what_was_given_away_meanwhile_is_left_alone(desk: Desk) -> None:
    deps = desk.world.deps
    deactivate(deps, "anna")
    given_to(desk, desk.lead_path(), "anna")
    done = hand_over(with_rivals(deps, lambda: given_to(desk, desk.lead_path(), "eva")), "anna")
    assert done.leads == {}
    lead = lead_of(desk)
    assert lead.assignment
    assert lead.assignment.owner_id == "eva"


def test_what_cannot_be_moved_is_counted_and_not_tried_for_ever(desk: Desk) -> None:
    def busy() -> None:
        desk.world.put(lead_of(desk))

    deactivate(desk.world.deps, "anna")
    given_to(desk, desk.lead_path(), "anna")
    done = hand_over(with_rivals(desk.world.deps, *[busy] * ROUNDS), "anna")
    assert (done.leads, done.left) == ({}, 1)


def test_what_is_nobodys_is_not_handed_from_nobody_to_nobody(world: World) -> None:
    world.put(FAIR, ADS, CONTACT)
    assert world.client.post("/f/contact", data=JANA, headers=HTML).status_code == 303
    world.work()
    (row,) = world.deps.model.leads(LeadQuery()).rows
    before = world.deps.store.everything_of(row.lead_id)
    assert hand_over(world.deps, UNASSIGNED).leads == {}
    assert world.deps.store.everything_of(row.lead_id) == before
