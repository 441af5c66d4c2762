"""What a person asks about what is stored of them, from the page of their request, and what an administrator does."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib.records.task import Task
from tests.handlers.desk import JANA, Desk, annas_desk
from tests.stories.conftest import HTML


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return annas_desk(tmp_path)


def status(desk: Desk) -> str:
    return desk.world.ledger.links[0]


def ask(desk: Desk, wish: str, **headers: str) -> int:
    return desk.world.client.post(f"{status(desk)}/wish", data={"wish": wish}, headers={**HTML, **headers}).status_code


def tasks(desk: Desk) -> list[Task]:
    return [stored.value for stored in desk.world.deps.store.query(Task, desk.lead_path().rpartition("/")[2])]


@pytest.mark.parametrize(
    ("wish", "title", "said"),
    [
        ("copy", "Asks for a copy of what is stored of them", "A copy of what we have stored of you"),
        ("forget", "Asks to be forgotten", "To be forgotten"),
    ],
)
def test_a_wish_is_an_administrators_task_within_the_month_and_the_page_says_so(
    desk: Desk, wish: str, title: str, said: str
) -> None:
    assert [ask(desk, wish), ask(desk, wish)] == [303, 303]
    (task,) = tasks(desk)
    assert (task.title, task.owner_id) == (title, "ada")
    assert task.due_at
    assert timedelta(days=27) < task.due_at - desk.world.now < timedelta(days=30)
    assert f"{said} : asked for on 2 March 2026, answered by 30 March 2026 at the latest." in desk.page(status(desk))
    desk.world.work()
    assert title in desk.page("/app/inbox")
    assert title in desk.page(desk.lead_path())
    chinese = desk.page(desk.lead_path(), **{"Accept-Language": "zh-CN"})
    assert ("请求提供其个人数据的副本" if wish == "copy" else "请求删除其个人数据") in chinese
    desk.post(f"{desk.lead_path()}/tasks/{task.task_id}", desk.lead_path(), step="done")
    assert f"{said} : answered on 2 March 2026." in desk.page(status(desk))
    # A later wish is one of its own.
    ask(desk, wish)
    assert len(tasks(desk)) == 2


def test_asking_deletes_nothing_and_looking_asks_nothing(desk: Desk) -> None:
    desk.page(status(desk))
    assert tasks(desk) == []
    ask(desk, "forget")
    desk.world.later(days=1)
    assert "Jana Beispiel" in desk.page(desk.lead_path())


def test_a_wish_of_nobody_or_of_another_kind_is_refused(desk: Desk) -> None:
    for wish in ("", "sell", "COPY"):
        assert ask(desk, wish) == 422, wish
    forged = f"{status(desk)[:-1]}{'a' if status(desk)[-1] != 'a' else 'b'}/wish"
    assert desk.world.client.post(forged, data={"wish": "copy"}, headers=HTML).status_code == 404
    assert tasks(desk) == []


def test_all_that_is_stored_of_a_person_is_one_file_and_its_taking_is_told(desk: Desk) -> None:
    path = desk.lead_path()
    desk.post(f"{path}/note", kind="call", text="Talked about <pumps>.")
    answer = desk.get(f"{path}/stored.json")
    assert answer.headers["content-disposition"].startswith('attachment; filename="stored-')
    records = json.loads(answer.text)["records"]
    (lead,) = records["Lead"]
    assert (lead["full_name"], lead["emails"]) == (JANA["name"], [JANA["email"]])
    assert records["Note"][0]["text"] == "Talked about <pumps>."
    assert records["Touch"][0]["message"] == JANA["message"]
    assert {"Request", "Message"} <= set(records)
    assert not {"Audit", "MatchKey"} & set(records)
    desk.world.work()
    assert "stored-" in desk.page("/app/audit?kind=Export")
    assert desk.get("/app/leads/01NOBODY/stored.json").status_code == 404
