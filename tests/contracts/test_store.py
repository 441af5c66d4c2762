"""What flows rely on from the record store, whatever the engine."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.records.campaign import Campaign
from chalicelib.records.lead import Lead, Note
from chalicelib.records.message import Message, MessageKind, MessageState
from chalicelib.records.ports import Conflict, Delete, Put, Ref, Stored
from chalicelib.records.receipt import MatchKey
from chalicelib.records.touch import Request, RequestState, Touch, TouchKind
from chalicelib.store.record_store import RecordStore
from chalicelib.store.table import RowWrite, Table

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def message(lead_id: str = "L1", message_id: str = "M1", **changed: object) -> Message:
    made = Message(message_id, lead_id, MessageKind.CONFIRMATION, "a@example.com", "en", MessageState.PENDING, NOW, NOW)
    return replace(made, **changed)  # type: ignore[arg-type]


def test_a_record_comes_back_as_it_was_written_with_version_one(store: RecordStore) -> None:
    lead = Lead("L1", "Anna Müller", emails=("anna@example.com",), created_at=NOW, extra={"a": "b"})
    store.commit([Put(lead, if_version=0)])
    assert store.get(Lead, "L1") == Stored(lead, 1)


def test_each_write_raises_the_version(store: RecordStore) -> None:
    store.commit([Put(Lead("L1"), 0)])
    store.commit([Put(Lead("L1", "A"), 1)])
    store.commit([Put(Lead("L1", "B"))])
    assert store.get(Lead, "L1") == Stored(Lead("L1", "B"), 3)


def test_what_is_not_there_reads_as_none(store: RecordStore) -> None:
    assert store.get(Lead, "nobody") is None


def test_a_record_that_must_be_absent_is_refused_when_present(store: RecordStore) -> None:
    store.commit([Put(Lead("L1"), 0)])
    with pytest.raises(Conflict) as refused:
        store.commit([Put(Lead("L1", "other"), 0)])
    assert refused.value.ref == Ref(Lead, ("L1",))
    assert store.get(Lead, "L1") == Stored(Lead("L1"), 1)


def test_a_stale_version_is_refused(store: RecordStore) -> None:
    store.commit([Put(Lead("L1"), 0)])
    store.commit([Put(Lead("L1", "A"), 1)])
    with pytest.raises(Conflict):
        store.commit([Put(Lead("L1", "B"), 1)])


def test_a_commit_is_all_or_nothing(store: RecordStore) -> None:
    store.commit([Put(MatchKey("k", "L0"), 0)])
    with pytest.raises(Conflict):
        store.commit([Put(Lead("L1"), 0), Put(MatchKey("k", "L1"), 0)])
    assert store.get(Lead, "L1") is None
    assert store.get(MatchKey, "k") == Stored(MatchKey("k", "L0"), 1)


def test_groups_stand_and_fall_on_their_own(store: RecordStore) -> None:
    store.commit([Put(Lead("L2"), 0)])
    answers = store.commit_each([[Put(Lead("L1"), 0)], [Put(Lead("L2"), 0), Put(Lead("L3"), 0)], [Put(Lead("L4"), 0)]])
    assert [answer is None for answer in answers] == [True, False, True]
    assert [store.get(Lead, f"L{n}") is not None for n in (1, 2, 3, 4)] == [True, True, False, True]


def test_a_later_group_sees_what_an_earlier_one_wrote(store: RecordStore) -> None:
    answers = store.commit_each([[Put(Lead("L1"), 0)], [Put(Lead("L1", "again"), 1)], [Put(Lead("L1", "late"), 1)]])
    assert [answer is None for answer in answers] == [True, True, False]
    assert store.get(Lead, "L1") == Stored(Lead("L1", "again"), 2)


def test_many_are_read_in_the_order_asked(store: RecordStore) -> None:
    store.commit([Put(Lead(f"L{n:02d}"), 0) for n in range(20)])
    refs = [Ref(Lead, (f"L{n:02d}",)) for n in (7, 99, 3, 7, *range(20))]
    found = store.get_many(refs)
    assert [f.value.lead_id if f else None for f in found[:4]] == ["L07", None, "L03", "L07"]
    assert all(found[4:])


def test_thousands_are_written_at_once(raced: RecordStore) -> None:
    raced.commit_each(
        [[Put(Lead(f"L{n:05d}"), 0), Put(Note("n", f"L{n:05d}", "", "", "", NOW), 0)] for n in range(3000)]
    )
    assert raced.get(Lead, "L02999") == Stored(Lead("L02999"), 1)
    assert len(raced.query(Note, "L01500")) == 1


def test_more_groups_than_one_transaction_holds_get_an_answer_each(store: RecordStore) -> None:
    store.commit([Put(MatchKey("taken-17", "L0"), 0), Put(MatchKey("taken-133", "L0"), 0)])
    groups = [
        [Put(Lead(f"L{n:03d}"), 0), Put(MatchKey(f"k{n}", "x"), 0), Put(MatchKey(f"taken-{n}", "x"), 0)]
        for n in range(150)
    ]
    answers = store.commit_each(groups)
    assert {n: answer.ref for n, answer in enumerate(answers) if answer} == {
        17: Ref(MatchKey, ("taken-17",)),
        133: Ref(MatchKey, ("taken-133",)),
    }
    assert store.counts() == {"Lead": 148, "MatchKey": 2 * 148 + 2}
    assert store.get(Lead, "L133") is None


def test_more_records_than_every_engine_writes_at_once_are_refused(store: RecordStore) -> None:
    with pytest.raises(ValueError, match="more than 100 records"):
        store.commit([Put(Lead(f"L{n}"), 0) for n in range(101)])
    assert store.counts() == {}
    store.commit([Put(Lead(f"L{n}"), 0) for n in range(100)])
    assert store.counts() == {"Lead": 100}


def test_an_empty_group_has_nothing_against_it(store: RecordStore) -> None:
    assert store.commit_each([[], [Put(Lead("L1"), 0)], []]) == [None, None, None]


def test_children_are_listed_in_order_of_id_and_only_of_their_parent(store: RecordStore) -> None:
    touches = [Touch(f"T{n}", lead, TouchKind.FORM, NOW) for lead in ("L1", "L2") for n in (3, 1, 2)]
    store.commit([Put(touch, 0) for touch in touches])
    assert [t.value.touch_id for t in store.query(Touch, "L1")] == ["T1", "T2", "T3"]


def test_a_listing_goes_on_after_an_id(store: RecordStore) -> None:
    store.commit([Put(Campaign(f"c{n}", "x"), 0) for n in range(5)])
    assert [c.value.campaign_id for c in store.page(Campaign, after="c1", limit=2)] == ["c2", "c3"]


def test_everything_of_a_lead_is_one_read(store: RecordStore) -> None:
    store.commit([Put(Lead("L1"), 0), Put(message(), 0), Put(Touch("T1", "L1", TouchKind.SCAN, NOW), 0)])
    store.commit([Put(Lead("L10"), 0)])
    assert {type(s.value) for s in store.everything_of("L1")} == {Lead, Message, Touch}


def test_deleting_frees_the_key_and_counts_as_absent(store: RecordStore) -> None:
    store.commit([Put(Lead("L1"), 0)])
    store.commit([Delete(Ref(Lead, ("L1",)), if_version=1)])
    assert store.get(Lead, "L1") is None
    store.commit([Put(Lead("L1", "new"), 0)])
    assert store.get(Lead, "L1") == Stored(Lead("L1", "new"), 1)


def test_due_lists_what_waits_oldest_first_and_nothing_else(store: RecordStore) -> None:
    later = message(message_id="M2", due_at=NOW + timedelta(minutes=5))
    sent = message(message_id="M3", state=MessageState.SENT)
    store.commit([Put(later, 0), Put(message(), 0), Put(sent, 0)])
    assert [d.ref.ids for d in store.due(NOW)] == [("L1", "M1")]
    found = store.due(NOW + timedelta(minutes=5))
    assert [(d.ref.ids[1], d.due_at) for d in found] == [("M1", NOW), ("M2", later.due_at)]


def test_what_is_done_leaves_the_due_index(store: RecordStore) -> None:
    store.commit([Put(message(), 0)])
    store.commit([Put(message(state=MessageState.SENT), 1)])
    assert store.due(NOW + timedelta(days=1)) == []


def test_a_row_in_sending_is_due_again_after_the_grace_time(store: RecordStore) -> None:
    store.commit([Put(message(state=MessageState.SENDING, claimed_at=NOW), 0)])
    assert store.due(NOW) == []
    assert len(store.due(NOW + timedelta(minutes=11))) == 1


def test_open_requests_are_due_at_their_limit_and_answered_ones_never(store: RecordStore) -> None:
    asked = Request("R1", "L1", "T1", NOW, "rep", NOW + timedelta(hours=4))
    store.commit([Put(asked, 0)])
    assert [d.ref for d in store.due(NOW + timedelta(hours=4))] == [Ref(Request, ("L1", "R1"))]
    store.commit([Put(replace(asked, state=RequestState.ANSWERED), 1)])
    assert store.due(NOW + timedelta(days=9)) == []


def test_of_twenty_writers_of_the_same_version_one_wins(raced: RecordStore) -> None:
    raced.commit([Put(Lead("L1"), 0)])
    won: list[int] = []

    def write(n: int) -> None:
        try:
            raced.commit([Put(Lead("L1", f"writer {n}"), 1)])
            won.append(n)
        except Conflict:
            pass

    threads = [threading.Thread(target=write, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert raced.get(Lead, "L1") == Stored(Lead("L1", f"writer {won[0]}"), 2)


def test_text_of_every_kind_survives(store: RecordStore) -> None:
    name = "𠮷 e\u0301 \u202e שלום \\ \" ' % _ \x7f"
    store.commit([Put(Lead("L1", name, extra={"": "", "k": "v" * 60_000}), 0)])
    found = store.get(Lead, "L1")
    assert found is not None
    assert found.value.full_name == name
    assert len(found.value.extra["k"]) == 60_000


def test_all_that_lies_with_a_lead_can_be_forgotten_also_what_nobody_can_read(table: Table) -> None:
    store = RecordStore(table)
    notes = [Note(f"N{n:03d}", "L1", "anna", "note", "x", NOW) for n in range(130)]
    for start in range(0, 130, 100):
        store.commit([Put(note, 0) for note in notes[start : start + 100]])
    store.commit([Put(Lead("L1"), 0), Put(message(), 0), Put(Lead("L2"), 0)])
    table.write([[RowWrite("LEAD#L1", "NOTE#bad", "Note", b"{", None, None)]])
    table.write([[RowWrite("LEAD#L1", "LATER#1", "FromALaterRelease", b"{}", None, None)]])
    gone = store.forget("L1", (Message,))
    assert len(gone) == 132
    assert Ref(Lead, ("L1",)) in gone
    store.purge()
    assert table.query("LEAD#L1", "", "", 10)[0].kind == "Message"
    assert len(table.query("LEAD#L1", "", "", 10)) == 1
    assert store.get(Lead, "L2") is not None
    store.forget("L1")
    assert table.query("LEAD#L1", "", "", 10) == []
