"""Drafts: loaded once, previewed as they are, dropped when they are many."""

from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.capture.columns import WHICH_ORDER
from chalicelib.flows.draft_upload import (
    DRAFTS_KEPT,
    choose_columns,
    keep_draft,
    load_draft,
    preview_draft,
    read_draft,
)
from chalicelib.records.ports import NotFound
from chalicelib.records.upload import Upload
from tests.flows.rivals import with_rivals
from tests.handlers.desk import Desk, open_desk

LIST = b"name,email\nJana Beispiel,jana@customer.example.com\n"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_desk(tmp_path)


def test_two_clicks_at_the_same_moment_start_one_upload(desk: Desk) -> None:
    deps = desk.world.deps
    draft = keep_draft(deps, LIST, "a.csv", "fair", "", "anna")
    other: list[str] = []
    first = load_draft(with_rivals(deps, lambda: other.append(load_draft(deps, draft))), draft)
    assert [first] == other
    assert [stored.value.import_id for stored in deps.store.query(Upload)] == [first]


def test_a_draft_loaded_by_the_other_click_is_not_there_any_more(desk: Desk) -> None:
    draft = keep_draft(desk.world.deps, LIST, "a.csv", "fair", "", "anna")
    load_draft(desk.world.deps, draft)
    with pytest.raises(NotFound):
        load_draft(desk.world.deps, draft)


def test_columns_of_a_file_that_is_refused_cannot_be_chosen(desk: Desk) -> None:
    draft = keep_draft(desk.world.deps, b"%PDF-", "a.pdf", "fair", "", "anna")
    assert choose_columns(desk.world.deps, draft, {0: "email"}).mapping == {}
    assert preview_draft(desk.world.deps, draft).columns == ()


def test_only_the_newest_drafts_are_kept(desk: Desk) -> None:
    deps = desk.world.deps
    drafts = [keep_draft(deps, LIST, "a.csv", "fair", "", "anna") for _ in range(DRAFTS_KEPT + 2)]
    for old in drafts[:2]:
        with pytest.raises(NotFound):
            read_draft(deps, old.draft_id, "anna")
    assert read_draft(deps, drafts[2].draft_id, "anna") == drafts[2]
    assert len(deps.blobs.list("drafts/")) == 2 * DRAFTS_KEPT


def test_what_was_chosen_for_a_column_stays_chosen(desk: Desk) -> None:
    draft = keep_draft(desk.world.deps, LIST, "a.csv", "fair", "", "anna")
    draft = choose_columns(desk.world.deps, draft, {0: "company"})
    draft = choose_columns(desk.world.deps, draft, {0: "company", 1: "email"})
    assert draft.mapping == {"name": "company"}


def test_a_column_made_one_of_dates_by_hand_is_read_in_the_order_the_others_show(desk: Desk) -> None:
    deps = desk.world.deps

    def chosen(*dates: str) -> tuple[str, str]:
        rows = "".join(f"Jana Beispiel,jana{n}@customer.example.com,{day}\n" for n, day in enumerate(dates))
        draft = keep_draft(deps, b"name,email,messe\n" + rows.encode(), "a.csv", "fair", "", "anna")
        guess = preview_draft(deps, choose_columns(deps, draft, {2: "created_at"})).columns[2].guess
        return guess.field, guess.reason

    assert chosen("05/06/2026", "03.04.2026") == ("created_at_dmy", "the day comes first: 03.04.2026")
    assert chosen("05/06/2026") == ("created_at", f"{WHICH_ORDER}: 05/06/2026")


def test_a_load_cut_off_before_the_queue_was_told_is_told_by_the_second_click(desk: Desk) -> None:
    class Died(BaseException):
        pass

    class Deaf:
        def send(self, topic: str, body: object) -> None:
            raise Died

    deps = desk.world.deps
    draft = keep_draft(deps, LIST, "a.csv", "fair", "", "anna")
    with pytest.raises(Died):
        load_draft(replace(deps, queue=Deaf()), draft)  # type: ignore[arg-type]
    assert load_draft(deps, draft) == draft.draft_id
    assert [delivery.body["import_id"] for delivery in deps.queue.receive("uploads")] == [draft.draft_id]
    assert deps.blobs.list("drafts/") == []


def test_a_file_loaded_before_is_told_with_its_campaign(desk: Desk) -> None:
    deps = desk.world.deps
    load_draft(deps, keep_draft(deps, LIST, "a.csv", "fair", "", "anna"))
    again = preview_draft(deps, keep_draft(deps, LIST, "a.csv", "Spring Fair", "", "anna"))
    assert again.before
    assert again.same_campaign
    other = keep_draft(deps, LIST, "a.csv", "ads", "", "anna")
    assert preview_draft(deps, other).before == again.before
    assert not preview_draft(deps, other).same_campaign
    load_draft(deps, other)
    assert preview_draft(deps, keep_draft(deps, LIST, "a.csv", "fair", "", "anna")).before == again.before
