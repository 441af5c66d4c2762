"""A file too large for one answer of Lambda is fetched from the blob store, by whoever may have it and for minutes."""

import csv
import io
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib import wiring
from chalicelib.handlers.downloads import MOST_INLINE
from chalicelib.records.search import LeadPage
from tests.handlers.desk import Desk, open_desk
from tests.stories.people import ANNA

ROWS = 40_000


@dataclass
class Bucket:
    """Says what it was asked for a link to."""

    asked: list[tuple[str, str, str, timedelta]] = field(default_factory=list)

    def presigned_download(self, key: str, file_name: str, content_type: str, expires: timedelta) -> str:
        self.asked.append((key, file_name, content_type, expires))
        return f"https://bucket.example.com/{key}?X-Amz-Signature=0a%2Fb&response-content-type=text%2Fcsv"


class Many:
    """A read model that has each lead many times over."""

    def __init__(self, model: Any, times: int) -> None:
        self._model = model
        self._times = times

    def leads(self, query: Any) -> LeadPage:
        found = self._model.leads(query)
        return replace(found, rows=found.rows * self._times)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)


@pytest.fixture
def desk(tmp_path: Path) -> tuple[Desk, Bucket]:
    desk, bucket = open_desk(tmp_path), Bucket()
    desk.ask()
    deps = desk.world.deps
    large: Any = Many(deps.model, ROWS)
    desk.world.deps = replace(deps, model=large, downloads=bucket)
    wiring.use(replace(wiring.service(), deps=desk.world.deps))
    return desk, bucket


def test_a_large_list_of_leads_is_put_into_the_bucket_and_the_browser_sent_there(desk: tuple[Desk, Bucket]) -> None:
    at, bucket = desk
    answer = at.get("/app/leads.csv?text=jana")
    ((key, name, kind, lasts),) = bucket.asked
    assert answer.status_code == 303
    assert answer.headers["location"] == bucket.presigned_download(key, name, kind, lasts)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.content == b""
    assert (name, kind, lasts) == ("leads.csv", "text/csv; charset=utf-8", timedelta(minutes=5))
    assert key.startswith("downloads/")
    body = at.world.deps.blobs.get(key)
    assert body is not None
    assert len(list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))) == ROWS + 1


def test_each_download_has_a_key_nobody_can_guess(desk: tuple[Desk, Bucket]) -> None:
    at, bucket = desk
    for _ in range(2):
        at.get("/app/leads.csv")
    first, second = (key for key, *_ in bucket.asked)
    assert first.split("/")[1].rpartition("-")[2] != second.split("/")[1].rpartition("-")[2]


def test_who_may_see_none_of_the_leads_gets_none_of_the_file(desk: tuple[Desk, Bucket]) -> None:
    at, bucket = desk
    at.world.client.cookies.clear()
    assert at.get("/app/leads.csv").headers["location"].startswith("/app/sign-in")
    assert bucket.asked == []
    at.world.put(replace(ANNA, rep_id="zoe", email="zoe@example.com"))
    at.world.sign_in("zoe")
    answer = at.get("/app/leads.csv")
    assert answer.status_code == 200, "another rep's leads are not in it, so that it is small"
    assert "jana@" not in answer.text


def test_a_small_file_comes_with_the_answer(desk: tuple[Desk, Bucket]) -> None:
    at, bucket = desk
    assert at.get("/app/leads.csv?text=nobody").status_code == 200
    assert bucket.asked == []


def test_refused_rows_of_a_large_list_are_fetched_from_where_they_are(desk: tuple[Desk, Bucket]) -> None:
    at, bucket = desk
    token = at.world.csrf("/app/uploads/new")
    files = {"file": ("cards.csv", b"name,email\nJana Beispiel,jana@customer.example.com\n,\n,x\n", "text/csv")}
    sent = at.world.client.post("/app/uploads", data={"csrf": token, "new_campaign": "Fair"}, files=files)
    draft = sent.headers["location"]
    loaded = at.world.client.post(draft, data={"csrf": at.world.csrf(draft), "action": "load"}, files={"x": ("", b"")})
    at.world.work()
    path = loaded.headers["location"] + "/errors.csv"
    assert at.get(path).status_code == 200
    key = f"uploads/{path.split('/')[3]}/errors.csv"
    at.world.deps.blobs.put(key, b"x" * (MOST_INLINE + 1))
    answer = at.get(path)
    assert answer.status_code == 303
    assert [asked[0] for asked in bucket.asked] == [key]
    assert parse_qs(urlsplit(answer.headers["location"]).query)["X-Amz-Signature"] == ["0a/b"]
