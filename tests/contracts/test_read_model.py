"""What flows rely on from the read model, whatever stands behind it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.identify import search_words
from chalicelib.records.audit import Audit, AuditQuery, Step
from chalicelib.records.inbox import InboxFact
from chalicelib.records.lead import Assignment, Lead, LeadStatus, Score, Snooze
from chalicelib.records.ledgers import Ledger, LedgerPart, LedgerQuery, Listed
from chalicelib.records.message import Message, MessageKind, MessageState
from chalicelib.records.money import Money
from chalicelib.records.opportunity import Opportunity, OpportunityStage
from chalicelib.records.ports import Blobs, ReadModel, Ref, Stored
from chalicelib.records.promise import Promise, PromiseState
from chalicelib.records.quote import Quote, QuoteState
from chalicelib.records.receipt import MatchKey, Receipt, ReceiptOutcome
from chalicelib.records.search import LeadQuery
from chalicelib.records.task import Task
from chalicelib.records.touch import Request, RequestState, Touch, TouchKind
from chalicelib.store.blobs_folder import FolderBlobs
from chalicelib.store.ids import UlidMaker
from chalicelib.store.index_blobs import SEGMENTS, SNAPSHOTS, BlobReadModel
from chalicelib.store.index_sqlite import SqliteReadModel
from chalicelib.store.kinds import KINDS

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture(params=["sqlite", "blobs"])
def model(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ReadModel]:
    made: Any
    if request.param == "sqlite":
        made = SqliteReadModel(tmp_path / "index.db", search_words)
    else:
        made = BlobReadModel(FolderBlobs(tmp_path / "blobs"), tmp_path / "copy", UlidMaker(), search_words, seconds=0)
    yield made
    made.close()


def lead(number: int, owner: str = "anna", **changed: Any) -> Lead:
    made = Lead(
        f"L{number:03d}", f"Guest {number:03d}", emails=(f"g{number}@customer.example.com",), score=Score(number % 100),
        assignment=Assignment(owner, (), "load", "1", NOW), created_at=NOW, updated_at=NOW + number * MINUTE,
        campaign_ids=("fair",),
    )  # fmt: skip
    return replace(made, **changed)


def ref(record: Any) -> Ref[Any]:
    kind = KINDS[type(record)]
    return Ref(kind.type, kind.ids(record))


def put(model: ReadModel, *records: Any, version: int = 1, read_at: datetime = NOW) -> None:
    model.apply([(ref(record), Stored(record, version)) for record in records], read_at)


def gone(model: ReadModel, *records: Any, read_at: datetime = NOW) -> None:
    model.apply([(ref(record), None) for record in records], read_at)


def found(model: ReadModel, **query: Any) -> list[str]:
    return [row.lead_id for row in model.leads(LeadQuery(**query)).rows]


def test_touches_are_counted_by_the_form_they_came_by(model: ReadModel) -> None:
    touches = [Touch(f"T{n}", f"L{n}", TouchKind.FORM, NOW + n * DAY, form_id="contact") for n in range(3)]
    put(
        model,
        *touches,
        Touch("S", "L1", TouchKind.SEMINAR, NOW, form_id="sensors"),
        Touch("U", "L1", TouchKind.LIST, NOW),
    )
    assert model.by_form() == {"contact": (3, NOW + 2 * DAY), "sensors": (1, NOW)}
    gone(model, touches[2])
    assert model.by_form()["contact"] == (2, NOW + DAY)


def test_people_are_found_by_words_filters_and_both(model: ReadModel) -> None:
    put(model, lead(1), lead(2, "ben"), lead(3, "ben", status=LeadStatus.REJECTED))
    put(model, Touch("T", "L002", TouchKind.LIST, NOW, "fair", import_id="I1"))
    assert found(model, text="guest 00", sort="name") == ["L001", "L002", "L003"]
    assert found(model, owner_id="ben", sort="score") == ["L003", "L002"]
    assert found(model, owner_id="ben", status="rejected") == ["L003"]
    assert found(model, campaign_id="fair") == found(model, import_id="I1") == ["L002"]
    assert found(model, min_score=3) == ["L003"]
    assert found(model, text="nobody") == []


def test_pages_follow_each_other_and_tell_the_total(model: ReadModel) -> None:
    put(model, *(lead(n) for n in range(25)))
    pages = [model.leads(LeadQuery(sort="newest", offset=offset, limit=10)) for offset in (0, 10, 20)]
    assert [row.lead_id for page in pages for row in page.rows] == [f"L{n:03d}" for n in reversed(range(25))]
    assert {page.total for page in pages} == {25}


def test_counts_and_facts_are_those_of_the_records(model: ReadModel) -> None:
    mail = Message("M", "L001", MessageKind.CONFIRMATION, "a@example.com", "en", MessageState.HELD, NOW, NOW)
    won = Opportunity("O", "L001", "Deal", Money(100, "EUR"), OpportunityStage.WON, closed_at=NOW, created_at=NOW)
    put(model, lead(1), lead(2, "ben"), lead(3, "ben"), mail, won, Touch("T", "L001", TouchKind.FORM, NOW, "fair"))
    assert model.counts()["leads"] == 3
    assert model.counts()["message.held"] == 1
    assert model.open_by_owner() == {"anna": 1, "ben": 2}
    assert model.messages(MessageState.HELD) == [("L001", "M")]
    assert [fact.touch_id for fact in model.touches()] == ["T"]
    assert [fact.amount for fact in model.wins()] == [Money(100, "EUR")]
    assert ("L001", "new", "fair") in list(model.lead_campaigns())


def test_requests_that_wait_past_a_moment_are_counted(model: ReadModel) -> None:
    late = Request("R1", "L1", "T1", NOW - DAY, "anna", NOW - MINUTE)
    escalated = replace(late, request_id="R2", state=RequestState.ESCALATED)
    answered = replace(late, request_id="R3", state=RequestState.ANSWERED)
    put(model, late, escalated, answered, replace(late, request_id="R4", respond_by=NOW))
    assert (model.unanswered(NOW), model.unanswered(NOW + MINUTE), model.unanswered(NOW - DAY)) == (2, 3, 0)


def test_the_people_of_a_company_are_found_however_it_is_written(model: ReadModel) -> None:
    put(
        model,
        lead(1, company="Beispiel AG", company_key="beispiel"),
        lead(2, company="BEISPIEL", company_key="beispiel"),
    )
    put(model, lead(3, company="Beispiel AG"), lead(4, "ben", company="Beispiel", company_key="beispiel"), lead(5))
    asked = ("beispiel", "Beispiel AG")
    assert found(model, company=asked, sort="name") == ["L001", "L002", "L003", "L004"]
    assert found(model, company=asked, owners=frozenset({"ben"})) == ["L004"]
    assert found(model, company=("other", "Other")) == []


def test_an_inbox_is_one_owners_open_leads_with_what_falls_due(model: ReadModel) -> None:
    put(model, lead(1, respond_by=NOW + DAY), lead(2, "ben"), lead(3, status=LeadStatus.REJECTED), lead(4))
    asked = Request("R1", "L001", "T1", NOW, "anna", NOW + 2 * MINUTE)
    put(model, asked, replace(asked, request_id="R2", respond_by=NOW + MINUTE, state=RequestState.ESCALATED))
    put(model, replace(asked, request_id="R3", respond_by=NOW - DAY, state=RequestState.ANSWERED))
    said = Promise("P1", "L001", "anna", "price", "By then", NOW.date(), "UTC", NOW + MINUTE, NOW, "example")
    others = replace(said, promise_id="P2", promised_by="ben", due_at=NOW)
    put(model, said, others, replace(said, promise_id="P3", due_at=NOW - DAY, state=PromiseState.KEPT))
    task = Task("K1", "L001", "anna", "Send it", "eva", NOW, due_at=NOW + 3 * MINUTE)
    put(model, task, replace(task, task_id="K2", due_at=NOW, done_at=NOW))
    put(model, replace(task, task_id="K3", due_at=NOW, owner_id="ben"), replace(task, task_id="K4", due_at=None))
    deal = Opportunity("O1", "L001", "Deal", Money(100, "EUR"), created_at=NOW)
    put(model, deal, replace(deal, opportunity_id="O2"), replace(deal, opportunity_id="O3", amount=Money(7, "USD")))
    put(model, replace(deal, opportunity_id="O4", stage=OpportunityStage.LOST))
    first, second = sorted(model.inbox("anna", "EUR"), key=lambda fact: fact.lead_id)
    assert first == InboxFact(
        "L001", "new", 1, NOW + MINUTE, "R2", NOW + DAY, NOW + MINUTE, NOW + 3 * MINUTE, Money(200, "EUR")
    )
    assert second == InboxFact("L004", "new", 4)
    assert len(model.inbox("anna", "EUR", limit=1)) == 1


def test_tasks_are_one_persons_and_the_one_due_first_comes_first(model: ReadModel) -> None:
    task = Task("K1", "L001", "anna", "Send it", "eva", NOW)
    put(model, task, replace(task, task_id="K2", due_at=NOW + DAY), replace(task, task_id="K3", due_at=NOW))
    put(model, replace(task, task_id="K4", owner_id="ben"), replace(task, task_id="K5", done_at=NOW))
    assert [task_id for _, task_id in model.tasks("anna")] == ["K3", "K2", "K1"]
    assert model.tasks("anna", limit=1) == [("L001", "K3")]
    put(model, replace(task, done_at=NOW), version=2)
    assert ("L001", "K1") not in model.tasks("anna")


def test_a_snooze_is_its_owners_and_ends_when_the_person_writes_again(model: ReadModel) -> None:
    snooze = Snooze(NOW + DAY, "anna", NOW)
    put(model, lead(1, snooze=snooze), lead(2, snooze=replace(snooze, by="ben")), lead(3, snooze=snooze))
    put(model, Request("R1", "L001", "T1", NOW - DAY, "anna", NOW + DAY))
    put(model, Request("R3", "L003", "T3", NOW + MINUTE, "anna", NOW + DAY))
    assert {f.lead_id: f.snoozed_until for f in model.inbox("anna", "EUR")} == {
        "L001": NOW + DAY, "L002": None, "L003": None,
    }  # fmt: skip


def test_kinds_it_does_not_show_are_passed_by(model: ReadModel) -> None:
    put(model, MatchKey("digest", "L001"))
    assert model.counts()["leads"] == 0


def test_an_older_version_never_replaces_a_newer_one(model: ReadModel) -> None:
    put(model, lead(1, full_name="Third"), version=3)
    put(model, lead(1, full_name="Second"), version=2, read_at=NOW + MINUTE)
    assert [row.full_name for row in model.leads(LeadQuery()).rows] == ["Third"]


def test_telling_it_twice_changes_nothing(model: ReadModel) -> None:
    for _ in range(2):
        put(model, lead(1))
    assert found(model, text="guest") == ["L001"]


def test_what_was_deleted_does_not_come_back_by_a_late_reader(model: ReadModel) -> None:
    put(model, lead(1), version=4)
    gone(model, lead(1), read_at=NOW + 2 * MINUTE)
    put(model, lead(1), version=5, read_at=NOW + MINUTE)
    assert found(model, text="guest") == []


def test_what_is_made_again_after_it_was_deleted_shows(model: ReadModel) -> None:
    put(model, lead(1), version=4)
    gone(model, lead(1), read_at=NOW + MINUTE)
    put(model, lead(1, full_name="Again"), read_at=NOW + 2 * MINUTE)
    gone(model, lead(1), read_at=NOW + MINUTE)
    assert found(model, text="again") == ["L001"]


def test_tidying_up_changes_no_answer(model: ReadModel) -> None:
    put(model, *(lead(n) for n in range(5)))
    model.compact()
    assert len(found(model)) == 5


@dataclass
class Log:
    """A log in the blob store, whose snapshots are made after three segments, and readers and writers of it."""

    blobs: Blobs
    folder: Path
    new_id: UlidMaker
    ahead: timedelta = timedelta()

    def reader(self, name: str) -> BlobReadModel:
        return BlobReadModel(
            self.blobs, self.folder / name, self.new_id, search_words, seconds=0, most_segments=3,
            clock=lambda: datetime.now(UTC) + self.ahead,
        )  # fmt: skip

    def keys(self, prefix: str) -> list[str]:
        return self.blobs.list(prefix)


@pytest.fixture
def logged(blobs: Blobs, tmp_path: Path) -> Log:
    return Log(blobs, tmp_path / "copies", UlidMaker())


def test_two_writers_are_read_by_a_third(logged: Log) -> None:
    one, two, three = (logged.reader(name) for name in ("one", "two", "three"))
    put(one, lead(1, full_name="Newer"), version=2)
    put(two, lead(1, full_name="Older"), lead(2))
    assert found(three, sort="name") == ["L002", "L001"]
    put(one, lead(3))
    assert len(found(three)) == len(found(one)) == 3


def test_the_facts_of_a_report_are_those_of_now_however_lately_the_copy_was_looked_at(logged: Log) -> None:
    reader = BlobReadModel(logged.blobs, logged.folder / "report", logged.new_id, search_words, seconds=3600)
    assert list(reader.touches()) == []
    put(logged.reader("writer"), lead(1), Touch("T1", "L001", TouchKind.FORM, NOW))
    assert [fact.lead_id for fact in reader.touches()] == ["L001"]


def test_a_segment_that_arrives_late_is_taken_in(logged: Log) -> None:
    early = logged.new_id()
    writer, reader = logged.reader("writer"), logged.reader("reader")
    put(writer, lead(2))
    assert found(reader) == ["L002"]
    late: Callable[[], str] = lambda: early  # noqa: E731
    put(BlobReadModel(logged.blobs, logged.folder / "late", late, search_words, seconds=0), lead(1))
    assert sorted(found(reader)) == ["L001", "L002"]


def test_a_snapshot_holds_what_its_segments_held_and_they_go_when_nobody_reads_them(logged: Log) -> None:
    writer = logged.reader("writer")
    for n in range(5):
        put(writer, lead(n))
    writer.compact()
    assert len(logged.keys(SNAPSHOTS)) == 2
    writer.compact()
    assert len(logged.keys(SEGMENTS)) == 5
    logged.ahead = timedelta(minutes=21)
    writer.compact()
    assert logged.keys(SEGMENTS) == []
    assert len(found(logged.reader("cold"))) == 5
    assert found(logged.reader("cold two"), text="guest 004") == ["L004"]


def test_a_reader_that_fell_behind_several_snapshots_catches_up(logged: Log) -> None:
    writer, behind, along = (logged.reader(name) for name in ("writer", "behind", "along"))
    put(writer, lead(0))
    assert len(found(behind)) == 1
    for turn in range(3):
        for n in range(4):
            put(writer, lead(10 * turn + n + 1))
        writer.compact()
        logged.ahead += timedelta(minutes=21)
        writer.compact()
        assert len(found(along)) == 4 * turn + 5
    gone(writer, lead(0))
    assert len(found(behind)) == len(found(along)) == 12
    assert len(logged.keys(SNAPSHOTS)) == 2


def test_a_reader_that_keeps_up_downloads_no_snapshot(logged: Log) -> None:
    writer, reader = logged.reader("writer"), logged.reader("reader")
    for n in range(5):
        put(writer, lead(n))
        found(reader)
    writer.compact()
    (copy,) = [key for key in logged.keys(SNAPSHOTS) if key.endswith("/copy")]
    logged.blobs.put(copy, b"not a snapshot")
    assert len(found(reader)) == 5
    put(writer, lead(9))
    assert len(found(reader)) == 6


def test_a_lost_local_copy_is_made_anew(logged: Log) -> None:
    writer, reader = logged.reader("writer"), logged.reader("reader")
    put(writer, lead(1))
    assert found(reader) == ["L001"]
    for file in (logged.folder / "reader").iterdir():
        file.unlink()
    put(writer, lead(2))
    assert sorted(found(reader)) == ["L001", "L002"]


def test_a_snapshot_without_a_head_does_not_count_and_goes_in_time(logged: Log) -> None:
    writer = logged.reader("writer")
    logged.blobs.put(f"{SNAPSHOTS}{logged.new_id()}/copy", b"cut off")
    for n in range(5):
        put(writer, lead(n))
    assert len(found(logged.reader("cold"))) == 5
    writer.compact()
    logged.ahead = timedelta(minutes=21)
    writer.compact()
    assert len(logged.keys(SNAPSHOTS)) == 2


def test_two_who_tidy_up_at_once_lose_nothing(logged: Log) -> None:
    one, two = logged.reader("one"), logged.reader("two")
    for n in range(5):
        put(one, lead(n))
    early = logged.new_id()
    two.compact()
    put(two, lead(7))
    # As if it had begun before the other did.
    BlobReadModel(
        logged.blobs, logged.folder / "slow", lambda: early, search_words, seconds=0, most_segments=3
    ).compact()
    logged.ahead = timedelta(minutes=21)
    for model in (one, two, one):
        model.compact()
    assert len(found(logged.reader("cold"))) == 6
    assert len(found(one)) == len(found(two)) == 6


def test_a_record_this_release_cannot_read_is_passed_by(logged: Log) -> None:
    import zlib

    writer = logged.reader("writer")
    put(writer, lead(1))
    entries = '[["Unheard",["x"],1,{}],["Lead",["L009"],1,{"nonsense":1}]]'
    logged.blobs.put(f"{SEGMENTS}{logged.new_id()}.2", zlib.compress(f'["{NOW.isoformat()}",{entries}]'.encode()))
    assert found(logged.reader("reader")) == ["L001"]


def test_a_few_large_segments_make_a_snapshot_too(logged: Log) -> None:
    writer = logged.reader("writer")
    # As a list leaves them: the names say how much is in them.
    for n in range(2):
        put(writer, lead(n))
    small, large = logged.keys(SEGMENTS)
    body = logged.blobs.get(large)
    assert body
    logged.blobs.put(f"{large.rpartition('.')[0]}.25000", body)
    logged.blobs.delete(large)
    writer.compact()
    assert small.endswith(".1")
    assert len(logged.keys(SNAPSHOTS)) == 2
    assert len(found(logged.reader("cold"))) == 2


def test_the_log_holds_no_more_than_what_matters(logged: Log) -> None:
    put(logged.reader("writer"), MatchKey("digest", "L001"))
    assert logged.keys(SEGMENTS) == []


class Busy:
    """Blobs that note what is asked, and of which something is dropped between the list and the look."""

    def __init__(self, blobs: Blobs, dropped: list[str]) -> None:
        self._blobs = blobs
        self.dropped = dropped
        self.lists = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._blobs, name)

    def list(self, prefix: str) -> list[str]:
        self.lists += 1
        return [*self._blobs.list(prefix), *self.dropped]


def test_the_log_is_looked_at_once_in_a_while_however_much_is_asked(logged: Log) -> None:
    put(logged.reader("writer"), lead(1))
    busy = Busy(logged.blobs, [])
    reader = BlobReadModel(busy, logged.folder / "reader", logged.new_id, search_words, seconds=600)  # type: ignore[arg-type]
    assert [len(found(reader)) for _ in range(5)] == [1] * 5
    assert busy.lists == 1


@pytest.mark.parametrize(
    "what", [f"{SEGMENTS}01ARZ3NDEKTSV4RRFFQ69G5FAV.1", f"{SNAPSHOTS}01ARZ3NDEKTSV4RRFFQ69G5FAV/head"]
)
def test_what_is_dropped_between_the_list_and_the_look_is_looked_for_anew(logged: Log, what: str) -> None:
    put(logged.reader("writer"), lead(1))

    class Once(Busy):
        def list(self, prefix: str) -> list[str]:
            keys = super().list(prefix)
            self.dropped = []
            return keys

    once, always = Once(logged.blobs, [what]), Busy(logged.blobs, [what])
    reader = BlobReadModel(once, logged.folder / "reader", logged.new_id, search_words, seconds=0)  # type: ignore[arg-type]
    assert found(reader) == ["L001"]
    assert once.lists == 2
    lost = BlobReadModel(always, logged.folder / "lost", logged.new_id, search_words, seconds=0)  # type: ignore[arg-type]
    with pytest.raises(OSError, match="faster than it can be read"):
        found(lost)


def test_after_a_purge_no_file_holds_what_was_deleted(tmp_path: Path) -> None:
    """Of the log its old parts go when nobody can be reading them any more."""
    somebody = lead(1, full_name="Jana Beispiel", emails=("jana@customer.example.com",))
    now = [datetime.now(UTC)]
    blobs = FolderBlobs(tmp_path / "blobs")
    log = BlobReadModel(blobs, tmp_path / "copy", UlidMaker(), search_words, seconds=0, clock=lambda: now[0])
    embedded = SqliteReadModel(tmp_path / "index.db", search_words)
    for model in (log, embedded):
        put(model, somebody, lead(2))
        assert model.leads(LeadQuery(text="jana")).total == 1
        gone(model, somebody, read_at=NOW + MINUTE)
        model.purge()
        assert [row.lead_id for row in model.leads(LeadQuery()).rows] == ["L002"]
    now[0] += timedelta(minutes=21)
    log.compact()
    assert blobs.list(SEGMENTS) == []
    fresh = BlobReadModel(blobs, tmp_path / "other", UlidMaker(), search_words, seconds=0)
    assert [row.lead_id for row in fresh.leads(LeadQuery()).rows] == ["L002"]
    for opened in (log, embedded, fresh):
        opened.close()
    files = [path for folder in ("other",) for path in (tmp_path / folder).rglob("*")] + [tmp_path / "index.db"]
    assert not [path.name for path in files if b"jana" in path.read_bytes().lower()]


def test_what_is_shown_tells_its_version_and_what_is_not_is_at_none(model: ReadModel) -> None:
    put(model, lead(1), version=3)
    put(model, Touch("T", "L001", TouchKind.LIST, NOW))
    asked = [ref(lead(1)), Ref(Touch, ("L001", "T")), ref(lead(2)), Ref(MatchKey, ("digest",))]
    assert model.versions(asked) == [3, 1, 0, 0]


def test_the_parts_together_are_all_that_is_shown_and_everything_of_a_lead_is_in_one(model: ReadModel) -> None:
    people = [lead(n) for n in range(60)]
    touches = [Touch("T", person.lead_id, TouchKind.LIST, NOW) for person in people]
    put(model, *people, *touches, Receipt("digest", "", ReceiptOutcome.ACCEPTED, NOW))
    parts = [model.part(number, 7) for number in range(7)]
    assert model.size() == 121
    everything = [*map(ref, people), *map(ref, touches), Ref(Receipt, ("digest",))]
    assert sorted((r for part in parts for r in part), key=str) == sorted(everything, key=str)
    for part in parts:
        assert {r.ids[0] for r in part if r.kind is Lead} == {r.ids[0] for r in part if r.kind is Touch}
    assert sum(bool(part) for part in parts) > 4


def promised(number: int, by: str, customer: str = "nordtech", days: int = 1, **changed: Any) -> Promise:
    made = Promise(
        f"P{number}", f"L{number:03d}", by, "price", "Ten percent off", NOW.date(), "UTC",
        NOW + days * DAY, NOW, customer,
    )  # fmt: skip
    return replace(made, **changed)


def test_promises_are_found_by_state_customer_day_and_by_who_gave_them_or_owns_the_lead(model: ReadModel) -> None:
    put(model, lead(1, "anna"), lead(2, "ben"), lead(3, "ben"))
    put(model, promised(1, "ben", days=3), promised(2, "cara", days=2), promised(3, "ben", "other", days=1))
    put(model, promised(4, "anna", state=PromiseState.KEPT))
    assert listed(model, Ledger.PROMISES) == ["P3", "P4", "P2", "P1"]
    open_ones = frozenset({"open"})
    assert listed(model, Ledger.PROMISES, states=open_ones) == ["P3", "P2", "P1"]
    assert listed(model, Ledger.PROMISES, states=open_ones, until=NOW + 2 * DAY) == ["P3", "P2"]
    assert listed(model, Ledger.PROMISES, owners=frozenset({"anna"})) == ["P4", "P1"]
    assert listed(model, Ledger.PROMISES, part=LedgerPart(of="ben")) == ["P3", "P2", "P1"]
    assert model.promises("other") == [("L003", "P3")]
    assert model.counts()["promise.open"] == 3


def listed(model: ReadModel, ledger: Ledger, **asked: Any) -> list[str]:
    """The records' ids of a page."""
    return [record_id for _, record_id in model.ledger(LedgerQuery(ledger, **asked)).lines]


