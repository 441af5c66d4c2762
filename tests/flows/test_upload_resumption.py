"""A list that was cut off, or that others change while it loads, ends as if nothing had happened."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.flows.place_rows import MAILS_PER_SECOND
from chalicelib.flows.release_mails import BATCH, record_basis
from chalicelib.flows.upload_list import CHUNK, run_upload, start_upload
from chalicelib.flows.upload_state import enqueue_upload, fail_upload
from chalicelib.handlers.on_upload import GIVEN_UP, on_upload
from chalicelib.records.lead import Lead
from chalicelib.records.message import Message, MessageState
from chalicelib.records.ports import Deps, NotFound, Put, Ref, Write
from chalicelib.records.queue_ports import ATTEMPTS
from chalicelib.records.receipt import OTHERS_LIMIT
from chalicelib.records.upload import RowResults, Upload, UploadState
from tests.flows.rivals import with_rivals
from tests.handlers.desk import NOW
from tests.stories.conftest import build_world
from tests.stories.people import ANNA, BEN, EVERYBODY, FAIR

BASIS = "consent at the stand"
MIXED = """name,email,phone,company,country
Solo Nameless,,,,
Role One,info@customer.example.com,,Role Co,
Anna Lane,anna@customer.example.com,+49 30 23125001,Lane AG,DE
Anna Lane,anna@customer.example.com,+49 30 23125001,Lane AG,DE
,nobody@customer.example.net,,,
Otto Other,,+49 30 23125001,Lane AG,DE
"""
# More people behind one number than its key can name: some are not found by any key again.
CROWD = OTHERS_LIMIT + 5
for _n in range(CROWD):
    _a, _b = chr(97 + _n % 10) * 3, chr(107 + _n // 10) * 3
    MIXED += f"{_a}{_b} {_b}{_a},,+49 30 23125002,Muster KG,DE\n"


@pytest.fixture
def deps(tmp_path: Path) -> Deps:
    world = build_world(tmp_path, NOW)
    world.put(*EVERYBODY)
    return world.deps


class CutOff(BaseException):
    """As a killed process: nothing may catch it."""


class DiesAtOutcomes:
    """People are written, but the process ends before their rows' outcomes are."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def commit(self, writes: Sequence[Write]) -> None:
        if any(isinstance(write, Put) and isinstance(write.record, RowResults) for write in writes):
            raise CutOff
        self._store.commit(writes)


def begin(deps: Deps, text: str, basis: str = "") -> Upload:
    return start_upload(deps, text.encode(), "cards.csv", FAIR.campaign_id, basis, {}, "eva")


def run(deps: Deps, text: str, basis: str = "") -> Upload:
    return run_upload(deps, begin(deps, text, basis).import_id)


def people(count: int, country: str = "US") -> str:
    rows = (f"Guest {n:04d}x,g{n}@customer{n}.example.com,{country}\n" for n in range(count))
    return "name,email,country\n" + "".join(rows)


def rows_of(deps: Deps, upload: Upload) -> list[tuple[int, str, str, str]]:
    return [row for chunk in deps.store.query(RowResults, upload.import_id) for row in chunk.value.results]


def mails(deps: Deps, upload: Upload) -> list[Message]:
    ids = [lead_id for _, _, lead_id, _ in rows_of(deps, upload)]
    found = deps.store.get_many([Ref(Message, (lead_id, f"thanks-{FAIR.campaign_id}")) for lead_id in ids])
    return [mail.value for mail in found if mail]


def nothing() -> None:
    """A rival that lets one commit pass."""


def counts(upload: Upload) -> tuple[int, ...]:
    return (upload.rows, upload.done, upload.created, upload.merged, upload.refused, upload.mails_queued,
            upload.mails_held, upload.unreachable)  # fmt: skip


