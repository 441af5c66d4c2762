"""The deployed service at work: a form, a list, a reminder, a report, each by the way it takes on AWS."""

import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from chalicelib.capture.suspicion import SHORTEST
from chalicelib.engine_aws import FRESH_SECONDS
from chalicelib.flows.keep_post import find_receipt
from chalicelib.records.api_key import ApiKey
from chalicelib.records.event import Seminar
from chalicelib.records.lead import Lead
from chalicelib.records.message import Message, MessageState
from chalicelib.records.money import Money
from chalicelib.records.ports import Deps, Put
from chalicelib.records.spend import Spend
from chalicelib.records.touch import Touch
from tests.deploy.conftest import Sent, eventually
from tests.stories.people import EVERYBODY, SIGN_UP

KEY = "deployed-story-key"
API = {"Authorization": f"Bearer {KEY}"}
HTML = {"Accept": "text/html"}
SCOPES = ("leads:write", "imports:write", "reports:read", "campaigns:read")
Mails = Callable[[str], list[Sent]]


@pytest.fixture(scope="module", autouse=True)
def seeded(deps: Deps) -> None:
    """People, campaigns, a form and an API key, as somebody would have entered them before."""
    now = datetime.now(UTC)
    key = ApiKey(deps.digest(f"api-key:{KEY}"), "story", SCOPES, now)
    spend = Spend("spend-1", "fair", now.date(), Money(250_000, "EUR"), "stand")
    deps.store.commit([Put(record) for record in (*EVERYBODY, key, spend)])
    # A function that has answered before knows the people of before for so long.
    time.sleep(FRESH_SECONDS + 1)