def test_a_ledger_comes_a_page_at_a_time_and_the_first_where_there_is_none(model: ReadModel) -> None:
    put(model, *(lead(n) for n in range(7)), *(promised(n, "ben", days=n + 1) for n in range(7)))

    def page(offset: int) -> Listed[tuple[str, str]]:
        return model.ledger(LedgerQuery(Ledger.PROMISES, part=LedgerPart(offset=offset, limit=3)))

    assert [page(n).total for n in (0, 3, 6)] == [7, 7, 7]
    assert [record_id for n in (0, 3, 6) for _, record_id in page(n).lines] == [f"P{n}" for n in range(7)]
    assert page(7) == page(0)
    assert (page(6).offset, page(7).offset) == (6, 0)


def test_a_ledger_is_searched_and_sorted_by_the_people_it_is_about_either_way_round(model: ReadModel) -> None:
    put(model, lead(1, full_name="Zoe Beispiel", company="Alpha AG"), lead(2, full_name="arne Muster", company=""))
    put(model, lead(3, full_name="王小明", company="Beta GmbH"), quoted(1, "ben"), quoted(2, "ben"), quoted(3, "cara"))

    def by(sort: str, turned: bool = False, text: str = "") -> list[str]:
        return listed(model, Ledger.QUOTES, part=LedgerPart(sort=sort, turned=turned, text=text))

    assert (by("time"), by("time", turned=True)) == (["Q3", "Q2", "Q1"], ["Q1", "Q2", "Q3"])
    assert (by("person"), by("person", turned=True)) == (["Q2", "Q1", "Q3"], ["Q3", "Q1", "Q2"])
    # Who has none comes last, whichever way round.
    assert (by("company"), by("company", turned=True)) == (["Q1", "Q3", "Q2"], ["Q3", "Q1", "Q2"])
    assert by("time", text="beispiel zo") == ["Q1"]
    assert by("time", text="wangxiao") == ["Q3"]
    assert by("time", text="nobody") == []