@pytest.mark.parametrize("basis", ["", BASIS])
def test_an_upload_cut_off_before_its_outcomes_ends_with_the_same_ones(deps: Deps, tmp_path: Path, basis: str) -> None:
    cut = begin(deps, MIXED, basis)
    with pytest.raises(CutOff):
        run_upload(replace(deps, store=DiesAtOutcomes(deps.store)), cut.import_id)
    resumed = run_upload(deps, cut.import_id)
    other = build_world(tmp_path / "other", deps.clock())
    other.put(*EVERYBODY)
    straight = run(other.deps, MIXED, basis)
    assert counts(resumed) == counts(straight)
    assert (resumed.created, resumed.merged, resumed.refused) == (CROWD + 5, 1, 0)
    assert [row[:2] for row in rows_of(deps, resumed)] == [row[:2] for row in rows_of(other.deps, straight)]
    assert resumed.state is UploadState.FINISHED


def test_a_basis_recorded_while_an_upload_was_cut_off_counts_for_what_it_had_written(deps: Deps) -> None:
    cut = begin(deps, people(5))
    with pytest.raises(CutOff):
        run_upload(replace(deps, store=DiesAtOutcomes(deps.store)), cut.import_id)
    assert record_basis(deps, cut.import_id, BASIS) == 0
    resumed = run_upload(deps, cut.import_id)
    assert (resumed.mails_queued, resumed.mails_held) == (5, 0)
    assert {mail.state for mail in mails(deps, resumed)} == {MessageState.PENDING}


@pytest.mark.parametrize("before", range(1, 6), ids=lambda n: f"commit {n}")
def test_a_basis_recorded_at_any_moment_of_a_running_upload_lets_every_mail_go(deps: Deps, before: int) -> None:
    """Commits: running, people and outcomes of two chunks, finished."""
    upload = begin(deps, people(CHUNK + 3))
    rivals = [nothing] * before + [lambda: record(deps, upload)]
    done = run_upload(with_rivals(deps, *rivals), upload.import_id)
    stored = deps.store.get(Upload, done.import_id)
    assert stored
    assert stored.value.state is UploadState.FINISHED
    assert stored.value.basis == BASIS
    assert (stored.value.mails_queued, stored.value.mails_held) == (CHUNK + 3, 0)
    assert {mail.state for mail in mails(deps, done)} == {MessageState.PENDING}
    assert {mail.basis for mail in mails(deps, done)} == {BASIS}


def record(deps: Deps, upload: Upload) -> None:
    record_basis(deps, upload.import_id, BASIS)


def test_who_stops_working_here_during_an_upload_gets_nobody_of_its_later_chunks(deps: Deps) -> None:
    upload = begin(deps, people(CHUNK + 40, "DE"))
    gone = [nothing, nothing, lambda: deps.store.commit([Put(replace(ANNA, active=False))])]
    run_upload(with_rivals(deps, *gone), upload.import_id)
    late = [lead_id for row, _, lead_id, _ in rows_of(deps, upload) if row > CHUNK]
    leads = deps.store.get_many([Ref(Lead, (lead_id,)) for lead_id in late])
    owners = [lead.value.assignment.owner_id for lead in leads if lead and lead.value.assignment]
    assert owners == [BEN.rep_id] * 40


def test_released_mails_leave_one_behind_the_other_across_batches(deps: Deps) -> None:
    upload = run(deps, people(BATCH + 10))
    assert record_basis(deps, upload.import_id, BASIS) == BATCH + 10
    due = sorted(mail.due_at for mail in mails(deps, upload))
    assert due[-1] - due[0] == timedelta(seconds=(BATCH + 9) / MAILS_PER_SECOND)
    assert len(set(due)) == BATCH + 10
    # The index was never brought up to date: the rows' outcomes tell whose mails they are.
    assert deps.model.counts().get("leads", 0) == 0


def test_recording_a_basis_twice_releases_nothing_twice(deps: Deps) -> None:
    upload = run(deps, people(3))
    assert [record_basis(deps, upload.import_id, BASIS) for _ in range(2)] == [3, 0]
    stored = deps.store.get(Upload, upload.import_id)
    assert stored
    assert (stored.value.mails_queued, stored.value.mails_held) == (3, 0)


def test_a_released_mail_that_somebody_changed_meanwhile_is_looked_at_again(deps: Deps) -> None:
    upload = run(deps, people(2))
    lead_id = rows_of(deps, upload)[0][2]

    def touch_mail() -> None:
        mail = deps.store.get(Message, lead_id, f"thanks-{FAIR.campaign_id}")
        assert mail
        deps.store.commit([Put(replace(mail.value, language="de"), mail.version)])

    assert record_basis(with_rivals(deps, nothing, touch_mail), upload.import_id, BASIS) == 2