def test_a_form_becomes_a_lead_in_dynamodb_and_a_confirmation_in_ses(
    browser: httpx.Client, deps: Deps, mails: Mails
) -> None:
    page = eventually(lambda: answered(browser.get("/f/contact", headers=HTML)))
    once = re.search(r'name="once" value="([^"]+)"', page.text)
    assert once
    opened = re.search(r'name="opened" value="([^"]+)"', page.text)
    assert opened
    data = {"once": once.group(1), "opened": opened.group(1), "name": "Jana Beispiel",
            "email": "jana@customer.example.com", "company": "Müller & Söhne", "message": "请给我报价"}  # fmt: skip
    # The page says when it was made; nobody fills it in faster.
    time.sleep(SHORTEST.total_seconds())
    first, second = (browser.post("/f/contact", data=data, headers=HTML) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    token, again = (post.headers["location"].removeprefix("/s/").partition("?")[0] for post in (first, second))
    ids = deps.links.read("receipt", token) or ("", "")
    assert deps.links.read("receipt", again) == ids
    receipt = find_receipt(deps, *ids)
    assert receipt is not None
    lead_id = receipt.value.lead_id
    stored = deps.store.get(Lead, lead_id)
    assert stored is not None
    assert stored.value.assignment is not None
    assert stored.value.assignment.owner_id in ("anna", "ben")
    assert len(deps.store.query(Touch, lead_id)) == 1
    assert len(eventually(lambda: mails("jana@customer.example.com"))) == 1
    eventually(lambda: all_sent(deps, lead_id))
    status = browser.get(f"/s/{token}", headers={"Accept": "application/json"})
    assert status.json()["confirmation"] == "sent"


def answered(answer: httpx.Response) -> httpx.Response | None:
    return answer if answer.status_code == 200 else None


def all_sent(deps: Deps, lead_id: str) -> bool:
    messages = [stored.value for stored in deps.store.query(Message, lead_id)]
    return bool(messages) and {message.state for message in messages} == {MessageState.SENT}


ROWS = 40
HEADER = "Name,Company,E-mail,Phone\n"


def a_list() -> bytes:
    """Forty rows: one twice, one that leads to nobody."""
    rows = [f"Person{n} Beispiel,Firma {n},person{n}@list{n}.example.com,+49 30 9018{n:04d}" for n in range(ROWS - 2)]
    rows += [rows[0], "Nobody Beispiel,,,"]
    return (HEADER + "\n".join(rows) + "\n").encode()


def announced(browser: httpx.Client, name: str) -> dict[str, Any]:
    answer = browser.post("/v1/imports", json={"file_name": name, "campaign": "Spring Fair"}, headers=API)
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


@pytest.fixture
def bucket() -> Iterator[httpx.Client]:
    """A browser that posts to the bucket's own address."""
    with httpx.Client(timeout=60) as client:
        yield client


def test_a_list_goes_by_a_presigned_post_through_bucket_queue_and_chunks(
    browser: httpx.Client, bucket: httpx.Client
) -> None:
    upload = announced(browser, "fair.csv")
    sent = bucket.post(upload["form"]["url"], data=upload["form"]["fields"], files={"file": ("fair.csv", a_list())})
    assert sent.status_code in (200, 201, 204), sent.text
    done = eventually(lambda: finished(browser, upload["import_id"]), 120)
    assert done["rows"] == ROWS
    assert done["created"] + done["merged"] + done["suppressed"] + done["refused"] == ROWS
    assert (done["created"], done["merged"]) == (ROWS - 1, 1) or (done["created"], done["refused"]) == (ROWS - 2, 1)


def finished(browser: httpx.Client, import_id: str) -> dict[str, Any] | None:
    told = browser.get(f"/v1/imports/{import_id}", headers=API).json()
    assert told["state"] not in ("failed", "refused"), told
    return dict(told) if told["state"] == "finished" else None


OTHERS: dict[str, tuple[dict[str, str], bytes]] = {
    "another key": ({"key": "uploads/01ANOTHER/source"}, b"x"),
    "too large": ({}, b"x" * (10 * 1024 * 1024 + 1)),
    "another type": ({"Content-Type": "text/html"}, b"x"),
}


@pytest.mark.parametrize(("changed", "body"), OTHERS.values(), ids=OTHERS)
def test_a_presigned_post_takes_what_it_was_made_for_and_nothing_else(
    browser: httpx.Client, bucket: httpx.Client, changed: dict[str, str], body: bytes
) -> None:
    form = announced(browser, "other.csv")["form"]
    sent = bucket.post(form["url"], data={**form["fields"], **changed}, files={"file": ("other.csv", body)})
    assert sent.status_code in (400, 403)


def test_a_reminder_leaves_by_the_schedule(browser: httpx.Client, deps: Deps, mails: Mails) -> None:
    """Nothing but the clock's function, which comes once a minute, knows that the hour has come."""
    starts = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1, seconds=40)
    seminar = Seminar(
        "sensors", "Choosing sensors", starts, starts + timedelta(hours=2), "UTC",
        starts.replace(tzinfo=None).isoformat(), "Example Hall", seats=5, campaign_id="fair",
    )  # fmt: skip
    deps.store.commit([Put(seminar), Put(SIGN_UP)])
    address = "sigrid@customer.example.com"
    data = {"name": "Sigrid Beispiel", "email": address}
    eventually(lambda: answered(browser.get("/f/seminar", headers=HTML)))
    assert browser.post("/f/seminar", data=data, headers=HTML).status_code == 303
    eventually(lambda: len(mails(address)) == 1)
    assert datetime.now(UTC) < starts - timedelta(hours=1), "the confirmation took longer than the reminder's time"
    eventually(lambda: len(mails(address)) == 2, 150)


def test_a_report_made_by_its_function_is_read_by_the_api(browser: httpx.Client, deps: Deps) -> None:
    def with_spend() -> dict[str, Any] | None:
        answer = browser.get("/v1/attribution", headers=API)
        if answer.status_code != 200:
            return None
        return dict(answer.json()) if "250000" in answer.text.replace(".", "").replace(",", "") else None

    made = eventually(with_spend, 120)
    assert made["as_of"]


def test_nothing_was_given_up(aws: Callable[[str], Any], names: dict[str, str]) -> None:
    sqs = aws("sqs")
    waiting = {}
    for topic in ("index", "outbox", "mail-events", "reports", "uploads", "chunks", "door", "changes"):
        url = sqs.get_queue_url(QueueName=f"{names['QueuePrefix']}{topic}-dead")["QueueUrl"]
        told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
        waiting[topic] = int(told["ApproximateNumberOfMessages"])
    assert set(waiting.values()) == {0}, waiting


def test_no_function_met_an_error_on_the_way(aws: Callable[[str], Any]) -> None:
    """A permission that a policy lacks may only show as a line in a log: the clock's work goes on without."""
    logs = aws("logs")
    groups = logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/leadline-test-")["logGroups"]
    assert len(groups) == 9
    told = [
        (group["logGroupName"].split("-")[2], event["message"])
        for group in groups
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"])
        for event in page["events"]
    ]
    # A traceback is one line each: the few that follow say what it was.
    met = [n for n, (_, line) in enumerate(told) if '"level":"ERROR"' in line or "Traceback" in line]
    assert [told[n : n + 40] for n in met] == []
