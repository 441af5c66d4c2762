"""Many who wait move up in commits that every engine can take, and all of them, wherever it was cut off."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.flows.plan_seminar import Plan, change_seminar, move_up_waiting
from chalicelib.records.event import Registration, RegistrationState, SeatCount
from chalicelib.records.lead import Lead
from chalicelib.records.ports import Deps, Put, Write
from tests.handlers.desk import SEMINAR, Desk, open_desk

PLAN = Plan("Choosing a sensor", "2026-03-20T14:00", "2026-03-20T16:00", "Europe/Berlin", "Hall 2", 1)
WAITING = tuple(f"guest-{number:02d}" for number in range(35))
# What one transaction of DynamoDB holds.
MOST = 100


class Broken(Exception):
    """The process ends here."""


class Limited:
    """A store that takes no more writes at once than DynamoDB, and breaks after so many commits."""

    def __init__(self, store: Any, commits: int = 1000) -> None:
        self._store = store
        self.commits = commits

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def commit(self, writes: Sequence[Write]) -> None:
        assert len(writes) <= MOST
        if self.commits == 0:
            raise Broken
        self.commits -= 1
        self._store.commit(writes)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = open_desk(tmp_path)
    now = desk.world.now
    desk.world.put(SeatCount("sensors", 1, WAITING, seats=1, sequence=SEMINAR.sequence))
    for lead_id in WAITING:
        email = f"{lead_id}@example.com"
        waits = Registration("sensors", lead_id, RegistrationState.WAITING, now, f"{lead_id}@leadline", email=email)
        desk.world.put(Lead(lead_id, lead_id, emails=(email,)), waits)
    return desk


def limited(desk: Desk, commits: int = 1000) -> Deps:
    store: Any = Limited(desk.world.deps.store, commits)
    return replace(desk.world.deps, store=store)


def states(desk: Desk) -> list[RegistrationState]:
    return [stored.value.state for stored in desk.world.deps.store.query(Registration, "sensors")]


def test_all_who_wait_move_up_however_many_they_are(desk: Desk) -> None:
    change_seminar(limited(desk), "sensors", replace(PLAN, seats=50))
    assert states(desk) == [RegistrationState.CONFIRMED] * len(WAITING)
    count = desk.world.deps.store.get(SeatCount, "sensors")
    assert count
    assert (count.value.taken, count.value.waiting) == (1 + len(WAITING), ())


def test_only_as_many_as_there_are_seats(desk: Desk) -> None:
    change_seminar(limited(desk), "sensors", replace(PLAN, seats=30))
    assert states(desk).count(RegistrationState.CONFIRMED) == 29


def test_what_was_cut_off_is_finished_by_the_clock(desk: Desk) -> None:
    with pytest.raises(Broken):
        change_seminar(limited(desk, commits=2), "sensors", replace(PLAN, seats=50))
    assert 0 < states(desk).count(RegistrationState.CONFIRMED) < len(WAITING)
    desk.world.deps.directory.forget()
    desk.world.work()
    assert states(desk) == [RegistrationState.CONFIRMED] * len(WAITING)
    assert move_up_waiting(desk.world.deps) == 0


def test_seats_taken_away_a_moment_ago_are_not_given_by_the_clock(desk: Desk) -> None:
    desk.world.deps.store.commit([Put(replace(SEMINAR, seats=50))])
    desk.world.deps.directory.forget()
    assert move_up_waiting(desk.world.deps) == 0


def test_without_a_seminar_ahead_nothing_is_read(desk: Desk) -> None:
    desk.world.put(replace(SEMINAR, starts_at=desk.world.now, ends_at=desk.world.now))
    unread: Any = None
    desk.world.deps.directory.seminars()
    assert move_up_waiting(replace(desk.world.deps, store=unread)) == 0
