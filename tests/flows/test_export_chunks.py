"""A whole export a few rows at a time, as functions that end after minutes place it: what the rows of one chunk belong
to was written by another. Cut off anywhere, it goes on and comes to the same."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.flows.import_people import CONTESTED, kept_people
from chalicelib.flows.merge_people import ask_merge, work_on_merge
from chalicelib.flows.read_export import reconciled
from chalicelib.flows.redo_upload import mark_redo, redo_upload
from chalicelib.flows.undo_export import A_PART
from chalicelib.flows.undo_upload import MERGED, TOUCHED, mark_undo, undo_upload
from chalicelib.flows.upload_chunks import CHUNKS, begin_upload, place_chunk
from chalicelib.flows.upload_list import refused_rows, run_upload, start_upload
from chalicelib.flows.upload_state import resume_upload, stop_upload, stored_upload
from chalicelib.flows.work_lead import write_note
from chalicelib.records.campaign import Campaign
from chalicelib.records.company import Company, CompanyName, Subsidiary
from chalicelib.records.lead import Lead, Note
from chalicelib.records.merge import Merge
from chalicelib.records.opportunity import Opportunity
from chalicelib.records.ports import Conflict, Deps, Put, Ref
from chalicelib.records.touch import Touch
from chalicelib.records.undo import TakenItems
from chalicelib.records.upload import RowResults, Upload, UploadState
from tests.exports import HUBSPOT, ODOO, SALESFORCE, Tables, zipped
from tests.stories.conftest import MONDAY, World, build_world
from tests.stories.lists import lead_at
from tests.stories.people import EVERYBODY, FAIR

PRODUCTS = {"HubSpot": HUBSPOT, "Salesforce": SALESFORCE, "Odoo": ODOO}


@pytest.fixture
def house(world: World) -> World:
    return furnished(world)


def furnished(world: World) -> World:
    world.put(*EVERYBODY, FAIR, Campaign("autumn-mailing", "Autumn mailing"))
    return world


def started(deps: Deps, tables: Tables) -> Upload:
    return start_upload(deps, zipped(tables), "export.zip", FAIR.campaign_id, "", {}, "eva")


def told(deps: Deps, upload: Upload) -> list[tuple[int, str, str]]:
    """(row, outcome, reason) of each row."""
    return sorted((row, outcome, why) for part in deps.store.query(RowResults, upload.import_id)
                  for row, outcome, _, why in part.value.results)  # fmt: skip


def in_one_go(folder: Path, tables: Tables) -> list[tuple[int, str, str]]:
    deps = furnished(build_world(folder, MONDAY)).deps
    return told(deps, run_upload(deps, started(deps, tables).import_id))


def chunk_by_chunk(deps: Deps, upload: Upload, rows: int) -> Upload:
    begin_upload(deps, upload.import_id, again=False, chunk_rows=rows)
    for number in range(-(-stored_upload(deps, upload.import_id).value.rows // rows)):
        place_chunk(deps, upload.import_id, number, again=False)
        # The same message once more changes nothing.
        place_chunk(deps, upload.import_id, number, again=True)
    return stored_upload(deps, upload.import_id).value


@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize("rows", [1, 4])
def test_in_chunks_it_comes_to_the_same(house: World, tmp_path: Path, product: str, rows: int) -> None:
    deps, tables = house.deps, PRODUCTS[product]
    upload = chunk_by_chunk(deps, started(deps, tables), rows)
    assert upload.state is UploadState.FINISHED
    assert told(deps, upload) == in_one_go(tmp_path / "whole", tables)
    assert all(sum(each.counts.values()) == each.part.rows for each in reconciled(deps, upload))
    errors = deps.blobs.get(f"uploads/{upload.import_id}/errors.csv")
    assert errors
    assert len(errors.decode().splitlines()) == 1 + len(refused_rows(deps, upload.import_id))


def test_it_stops_and_goes_on(house: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.flows.upload_list.CHUNK", 5)
    deps = house.deps
    upload = started(deps, HUBSPOT)
    stop_upload(deps, upload.import_id, "Eva")
    assert run_upload(deps, upload.import_id).done == 0
    resume_upload(deps, upload.import_id)
    assert run_upload(deps, upload.import_id).state is UploadState.FINISHED
    assert told(deps, upload) == in_one_go(tmp_path / "whole", HUBSPOT)


class Dies:
    """A store that is cut off at its n-th group of writes."""

    def __init__(self, store: Any, at: int) -> None:
        self._store, self._left = store, at

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def commit_each(self, groups: Any) -> Any:
        self._left -= 1
        if self._left == 0:
            raise ConnectionError
        return self._store.commit_each(groups)


@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_cut_off_it_goes_on_and_nothing_is_there_twice(house: World, tmp_path: Path, at: int) -> None:
    deps = house.deps
    upload = started(deps, HUBSPOT)
    with suppress(ConnectionError):
        run_upload(replace(deps, store=Dies(deps.store, at)), upload.import_id)
    finished = run_upload(deps, upload.import_id)
    assert finished.state is UploadState.FINISHED
    whole = in_one_go(tmp_path / "whole", HUBSPOT)
    assert [(row, outcome) for row, outcome, _ in told(deps, upload)] == [(row, outcome) for row, outcome, _ in whole]


class Interferes:
    """Somebody changes a person just before they are written."""

    def __init__(self, deps: Deps, turns: int) -> None:
        self._deps, self._left = deps, turns

    def __getattr__(self, name: str) -> Any:
        return getattr(self._deps.store, name)

    def commit_each(self, groups: Any) -> list[Conflict | None]:
        self._left -= 1
        if self._left >= 0 and any(isinstance(write.record, Lead) and write.if_version for write in groups[0]):
            return [Conflict() for _ in groups]
        found: list[Conflict | None] = self._deps.store.commit_each(groups)
        return found


@pytest.mark.parametrize(("turns", "refused"), [(4, 5), (100, 16)])
def test_whom_others_keep_changing_is_tried_again_and_given_up_with_the_reason(
    house: World, turns: int, refused: int
) -> None:
    deps = replace(house.deps, store=Interferes(house.deps, turns))
    upload = run_upload(deps, started(house.deps, HUBSPOT).import_id)
    assert upload.refused == refused
    assert upload.created + upload.merged + upload.attached + upload.refused == upload.rows


def test_of_a_deal_whose_amount_nobody_can_read_that_is_said(house: World) -> None:
    deals = [HUBSPOT["deals.csv"][0], ["9", "X", "Open", "a lot", "", "", "", "101", "", ""]]
    upload = run_upload(house.deps, started(house.deps, {**HUBSPOT, "deals.csv": deals}).import_id)
    assert ("attached", "an amount that cannot be read: a lot") in [(o, why) for _, o, why in told(house.deps, upload)]


def test_an_export_is_no_list_to_the_queue(house: World) -> None:
    upload = started(house.deps, HUBSPOT)
    begin_upload(house.deps, upload.import_id, again=False, chunk_rows=7)
    assert [delivery.body["chunk"] for delivery in house.deps.queue.receive(CHUNKS, limit=9)] == [0]
    assert stored_upload(house.deps, upload.import_id).value.columns == ()


def beside(deps: Deps) -> list[str]:
    kinds = (Note, Opportunity, Touch, Company, CompanyName, Subsidiary)
    return sorted(str(ref) for ref, _ in deps.store.part(0, 1) if ref.kind in kinds)


def test_an_undo_takes_what_lies_beside_people_and_its_undo_brings_it_again(house: World) -> None:
    deps = house.deps
    upload = run_upload(deps, started(deps, HUBSPOT).import_id)

    there = beside(deps)
    for _ in range(2):
        mark_undo(deps, upload.import_id, "Eva")
        assert undo_upload(deps, upload.import_id).taken_back == 4
        assert beside(deps) == []
        mark_redo(deps, upload.import_id, "Eva")
        redo_upload(deps, upload.import_id)
        assert beside(deps) == there


class Meets:
    """A store where somebody acts just before groups of writes, or just after."""

    def __init__(self, deps: Deps, before: Callable[[], None], after: Callable[[], None]) -> None:
        self._store, self._before, self._after = deps.store, before, after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def commit_each(self, groups: Any) -> list[Conflict | None]:
        self._before()
        found: list[Conflict | None] = self._store.commit_each(groups)
        self._after()
        return found


def nothing() -> None:
    """Nobody is in the way."""


def test_a_put_back_that_is_cut_off_behind_the_people_brings_what_lies_beside_them(house: World) -> None:
    deps = house.deps
    upload = run_upload(deps, started(deps, HUBSPOT).import_id)
    there = beside(deps)
    mark_undo(deps, upload.import_id, "Eva")
    undo_upload(deps, upload.import_id)
    mark_redo(deps, upload.import_id, "Eva")

    def dies() -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        redo_upload(replace(deps, store=Meets(deps, nothing, dies)), upload.import_id)
    assert beside(deps) != there
    assert redo_upload(deps, upload.import_id).state is UploadState.FINISHED
    assert beside(deps) == there


MANY_NOTES = [[f"n{n}", f"note {n}", "2025-03-03 12:00", "", "101", "", "NOTE"] for n in range(2 * A_PART + 3)]


def with_many_notes(deps: Deps) -> tuple[Upload, Lead, list[str]]:
    """Loaded for somebody with more than one transaction holds; what lies beside everybody by now."""
    tables = {**HUBSPOT, "notes.csv": [HUBSPOT["notes.csv"][0], *MANY_NOTES]}
    upload = run_upload(deps, started(deps, tables).import_id)
    jola = lead_at(deps, "jola@beispiel.example.com")
    assert jola
    return upload, jola, beside(deps)


def test_who_is_worked_on_while_they_are_being_taken_back_keeps_all_that_came(house: World) -> None:
    deps = house.deps
    upload, jola, there = with_many_notes(deps)
    notes = {stored.value.note_id: stored.value for stored in deps.store.query(Note, jola.lead_id)}
    again: list[Note] = []

    def worked_on() -> None:
        if not again:
            left = {stored.value.note_id for stored in deps.store.query(Note, jola.lead_id)}
            # The same export is loaded again: a note of those that were just taken is there anew.
            again.append(replace(next(note for own, note in notes.items() if own not in left), text="anew"))
            deps.store.commit([Put(again[0], 0)])
            write_note(deps, jola.lead_id, "note", "called", EVERYBODY[0])

    mark_undo(deps, upload.import_id, "Eva")
    undo_upload(replace(deps, store=Meets(deps, worked_on, nothing)), upload.import_id)
    assert dict(kept_people(deps, upload.import_id)) == {jola.lead_id: TOUCHED}
    found = {stored.value.note_id: stored.value for stored in deps.store.query(Note, jola.lead_id)}
    assert {own: found[own] for own in notes} == {**notes, again[0].note_id: again[0]}
    assert {each for each in there if f"'{jola.lead_id}'" in each} <= set(beside(deps))
    assert not deps.store.query(TakenItems, jola.lead_id)


def test_whom_others_keep_changing_keeps_all_that_came(house: World) -> None:
    deps = house.deps
    upload, jola, there = with_many_notes(deps)

    class Contests(Meets):
        def commit_each(self, groups: Any) -> list[Conflict | None]:
            return [Conflict() for _ in groups]

    mark_undo(deps, upload.import_id, "Eva")
    undo_upload(replace(deps, store=Contests(deps, nothing, nothing)), upload.import_id)
    assert set(dict(kept_people(deps, upload.import_id)).values()) == {CONTESTED}
    assert beside(deps) == there
    assert not deps.store.query(TakenItems, jola.lead_id)


def test_who_is_merged_while_they_are_being_taken_back_has_all_that_came_with_the_other_record(house: World) -> None:
    deps = house.deps
    upload, jola, _ = with_many_notes(deps)
    notes = {stored.value.text for stored in deps.store.query(Note, jola.lead_id)}
    touches = len(deps.store.query(Touch, jola.lead_id))
    timo = lead_at(deps, "timo@werk.example.com")
    assert timo
    mine = len(deps.store.query(Touch, timo.lead_id))

    def merged() -> None:
        if deps.store.get(Lead, jola.lead_id):
            assert deps.store.query(TakenItems, jola.lead_id)
            ask_merge(deps, timo.lead_id, jola.lead_id, "eva")
            work_on_merge(deps, Ref(Merge, (jola.lead_id,)))

    mark_undo(deps, upload.import_id, "Eva")
    undo_upload(replace(deps, store=Meets(deps, merged, nothing)), upload.import_id)
    assert dict(kept_people(deps, upload.import_id))[jola.lead_id] == MERGED
    assert {stored.value.text for stored in deps.store.query(Note, timo.lead_id)} >= notes
    assert len(deps.store.query(Touch, timo.lead_id)) == mine + touches
    assert not deps.store.query(TakenItems, jola.lead_id)
    assert not deps.store.query(Note, jola.lead_id)
