"""Somebody who asked more often than one transaction holds is worked, handed over and closed like everybody else."""

from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.flows.hand_over import deactivate
from chalicelib.flows.work_lead import change_status, reassign, write_note
from chalicelib.records.lead import Lead, LeadStatus
from chalicelib.records.ports import MOST_WRITES, Put
from chalicelib.records.touch import Request, RequestState
from tests.handlers.desk import Desk, open_desk
from tests.stories.people import ANNA

MANY = MOST_WRITES + 20


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = open_desk(tmp_path)
    desk.ask()
    made = desk.world.deps.store.query(Request, lead_id(desk))[0].value
    others = [[Put(replace(made, request_id=f"more-{number:03d}"), 0)] for number in range(MANY)]
    assert set(desk.world.deps.store.commit_each(others)) == {None}
    given_to_all(desk, "anna")
    return desk


def lead_id(desk: Desk) -> str:
    return desk.lead_path().rpartition("/")[2]


def given_to_all(desk: Desk, rep_id: str) -> None:
    requests = desk.world.deps.store.query(Request, lead_id(desk))
    desk.world.deps.store.commit_each([[Put(replace(r.value, owner_id=rep_id))] for r in requests])
    lead = desk.world.deps.store.get(Lead, lead_id(desk))
    assert lead
    assert lead.value.assignment
    desk.world.put(replace(lead.value, assignment=replace(lead.value.assignment, owner_id=rep_id)))
    desk.world.work()


def states(desk: Desk) -> set[RequestState]:
    return {stored.value.state for stored in desk.world.deps.store.query(Request, lead_id(desk))}


def owners(desk: Desk) -> set[str]:
    return {stored.value.owner_id for stored in desk.world.deps.store.query(Request, lead_id(desk))}


def test_an_answer_stops_every_clock(desk: Desk) -> None:
    write_note(desk.world.deps, lead_id(desk), "call", "called", ANNA)
    assert states(desk) == {RequestState.ANSWERED}


def test_rejecting_closes_them_all(desk: Desk) -> None:
    change_status(desk.world.deps, lead_id(desk), LeadStatus.REJECTED, "not a real enquiry", "anna")
    assert states(desk) == {RequestState.CLOSED}


def test_all_of_them_go_along(desk: Desk) -> None:
    reassign(desk.world.deps, lead_id(desk), "ben", "", "anna")
    assert owners(desk) == {"ben"}


def test_somebody_who_leaves_leaves_nothing_behind(desk: Desk) -> None:
    done = deactivate(desk.world.deps, "anna")
    assert done.left == 0
    assert "anna" not in owners(desk)
