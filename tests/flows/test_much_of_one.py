"""One person in very many rows: what is written of them, and taken back, is never more than one transaction holds."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.flows.import_people import kept_people
from chalicelib.flows.note_before import MOST_KEYS
from chalicelib.flows.redo_upload import mark_redo, redo_upload
from chalicelib.flows.row_desk import GIVEN_UP, GIVEN_UP_BUT_NO
from chalicelib.flows.undo_upload import mark_undo, undo_upload
from chalicelib.flows.upload_chunks import begin_upload, place_chunk
from chalicelib.flows.upload_list import refused_rows, run_upload, start_upload
from chalicelib.flows.upload_state import stored_upload
from chalicelib.records.lead import Lead
from chalicelib.records.ports import MOST_WRITES, Conflict, Deps
from chalicelib.records.undo import BeforeImport
from tests.stories.conftest import World
from tests.stories.lists import lead_at, state
from tests.stories.people import EVERYBODY, FAIR

HEAD = "name,email,phone,company,product interest,note\n"
# Another number, product and note in each row, and in every other one a family name that makes it doubtful who it is.
ROWS = "".join(
    f"Jana Beispiel,jana@customer.example.com,+49 30 231250{n:02d},,product {n},note {n}\n"
    f"{'Jan' if n % 2 else 'Jens'} Beispiel,,+49 30 231250{n:02d},,,\n"
    for n in range(100)
)  # fmt: skip


class Counts:
    """How many writes the largest transaction held."""

    def __init__(self, store: Any) -> None:
        self._store, self.most = store, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def commit(self, writes: Sequence[Any]) -> None:
        self.most = max(self.most, len(writes))
        self._store.commit(writes)

    def commit_each(self, groups: Any) -> list[Conflict | None]:
        self.most = max([self.most, *(len(group) for group in groups)])
        found: list[Conflict | None] = self._store.commit_each(groups)
        return found


def load(deps: Deps, rows: str, chunk_rows: int) -> str:
    upload = start_upload(deps, (HEAD + rows).encode(), "l.csv", FAIR.campaign_id, "consent", {}, "eva")
    begin_upload(deps, upload.import_id, again=False, chunk_rows=chunk_rows)
    for number in range(-(-stored_upload(deps, upload.import_id).value.rows // chunk_rows)):
        place_chunk(deps, upload.import_id, number, again=False)
    return upload.import_id


@pytest.mark.parametrize("chunk_rows", [500, 30, 1])
@pytest.mark.parametrize("known", [False, True])
def test_nobody_is_written_or_taken_back_by_more_than_one_transaction_holds(
    world: World, chunk_rows: int, known: bool
) -> None:
    world.put(*EVERYBODY, FAIR, replace(FAIR, campaign_id="before", name="Before"))
    store = Counts(world.deps.store)
    deps = replace(world.deps, store=store)
    if known:
        upload = start_upload(
            deps, b"name,email\nJana Beispiel,jana@customer.example.com\n", "l.csv", "before", "", {}, ""
        )
        run_upload(deps, upload.import_id)
    before = state(deps)
    import_id = load(deps, ROWS, chunk_rows)
    after = state(deps)
    jana = lead_at(deps, "jana@customer.example.com")
    assert jana
    note = deps.store.get(BeforeImport, jana.lead_id, import_id)
    assert note
    assert len(note.value.keys) == MOST_KEYS
    assert len(deps.store.refs_of(jana.lead_id)) < MOST_WRITES
    for ask, do, becomes in ((mark_undo, undo_upload, before), (mark_redo, redo_upload, after)):
        ask(deps, import_id, "Eva")
        do(deps, import_id)
        assert kept_people(deps, import_id) == []
        assert state(deps) == becomes
    assert 50 < store.most <= MOST_WRITES


class Contests:
    """Somebody else is first whenever a known person is written with a list's rows."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def commit_each(self, groups: Any) -> list[Conflict | None]:
        return [Conflict() for _ in groups]


def test_the_no_of_a_row_that_is_given_up_counts_and_the_row_says_so(world: World) -> None:
    world.put(*EVERYBODY, FAIR)
    rows = (
        "name,email,unsubscribed\nJana Beispiel,jana@customer.example.com,yes\nTimo Muster,timo@customer.example.net,\n"
    )
    people = rows.replace("yes", "")
    first = start_upload(world.deps, people.encode(), "l.csv", "before", "", {}, "eva")
    run_upload(world.deps, first.import_id)
    deps = replace(world.deps, store=Contests(world.deps.store))
    upload = start_upload(deps, rows.encode(), "l.csv", FAIR.campaign_id, "", {}, "eva")
    assert run_upload(deps, upload.import_id).refused == 2
    assert refused_rows(world.deps, upload.import_id) == [(1, GIVEN_UP_BUT_NO), (2, GIVEN_UP)]
    jana, timo = lead_at(world.deps, "jana@customer.example.com"), lead_at(world.deps, "timo@customer.example.net")
    assert isinstance(jana, Lead)
    assert isinstance(timo, Lead)
    assert jana.opted_out_at == world.now
    assert timo.opted_out_at is None
    assert jana.campaign_ids == ("before",)