def test_requests_are_those_of_leads_that_may_be_seen_and_late_ones_say_so(model: ReadModel) -> None:
    def asked(number: int, owner: str, minutes: int, state: RequestState = RequestState.OPEN) -> Request:
        limit = NOW + minutes * MINUTE
        return Request(f"R{number}", f"L{number:03d}", "T", NOW, owner, limit, state)

    put(model, lead(1, "anna"), lead(2, "ben"), lead(3, "anna"), lead(4, "anna"))
    put(model, asked(1, "anna", 5), asked(2, "anna", 1), asked(3, "anna", 9, RequestState.ESCALATED))
    put(model, asked(4, "anna", -3, RequestState.ANSWERED))
    waiting = frozenset({"open", "escalated"})
    assert listed(model, Ledger.REQUESTS, states=waiting) == ["R2", "R1", "R3"]
    # Of a lead of somebody else nothing is said, though the request is one's own.
    assert listed(model, Ledger.REQUESTS, states=waiting, owners=frozenset({"anna"})) == ["R1", "R3"]
    assert listed(model, Ledger.REQUESTS, states=waiting, late_at=NOW + 3 * MINUTE) == ["R2", "R3"]
    assert listed(model, Ledger.REQUESTS, part=LedgerPart(of="ben")) == []


