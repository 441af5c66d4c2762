"""Seminars are changed against what others do at the same moment."""

from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.flows.plan_seminar import Plan, change_seminar
from chalicelib.records.contact import Refusal
from chalicelib.records.event import Registration, Seminar
from chalicelib.records.message import Message
from chalicelib.records.ports import NotFound
from tests.flows.rivals import with_rivals
from tests.handlers.desk import SEMINAR, Desk, open_desk

PLAN = Plan("Choosing a sensor", "2026-03-20T14:00", "2026-03-20T16:00", "Europe/Berlin", "Hall 2", 1)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_desk(tmp_path)


def test_a_change_is_made_anew_when_somebody_else_changed_it_first(desk: Desk) -> None:
    rival = replace(SEMINAR, sequence=7)
    made = change_seminar(
        with_rivals(desk.world.deps, lambda: desk.world.put(rival)), "sensors", replace(PLAN, place="Elsewhere")
    )
    assert isinstance(made, Seminar)
    assert (made.place, made.sequence) == ("Elsewhere", 8)


def test_an_unknown_seminar_and_a_time_that_cannot_be_are_told(desk: Desk) -> None:
    with pytest.raises(NotFound):
        change_seminar(desk.world.deps, "nobody", PLAN)
    refused = change_seminar(desk.world.deps, "sensors", replace(PLAN, zone="Nowhere"))
    assert isinstance(refused, Refusal)
    assert refused.field == "zone"


def test_who_left_no_address_is_sent_nothing(desk: Desk) -> None:
    desk.ask("seminar")
    lead_id = desk.lead_path().rpartition("/")[2]
    stored = desk.world.deps.store.get(Registration, "sensors", lead_id)
    assert stored
    desk.world.put(replace(stored.value, email=""))
    before = len(desk.world.deps.store.query(Message, lead_id))
    change_seminar(desk.world.deps, "sensors", replace(PLAN, place="Elsewhere"))
    assert len(desk.world.deps.store.query(Message, lead_id)) == before


def test_a_change_told_twice_is_told_once(desk: Desk) -> None:
    desk.ask("seminar")
    lead_id = desk.lead_path().rpartition("/")[2]
    change_seminar(desk.world.deps, "sensors", replace(PLAN, place="Elsewhere"))
    told = len(desk.world.deps.store.query(Message, lead_id))
    desk.world.put(SEMINAR)
    change_seminar(desk.world.deps, "sensors", replace(PLAN, place="Elsewhere"))
    assert len(desk.world.deps.store.query(Message, lead_id)) == told
