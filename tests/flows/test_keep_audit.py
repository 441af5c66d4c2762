"""The audit trail: written with the change and by nobody's leave, exact, and bare once the person is erased."""

import threading
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from chalicelib.flows.audit_steps import LONGEST, NOTED, step_of
from chalicelib.flows.erase_person import ask_erasure, erase_person
from chalicelib.flows.forget_expired import forget_expired
from chalicelib.flows.hand_over import deactivate
from chalicelib.flows.keep_audit import acting, note_export
from chalicelib.flows.keep_promises import Promised, give_promise
from chalicelib.flows.read_audit import audit_of_lead, day_bounds, read_audit
from chalicelib.flows.triage import take_back
from chalicelib.flows.work_lead import change_status, open_deal, reassign, write_note
from chalicelib.records.audit import KEY, RULES, Audit, AuditQuery, Change, Step
from chalicelib.records.campaign import Campaign
from chalicelib.records.event import Registration, RegistrationState
from chalicelib.records.form import FieldKind, Form, FormField
from chalicelib.records.lead import Lead, LeadStatus, Snooze
from chalicelib.records.money import Money
from chalicelib.records.ports import Conflict, Delete, Put, Ref
from chalicelib.records.rep import WorkingWeek
from chalicelib.records.touch import Request
from chalicelib.store.kinds import ref_to
from tests.handlers.desk import NOW, Desk, annas_desk
from tests.stories.people import ANNA, BEN, EVA

DAY = timedelta(days=1)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return annas_desk(tmp_path)


def lead_id(desk: Desk) -> str:
    return desk.lead_path().rpartition("/")[2]


def trail(desk: Desk, about: str = "") -> list[Audit]:
    """All of a lead's, oldest first; without one, all there is."""
    deps = desk.world.deps
    if about:
        return [stored.value for stored in deps.store.query(Audit, about)]
    desk.world.work()
    found = deps.store.get_many([Ref(Audit, pair) for pair in deps.model.audits(AuditQuery(limit=1000))])
    return [stored.value for stored in reversed(found) if stored]


def changes(audit: Audit) -> dict[str, tuple[str, str]]:
    return {f"{step.kind}.{c.field}": (c.before, c.after) for step in audit.steps for c in step.changes}


def test_a_change_says_who_when_and_from_what_to_what(desk: Desk) -> None:
    deps, lead = desk.world.deps, lead_id(desk)
    with acting(deps, "ada"):
        change_status(deps, lead, LeadStatus.REJECTED, "no budget", "ada")
    (audit,) = trail(desk, lead)
    assert (audit.by, audit.at, audit.lead_id) == ("ada", NOW, lead)
    assert changes(audit) == {
        "Lead.status": ("new", "rejected"),
        "Lead.status_reason": ("", "no budget"),
        "Request.state": ("open", "closed"),
    }


def test_an_owner_given_by_hand_moves_with_the_requests(desk: Desk) -> None:
    deps, lead = desk.world.deps, lead_id(desk)
    with acting(deps, "eva"):
        reassign(deps, lead, "ben", "knows them", "eva")
    (audit,) = trail(desk, lead)
    assert changes(audit) == {"Lead.owner_id": ("anna", "ben"), "Request.owner_id": ("anna", "ben")}


def test_an_undo_is_a_change_of_its_own(desk: Desk) -> None:
    deps, lead = desk.world.deps, lead_id(desk)
    with acting(deps, "ada"):
        note = change_status(deps, lead, LeadStatus.ACCEPTED, "", "ada")
        take_back(deps, lead, note.note_id, "ada")
    assert [changes(audit)["Lead.status"] for audit in trail(desk, lead)] == [("new", "accepted"), ("accepted", "new")]


def test_what_visitors_send_and_the_service_sends_is_in_no_trail(desk: Desk) -> None:
    desk.ask(message="Another question")
    desk.ask("seminar", email="somebody@customer.example.com")
    desk.world.later(minutes=5)
    assert trail(desk) == []


def test_what_the_clock_does_is_a_rules_doing(desk: Desk) -> None:
    deps, lead = desk.world.deps, lead_id(desk)
    give_promise(deps, lead, ANNA, Promised("datasheet", "By mail", date(2026, 3, 2)))
    desk.world.later(days=14)
    by_rule = [changes(audit) for audit in trail(desk, lead) if audit.by == RULES]
    assert {"Promise.state", "Promise.reason"} in [set(found) for found in by_rule]
    assert any(found.get("Request.state") == ("open", "escalated") for found in by_rule)