def test_outgoing_mail_is_found_by_state_kind_and_person(model: ReadModel) -> None:
    def mail(number: int, kind: MessageKind, state: MessageState = MessageState.SENT) -> Message:
        made = NOW + number * MINUTE
        return Message(f"M{number}", f"L{number:03d}", kind, "to@example.com", "en", state, made, made)

    put(model, lead(1, full_name="Jana"), lead(2, full_name="Kim"))
    put(model, mail(1, MessageKind.CONFIRMATION), mail(2, MessageKind.THANK_YOU, MessageState.HELD))
    put(model, mail(3, MessageKind.SIGN_IN_LINK))
    assert listed(model, Ledger.MAILS) == ["M3", "M2", "M1"]
    assert listed(model, Ledger.MAILS, states=frozenset({"held"})) == ["M2"]
    assert listed(model, Ledger.MAILS, kind="confirmation") == ["M1"]
    assert listed(model, Ledger.MAILS, part=LedgerPart(text="kim")) == ["M2"]


def test_customers_to_whom_several_of_ours_promised_something_are_named(model: ReadModel) -> None:
    put(model, promised(1, "ben"), promised(2, "cara"), promised(3, "ben", "other"), promised(4, "ben", "other"))
    put(model, promised(5, "ben", "third"), promised(6, "cara", "third", state=PromiseState.WITHDRAWN))
    assert model.disputed() == ["nordtech"]


