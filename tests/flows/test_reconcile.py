"""The feed is an accelerator: what it never told is shown all the same, and what is gone is no longer shown."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.flows.reconcile import STRIDE, parts, reconcile, reconcile_part
from chalicelib.records.lead import Assignment, Lead, Score
from chalicelib.records.ports import Delete, Deps, Ref, Stored
from chalicelib.records.receipt import MatchKey, Receipt, ReceiptOutcome
from chalicelib.records.search import LeadQuery
from chalicelib.records.touch import Touch, TouchKind
from chalicelib.store.table import RowWrite
from tests.stories.conftest import World


def lead(world: World, number: int) -> Lead:
    owner = Assignment("anna", (), "load", "1", world.now)
    return Lead(f"L{number:03d}", f"Guest {number:03d}", score=Score(1), assignment=owner, created_at=world.now)


def mend_all(world: World) -> int:
    return sum(reconcile_part(world.deps, number, 10) for number in range(10))


def shown(world: World) -> list[str]:
    return [row.lead_id for row in world.deps.model.leads(LeadQuery(sort="name", limit=1000)).rows]


def test_what_the_feed_never_told_is_shown_and_a_second_look_finds_nothing(world: World) -> None:
    people = [lead(world, n) for n in range(300)]
    for person in people:
        world.put(person, Touch("T", person.lead_id, TouchKind.FORM, world.now))
    world.put(Receipt("digest", "", ReceiptOutcome.ACCEPTED, world.now), MatchKey("key", "L001"))
    assert shown(world) == []
    assert mend_all(world) == 601
    assert shown(world) == [person.lead_id for person in people]
    assert world.deps.model.counts()["receipt.accepted"] == 1
    assert mend_all(world) == 0


def test_an_older_state_is_replaced(world: World) -> None:
    world.put(lead(world, 1))
    mend_all(world)
    world.put(replace(lead(world, 1), full_name="Renamed"))
    assert mend_all(world) == 1
    assert world.deps.model.leads(LeadQuery(text="renamed")).total == 1


def test_who_is_gone_is_no_longer_shown_with_all_that_was_theirs(world: World) -> None:
    touches = [Touch(f"T{n}", "L001", TouchKind.FORM, world.now) for n in range(2)]
    receipt = Receipt("digest", "", ReceiptOutcome.ACCEPTED, world.now)
    world.put(lead(world, 1), lead(world, 2), *touches, receipt)
    mend_all(world)
    gone = [Ref(Lead, ("L001",)), Ref(Touch, ("L001", "T0")), Ref(Touch, ("L001", "T1")), Ref(Receipt, ("digest",))]
    world.deps.store.commit([Delete(ref) for ref in gone])
    assert mend_all(world) == 4
    assert shown(world) == ["L002"]
    assert [*world.deps.model.touches()] == []
    assert world.deps.model.counts().get("receipt.accepted", 0) == 0


def test_a_touch_that_is_gone_goes_alone(world: World) -> None:
    world.put(lead(world, 1), *(Touch(f"T{n}", "L001", TouchKind.FORM, world.now) for n in range(2)))
    mend_all(world)
    world.deps.store.commit([Delete(Ref(Touch, ("L001", "T0")))])
    assert mend_all(world) == 1
    assert [touch.touch_id for touch in world.deps.model.touches()] == ["T1"]


def test_what_was_deleted_and_made_anew_shows_its_new_beginning(world: World) -> None:
    person = lead(world, 1)
    world.deps.model.apply([(Ref(Lead, ("L001",)), Stored(replace(person, full_name="Former"), 7))], world.now)
    world.put(person)
    world.now += timedelta(seconds=1)
    assert mend_all(world) == 1
    assert world.deps.model.leads(LeadQuery(text="guest")).total == 1
    assert world.deps.model.leads(LeadQuery(text="former")).total == 0
    assert mend_all(world) == 0


def test_a_record_nobody_can_read_is_passed_by_and_holds_up_none(world: World) -> None:
    table = world.deps.store._store._table  # type: ignore[attr-defined]
    table.write([[RowWrite("LEAD#bad", "LEAD", "Lead", b'{"nonsense": 1}', None, None)]])
    world.put(lead(world, 1))
    assert mend_all(world) == 1
    assert shown(world) == ["L001"]


def watched(world: World, looked: list[tuple[int, int]]) -> Deps:
    class Watched:
        def __getattr__(self, name: str) -> object:
            return getattr(world.deps.store, name)

        def part(self, number: int, of: int) -> object:
            looked.append((number, of))
            return world.deps.store.part(number, of)

    return replace(world.deps, store=Watched())  # type: ignore[arg-type]


@pytest.mark.parametrize(("size", "of"), [(0, 30), (3000, 30), (3001, 60), (100_000, 1440), (1 << 30, 1440)])
def test_a_small_store_is_looked_through_in_half_an_hour_and_a_large_one_in_a_day(size: int, of: int) -> None:
    assert parts(size) == of


def test_while_nothing_is_amiss_each_part_has_its_minute(world: World) -> None:
    looked: list[tuple[int, int]] = []
    deps = watched(world, looked)
    for _ in range(STRIDE):
        reconcile(deps)
        world.now += timedelta(minutes=1)
    assert sorted(looked) == [(number, STRIDE) for number in range(STRIDE)]


def test_a_feed_that_is_off_is_made_up_for_within_half_an_hour(world: World) -> None:
    for minute in range(2 * STRIDE):
        if minute < STRIDE:
            world.put(*(lead(world, minute * 4 + n) for n in range(4)))
        reconcile(world.deps)
        world.now += timedelta(minutes=1)
    assert len(shown(world)) == 4 * STRIDE


def test_while_there_is_something_to_mend_a_minute_looks_at_more_than_its_part(world: World) -> None:
    looked: list[tuple[int, int]] = []
    everybody = [Touch("T", f"L{n:05d}", TouchKind.FORM, world.now) for n in range(3200)]
    world.deps.model.apply([(Ref(Touch, (touch.lead_id, "T")), Stored(touch, 1)) for touch in everybody], world.now)
    reconcile(watched(world, looked))
    minute = int(world.now.timestamp()) // 60
    assert looked == [(minute % 60, 60), ((minute + 30) % 60, 60)]


def test_a_report_is_asked_for_what_was_mended(world: World) -> None:
    world.put(lead(world, 1))
    mend_all(world)
    assert len(world.deps.queue.receive("reports", 100)) == 1


def test_a_pause_ends_the_look(world: World) -> None:
    looked: list[tuple[int, int]] = []
    everybody = [Touch("T", f"L{n:05d}", TouchKind.FORM, world.now) for n in range(3200)]
    world.deps.model.apply([(Ref(Touch, (touch.lead_id, "T")), Stored(touch, 1)) for touch in everybody], world.now)
    reconcile(watched(world, looked), pause=lambda: True)
    assert len(looked) == 1
