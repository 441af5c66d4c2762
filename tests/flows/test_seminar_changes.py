"""A seminar that changes while people sign up, cancel and are told: nobody twice, nobody not at all."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.flows.plan_seminar import Plan, change_seminar, plan_seminar, tell_changes
from chalicelib.flows.register import cancel_place
from chalicelib.flows.send_due import send_message
from chalicelib.records.contact import Refusal
from chalicelib.records.event import Registration, RegistrationState, SeatCount, Seminar
from chalicelib.records.message import REMINDERS, Message, MessageKind, MessageState
from chalicelib.records.ports import Deps, Put, Ref, Write
from chalicelib.store.directory import CachedDirectory
from tests.flows.rivals import with_rivals
from tests.handlers.desk import SEMINAR, Desk, open_desk

PLAN = Plan("Choosing a sensor", "2026-03-20T14:00", "2026-03-20T16:00", "Europe/Berlin", "Hall 2", 1)
MOVED = replace(PLAN, wall_start="2026-03-21T14:00", wall_end="2026-03-21T16:00")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_desk(tmp_path)


def guest(desk: Desk, name: str) -> str:
    desk.ask("seminar", name=f"{name} Beispiel", email=f"{name.lower()}@{name.lower()}.example.com", phone="")
    return desk.lead_path(name).rpartition("/")[2]


def place(desk: Desk, lead_id: str) -> Registration:
    stored = desk.world.deps.store.get(Registration, "sensors", lead_id)
    assert stored
    return stored.value


def mails(desk: Desk, lead_id: str) -> list[Message]:
    return [stored.value for stored in desk.world.deps.store.query(Message, lead_id)]


def reminders(desk: Desk, lead_id: str, state: MessageState) -> list[MessageKind]:
    return sorted(m.kind for m in mails(desk, lead_id) if m.kind in REMINDERS and m.state is state)


def seminar(desk: Desk) -> Seminar:
    stored = desk.world.deps.store.get(Seminar, "sensors")
    assert stored
    return stored.value


def half_an_hour_before(desk: Desk) -> None:
    desk.world.now = seminar(desk).starts_at - timedelta(minutes=30)
    desk.world.deps.directory.forget()
    desk.world.work()


BOTH = sorted(REMINDERS)


def test_who_cancels_and_signs_up_again_is_reminded_once(desk: Desk) -> None:
    lead_id = guest(desk, "Ann")
    cancel_place(desk.world.deps, "sensors", lead_id)
    desk.world.later(minutes=11)
    guest(desk, "Ann")
    assert reminders(desk, lead_id, MessageState.PENDING) == BOTH
    half_an_hour_before(desk)
    assert reminders(desk, lead_id, MessageState.SENT) == BOTH


def test_reminders_of_an_earlier_sign_up_that_were_not_withdrawn_are_not_sent(desk: Desk) -> None:
    lead_id = guest(desk, "Ann")
    stored = desk.world.deps.store.get(Registration, "sensors", lead_id)
    assert stored
    desk.world.put(replace(stored.value, sequence=2))
    desk.world.later(days=18)
    (day,) = [m for m in mails(desk, lead_id) if m.kind is MessageKind.REMINDER_DAY]
    assert (day.state, day.reason) == (MessageState.SUPPRESSED, "the registration was cancelled")


@pytest.mark.parametrize(
    "changes",
    [
        [replace(PLAN, place="Hall 3")],
        [replace(PLAN, wall_end="2026-03-20T17:00")],
        [MOVED, PLAN],
        [MOVED],
    ],
)
def test_whatever_is_moved_the_reminders_that_hold_are_two(desk: Desk, changes: list[Plan]) -> None:
    lead_id = guest(desk, "Ann")
    for plan in changes:
        change_seminar(desk.world.deps, "sensors", plan)
    assert reminders(desk, lead_id, MessageState.PENDING) == BOTH
    held = {m.message_id for m in mails(desk, lead_id) if m.kind in REMINDERS and m.state is MessageState.PENDING}
    assert set(place(desk, lead_id).message_ids) == held
    assert {m.reason for m in mails(desk, lead_id) if m.state is MessageState.SUPPRESSED} == {"the seminar was moved"}
    half_an_hour_before(desk)
    assert reminders(desk, lead_id, MessageState.SENT) == BOTH


class CutOff(BaseException):
    """The process ends here."""


class FragileStore:
    """Its process ends when it has told so many people."""

    def __init__(self, store: Any, tellings: int) -> None:
        self.store, self.tellings = store, tellings

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    def commit_each(self, groups: Sequence[Sequence[Write]]) -> Any:
        self.store.commit_each(groups[: self.tellings])
        raise CutOff


def cut_off(desk: Desk, plan: Plan, tellings: int) -> None:
    fragile: Any = FragileStore(desk.world.deps.store, tellings)
    with pytest.raises(CutOff):
        change_seminar(replace(desk.world.deps, store=fragile), "sensors", plan)
    desk.world.deps.directory.forget()


def told(desk: Desk, lead_id: str) -> int:
    kinds = (MessageKind.SEMINAR_CONFIRMATION, MessageKind.SEMINAR_WAITING)
    return len([m for m in mails(desk, lead_id) if m.kind in kinds]) - 1


@pytest.mark.parametrize("tellings", [0, 1])
@pytest.mark.parametrize("again", ["saved", "clock"])
def test_a_change_that_was_cut_off_is_told_in_the_end_to_everybody_once(desk: Desk, tellings: int, again: str) -> None:
    people = [guest(desk, "Ann"), guest(desk, "Ben")]
    cut_off(desk, MOVED, tellings)
    assert sum(told(desk, lead_id) for lead_id in people) == tellings
    assert seminar(desk).untold
    if again == "saved":
        change_seminar(desk.world.deps, "sensors", MOVED)
    else:
        assert tell_changes(desk.world.deps) == 2 - tellings
    assert [told(desk, lead_id) for lead_id in people] == [1, 1]
    assert reminders(desk, people[0], MessageState.PENDING) == BOTH
    assert not seminar(desk).untold
    assert tell_changes(desk.world.deps) == 0
    assert [told(desk, lead_id) for lead_id in people] == [1, 1]


def test_the_page_says_that_people_are_told_when_it_finishes_what_was_cut_off(tmp_path: Path) -> None:
    desk = open_desk(tmp_path, "eva")
    lead_id = guest(desk, "Ann")
    cut_off(desk, MOVED, 0)
    fields = {"title": MOVED.title, "wall_start": MOVED.wall_start, "wall_end": MOVED.wall_end, "zone": MOVED.zone,
              "place": MOVED.place, "seats": "1"}  # fmt: skip
    answer = desk.post("/app/seminars/sensors", "/app/seminars/sensors", **fields)
    assert answer.headers["location"].endswith("said=moved")
    assert told(desk, lead_id) == 1
    again = desk.post("/app/seminars/sensors", "/app/seminars/sensors", **fields)
    assert again.headers["location"].endswith("said=saved")


def test_nothing_to_tell_costs_one_look_into_the_directory(desk: Desk) -> None:
    guest(desk, "Ann")
    nothing: Any = None
    desk.world.deps.directory.seminars()
    assert tell_changes(replace(desk.world.deps, store=nothing, wake=nothing)) == 0


def test_who_cancels_while_others_are_told_is_looked_at_again(desk: Desk) -> None:
    lead_id = guest(desk, "Ann")
    deps = desk.world.deps
    rivals = with_rivals(deps, lambda: None, lambda: cancel_place(deps, "sensors", lead_id) and None)
    change_seminar(rivals, "sensors", MOVED)
    assert told(desk, lead_id) == 0
    assert reminders(desk, lead_id, MessageState.PENDING) == []
    assert not seminar(desk).untold


def test_whose_registration_is_written_while_others_are_told_is_told_in_the_next_round(desk: Desk) -> None:
    lead_id = guest(desk, "Ann")
    rival = place(desk, lead_id)
    change_seminar(with_rivals(desk.world.deps, lambda: None, lambda: desk.world.put(rival)), "sensors", MOVED)
    assert told(desk, lead_id) == 1
    assert not seminar(desk).untold


def test_a_second_change_while_the_first_is_told_is_told_too(desk: Desk) -> None:
    lead_id = guest(desk, "Ann")
    deps = desk.world.deps

    def rival() -> None:
        change_seminar(deps, "sensors", replace(MOVED, place="Hall 3"))

    change_seminar(with_rivals(deps, lambda: None, lambda: None, rival), "sensors", MOVED)
    assert (seminar(desk).place, seminar(desk).told_sequence, place(desk, lead_id).told) == ("Hall 3", 2, 2)
    assert reminders(desk, lead_id, MessageState.PENDING) == BOTH


def test_nobody_is_told_of_what_is_over(desk: Desk) -> None:
    lead_id = guest(desk, "Ann")
    desk.world.later(days=30)
    change_seminar(desk.world.deps, "sensors", replace(PLAN, place="Hall 3"))
    assert told(desk, lead_id) == 0
    assert not seminar(desk).untold


def test_a_seminar_is_not_moved_into_the_past_but_one_that_was_may_be_described(desk: Desk) -> None:
    past = replace(PLAN, wall_start="2026-03-01T14:00", wall_end="2026-03-01T16:00")
    refused = change_seminar(desk.world.deps, "sensors", past)
    assert refused == Refusal("wall_start", "this time is in the past")
    desk.world.now += timedelta(days=30)
    assert isinstance(change_seminar(desk.world.deps, "sensors", replace(PLAN, description="Thank you")), Seminar)


# Seats


def stale(desk: Desk) -> Deps:
    """What a process knows that has just read the configuration."""
    directory = CachedDirectory(desk.world.deps.store, desk.world.deps.model, seconds=3600)
    directory.seminars(), directory.forms(), directory.reps(), directory.campaigns()
    return replace(desk.world.deps, directory=directory)


def sign_up(deps: Deps, name: str) -> str:
    from chalicelib.flows.submission import Submission
    from chalicelib.flows.submit import submit
    from chalicelib.records.contact import Contact
    from chalicelib.records.touch import TouchKind

    contact = Contact(full_name=f"{name} Beispiel", emails=(f"{name.lower()}@{name.lower()}.example.com",))
    form = deps.directory.form("seminar")
    return submit(deps, Submission(contact, TouchKind.SEMINAR, token=deps.new_id(), form=form)).lead_id


def count(desk: Desk) -> SeatCount:
    stored = desk.world.deps.store.get(SeatCount, "sensors")
    assert stored
    return stored.value


def test_seats_added_a_moment_ago_are_there_for_whoever_signs_up(desk: Desk) -> None:
    guest(desk, "Ann")
    old = stale(desk)
    change_seminar(desk.world.deps, "sensors", replace(PLAN, seats=50))
    for name in ("Ben", "Cara", "Dora"):
        sign_up(old, name)
    assert (count(desk).taken, count(desk).waiting) == (4, ())


def test_seats_taken_away_a_moment_ago_are_not_given(desk: Desk) -> None:
    change_seminar(desk.world.deps, "sensors", replace(PLAN, seats=3))
    guest(desk, "Ann")
    old = stale(desk)
    change_seminar(desk.world.deps, "sensors", PLAN)
    sign_up(old, "Ben")
    assert (count(desk).taken, len(count(desk).waiting)) == (1, 1)


def test_who_signs_up_a_moment_after_a_move_knows_the_new_time(desk: Desk) -> None:
    old = stale(desk)
    change_seminar(desk.world.deps, "sensors", MOVED)
    lead_id = sign_up(old, "Ben")
    assert {m.context["starts_at"][:10] for m in mails(desk, lead_id) if m.event_id} == {"2026-03-21"}
    assert place(desk, lead_id).told == 1


def test_the_mail_about_a_move_tells_the_new_time_whoever_sends_it(desk: Desk) -> None:
    lead_id = guest(desk, "Ann")
    old = stale(desk)
    change_seminar(desk.world.deps, "sensors", MOVED)
    (told,) = [m for m in mails(desk, lead_id) if m.event_id and m.state is MessageState.PENDING and m.kind not in BOTH]
    assert send_message(old, Ref(Message, (lead_id, told.message_id))) is MessageState.SENT
    mail = desk.world.mails("ann@ann.example.com")[-1]
    assert "Saturday, 21 March 2026" in mail.text
    (invitation,) = mail.attachments
    assert b"20260321T140000" in invitation.body
    assert b"SEQUENCE:1" in invitation.body


def test_free_seats_go_to_those_who_wait_before_somebody_new(desk: Desk) -> None:
    guest(desk, "Ann")
    first, second = guest(desk, "Ben"), guest(desk, "Cara")
    # As it may have been left by an earlier version: seats that are free while people wait.
    desk.world.put(replace(SEMINAR, seats=2))
    third = sign_up(desk.world.deps, "Dora")
    assert place(desk, first).state is RegistrationState.CONFIRMED
    assert [m.kind for m in mails(desk, first) if m.kind is MessageKind.SEMINAR_PROMOTED] != []
    assert reminders(desk, first, MessageState.PENDING) == BOTH
    assert (count(desk).taken, count(desk).waiting) == (2, (second, third))
    desk.world.put(replace(SEMINAR, seats=4))
    cancel_place(desk.world.deps, "sensors", first)
    assert (count(desk).taken, count(desk).waiting) == (3, ())


def test_a_planned_seminars_seats_are_counted_from_the_start(desk: Desk) -> None:
    made = plan_seminar(desk.world.deps, replace(PLAN, title="Pumps", seats=7))
    assert isinstance(made, Seminar)
    stored = desk.world.deps.store.get(SeatCount, made.event_id)
    assert stored
    assert (stored.value.seats, stored.value.taken, made.told_sequence) == (7, 0, 0)


def test_a_seminar_of_before_is_not_told_anew(desk: Desk) -> None:
    guest(desk, "Ann")
    desk.world.deps.store.commit([Put(replace(SEMINAR, sequence=3))])
    desk.world.deps.directory.forget()
    assert tell_changes(desk.world.deps) == 0