def test_who_leaves_hands_over_and_each_lead_says_by_whose_hand(desk: Desk) -> None:
    deps, lead = desk.world.deps, lead_id(desk)
    with acting(deps, "eva"):
        deactivate(deps, "anna")
    assert [changes(audit)["Lead.owner_id"] for audit in trail(desk, lead)] == [("anna", "ben")]
    assert {audit.by for audit in trail(desk)} == {"eva"}
    assert any(changes(audit) == {"Rep.active": ("yes", "")} for audit in trail(desk))


def test_a_transaction_that_fails_leaves_no_trail(desk: Desk) -> None:
    deps = desk.world.deps
    with acting(deps, "ada"), pytest.raises(Conflict):
        deps.store.commit([Put(replace(ANNA, name="Anna Other"), if_version=99)])
    assert trail(desk) == []


def test_the_change_and_its_trail_are_one_transaction(desk: Desk) -> None:
    deps = desk.world.deps
    two = [[Put(replace(ANNA, name="Anna Other"), if_version=1)], [Put(replace(BEN, name="B"), if_version=99)]]
    with acting(deps, "ada"):
        answers = deps.store.commit_each(two)
    assert [answer is None for answer in answers] == [True, False]
    assert [changes(audit) for audit in trail(desk)] == [{"Rep.name": ("Anna Example", "Anna Other")}]


def test_each_thread_acts_for_itself(desk: Desk) -> None:
    deps = desk.world.deps
    with acting(deps, "ada"):
        other = threading.Thread(target=lambda: deps.store.commit([Put(replace(ANNA, name="Else"))]))
        other.start()
        other.join()
    assert trail(desk) == []


def test_what_is_made_and_what_is_deleted_is_told_with_its_values(desk: Desk) -> None:
    deps = desk.world.deps
    fair = Campaign("winter", "Winter Fair", "Trade show", date(2026, 12, 1))
    with acting(deps, f"{KEY}web"):
        deps.store.commit([Put(fair, if_version=0)])
        deps.store.commit([Delete(Ref(Campaign, ("winter",)))])
        deps.store.commit([Delete(Ref(Campaign, ("winter",)))])
    made, gone = trail(desk)
    assert made.steps[0].act == "made"
    assert changes(made)["Campaign.starts_on"] == ("", "2026-12-01")
    assert gone.steps[0].act == "deleted"
    assert changes(gone)["Campaign.name"] == ("Winter Fair", "")


def test_a_note_stands_on_the_timeline_and_its_answer_in_the_trail(desk: Desk) -> None:
    deps, lead = desk.world.deps, lead_id(desk)
    with acting(deps, "anna"):
        write_note(deps, lead, "note", "Only a note", ANNA)
        write_note(deps, lead, "call", "Talked", ANNA)
    (audit,) = trail(desk, lead)
    assert changes(audit) == {"Lead.status": ("new", "accepted"), "Request.state": ("open", "answered")}
    assert "Talked" not in str(audit)


def test_of_somebody_erased_the_trail_keeps_who_and_when_and_no_value(desk: Desk) -> None:
    deps, lead = desk.world.deps, lead_id(desk)
    with acting(deps, "ada"):
        deps.store.commit([Put(replace(deps.store.get(Lead, lead).value, full_name="Jana Other"))])  # type: ignore[union-attr]
        open_deal(deps, lead, "For Jana Beispiel", Money(100, "EUR"), None, "ada")
        ask_erasure(deps, lead, DAY)
    assert "Jana" in str(trail(desk, lead))
    erase_person(deps, lead, 30 * DAY)
    left = trail(desk, lead)
    assert [audit.by for audit in left] == ["ada"] * 3
    assert [step.kind for audit in left for step in audit.steps] == ["Lead", "Lead", "Opportunity", "Erasure"]
    assert not any(changes(audit) for audit in left)
    assert "Jana" not in str(left)
    (line, *_) = audit_of_lead(deps, lead)
    assert line.lead_name == ""


def test_a_download_is_written_down(desk: Desk) -> None:
    note_export(desk.world.deps, "ada", "leads.csv", rows="12", filters="")
    (audit,) = trail(desk)
    assert audit.steps == (Step("Export", ("leads.csv",), "seen", (Change("rows", "", "12"),)),)