def test_begun_anew_it_shows_what_it_is_told_from_then_on_whoever_looks(model: ReadModel, tmp_path: Path) -> None:
    put(model, lead(1, full_name="Before"), version=9)
    other = IN_USE[type(model)](tmp_path)
    assert other.leads(LeadQuery()).total == 1
    model.begin_anew()
    put(model, lead(1, full_name="After"), lead(2))
    for looking in (model, other):
        assert [row.full_name for row in looking.leads(LeadQuery(sort="name")).rows] == ["After", "Guest 002"]
        assert looking.leads(LeadQuery(text="before")).total == 0
    other.close()  # type: ignore[attr-defined]


# Another process that looks at the same.
IN_USE: dict[type, Callable[[Path], ReadModel]] = {
    SqliteReadModel: lambda folder: SqliteReadModel(folder / "index.db", search_words),
    BlobReadModel: lambda folder: BlobReadModel(
        FolderBlobs(folder / "blobs"), folder / "other-copy", UlidMaker(), search_words, seconds=0
    ),
}


def quoted(number: int, by: str, customer: str = "nordtech", **changed: Any) -> Quote:
    made = Quote(
        f"Q{number}", f"L{number:03d}", f"Q-2026-{number:04d}", 1, customer, "", by, NOW + number * MINUTE, "EUR", (),
        NOW.date(), "UTC", NOW + DAY,
    )  # fmt: skip
    return replace(made, **changed)