def test_a_basis_releases_nobody_who_opted_out_and_nobody_it_is_not_enough_for(deps: Deps) -> None:
    text = people(2) + "Hans Muster,hans@customer.example.net,DE\n"
    upload = run(deps, text)
    ids = [row[2] for row in rows_of(deps, upload)]
    lead = deps.store.get(Lead, ids[0])
    assert lead
    deps.store.commit([Put(replace(lead.value, opted_out_at=deps.clock()), lead.version)])
    assert record_basis(deps, upload.import_id, "legitimate interest") == 1
    assert [(mail.state, mail.reason) for mail in mails(deps, upload)] == [
        (MessageState.SUPPRESSED, "the person wants no promotion"),
        (MessageState.PENDING, ""),
        (MessageState.HELD, "the recorded basis is not enough in this country: DE"),
    ]
    stored = deps.store.get(Upload, upload.import_id)
    assert stored
    assert (stored.value.mails_queued, stored.value.mails_held) == (1, 1)


def test_a_basis_for_the_list_releases_no_row_that_says_there_is_none_for_it(deps: Deps) -> None:
    rows = [
        "name,email,basis",
        "Ann Example,ann@customer.example.net,no consent",
        "Ben Example,ben@customer.example.org,",
    ]
    upload = run(deps, "\n".join(rows))
    assert record_basis(deps, upload.import_id, BASIS) == 1
    assert [(mail.state, mail.basis) for mail in mails(deps, upload)] == [
        (MessageState.HELD, ""),
        (MessageState.PENDING, BASIS),
    ]


def test_a_basis_of_no_upload_is_not_found(deps: Deps) -> None:
    with pytest.raises(NotFound):
        record_basis(deps, "nobody", BASIS)


class Broken:
    """A disk that answers nothing."""

    def get(self, key: str) -> bytes:
        raise MemoryError


def test_an_upload_that_breaks_each_time_is_given_up_and_says_so(deps: Deps) -> None:
    upload = begin(deps, MIXED)
    enqueue_upload(deps, upload)
    broken = replace(deps, blobs=Broken())  # type: ignore[arg-type]
    for _ in range(ATTEMPTS + 3):
        assert on_upload(broken) == 0
        deps.queue.release_all()  # type: ignore[attr-defined]
    stored = deps.store.get(Upload, upload.import_id)
    assert stored
    assert (stored.value.state, stored.value.reason) == (UploadState.FAILED, GIVEN_UP)
    assert deps.queue.receive("uploads") == []
    # Whoever takes it up again gets it loaded.
    again = run_upload(deps, upload.import_id)
    assert (again.state, again.reason, again.created) == (UploadState.FINISHED, "", CROWD + 5)
    fail_upload(deps, upload.import_id, GIVEN_UP)
    assert run_upload(deps, upload.import_id).state is UploadState.FINISHED


def test_an_upload_in_hand_when_the_process_ended_is_taken_up_at_the_next_start(deps: Deps) -> None:
    enqueue_upload(deps, begin(deps, MIXED))
    (taken,) = deps.queue.receive("uploads")
    assert deps.queue.receive("uploads") == []
    deps.queue.release_all()  # type: ignore[attr-defined]
    # What the dead process still says does not count.
    deps.queue.done("uploads", taken.receipt)
    assert on_upload(deps) == 1


def test_an_upload_the_queue_was_never_told_of_is_taken_up_by_the_clock(tmp_path: Path) -> None:
    world = build_world(tmp_path, NOW)
    world.put(*EVERYBODY)
    # The process ends between noting the upload and telling the queue.
    upload = start_upload(world.deps, MIXED.encode(), "l.csv", FAIR.campaign_id, BASIS, {}, "eva")
    world.later(minutes=1)
    assert _state(world.deps, upload) is UploadState.READING
    world.later(minutes=2)
    assert _state(world.deps, upload) is UploadState.FINISHED


def _state(deps: Deps, upload: Upload) -> UploadState:
    stored = deps.store.get(Upload, upload.import_id)
    assert stored
    return stored.value.state
