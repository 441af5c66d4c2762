"""A list in steps, each a message that may come again: it ends as if it had been loaded in one go."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.flows.read_list import source_key
from chalicelib.flows.sweep_clocks import sweep
from chalicelib.flows.upload_chunks import CHUNKS, NEVER_CAME, begin_upload, place_chunk
from chalicelib.flows.upload_list import error_key, run_upload, start_upload
from chalicelib.flows.upload_state import TOPIC
from chalicelib.handlers.on_chunk import on_chunk
from chalicelib.handlers.on_upload import GIVEN_UP, take_uploads
from chalicelib.records.deliveries import Delivery
from chalicelib.records.ports import Deps, Put
from chalicelib.records.queue_ports import ATTEMPTS
from chalicelib.records.upload import RowResults, Upload, UploadState
from tests.flows.test_upload_resumption import CutOff, DiesAtOutcomes, rows_of
from tests.handlers.desk import NOW
from tests.stories.conftest import World, build_world
from tests.stories.people import EVERYBODY, FAIR

ROWS = 7
TEXT = "name,email,country\n" + "".join(
    f"Guest {n:02d}x,g{n % 17}@customer{n % 17}.example.com,US\n" if n % 5 else ",=1+1,US\n" for n in range(20)
)
REFUSED = 4


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = build_world(tmp_path, NOW)
    made.put(*EVERYBODY)
    return made


def begin(deps: Deps, text: str = TEXT) -> Upload:
    return start_upload(deps, text.encode(), "cards.csv", FAIR.campaign_id, "", {}, "eva")


def stored(deps: Deps, upload: Upload) -> Upload:
    found = deps.store.get(Upload, upload.import_id)
    assert found
    return found.value


def taken(deps: Deps) -> list[int]:
    """The chunks that were asked for, taken from the queue."""
    deliveries = deps.queue.receive(CHUNKS, 10)
    for delivery in deliveries:
        deps.queue.done(CHUNKS, delivery.receipt)
    return [delivery.body["chunk"] for delivery in deliveries]


def finish(deps: Deps, upload: Upload) -> Upload:
    while chunks := taken(deps):
        for number in chunks:
            place_chunk(deps, upload.import_id, number, again=False)
    return stored(deps, upload)


def outcome(deps: Deps, upload: Upload) -> tuple[Any, ...]:
    # Ids differ from store to store; the row and what became of it do not.
    rows = [(row, outcome, bool(lead_id), reason) for row, outcome, lead_id, reason in rows_of(deps, upload)]
    made = stored(deps, upload)
    return (made.state, made.rows, made.done, made.created, made.merged, made.refused, made.reason, rows,
            deps.blobs.get(error_key(upload.import_id)))  # fmt: skip


@pytest.fixture
def in_one_go(tmp_path: Path) -> tuple[Any, ...]:
    other = build_world(tmp_path / "other", NOW)
    other.put(*EVERYBODY)
    upload = begin(other.deps)
    run_upload(other.deps, upload.import_id)
    return outcome(other.deps, upload)


def test_steps_come_to_what_one_go_comes_to(world: World, in_one_go: tuple[Any, ...]) -> None:
    upload = begin(world.deps)
    begin_upload(world.deps, upload.import_id, again=False, chunk_rows=ROWS)
    assert stored(world.deps, upload).state is UploadState.RUNNING
    assert len(world.deps.blobs.list(f"uploads/{upload.import_id}/rows/")) == 3
    finish(world.deps, upload)
    assert outcome(world.deps, upload) == in_one_go
    assert in_one_go[5] == REFUSED
    assert world.deps.blobs.list(f"uploads/{upload.import_id}/rows/") == []


def test_nothing_of_a_file_that_is_no_list_is_placed(world: World) -> None:
    upload = begin(world.deps, "name,email\n")
    begin_upload(world.deps, upload.import_id, again=False)
    assert stored(world.deps, upload).state is UploadState.REFUSED
    assert taken(world.deps) == []


@pytest.mark.parametrize("cut_at", [0, 1, 2], ids=lambda n: f"chunk {n}")
def test_a_chunk_cut_off_before_its_outcomes_ends_with_the_same_ones(
    world: World, in_one_go: tuple[Any, ...], cut_at: int
) -> None:
    upload = begin(world.deps)
    begin_upload(world.deps, upload.import_id, again=False, chunk_rows=ROWS)
    for number in range(cut_at):
        assert taken(world.deps) == [number]
        place_chunk(world.deps, upload.import_id, number, again=False)
    assert taken(world.deps) == [cut_at]
    dying = replace(world.deps, store=DiesAtOutcomes(world.deps.store))  # type: ignore[arg-type]
    with pytest.raises(CutOff):
        place_chunk(dying, upload.import_id, cut_at, again=False)
    place_chunk(world.deps, upload.import_id, cut_at, again=True)
    finish(world.deps, upload)
    assert outcome(world.deps, upload) == in_one_go


def test_every_message_twice_changes_nothing(world: World, in_one_go: tuple[Any, ...]) -> None:
    upload = begin(world.deps)
    for again in (False, False, True):
        begin_upload(world.deps, upload.import_id, again, chunk_rows=ROWS)
    while chunks := taken(world.deps):
        for number in (*chunks, *chunks):
            place_chunk(world.deps, upload.import_id, number, again=False)
    people = world.deps.store.counts()["Lead"]
    for number in range(3):
        place_chunk(world.deps, upload.import_id, number, again=True)
    begin_upload(world.deps, upload.import_id, again=True)
    assert taken(world.deps) == []
    assert outcome(world.deps, upload) == in_one_go
    assert world.deps.store.counts()["Lead"] == people


def test_who_died_before_asking_for_the_next_chunk_is_followed_by_somebody_who_asks(world: World) -> None:
    upload = begin(world.deps)
    begin_upload(world.deps, upload.import_id, again=False, chunk_rows=ROWS)
    taken(world.deps)
    # The message for the first chunk comes again: its outcomes are there, the next chunk was never asked for.
    place_chunk(world.deps, upload.import_id, 0, again=False)
    taken(world.deps)
    place_chunk(world.deps, upload.import_id, 0, again=True)
    assert taken(world.deps) == [1]
    # The same where the upload was begun but its first chunk never asked for.
    begin_upload(world.deps, upload.import_id, again=True)
    assert taken(world.deps) == [1]


def test_one_that_was_begun_goes_on_with_chunks_of_the_same_length(world: World, in_one_go: tuple[Any, ...]) -> None:
    upload = begin(world.deps)
    begin_upload(world.deps, upload.import_id, again=False, chunk_rows=ROWS)
    taken(world.deps)
    place_chunk(world.deps, upload.import_id, 0, again=False)
    taken(world.deps)
    failed = replace(stored(world.deps, upload), state=UploadState.FAILED, reason=GIVEN_UP)
    world.deps.store.commit([Put(failed)])
    begin_upload(world.deps, upload.import_id, again=True, chunk_rows=ROWS + 2)
    finish(world.deps, upload)
    assert outcome(world.deps, upload) == in_one_go
    assert [chunk.value.chunk for chunk in world.deps.store.query(RowResults, upload.import_id)] == [0, 1, 2]


def message(body: dict[str, Any], attempt: int = 1) -> Delivery:
    return Delivery(body, f"receipt {body} {attempt}", attempt)


class Broken:
    """A disk that answers nothing."""

    def get(self, key: str) -> bytes:
        raise MemoryError


def test_an_upload_has_failed_at_its_last_attempt_until_it_is_proven_otherwise(world: World) -> None:
    upload = begin(world.deps)
    broken = replace(world.deps, blobs=Broken())  # type: ignore[arg-type]
    for attempt in range(1, ATTEMPTS + 1):
        delivery = message({"import_id": upload.import_id}, attempt)
        assert take_uploads(broken, [delivery], BUCKET) == [delivery.receipt]
    assert (stored(world.deps, upload).state, stored(world.deps, upload).reason) == (UploadState.FAILED, GIVEN_UP)
    assert take_uploads(world.deps, [message({"import_id": upload.import_id}, ATTEMPTS)], BUCKET) == []
    assert finish(world.deps, upload).state is UploadState.FINISHED
    assert stored(world.deps, upload).reason == ""


def test_a_chunk_that_breaks_each_time_leaves_an_upload_that_says_so_and_can_be_taken_up(world: World) -> None:
    upload = begin(world.deps)
    begin_upload(world.deps, upload.import_id, again=False, chunk_rows=ROWS)
    broken = replace(world.deps, blobs=Broken())  # type: ignore[arg-type]
    body = {"import_id": upload.import_id, "chunk": 0}
    for attempt in range(1, ATTEMPTS + 1):
        assert len(on_chunk(broken, [message(body, attempt)])) == 1
    assert stored(world.deps, upload).state is UploadState.FAILED
    assert on_chunk(world.deps, [message(body, ATTEMPTS)]) == []
    assert finish(world.deps, upload).state is UploadState.FINISHED


def test_one_bad_message_holds_up_no_other(world: World) -> None:
    upload = begin(world.deps)
    begin_upload(world.deps, upload.import_id, again=False, chunk_rows=ROWS)
    good = message({"import_id": upload.import_id, "chunk": 0})
    bad = [message({"import_id": upload.import_id}), message({"import_id": "nobody", "chunk": 0})]
    assert on_chunk(world.deps, [bad[0], good, bad[1]]) == [delivery.receipt for delivery in bad]
    assert stored(world.deps, upload).done == ROWS


BUCKET = "leadline-lists"


def arrived(key: str) -> dict[str, Any]:
    """As the bucket tells of a new object: the key quoted as in a form."""
    return {
        "Records": [
            {"eventName": "ObjectCreated:Post", "s3": {"bucket": {"name": BUCKET}, "object": {"key": key, "size": 9}}}
        ]
    }


def test_the_buckets_word_of_a_file_begins_its_upload(world: World) -> None:
    upload = begin(world.deps)
    told = [arrived(source_key(upload.import_id)), {"Event": "s3:TestEvent", "Bucket": "b"}, arrived("uploads/a%2Bb/c")]
    assert take_uploads(world.deps, [message(body) for body in told], BUCKET) == []
    assert finish(world.deps, upload).state is UploadState.FINISHED


def test_a_file_nobody_announced_is_let_be(world: World) -> None:
    assert take_uploads(world.deps, [message(arrived(source_key("nobody")))], BUCKET) == []


def waiting(world: World, **kept: bytes) -> Upload:
    upload = replace(begin(world.deps), file_by=world.now + timedelta(hours=1))
    world.put(upload)
    if not kept:
        world.deps.blobs.delete(source_key(upload.import_id))
    return upload


def test_a_file_that_never_came_fails_its_upload(world: World) -> None:
    upload = waiting(world)
    sweep(world.deps)
    assert stored(world.deps, upload).state is UploadState.READING
    world.now += timedelta(hours=1, minutes=1)
    sweep(world.deps)
    assert (stored(world.deps, upload).state, stored(world.deps, upload).reason) == (UploadState.FAILED, NEVER_CAME)
    assert sweep(world.deps).done == 0


def test_a_file_whose_notice_was_lost_is_taken_up(world: World) -> None:
    upload = waiting(world, source=b"kept")
    world.now += timedelta(hours=1, minutes=1)
    sweep(world.deps)
    assert [delivery.body for delivery in world.deps.queue.receive(TOPIC)] == [{"import_id": upload.import_id}]
    assert stored(world.deps, upload).state is UploadState.READING
    assert sweep(world.deps).done == 0


def test_a_late_word_about_an_upload_that_ended_changes_nothing(world: World) -> None:
    upload = begin(world.deps)
    run_upload(world.deps, upload.import_id)
    before = world.deps.store.counts()
    take_uploads(world.deps, [message({"import_id": upload.import_id}, ATTEMPTS)], BUCKET)
    on_chunk(world.deps, [message({"import_id": upload.import_id, "chunk": 0}, ATTEMPTS)])
    assert stored(world.deps, upload).state is UploadState.FINISHED
    assert world.deps.store.counts() == before