def test_quotes_are_found_by_state_customer_and_by_who_made_them_or_owns_the_lead(model: ReadModel) -> None:
    put(model, lead(1, "anna"), lead(2, "ben"))
    put(model, quoted(1, "ben"), quoted(2, "cara", state=QuoteState.WAITING), quoted(3, "cara", "other"))
    assert listed(model, Ledger.QUOTES) == ["Q3", "Q2", "Q1"]
    assert listed(model, Ledger.QUOTES, states=frozenset({"open"})) == ["Q3", "Q1"]
    assert listed(model, Ledger.QUOTES, owners=frozenset({"ben"})) == ["Q2", "Q1"]
    assert model.quotes("nordtech") == [("L002", "Q2"), ("L001", "Q1")]
    assert model.counts()["quote.waiting"] == 1


def test_the_audit_trail_comes_newest_first_by_who_what_when_and_whose(model: ReadModel) -> None:
    def audit(number: int, by: str, lead_id: str, *kinds: str) -> Audit:
        steps = tuple(Step(kind, ("x",), "changed") for kind in kinds)
        return Audit(lead_id, f"A{number}", NOW + number * MINUTE, by, steps, NOW + DAY)

    trail = [audit(1, "anna", "L1", "Lead", "Request"), audit(2, "", "L2", "LeadOther"), audit(3, "anna", "", "Rep")]
    put(model, *trail)

    def ids(**asked: Any) -> list[str]:
        return [audit_id for _, audit_id in model.audits(AuditQuery(**asked))]

    assert model.audits(AuditQuery()) == [("A3", "A3"), ("L2", "A2"), ("L1", "A1")]
    assert ids(by="anna") == ["A3", "A1"]
    assert ids(by="") == ["A2"]
    assert ids(kind="Lead") == ["A1"]
    assert ids(kind="Request") == ["A1"]
    assert ids(lead_id="L2") == ["A2"]
    assert ids(since=NOW + 2 * MINUTE, until=NOW + 3 * MINUTE) == ["A2"]
    assert ids(before="A3", limit=1) == ["A2"]
    gone(model, trail[0])
    assert ids() == ["A3", "A2"]
