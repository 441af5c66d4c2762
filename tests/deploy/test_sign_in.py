"""Signing in where nobody has signed in before: the setting, API Gateway, DynamoDB and SES make an administrator."""

import re
from collections.abc import Callable

import httpx

from infra.emulator import ADMIN
from tests.deploy.conftest import Sent, eventually

HTML = {"Accept": "text/html"}


def csrf_on(page: httpx.Response) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found, page.text[:300]
    return found.group(1)


def ask(browser: httpx.Client, email: str) -> httpx.Response:
    page = browser.get("/app/sign-in?next=/app/reps", headers=HTML)
    data = {"csrf": csrf_on(page), "email": email, "next": "/app/reps"}
    return browser.post("/app/sign-in/link", data=data, headers=HTML)


def link_in(mails: list[Sent]) -> str:
    """The path of the link in the last mail; "" while there is none."""
    found = re.findall(r"/app/sign-in/link/([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)", mails[-1].raw)
    return f"/app/sign-in/link/{found[0]}" if found else ""


def test_the_first_administrator_signs_in_by_a_mailed_link_is_listed_and_signs_out(
    browser: httpx.Client, mails: Callable[[str], list[Sent]]
) -> None:
    assert browser.get("/app/reps", headers=HTML).headers["location"] == "/app/sign-in?next=/app/reps"
    assert ask(browser, ADMIN.upper()).headers["location"] == "/app/sign-in/sent"
    link = link_in(eventually(lambda: mails(ADMIN), seconds=120))
    page = browser.get(link, headers=HTML)
    done = browser.post(link, data={"csrf": csrf_on(page)}, headers=HTML)
    assert (done.status_code, done.headers["location"]) == (303, "/app/reps")
    assert done.headers["set-cookie"].startswith("__Host-leadline_session=")
    sessions = browser.get("/app/sessions", headers=HTML)
    assert sessions.text.count(">this one<") == 1
    assert browser.get(link, headers=HTML).status_code == 410
    browser.post("/app/sign-out", data={"csrf": csrf_on(sessions)}, headers=HTML)
    assert browser.get("/app/reps", headers=HTML).status_code == 303


def test_links_for_one_mailbox_are_limited_by_records_of_the_table(browser: httpx.Client) -> None:
    answers = [ask(browser, "nobody@leadline.example") for _ in range(7)]
    assert [answer.status_code for answer in answers] == [303] * 5 + [429] * 2
    assert int(answers[-1].headers["retry-after"]) > 0
