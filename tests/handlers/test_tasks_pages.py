"""Tasks, mentions and what comes next, on the lead's page, in the inbox and on the home page."""

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest

from chalicelib.flows.hand_over import deactivate
from chalicelib.flows.keep_tasks import edit_task, set_done
from chalicelib.flows.work_lead import change_status
from chalicelib.records.lead import Lead, LeadStatus, Note
from chalicelib.records.ports import Put
from chalicelib.records.rep import Rep
from chalicelib.records.task import Task, TaskSource
from chalicelib.records.touch import Request, RequestState
from tests.handlers.desk import NOW, Desk, annas_desk, given_to, words
from tests.stories.conftest import HTML


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return annas_desk(tmp_path, "anna")


def lead_id(desk: Desk) -> str:
    return desk.lead_path().rpartition("/")[2]


def tasks(desk: Desk) -> list[Task]:
    return [stored.value for stored in desk.world.deps.store.query(Task, lead_id(desk))]


def set_task(desk: Desk, title: str = "Send the sheet", due_on: str = "2026-03-03") -> httpx.Response:
    answer = desk.post(f"{desk.lead_path()}/tasks", title=title, due_on=due_on)
    desk.world.work()
    return answer


def step(desk: Desk, **sent: str) -> httpx.Response:
    path = desk.lead_path()
    answer = desk.post(f"{path}/tasks/{tasks(desk)[0].task_id}", page=path, **sent)
    desk.world.work()
    return answer


def test_a_task_is_set_shown_where_the_day_begins_done_and_taken_back(desk: Desk) -> None:
    assert set_task(desk).headers["location"].endswith("?done=task")
    (task,) = tasks(desk)
    assert (task.owner_id, task.due_on, task.zone) == ("anna", date(2026, 3, 3), "Europe/Berlin")
    for page in (desk.lead_path(), "/app/inbox", "/app"):
        assert "Send the sheet" in desk.page(page), page
        assert "due on 3 March 2026" in desk.page(page), page
    for back in ("inbox", "home"):
        done = desk.world.client.post(
            f"{desk.lead_path()}/tasks/{task.task_id}",
            data={"csrf": desk.world.csrf("/app"), "step": "done", "page": back}, headers=HTML,
        )  # fmt: skip
        desk.world.work()
        page = desk.page(done.headers["location"])
        assert "Done: Send the sheet Undo" in page
        assert page.count("Send the sheet") == 1
        assert "Task done 09:00" not in page
        assert tasks(desk)[0].done_at == NOW
        step(desk, step="reopened")
        assert tasks(desk)[0].done_at is None
    assert "Task set" in desk.page(desk.lead_path())


def test_a_task_done_on_the_leads_page_can_be_taken_back_there(desk: Desk) -> None:
    set_task(desk)
    answer = step(desk, step="done")
    page = desk.page(answer.headers["location"])
    assert "Done: Send the sheet Undo" in page
    assert "Task done Anna Example" in page


def test_a_wrong_field_of_a_task_is_named_and_what_was_typed_is_kept(desk: Desk) -> None:
    for title, due_on in (("", ""), ("x", "2026-03-01"), ("x", "soon"), ("x", "2036-01-01")):
        answer = set_task(desk, title, due_on)
        assert answer.status_code == 422, (title, due_on)
        assert 'aria-invalid="true"' in answer.text, (title, due_on)
        assert f'value="{due_on}"' in answer.text, (title, due_on)
    assert tasks(desk) == []


def test_a_stale_edit_of_a_task_shows_both_versions_and_one_can_be_taken(desk: Desk) -> None:
    set_task(desk)
    (task,) = tasks(desk)
    edit_task(desk.world.deps, lead_id(desk), task.task_id, "Send two sheets", date(2026, 3, 4), 0)
    answer = step(desk, step="changed", title="Send no sheet", due_on="2026-03-05", seen="1")
    assert answer.status_code == 409
    page = words(answer.text)
    assert "As it is now Send two sheets due on 4 March 2026" in page
    assert "As you wanted it Send no sheet" in page
    assert tasks(desk)[0].title == "Send two sheets"
    seen = re.search(
        r'name="seen" value="(\d+)">\n<input type="hidden" name="title" value="Send no sheet"', answer.text
    )
    assert seen
    assert step(desk, step="changed", title="Send no sheet", due_on="", seen=seen.group(1)).status_code == 303
    assert (tasks(desk)[0].title, tasks(desk)[0].due_at) == ("Send no sheet", None)


@pytest.mark.parametrize("form", ["status", "owner"])
def test_a_stale_status_or_owner_shows_both_versions(desk: Desk, form: str) -> None:
    path = desk.lead_path()
    html = desk.get(path).text
    found = re.search(rf'action="{path}/{form}".*?</form>', html, re.DOTALL)
    assert found
    held = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', found.group(0)))
    desk.world.now = NOW + timedelta(minutes=1)
    change_status(desk.world.deps, lead_id(desk), LeadStatus.QUALIFIED, "wants a visit", "eva")
    wanted = (
        {"status": "rejected", "reason": "no budget"} if form == "status" else {"owner_id": "ben", "reason": "away"}
    )
    answer = desk.world.client.post(f"{path}/{form}", data={**held, **wanted}, headers=HTML)
    assert answer.status_code == 409
    page = words(answer.text)
    assert "Nothing was changed: somebody was quicker As it is now Qualified Anna Example" in page
    assert "wants a visit" in page
    assert f"As you wanted it {'Rejected · no budget' if form == 'status' else 'Ben Example · away'}" in page
    stored = desk.world.deps.store.get(Lead, lead_id(desk))
    assert stored
    assert stored.value.status is LeadStatus.QUALIFIED