def test_the_trail_ends_when_it_was_kept_for_long_enough(desk: Desk) -> None:
    deps = desk.world.deps
    note_export(deps, "ada", "leads.csv")
    desk.world.work()
    assert len(read_audit(deps, AuditQuery()).lines) == 1
    desk.world.now += deps.keep_audit
    assert read_audit(deps, AuditQuery()).lines == ()
    forget_expired(deps)
    assert [audit.by for audit in trail(desk) if audit.by != RULES] == []


def test_a_hundred_changes_leave_room_for_their_trail(desk: Desk) -> None:
    deps, lead = desk.world.deps, lead_id(desk)
    (first,) = deps.store.query(Request, lead)
    many = [replace(first.value, request_id=f"{first.value.request_id}{n:03d}") for n in range(120)]
    deps.store.commit_each([[Put(request, 0)] for request in many])
    with acting(deps, "ada"):
        change_status(deps, lead, LeadStatus.REJECTED, "no budget", "ada")
    closed = [step for audit in trail(desk, lead) for step in audit.steps if step.kind == "Request"]
    assert len(closed) == 121


def test_pages_follow_each_other_by_the_last_one_shown(desk: Desk) -> None:
    deps = desk.world.deps
    for number in range(7):
        note_export(deps, "ada" if number % 2 else "eva", f"{number}.csv")
    desk.world.work()
    seen, after = [], ""
    while True:
        page = read_audit(deps, AuditQuery(before=after, limit=3))
        seen += [line.steps[0].name for line in page.lines]
        after = page.after
        if not after:
            break
    assert seen == [f"{number}.csv" for number in reversed(range(7))]
    assert len(read_audit(deps, AuditQuery(by="eva")).lines) == 4
    assert read_audit(deps, AuditQuery(kind="Lead")).lines == ()
    since, until = day_bounds(NOW.date(), "Europe/Berlin")
    assert len(read_audit(deps, AuditQuery(since=since, until=until)).lines) == 7
    assert read_audit(deps, AuditQuery(since=until)).lines == ()


def test_names_stand_for_ids_and_values_for_what_they_are(desk: Desk) -> None:
    deps, lead = desk.world.deps, lead_id(desk)
    with acting(deps, f"{KEY}shop"):
        open_deal(deps, lead, "First order", Money(12345, "EUR"), None, "shop")
    with acting(deps, "eva"):
        reassign(deps, lead, "ben", "", "eva")
    by_hand, by_program = audit_of_lead(deps, lead)
    assert (by_hand.who, by_hand.rep, by_program.who, by_program.program) == ("Eva Example", EVA, "shop", True)
    assert {c.after for c in by_hand.steps[0].changes} == {"Ben Example"}
    assert Money(12345, "EUR") in [c.after for step in by_program.steps for c in step.changes]


def test_values_read_the_same_in_every_language() -> None:
    lead = Lead("L", full_name="Jana", phones=("+4930123456", "+4930123457"))
    snoozed = replace(lead, snooze=Snooze(NOW, "anna", NOW), country="DE")
    step = step_of(ref_to(lead), lead, snoozed)
    assert step
    assert {c.field: c.after for c in step.changes} == {"snoozed_until": NOW.isoformat(), "country": "DE"}
    form = Form("f", {"en": "Talk"}, (FormField("name", FieldKind.TEXT, {"en": "Name"}),))
    made = step_of(ref_to(form), None, form)
    assert made
    assert {c.field: c.after for c in made.changes} == {
        "title": "en: Talk", "fields": "name", "respond_within_hours": "0", "active": "yes",
    }  # fmt: skip
    week = step_of(ref_to(ANNA), ANNA, replace(ANNA, week=WorkingWeek("UTC", 540, 1020, (1, 2))))
    assert week
    assert week.changes[0].after == "UTC 09:00–17:00 1,2"


def test_a_long_value_is_cut_and_nothing_noted_is_no_step() -> None:
    lead = Lead("L")
    long = step_of(ref_to(lead), lead, replace(lead, status_reason="x" * 1000))
    assert long
    assert len(long.changes[0].after) == LONGEST
    assert step_of(ref_to(lead), lead, replace(lead, touch_count=5)) is None
    assert step_of(ref_to(lead), None, None) is None
    place = Registration("sensors", "L", RegistrationState.CONFIRMED, NOW, "uid")
    assert step_of(ref_to(place), None, place) is None


def test_every_noted_field_is_one_the_record_has() -> None:
    derived = {"snoozed_until", "fields"}
    for kind, names in NOTED.items():
        for name in names:
            assert name in derived or hasattr(kind, name), (kind, name)
