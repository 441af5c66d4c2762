"""Somebody leaves: nothing open stays behind, whoever writes meanwhile."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.flows.hand_over import ROUNDS, deactivate, hand_over
from chalicelib.flows.work_lead import NotFound
from chalicelib.records.lead import Lead
from chalicelib.records.message import Message, MessageKind
from chalicelib.records.touch import Request, RequestState
from tests.flows.rivals import with_rivals
from tests.handlers.desk import Desk, given_to, open_desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = open_desk(tmp_path)
    made.ask()
    given_to(made, made.lead_path(), "anna")
    return made


def lead_of(desk: Desk) -> Lead:
    stored = desk.world.deps.store.get(Lead, desk.lead_path().rpartition("/")[2])
    assert stored
    return stored.value


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