def test_a_call_is_logged_in_one_tap_and_taken_back_in_the_next(desk: Desk) -> None:
    path = desk.lead_path()
    answer = desk.post(f"{path}/note", kind="call", text="")
    assert "Written down. Undo" in desk.page(answer.headers["location"])
    (note,) = [stored.value for stored in desk.world.deps.store.query(Note, lead_id(desk))]
    sent = {"csrf": desk.world.csrf(path), "note_id": note.note_id, "page": "lead"}
    back = desk.world.client.post(f"/app/inbox/{lead_id(desk)}/undo", data=sent, headers=HTML)
    assert back.headers["location"].startswith(f"{path}?done=undone")
    page = desk.page(back.headers["location"])
    assert "It is taken back." in page
    assert "Taken back Call Anna Example" in page
    (request,) = desk.world.deps.store.query(Request, lead_id(desk))
    assert request.value.state is RequestState.OPEN


def test_a_colleague_named_in_a_note_is_told(desk: Desk) -> None:
    path = desk.lead_path()
    desk.post(f"{path}/note", kind="note", text="@Eva please look at the price, says @anna")
    desk.world.work()
    (mention,) = tasks(desk)
    assert (mention.owner_id, mention.source) == ("eva", TaskSource.MENTION)
    assert "Tasks and messages" not in desk.page("/app/inbox")
    desk.world.sign_in("eva")
    for page in ("/app/inbox", "/app"):
        assert "Anna Example wrote to you: @Eva please look at the price" in desk.page(page)
    set_done(desk.world.deps, lead_id(desk), mention.task_id, True, "eva")
    desk.world.work()
    assert "wrote to you" not in desk.page("/app/inbox")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("@Ben, see", "a colleague named here may not see this lead: Ben"),
        ("@Twin, see", "more than one of us is called that: twin"),
    ],
)
def test_who_may_not_see_the_lead_or_is_unclear_cannot_be_named(desk: Desk, text: str, why: str) -> None:
    desk.world.put(*(Rep(f"t{n}", f"Twin Number{n}", f"t{n}@example.com") for n in range(2)))
    answer = desk.post(f"{desk.lead_path()}/note", kind="note", text=text)
    assert answer.status_code == 422
    assert why in words(answer.text)
    assert text in answer.text
    assert tasks(desk) == []
    # On top, where a phone shows it, with the way to the field; and once more beside the field.
    top, _, below = answer.text.partition('id="errors"')
    assert "Next step" not in top
    assert below.index('href="#note-text"') < below.index("Next step") < below.index('id="note-text-error"')


def test_a_mention_tells_nothing_once_its_reader_may_not_see_the_lead(desk: Desk) -> None:
    desk.post(f"{desk.lead_path()}/note", kind="note", text="@Eva look")
    (mention,) = tasks(desk)
    desk.world.put(replace(mention, owner_id="ben"))
    desk.world.work()
    desk.world.sign_in("ben")
    assert "wrote to you" not in desk.page("/app/inbox")
    given_to(desk, f"/app/leads/{mention.lead_id}", "ben")
    assert "wrote to you" in desk.page("/app/inbox")


def test_tasks_of_somebody_who_leaves_go_with_the_lead(desk: Desk) -> None:
    set_task(desk)
    deactivate(desk.world.deps, "anna")
    assert [task.owner_id for task in tasks(desk)] == ["ben"]


def test_two_hundred_entries_come_a_page_at_a_time(desk: Desk) -> None:
    notes = [
        Note(f"note-{n:03d}", lead_id(desk), "anna", "note", f"Remark {n:03d}.", NOW + timedelta(minutes=n))
        for n in range(200)
    ]
    for start in (0, 100):
        desk.world.deps.store.commit([Put(note) for note in notes[start : start + 100]])
    first, last = desk.page(desk.lead_path()), desk.page(f"{desk.lead_path()}?offset=202")
    assert "Remark 199." in first
    assert "Remark 149." not in first
    assert "Remark 149." in desk.page(f"{desk.lead_path()}?offset=50")
    assert "Form" in last
    assert "Remark" not in last
    assert "Remark 199." in desk.page(f"{desk.lead_path()}?offset=9000")


def test_where_nothing_comes_next_the_page_says_why(desk: Desk) -> None:
    desk.post(f"{desk.lead_path()}/note", kind="call", text="")
    stored = desk.world.deps.store.get(Lead, lead_id(desk))
    assert stored
    lead = stored.value
    for changed, said in (
        (replace(lead, status=LeadStatus.REJECTED, status_reason="no budget"), "rejected: no budget"),
        (replace(lead, status=LeadStatus.CUSTOMER), "a customer to whom nothing is owed"),
        (lead, "everything is answered and nothing is planned"),
    ):
        desk.world.put(changed)
        assert f"Next step {said}" in desk.page(desk.lead_path())
