"""What is done with a row of the inbox, and taken back: nothing is lost between the two."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.flows.keep_tasks import add_task
from chalicelib.flows.read_inbox import InboxRow, read_inbox
from chalicelib.flows.triage import Meanwhile, decide, set_aside, take_back, wake
from chalicelib.flows.work_lead import change_status, open_deal, reassign, write_note
from chalicelib.records.contact import Refusal
from chalicelib.records.lead import Lead, LeadStatus, Note
from chalicelib.records.money import Money
from chalicelib.records.ports import NotFound
from chalicelib.records.touch import Request, RequestState
from tests.handlers.desk import JANA, NOW, Desk, annas_desk, lead_of
from tests.stories.people import ANNA

DAY = timedelta(days=1)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return annas_desk(tmp_path, "anna")


def version(desk: Desk) -> int:
    stored = desk.world.deps.store.get(Lead, lead_of(desk).lead_id)
    assert stored
    return stored.version


def states(desk: Desk) -> list[RequestState]:
    return [r.value.state for r in desk.world.deps.store.query(Request, lead_of(desk).lead_id)]


def limit(desk: Desk) -> datetime:
    return desk.world.deps.store.query(Request, lead_of(desk).lead_id)[0].value.respond_by


def far_limit(desk: Desk, until: datetime = NOW + 9 * DAY) -> None:
    """As if the form gave its people that long."""
    lead = lead_of(desk)
    requests = [replace(r.value, respond_by=until) for r in desk.world.deps.store.query(Request, lead.lead_id)]
    desk.world.put(replace(lead, respond_by=until), *requests)
    desk.world.work()


def shown(desk: Desk, view: str) -> list[InboxRow]:
    desk.world.work()
    return list(read_inbox(desk.world.deps, ANNA, view, 0, "EUR").rows)


def test_accepting_leaves_the_clock_running_and_is_taken_back(desk: Desk) -> None:
    deps, lead_id, before = desk.world.deps, lead_of(desk).lead_id, limit(desk)
    note = decide(deps, lead_id, LeadStatus.ACCEPTED, "", "anna", version(desk))
    assert (shown(desk, "new"), [row.lead.lead_id for row in shown(desk, "work")]) == ([], [lead_id])
    assert (states(desk), limit(desk)) == ([RequestState.OPEN], before)
    for _ in range(2):
        take_back(deps, lead_id, note.note_id, "anna")
        assert lead_of(desk).status is LeadStatus.NEW
    assert [row.lead.lead_id for row in shown(desk, "new")] == [lead_id]
    assert len(deps.store.query(Note, lead_id)) == 2


def test_a_rejection_taken_back_lets_the_clock_go_on_and_it_escalates_as_ever(desk: Desk) -> None:
    deps, lead_id, before = desk.world.deps, lead_of(desk).lead_id, limit(desk)
    note = decide(deps, lead_id, LeadStatus.REJECTED, "no budget", "anna", version(desk))
    assert states(desk) == [RequestState.CLOSED]
    assert shown(desk, "new") == []
    take_back(deps, lead_id, note.note_id, "anna")
    assert (states(desk), limit(desk), lead_of(desk).status_reason) == ([RequestState.OPEN], before, "")
    desk.world.now = before + timedelta(minutes=1)
    desk.world.work()
    assert states(desk) == [RequestState.ESCALATED]


def test_what_was_answered_meanwhile_is_not_opened_again(desk: Desk) -> None:
    deps, lead_id = desk.world.deps, lead_of(desk).lead_id
    note = decide(deps, lead_id, LeadStatus.REJECTED, "no budget", "anna")
    (request,) = deps.store.query(Request, lead_id)
    desk.world.put(replace(request.value, state=RequestState.ANSWERED))
    take_back(deps, lead_id, note.note_id, "anna")
    assert states(desk) == [RequestState.ANSWERED]


def test_a_lead_that_went_on_is_not_turned_back(desk: Desk) -> None:
    deps, lead_id = desk.world.deps, lead_of(desk).lead_id
    note = decide(deps, lead_id, LeadStatus.ACCEPTED, "", "anna")
    change_status(deps, lead_id, LeadStatus.QUALIFIED, "", "eva")
    with pytest.raises(Meanwhile):
        take_back(deps, lead_id, note.note_id, "anna")
    assert lead_of(desk).status is LeadStatus.QUALIFIED


def test_an_old_page_decides_nothing(desk: Desk) -> None:
    deps, lead_id, seen = desk.world.deps, lead_of(desk).lead_id, version(desk)
    change_status(deps, lead_id, LeadStatus.QUALIFIED, "", "eva")
    with pytest.raises(Meanwhile):
        decide(deps, lead_id, LeadStatus.REJECTED, "no budget", "anna", seen)
    with pytest.raises(Meanwhile):
        set_aside(deps, lead_id, NOW + DAY, "anna", seen)
    assert lead_of(desk).status is LeadStatus.QUALIFIED


def test_only_a_step_can_be_taken_back(desk: Desk) -> None:
    deps, lead_id = desk.world.deps, lead_of(desk).lead_id
    write_note(deps, lead_id, "note", "Only words", ANNA)
    (note,) = deps.store.query(Note, lead_id)
    for note_id in (note.value.note_id, "nobody"):
        with pytest.raises(NotFound):
            take_back(deps, lead_id, note_id, "anna")


def test_a_snoozed_lead_is_out_of_sight_and_comes_back_by_itself(desk: Desk) -> None:
    far_limit(desk)
    deps, lead_id = desk.world.deps, lead_of(desk).lead_id
    note = set_aside(deps, lead_id, NOW + DAY, "anna", version(desk))
    assert isinstance(note, Note)
    assert [row.snoozed_until for row in shown(desk, "snoozed")] == [NOW + DAY]
    assert shown(desk, "new") == []
    desk.world.now = NOW + DAY
    assert [row.lead.lead_id for row in shown(desk, "new")] == [lead_id]


def test_a_snooze_ends_an_hour_before_the_answer_is_due_and_stops_no_clock(desk: Desk) -> None:
    far_limit(desk, NOW + 5 * timedelta(hours=1))
    deps, lead_id = desk.world.deps, lead_of(desk).lead_id
    note = set_aside(deps, lead_id, NOW + DAY, "anna")
    assert isinstance(note, Note)
    assert note.until == NOW + 4 * timedelta(hours=1)
    desk.world.now = NOW + DAY
    desk.world.work()
    assert states(desk) == [RequestState.ESCALATED]


def test_what_is_about_to_be_late_cannot_be_snoozed(desk: Desk) -> None:
    far_limit(desk, NOW + timedelta(minutes=30))
    assert isinstance(set_aside(desk.world.deps, lead_of(desk).lead_id, NOW + DAY, "anna"), Refusal)
    assert lead_of(desk).snooze is None


@pytest.mark.parametrize("what", ["undo", "wake"])
def test_a_snooze_is_taken_back_before_its_time(desk: Desk, what: str) -> None:
    far_limit(desk)
    deps, lead_id = desk.world.deps, lead_of(desk).lead_id
    note = set_aside(deps, lead_id, NOW + DAY, "anna")
    assert isinstance(note, Note)
    for _ in range(2):
        take_back(deps, lead_id, note.note_id, "anna") if what == "undo" else wake(deps, lead_id, "anna")
        assert [row.lead.lead_id for row in shown(desk, "new")] == [lead_id]
    kinds = [stored.value.kind for stored in deps.store.query(Note, lead_id)]
    assert kinds == ["snoozed", "awake"]


def test_a_snooze_that_was_set_anew_is_not_taken_back_by_the_first_undo(desk: Desk) -> None:
    far_limit(desk)
    deps, lead_id = desk.world.deps, lead_of(desk).lead_id
    first = set_aside(deps, lead_id, NOW + DAY, "anna")
    set_aside(deps, lead_id, NOW + 2 * DAY, "anna")
    assert isinstance(first, Note)
    with pytest.raises(Meanwhile):
        take_back(deps, lead_id, first.note_id, "anna")


def test_whoever_gets_the_lead_sees_it_at_once_and_so_does_who_hears_from_the_person_again(desk: Desk) -> None:
    far_limit(desk)
    deps, lead_id = desk.world.deps, lead_of(desk).lead_id
    set_aside(deps, lead_id, NOW + DAY, "anna")
    reassign(deps, lead_id, "ben", "", "eva")
    reassign(deps, lead_id, "anna", "", "eva")
    assert len(shown(desk, "snoozed")) == 1
    desk.world.now = NOW + timedelta(minutes=1)
    desk.ask(message="Are you there?")
    assert [row.said for row in shown(desk, "new")] != []


def test_rows_say_what_the_person_wrote_and_what_they_may_be_worth(desk: Desk) -> None:
    (row,) = shown(desk, "")
    assert (row.said, row.source) == (JANA["message"], "Search ads")
    open_deal(desk.world.deps, row.lead.lead_id, "Order", Money(5_00, "EUR"), None, "anna")
    (worth,) = shown(desk, "work")
    assert worth.ranked.deals == Money(5_00, "EUR")


def test_thousands_of_leads_are_read_a_page_at_a_time(desk: Desk) -> None:
    lead = lead_of(desk)
    many: list[Any] = [replace(lead, lead_id=f"many-{n:03d}", emails=(), full_name=f"Guest {n}") for n in range(45)]
    desk.world.put(*many)
    desk.world.work()
    deps = desk.world.deps
    pages = [read_inbox(deps, ANNA, "new", offset, "EUR") for offset in (0, 20, 40)]
    assert [len(page.rows) for page in pages] == [20, 20, 6]
    assert len({row.lead.lead_id for page in pages for row in page.rows}) == 46
    assert read_inbox(deps, ANNA, "new", 500, "EUR").offset == 0


def test_a_call_logged_by_mistake_is_taken_back_and_the_request_waits_again(desk: Desk) -> None:
    deps, lead_id, before = desk.world.deps, lead_of(desk).lead_id, lead_of(desk)
    note = write_note(deps, lead_id, "call", "", ANNA)
    assert states(desk) == [RequestState.ANSWERED]
    assert lead_of(desk).status is LeadStatus.ACCEPTED
    for _ in range(2):
        take_back(deps, lead_id, note.note_id, "anna")
    (request,) = deps.store.query(Request, lead_id)
    assert (request.value.state, request.value.first_responded_at) == (RequestState.OPEN, None)
    assert replace(lead_of(desk), updated_at=before.updated_at) == before


def test_taking_a_call_back_leaves_what_was_decided_since(desk: Desk) -> None:
    deps, lead_id = desk.world.deps, lead_of(desk).lead_id
    note = write_note(deps, lead_id, "call", "", ANNA)
    change_status(deps, lead_id, LeadStatus.QUALIFIED, "", "anna")
    take_back(deps, lead_id, note.note_id, "anna")
    assert lead_of(desk).status is LeadStatus.QUALIFIED
    assert states(desk) == [RequestState.OPEN]


def test_a_second_call_taken_back_leaves_the_first(desk: Desk) -> None:
    deps, lead_id = desk.world.deps, lead_of(desk).lead_id
    write_note(deps, lead_id, "call", "", ANNA)
    second = write_note(deps, lead_id, "visit", "", ANNA)
    take_back(deps, lead_id, second.note_id, "anna")
    assert states(desk) == [RequestState.ANSWERED]
    assert [stored.value.kind for stored in deps.store.query(Note, lead_id)] == ["call", "visit", "undone"]


def test_a_call_is_not_taken_back_once_the_person_has_asked_again(desk: Desk) -> None:
    deps, lead_id = desk.world.deps, lead_of(desk).lead_id
    note = write_note(deps, lead_id, "call", "", ANNA)
    desk.world.now = NOW + timedelta(hours=1)
    desk.ask(message="One more thing")
    with pytest.raises(Meanwhile):
        take_back(deps, lead_id, note.note_id, "anna")


def test_a_task_of_the_owner_keeps_a_snooze_short(desk: Desk) -> None:
    far_limit(desk)
    deps, lead_id = desk.world.deps, lead_of(desk).lead_id
    add_task(deps, lead_id, "Send the sheet", date(2026, 3, 2), ANNA, ANNA)
    note = set_aside(deps, lead_id, NOW + 3 * DAY, "anna")
    assert isinstance(note, Note)
    assert note.until == datetime(2026, 3, 2, 22, 0, tzinfo=UTC)  # an hour before midnight in Berlin
