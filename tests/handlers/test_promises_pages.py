"""The promise ledger on the lead's page, as a page of its own and on the customer's status page."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from chalicelib.flows.keep_promises import Promised, give_promise
from chalicelib.records.ledgers import LEDGER_PAGE
from chalicelib.records.promise import Promise, PromiseState
from tests.handlers.desk import Desk, given_to, open_desk, words
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
    assert desk.post(step, path, step="kept").headers["location"].startswith(f"{path}?done=promise&promise=")
    assert promises(desk, path)[0].state is PromiseState.KEPT
    desk.post(step, path, step="reopened")
    assert promises(desk, path)[0].state is PromiseState.OPEN


def test_withdrawing_needs_what_the_customer_was_told(desk: Desk) -> None:
    path = desk.lead_path()
    log(desk, path)
    desk.world.work()
    step = f"{path}/promises/{promises(desk, path)[0].promise_id}"
    for page, more in ((path, {}), ("/app/promises", {"ledger": "due"})):
        sent = {"step": "withdrawn", "reason": " ", "promise_id": promises(desk, path)[0].promise_id, **more}
        refused = desk.post(step, page, **sent)
        assert refused.status_code == 422
        assert re.search(r'<details class="disclosure" open>\s*<summary>Withdraw', refused.text)
        assert "is needed" in words(refused.text)
    desk.post(step, path, step="withdrawn", reason="they bought elsewhere")
    assert promises(desk, path)[0].state is PromiseState.WITHDRAWN
    assert "they bought elsewhere" in desk.page(path)


@pytest.mark.parametrize(("step", "said"), [("kept", "Kept"), ("withdrawn", "Withdrawn")])
@pytest.mark.parametrize("ledger", ["", "due"])
def test_what_was_done_with_a_promise_is_taken_back_in_the_next_line(
    desk: Desk, step: str, said: str, ledger: str
) -> None:
    path = desk.lead_path()
    log(desk, path)
    action = f"{path}/promises/{promises(desk, path)[0].promise_id}"
    answer = desk.post(action, path, step=step, ledger=ledger, reason="they were told")
    shown = desk.get(answer.headers["location"]).text
    assert f"{said}: Within four weeks" in words(shown)
    undo = re.search(r'class="flash toast".*?</form>', shown, re.DOTALL)
    assert undo
    sent = dict(re.findall(r'name="(\w+)" value="([^"]*)"', undo.group(0)))
    assert desk.post(action, path, **sent).status_code == 303
    assert promises(desk, path)[0].state is PromiseState.OPEN
    # Whoever opens the address again is not told that it is kept.
    assert f"{said}: Within four weeks" not in desk.page(answer.headers["location"])


def test_a_ledger_is_paged_searched_sorted_and_shows_one_persons(desk: Desk) -> None:
    desk.ask(name="Mona Muster", email="mona@muster.example.com", company="Muster AG", phone="+49 30 777777")
    jana, mona = desk.lead_path(), desk.lead_path("mona")
    given_to(desk, mona, "ben")
    for number in range(LEDGER_PAGE):
        said = Promised("price", f"Price {number:02d} holds", date(2026, 3, 3))
        give_promise(desk.world.deps, jana.rpartition("/")[2], ANNA, said)
    give_promise(desk.world.deps, mona.rpartition("/")[2], BEN, TWO_WEEKS)
    desk.world.work()
    first = desk.get("/app/promises?ledger=open").text
    assert (first.count('<li id="promise-'), "1 to 50 of 51" in words(first)) == (LEDGER_PAGE, True)
    second = desk.get("/app/promises?ledger=open&offset=50").text
    assert (second.count('<li id="promise-'), "Within two weeks" in second) == (1, True)
    for asked in ("text=muster", "of=ben", "sort=person&turned=yes", "sort=time&turned=yes"):
        shown = desk.get(f"/app/promises?ledger=open&{asked}").text
        assert shown.index("Within two weeks") < shown.find("Price") or "Price" not in shown, asked
    assert "Nothing fits." in desk.page("/app/promises?ledger=open&text=nobody")
    assert "Only those of Ben Example" in desk.page("/app/promises?ledger=open&of=ben")
    for odd in ("offset=99999", "offset=-1", "sort=evil", "text=%00", "of=x%27--"):
        assert desk.get(f"/app/promises?ledger=open&{odd}").status_code == 200, odd
    # Nobody sees a colleague's by asking for them.
    desk.world.sign_in("anna")
    assert "Within two weeks" not in desk.page("/app/promises?ledger=open&of=ben&text=muster")
    assert "Price 00 holds" in desk.page("/app/promises?ledger=open&of=ben")


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
    assert answer.headers["location"].startswith("/app/promises?ledger=due&done=promise&")
    assert "Kept: Within four weeks Undo" in desk.page(answer.headers["location"])
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
