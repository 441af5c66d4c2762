"""Reactions to changes: what each is told of; telling twice does no harm, and one bad record holds up no other."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.flows import report_returns
from chalicelib.flows.follow_feed import (
    LOST,
    feed_outbox,
    index_changes,
    outbox_behind,
    reports_changed,
    send_changes,
)
from chalicelib.flows.reactions import INDEX, OUTBOX, REACTIONS, REPORTS, concerned
from chalicelib.flows.report_returns import begin_report
from chalicelib.flows.sweep_clocks import sweep
from chalicelib.handlers.on_change import bring_index_up_to_date
from chalicelib.records.campaign import Campaign
from chalicelib.records.lead import Lead
from chalicelib.records.message import Message, MessageKind, MessageState
from chalicelib.records.ports import BadRecord, Delete, Ref
from chalicelib.records.receipt import MatchKey
from chalicelib.records.search import LeadQuery
from chalicelib.records.spend import Spend
from chalicelib.store.index_rows import TABLES
from chalicelib.store.table import RowWrite
from tests.flows.rivals import with_rivals
from tests.stories.conftest import World
from tests.stories.people import EVERYBODY


def asked(world: World) -> int:
    """How many requests for a report wait, taken from the queue."""
    return len(world.deps.queue.receive(report_returns.TOPIC, 100))


def poison(world: World, lead_id: str) -> Ref[Lead]:
    """A lead whose record no release can read."""
    table = world.deps.store._store._table  # type: ignore[attr-defined]
    table.write([[RowWrite(f"LEAD#{lead_id}", "LEAD", "Lead", b'{"nonsense": 1}', None, None)]])
    return Ref(Lead, (lead_id,))


def mail(world: World, number: int, **due: float) -> Message:
    return Message(
        f"m{number}", f"lead{number}", MessageKind.THANK_YOU, f"g{number}@example.com", "en", MessageState.PENDING,
        world.now + timedelta(**due), world.now,
    )  # fmt: skip


def test_the_read_model_is_told_of_what_it_shows() -> None:
    assert REACTIONS[INDEX] == set(TABLES)


def test_a_reaction_is_told_of_each_record_once_and_of_none_that_does_not_matter() -> None:
    lead, key, message = Ref(Lead, ("L",)), Ref(MatchKey, ("d",)), Ref(Message, ("L", "M"))
    assert concerned(INDEX, [lead, key, lead, message]) == [lead, message]
    assert concerned(OUTBOX, [lead, key, message]) == [message]
    assert concerned(REPORTS, [key, message, lead]) == [lead]


def test_a_record_that_cannot_be_read_holds_up_none_of_the_others(world: World) -> None:
    world.put(Lead("L1", "Jana Beispiel", created_at=world.now), Lead("L2", "Erika Beispiel", created_at=world.now))
    bad = poison(world, "L9")
    with pytest.raises(BadRecord):
        world.deps.store.get(Lead, "L9")
    refs = [Ref(Lead, ("L1",)), bad, Ref(Lead, ("L2",))]
    assert index_changes(world.deps, refs) == [bad]
    assert world.deps.model.leads(LeadQuery(text="beispiel")).total == 2
    assert bring_index_up_to_date(world.deps) > 0
    assert bring_index_up_to_date(world.deps) == 0


def test_a_record_made_again_while_its_deletion_is_noted_shows(world: World) -> None:
    world.put(Lead("L1", "Jana Beispiel", created_at=world.now))
    index_changes(world.deps, [Ref(Lead, ("L1",))])
    world.deps.store.commit([Delete(Ref(Lead, ("L1",)))])

    class MadeAgain:
        """Somebody makes the record again just after it was read as gone."""

        def __getattr__(self, name: str) -> object:
            return getattr(world.deps.model, name)

        def apply(self, changes: object, read_at: object) -> None:
            if not world.deps.store.get(Lead, "L1"):
                world.now += timedelta(milliseconds=5)
                world.put(Lead("L1", "Jana Again", created_at=world.now))
            world.deps.model.apply(changes, read_at)  # type: ignore[arg-type]

    index_changes(replace(world.deps, model=MadeAgain()), [Ref(Lead, ("L1",))])  # type: ignore[arg-type]
    assert [row.full_name for row in world.deps.model.leads(LeadQuery()).rows] == ["Jana Again"]


def test_ten_thousand_changes_ask_for_one_report_until_it_is_begun(world: World) -> None:
    world.put(*EVERYBODY)
    refs = [Ref(Lead, (f"L{n}",)) for n in range(500)]
    assert [reports_changed(world.deps, refs) for _ in range(20)] == [True] + [False] * 19
    assert asked(world) == 1
    begin_report(world.deps)
    assert reports_changed(world.deps, refs)
    assert asked(world) == 1


def test_what_no_report_is_made_of_asks_for_none(world: World) -> None:
    assert not reports_changed(world.deps, [Ref(Message, ("L", "M")), Ref(MatchKey, ("d",))])
    assert reports_changed(world.deps, [Ref(Spend, ("s",))])
    begin_report(world.deps)
    assert reports_changed(world.deps, [Ref(Campaign, ("c",))])


def test_a_report_begun_while_another_is_asked_for_leaves_no_note_that_silences_the_next_change(world: World) -> None:
    refs = [Ref(Lead, ("L",))]
    # The request is taken and begun between sending it and noting that it was sent.
    racing = with_rivals(world.deps, lambda: begin_report(world.deps))
    assert reports_changed(racing, refs)
    assert reports_changed(world.deps, refs)


def test_two_who_begin_a_report_at_once_both_have_begun(world: World) -> None:
    reports_changed(world.deps, [Ref(Lead, ("L",))])
    begin_report(with_rivals(world.deps, lambda: begin_report(world.deps)))
    assert reports_changed(world.deps, [Ref(Lead, ("L",))])


def test_a_request_that_was_lost_is_made_again(world: World) -> None:
    refs = [Ref(Lead, ("L",))]
    assert reports_changed(world.deps, refs)
    world.now += LOST
    assert reports_changed(world.deps, refs)


def test_of_many_mails_those_that_are_due_leave_and_the_others_wait(world: World) -> None:
    world.put(*EVERYBODY, *(Lead(f"lead{n}", emails=(f"g{n}@example.com",)) for n in range(3)))
    mails = [mail(world, 0), mail(world, 1, hours=1), mail(world, 2)]
    world.put(*mails)
    done = send_changes(world.deps, [Ref(Message, (m.lead_id, m.message_id)) for m in mails])
    assert (done.done, done.failed) == (2, ())
    stored = [world.deps.store.get(Message, m.lead_id, m.message_id) for m in mails]
    assert [s.value.state is MessageState.PENDING for s in stored if s] == [False, True, False]


def test_the_outbox_is_as_far_behind_as_its_next_mail_is_old(world: World) -> None:
    assert outbox_behind(world.deps) == timedelta()
    world.put(Lead("lead1", "Jana Beispiel", created_at=world.now), mail(world, 1))
    world.now += timedelta(seconds=30)
    world.put(mail(world, 2))
    assert outbox_behind(world.deps) == timedelta(seconds=30)
    feed_outbox(world.deps)
    assert outbox_behind(world.deps) == timedelta()


def test_in_a_rush_confirmations_go_first_and_notices_are_left_to_the_sweep(world: World) -> None:
    world.put(*EVERYBODY)
    form = {"name": "Jana Beispiel", "email": "jana@customer.example.com", "message": "Please call me."}
    assert world.client.post("/f/contact", json=form).status_code == 201
    while feed_outbox(world.deps, notices=False):
        pass
    assert [mail.entry.to for mail in world.mails()] == ["jana@customer.example.com"]
    world.now += timedelta(seconds=2)
    sweep(world.deps)
    assert len(world.mails()) == 2
