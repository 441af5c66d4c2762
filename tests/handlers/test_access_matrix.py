"""Role by endpoint, over HTTP: each address with everybody who may come."""

import re
from pathlib import Path

import httpx
import pytest

from chalicelib.handlers.openapi import SCOPES
from chalicelib.records.api_key import ApiKey
from chalicelib.records.rep import Rep, Role
from tests.handlers.access_table import ROWS
from tests.handlers.desk import NOW, Desk, open_desk

LETTERS = {"m": Role.MARKETER, "r": Role.REP, "M": Role.MANAGER, "f": Role.FINANCE, "a": Role.ADMIN}
PEOPLE = {role: Rep(f"matrix-{role}", f"{role} Example", f"{role}@matrix.example.com", role) for role in Role}
HTML = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = open_desk(Path(tmp_path_factory.mktemp("matrix")), "", *PEOPLE.values())
    for scope in SCOPES:
        desk.world.put(ApiKey(desk.world.deps.digest(f"api-key:only-{scope}"), scope, (scope,), NOW))
    return desk


def test_every_route_has_its_row() -> None:
    from app import app

    served = {(method, path) for path, methods in app.routes.items() for method in methods}
    assert served == {(method, path) for method, path, _ in ROWS}


def ask(desk: Desk, method: str, path: str, role: Role | None = None, csrf: bool = True) -> httpx.Response:
    client = desk.world.client
    client.cookies.clear()
    token = ""
    if role is not None:
        desk.world.sign_in(PEOPLE[role].rep_id)
        found = re.search(r'name="csrf" value="([^"]+)"', client.get("/app", headers=HTML).text)
        assert found
        token = found.group(1)
    address = re.sub(r"\{(\w+)\}", "nobody-1", path)
    sends_a_file = (
        "/app/uploads",
        "/app/uploads/drafts/{draft}",
        "/app/campaigns/{campaign_id}/spend/import",
        "/app/brand",
    )
    if path in sends_a_file:
        files = {"file": ("", b"")}
        return client.request(method, address, data={"csrf": token if csrf else ""}, files=files, headers=HTML)
    data = {"csrf": token if csrf else ""} if method == "POST" else None
    return client.request(method, address, data=data, headers=HTML)


def to_sign_in(answer: httpx.Response) -> bool:
    return answer.status_code == 303 and answer.headers["location"].startswith("/app/sign-in")


@pytest.mark.parametrize(("method", "path", "who"), ROWS)
def test_each_address_answers_whom_it_is_for_and_nobody_else(desk: Desk, method: str, path: str, who: str) -> None:
    nobody = ask(desk, method, path)
    if who == "all":
        assert nobody.status_code != 401
        assert not to_sign_in(nobody)
        return
    if who.startswith("key:"):
        assert nobody.status_code == 401
        return
    assert to_sign_in(nobody)
    for letter, role in LETTERS.items():
        answer = ask(desk, method, path, role)
        if letter in who:
            assert answer.status_code in (200, 303, 404, 422), (role, answer.status_code)
            assert not to_sign_in(answer), role
        else:
            assert answer.status_code == 403, (role, answer.status_code)
            assert "Not for your role" in answer.text


@pytest.mark.parametrize(("method", "path", "who"), [row for row in ROWS if row[2].startswith("key:")])
def test_a_program_needs_a_key_with_exactly_that_scope(desk: Desk, method: str, path: str, who: str) -> None:
    needed = who.removeprefix("key:")
    address = re.sub(r"\{(\w+)\}", "nobody-1", path)
    desk.world.client.cookies.clear()
    for scope in SCOPES:
        headers = {"Authorization": f"Bearer only-{scope}"}
        body = {"json": {}} if method != "GET" else {}
        answer = desk.world.client.request(method, address, headers=headers, **body)
        assert (answer.status_code == 403) == (scope != needed), (scope, answer.status_code, answer.text)
    assert desk.world.client.request(method, address, headers={"Authorization": "Bearer made-up"}).status_code == 401


CHANGES = [row for row in ROWS if row[0] == "POST" and row[1].startswith("/app/") and row[2] != "all"]


@pytest.mark.parametrize(("method", "path", "who"), CHANGES)
def test_nothing_is_changed_by_a_post_that_is_not_from_a_page_of_ours(
    desk: Desk, method: str, path: str, who: str
) -> None:
    answer = ask(desk, method, path, LETTERS[who[-1]], csrf=False)
    assert answer.status_code == 403
    assert "Not from this page" in answer.text


def test_the_session_of_a_person_does_not_open_the_api_and_a_key_not_the_console(desk: Desk) -> None:
    desk.world.sign_in(PEOPLE[Role.ADMIN].rep_id)
    assert desk.world.client.get("/v1/campaigns").status_code == 401
    desk.world.client.cookies.clear()
    answer = desk.world.client.get("/app/leads", headers={**HTML, "Authorization": "Bearer only-leads:write"})
    assert to_sign_in(answer)
