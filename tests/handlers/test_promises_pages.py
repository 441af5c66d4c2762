"""The promise ledger on the lead's page, as a page of its own and on the customer's status page."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from chalicelib.flows.keep_promises import Promised, give_promise
from chalicelib.records.promise import Promise, PromiseState
from tests.handlers.desk import Desk, given_to, open_desk
from tests.stories.conftest import HTML
from tests.stories.people import ANNA, BEN

TWO_WEEKS = Promised("delivery date", "Within two weeks", date(2026, 3, 6))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = open_desk(tmp_path)
    made.ask()
    given_to(made, made.lead_path(), "anna")
    return made


def log(desk: Desk, path: str, kind: str = "call", **fields: str):
    said = {"promise_subject": "delivery date", "promise": "Within four weeks", "promise_due": "2026-03-06"}
    return desk.post(f"{path}/note", kind=kind, text="", **{**said, **fields})


def promises(desk: Desk, path: str) -> list[Promise]:
    return [stored.value for stored in desk.world.deps.store.query(Promise, path.rpartition("/")[2])]


def test_a_call_and_its_promise_are_logged_in_one_form(desk: Desk) -> None:
    path = desk.lead_path()
    assert log(desk, path).status_code == 303
    (made,) = promises(desk, path)
    assert (made.promised_by, made.subject, made.text, made.source) == (
        "ada",
        "delivery date",
        "Within four weeks",
        "call",
    )
    page = desk.page(path)
    assert "Within four weeks" in page
    assert "promised by Ada Example" in page


def test_a_promise_alone_needs_no_words_of_a_note(desk: Desk) -> None:
    path = desk.lead_path()
    assert log(desk, path, "note").status_code == 303
    assert len(promises(desk, path)) == 1


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"promise": ""}, "promise"),
        ({"promise_due": ""}, "promise_due"),
        ({"promise_due": "2026-03-01"}, "promise_due"),
        ({"promise_due": "2096-03-01"}, "promise_due"),
        ({"promise_due": "soon"}, "promise_due"),
        ({"promise_subject": ""}, "promise_subject"),
    ],
)
def test_a_promise_begun_must_be_whole_and_what_was_typed_is_kept(
    desk: Desk, changed: dict[str, str], field: str
) -> None:
    path = desk.lead_path()
    answer = log(desk, path, **changed)
    assert answer.status_code == 422
    assert f'name="{field}"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert promises(desk, path) == []


def test_a_word_of_ones_own_names_the_subject(desk: Desk) -> None:
    path = desk.lead_path()
    log(desk, path, promise_subject="", promise_other="Packaging")
    assert promises(desk, path)[0].subject == "Packaging"


def test_a_promise_is_kept_and_opened_again_from_the_leads_page(desk: Desk) -> None:
    path = desk.lead_path()
    log(desk, path)
    (made,) = promises(desk, path)
    step = f"{path}/promises/{made.promise_id}"
    assert desk.post(step, path, step="kept").headers["location"] == f"{path}?done=promise"
    assert promises(desk, path)[0].state is PromiseState.KEPT
    desk.post(step, path, step="reopened")
    assert promises(desk, path)[0].state is PromiseState.OPEN


def test_withdrawing_needs_what_the_customer_was_told(desk: Desk) -> None:
    path = desk.lead_path()
    log(desk, path)
    step = f"{path}/promises/{promises(desk, path)[0].promise_id}"
    assert desk.post(step, path, step="withdrawn").status_code == 422
    desk.post(step, path, step="withdrawn", reason="they bought elsewhere")
    assert promises(desk, path)[0].state is PromiseState.WITHDRAWN
    assert "they bought elsewhere" in desk.page(path)


def test_a_step_a_colleague_was_quicker_with_is_told_and_changes_nothing(desk: Desk) -> None:
    path = desk.lead_path()
    log(desk, path)
    step = f"{path}/promises/{promises(desk, path)[0].promise_id}"
    desk.post(step, path, step="kept", ledger="due")
    assert desk.post(step, path, step="kept", ledger="due").status_code == 409
    assert desk.post(step, path, step="kept").status_code == 409


def test_the_ledger_lists_what_is_due_and_comes_back_after_a_step(desk: Desk) -> None:
    path = desk.lead_path()
    log(desk, path)
    desk.world.work()
    assert "Within four weeks" in desk.page("/app/promises")
    step = f"{path}/promises/{promises(desk, path)[0].promise_id}"
    answer = desk.post(step, "/app/promises", step="kept", ledger="due")
    assert answer.headers["location"] == "/app/promises?ledger=due&done=promise"
    desk.world.work()
    assert "Within four weeks" not in desk.page("/app/promises")
    assert "Within four weeks" in desk.page("/app/promises?ledger=kept")


def test_promises_that_contradict_each_other_are_shown_to_whoever_sees_one_of_them(desk: Desk) -> None:
    path = desk.lead_path()
    desk.ask(name="Jonas Beispiel", email="jonas@customer.example.com", phone="+49 30 654321")
    other = desk.lead_path("jonas")
    given_to(desk, other, "ben")
    log(desk, path)
    give_promise(desk.world.deps, other.rpartition("/")[2], BEN, TWO_WEEKS)
    desk.world.work()
    for page in (desk.page("/app/promises?ledger=contradictions"), desk.page(path), desk.page(other)):
        assert "Within four weeks" in page
        assert "Within two weeks" in page
        assert "Somebody else promised this customer something different" in page
    desk.world.sign_in("anna")
    assert "Within two weeks" in desk.page("/app/promises?ledger=contradictions")
    assert f'href="{other}"' not in desk.get("/app/promises?ledger=contradictions").text


def test_a_rep_sees_the_promises_of_the_own_leads_and_the_own_promises_only(desk: Desk) -> None:
    desk.ask(name="Mona Muster", email="mona@muster.example.com", company="Muster AG", phone="+49 30 777777")
    other = desk.lead_path("mona")
    given_to(desk, other, "ben")
    give_promise(desk.world.deps, other.rpartition("/")[2], BEN, TWO_WEEKS)
    give_promise(
        desk.world.deps,
        desk.lead_path().rpartition("/")[2],
        ANNA,
        Promised("price", "Ten percent off", date(2026, 3, 6)),
    )
    desk.world.work()
    desk.world.sign_in("anna")
    page = desk.page("/app/promises")
    assert "Ten percent off" in page
    assert "Within two weeks" not in page
    made = promises(desk, other)[0]
    assert desk.post(f"{other}/promises/{made.promise_id}", "/app/promises", step="kept").status_code == 404


def test_what_was_not_kept_stands_on_the_board(desk: Desk) -> None:
    log(desk, desk.lead_path())
    desk.world.later(days=5)
    assert "1 promise not kept" in desk.page("/app")
    assert "Within four weeks" in desk.page("/app/promises?ledger=broken")


def test_the_customer_sees_a_promise_only_when_it_is_meant_for_the_customer(desk: Desk) -> None:
    status = desk.ask(email="jana@customer.example.com", message="Another question")
    path = desk.lead_path()
    desk.world.now += timedelta(minutes=1)
    log(desk, path)
    assert "Within four weeks" not in desk.world.client.get(status, headers=HTML).text
    log(desk, path, promise="A visit on Friday", promise_visible="yes")
    assert "A visit on Friday" in desk.world.client.get(status, headers=HTML).text


def test_an_empty_ledger_says_where_promises_come_from(desk: Desk) -> None:
    assert "A promise is written down" in desk.page("/app/promises?ledger=nonsense")
    assert "Nobody has promised" in desk.page("/app/promises?ledger=contradictions")
