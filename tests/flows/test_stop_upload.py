"""A list that somebody stops, and lets go on."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.flows.draft_upload import keep_draft, preview_draft
from chalicelib.flows.explain_rows import RowKind, RowPreview
from chalicelib.flows.upload_chunks import CHUNKS, begin_upload, place_chunk
from chalicelib.flows.upload_list import run_upload, start_upload
from chalicelib.flows.upload_state import TOPIC, fail_upload, is_stopped, resume_upload, stop_upload, stored_upload
from chalicelib.records.ports import Deps
from chalicelib.records.upload import RowResults, Upload, UploadState
from tests.stories.conftest import World
from tests.stories.people import EVERYBODY, FAIR

ROWS = "name,email\n" + "".join(f"Guest{chr(97 + n)} Ann,g{n}@customer{n}.example.com\n" for n in range(10))


class StopsAt:
    """A store that is told to stop at its n-th group of people."""

    def __init__(self, deps: Deps, import_id: str, at: int) -> None:
        self._deps, self._import_id, self._left = deps, import_id, at

    def __getattr__(self, name: str) -> Any:
        return getattr(self._deps.store, name)

    def commit_each(self, groups: Any) -> Any:
        self._left -= 1
        if self._left == 0:
            stop_upload(self._deps, self._import_id, "Eva")
        return self._deps.store.commit_each(groups)


@pytest.fixture
def started(world: World, monkeypatch: pytest.MonkeyPatch) -> Upload:
    monkeypatch.setattr("chalicelib.flows.upload_list.CHUNK", 4)
    world.put(*EVERYBODY, FAIR)
    return start_upload(world.deps, ROWS.encode(), "l.csv", FAIR.campaign_id, "", {}, "eva")


def rows(deps: Deps, upload: Upload) -> list[int]:
    return [row[0] for part in deps.store.query(RowResults, upload.import_id) for row in part.value.results]


def test_a_list_stops_behind_the_rows_in_work_and_goes_on_where_it_stands(world: World, started: Upload) -> None:
    deps = world.deps
    stopping: Any = StopsAt(deps, started.import_id, 2)
    stopped = run_upload(replace(deps, store=stopping), started.import_id)
    assert (stopped.state, stopped.reason, stopped.done) == (UploadState.FAILED, "stopped by: Eva", 8)
    assert is_stopped(stopped)
    assert not is_stopped(resume_upload(deps, started.import_id))
    assert [d.body["import_id"] for d in deps.queue.receive(TOPIC)] == [started.import_id]
    finished = run_upload(deps, started.import_id)
    assert (finished.state, finished.created, finished.reason) == (UploadState.FINISHED, 10, "")
    assert rows(deps, finished) == list(range(1, 11))


def test_a_list_in_chunks_stops_too(world: World, started: Upload) -> None:
    deps = world.deps
    begin_upload(deps, started.import_id, again=False, chunk_rows=4)

    def work() -> int:
        placed = 0
        while deliveries := deps.queue.receive(CHUNKS, 1):
            place_chunk(deps, started.import_id, int(deliveries[0].body["chunk"]), again=False)
            deps.queue.done(CHUNKS, deliveries[0].receipt)
            placed += 1
        return placed

    stop_upload(deps, started.import_id, "Eva")
    assert work() == 1
    assert rows(deps, started) == []
    resume_upload(deps, started.import_id)
    begin_upload(deps, started.import_id, again=False)
    work()
    stored = deps.store.get(Upload, started.import_id)
    assert stored
    assert (stored.value.state, stored.value.created) == (UploadState.FINISHED, 10)


def test_a_chunk_during_which_somebody_stopped_is_the_last(world: World, started: Upload) -> None:
    deps = world.deps
    begin_upload(deps, started.import_id, again=False, chunk_rows=4)
    stopping: Any = StopsAt(deps, started.import_id, 1)
    deps.queue.receive(CHUNKS, 1)
    place_chunk(replace(deps, store=stopping), started.import_id, 0, again=False)
    assert rows(deps, started) == [1, 2, 3, 4]
    assert not deps.queue.receive(CHUNKS, 1)


def test_a_list_that_was_stopped_before_it_began_waits_to_be_let_go_on(world: World, started: Upload) -> None:
    deps = world.deps
    stop_upload(deps, started.import_id, "Eva")
    assert is_stopped(run_upload(deps, started.import_id))
    begin_upload(deps, started.import_id, again=False)
    assert (rows(deps, started), deps.queue.receive(CHUNKS, 1)) == ([], [])
    resume_upload(deps, started.import_id)
    assert run_upload(deps, started.import_id).created == 10


@pytest.mark.parametrize("work", [run_upload, lambda deps, import_id: begin_upload(deps, import_id, again=False)])
def test_a_list_that_is_stopped_while_it_is_read_does_not_begin(
    world: World, started: Upload, monkeypatch: pytest.MonkeyPatch, work: Callable[[Deps, str], Any]
) -> None:
    deps = world.deps

    def stopped_meanwhile(*_: Any) -> None:
        stop_upload(deps, started.import_id, "Eva")

    for module in ("upload_list", "upload_chunks"):
        monkeypatch.setattr(f"chalicelib.flows.{module}.remember_columns", stopped_meanwhile)
    work(deps, started.import_id)
    assert is_stopped(stored_upload(deps, started.import_id).value)
    assert (rows(deps, started), deps.queue.receive(CHUNKS, 1)) == ([], [])


def test_what_has_ended_or_failed_by_itself_is_not_stopped(world: World, started: Upload) -> None:
    deps = world.deps
    fail_upload(deps, started.import_id, "broken off")
    assert stop_upload(deps, started.import_id, "Eva").reason == "broken off"
    resume_upload(deps, started.import_id)
    finished = run_upload(deps, started.import_id)
    assert stop_upload(deps, started.import_id, "Eva") == finished
    assert resume_upload(deps, started.import_id) == finished


def test_a_preview_says_of_each_row_what_would_become_of_it(world: World, started: Upload) -> None:
    deps = world.deps
    run_upload(deps, started.import_id)
    known = deps.store.query(RowResults, started.import_id)[0].value.results[0][2]
    data = (
        b"name,email,company,shoe size\nGuesta Ann,g0@customer0.example.com,Firm,43\n"
        b"Guestb Ann,g1@customer1.example.com,,\n"
        b"Nora New,nora@new.example.com,,\nNora New,nora@new.example.com,,44\n,,nothing,\n"
    )
    preview = preview_draft(deps, keep_draft(deps, data, "l.csv", FAIR.campaign_id, "", "eva"))
    update, duplicate, new, again, bad = preview.explained
    assert (update.kind, update.who, update.lead_id) == (RowKind.UPDATE, "Guesta Ann", known)
    assert update.changes == (("company", "", "Firm"), ("shoe size", "", "43"))
    assert duplicate.kind is RowKind.DUPLICATE
    assert "same e-mail" in duplicate.why
    assert (new.kind, new.who, new.lead_id) == (RowKind.NEW, "Nora New", "")
    assert (again.kind, again.of_row, again.changes) == (RowKind.UPDATE, 3, (("shoe size", "", "44"),))
    assert bad == RowPreview(5, RowKind.BAD, why="no name, e-mail or phone")
