"""The API for programs: what its document says, pages by cursor, answers by ETag."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from chalicelib.handlers.openapi import document
from chalicelib.handlers.routes import PROGRAMS, ROUTES
from chalicelib.records.campaign import Campaign
from chalicelib.records.lead import Lead, LeadStatus
from chalicelib.records.money import Money
from chalicelib.records.opportunity import Opportunity
from chalicelib.records.spend import Spend
from tests.handlers.desk import NOW, Desk, open_desk
from tests.stories.conftest import KEY

BEARER = {"Authorization": f"Bearer {KEY}"}
# What is for people of ours, for the browser alone, or for nobody in particular.
NOT_DESCRIBED = re.compile(r"/app(/|$)|/assets/|/brand|/language$|/not-found$|/$")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_desk(tmp_path, "")


def get(desk: Desk, path: str, **headers: str) -> httpx.Response:
    return desk.world.client.get(path, headers={**BEARER, **headers})


def send(desk: Desk, path: str, body: Any, method: str = "POST", **headers: str) -> httpx.Response:
    return desk.world.client.request(method, path, json=body, headers={**BEARER, **headers})


def put_leads(desk: Desk, count: int, at_once: int = 1) -> list[str]:
    """Leads made one after another, `at_once` in the same moment; their ids, the last made first."""
    ids = [f"lead-{n:03d}" for n in range(count)]
    moments = {lead_id: NOW + timedelta(seconds=n // at_once) for n, lead_id in enumerate(ids)}
    desk.world.put(*(Lead(i, f"Person {i}", country="DE", created_at=at, updated_at=at) for i, at in moments.items()))
    desk.world.work()
    return sorted(ids, key=lambda i: (moments[i], i), reverse=True)


def walk(desk: Desk, path: str, name: str) -> Iterator[list[dict[str, Any]]]:
    cursor = ""
    while True:
        page = get(desk, f"{path}&cursor={cursor}" if cursor else path).json()
        yield page[name]
        cursor = page["next_cursor"]
        if not cursor:
            return


def described() -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), path): operation
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
    }


def test_every_public_address_is_described_and_nothing_else() -> None:
    public = {(route.method, route.path) for route in ROUTES if not NOT_DESCRIBED.match(route.path)}
    assert set(described()) == public


def test_each_operation_names_the_scope_it_needs() -> None:
    for route in ROUTES:
        if route.access.who == PROGRAMS:
            operation = described()[route.method, route.path]
            assert operation["security"] == [{"apiKey": [route.access.scope]}]
            assert {"401", "403", "429"} <= set(operation["responses"])


def test_every_reference_of_the_document_leads_somewhere_and_names_are_used_once() -> None:
    for ref in set(re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(document()))):
        found: Any = document()
        for part in ref.split("/"):
            found = found[part]
        assert found
    names = [operation["operationId"] for operation in described().values()]
    assert len(names) == len(set(names))


def test_a_list_is_announced_only_where_there_is_a_place_to_send_it_to(desk: Desk) -> None:
    told = get(desk, "/v1/openapi.json").json()["paths"]["/v1/imports"]["post"]["requestBody"]["content"]
    assert set(told) == {"multipart/form-data"}
    assert send(desk, "/v1/imports", {"file_name": "a.csv", "campaign": "x"}).status_code == 415


@pytest.mark.parametrize("at_once", [1, 4, 50])
def test_a_walk_by_cursor_meets_everybody_once_also_those_made_in_the_same_moment(desk: Desk, at_once: int) -> None:
    ids = put_leads(desk, 11, at_once)
    pages = list(walk(desk, "/v1/leads?limit=3", "leads"))
    assert [lead["lead_id"] for page in pages for lead in page] == ids
    assert [len(page) for page in pages] == [3, 3, 3, 2]


def test_who_comes_in_meanwhile_moves_no_page(desk: Desk) -> None:
    ids = put_leads(desk, 5)
    first = get(desk, "/v1/leads?limit=2").json()
    late = NOW + timedelta(hours=1)
    desk.world.put(Lead("lead-new", "New", created_at=late, updated_at=late))
    desk.world.work()
    second = get(desk, f"/v1/leads?limit=2&cursor={first['next_cursor']}").json()
    assert [lead["lead_id"] for lead in first["leads"] + second["leads"]] == ids[:4]


def test_leads_are_filtered_and_what_is_misspelled_is_a_problem(desk: Desk) -> None:
    put_leads(desk, 2)
    desk.world.put(Lead("other", "Other", country="FR", status=LeadStatus.CUSTOMER, created_at=NOW - timedelta(days=3)))
    desk.world.work()

    def ids(query: str) -> set[str]:
        return {lead["lead_id"] for lead in get(desk, f"/v1/leads?{query}").json()["leads"]}

    assert ids("country=fr") == ids("status=customer") == ids("created_to=2026-02-27") == {"other"}
    assert ids("created_from=2026-03-02") == {"lead-000", "lead-001"}
    assert ids("max_score=0&country=DE") == {"lead-000", "lead-001"}
    assert ids("min_score=1") == set()
    wrong = ("stauts=new", "status=gone", "country=D1", "limit=0", "limit=x", "cursor=abc", "created_from=1",
             "min_score=101", "cursor=WyJ4Iiwx", "cursor=WzEsMV0", "cursor=WyIwMDAxIiwxXQ", "created_to=9999-12-31",
             "cursor=WyIyMDI2LTAxLTAxVDAwOjAwOjAwKzAwOjAwIiwtMV0")  # fmt: skip
    for query in wrong:
        answer = get(desk, f"/v1/leads?{query}")
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json"), query
        assert answer.json()["errors"][0]["field"] == query.partition("=")[0]


def test_what_a_program_has_already_is_not_sent_again(desk: Desk) -> None:
    put_leads(desk, 1)
    for path in ("/v1/leads/lead-000", "/v1/leads", "/v1/campaigns", "/v1/openapi.json"):
        tag = get(desk, path).headers["etag"]
        for told in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            answer = get(desk, path, **{"If-None-Match": told})
            assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
        assert get(desk, path, **{"If-None-Match": '"other"'}).status_code == 200
    stored = desk.world.deps.store.get(Lead, "lead-000")
    assert stored
    tag = get(desk, "/v1/leads/lead-000").headers["etag"]
    desk.world.put(Lead("lead-000", "Another"))
    changed = get(desk, "/v1/leads/lead-000", **{"If-None-Match": tag})
    assert (changed.status_code, changed.json()["name"]) == (200, "Another")
    assert get(desk, "/v1/leads/nobody").status_code == 404


def test_a_deal_changes_only_in_the_state_that_was_read(desk: Desk) -> None:
    put_leads(desk, 1)
    opened = send(desk, "/v1/opportunities", {"lead_id": "lead-000", "name": "Pilot", "amount": "9", "currency": "EUR"})
    assert opened.status_code == 201, opened.text
    path = f"/v1/opportunities/lead-000/{opened.json()['opportunity_id']}"
    tag = get(desk, path).headers["etag"]
    assert tag == opened.headers["etag"]
    won = send(desk, path, {"stage": "won"}, "PATCH", **{"If-Match": tag})
    assert (won.status_code, won.json()["stage"]) == (200, "won")
    for stale in (tag, f"W/{won.headers['etag']}", '"v9"'):
        late = send(desk, path, {"stage": "lost"}, "PATCH", **{"If-Match": stale})
        assert (late.status_code, late.json()["title"]) == (412, "Changed meanwhile")
    assert get(desk, path).json() == won.json()
    assert send(desk, path, {"stage": "open"}, "PATCH", **{"If-Match": "*"}).json()["stage"] == "open"


def test_deals_campaigns_and_spend_are_read_page_by_page(desk: Desk) -> None:
    put_leads(desk, 1)
    euro = Money(100, "EUR")
    at = [NOW + timedelta(minutes=n // 2) for n in range(5)]
    deals = [Opportunity(f"deal-{n}", "lead-000", f"Deal {n}", euro, created_at=at[n]) for n in range(5)]
    campaigns = [Campaign(f"c-{n}", f"Campaign {n}", "Email" if n else "Radio") for n in range(5)]
    spend = [Spend(f"s-{n}", f"c-{n % 2}", NOW.date(), euro) for n in range(5)]
    desk.world.put(*deals, *campaigns, *spend)
    desk.world.work()

    def ids(path: str, name: str, key: str) -> list[str]:
        return [each[key] for page in walk(desk, path, name) for each in page]

    newest_first = [f"deal-{n}" for n in (4, 3, 2, 1, 0)]
    assert ids("/v1/opportunities?limit=2", "opportunities", "opportunity_id") == newest_first
    of_lead = ids("/v1/opportunities?lead_id=lead-000&stage=open", "opportunities", "opportunity_id")
    assert sorted(of_lead) == sorted(newest_first)
    assert ids("/v1/opportunities?stage=won", "opportunities", "opportunity_id") == []
    assert {f"c-{n}" for n in range(5)} <= set(ids("/v1/campaigns?limit=2", "campaigns", "campaign_id"))
    assert ids("/v1/campaigns?channel=Radio", "campaigns", "campaign_id") == ["c-0"]
    assert get(desk, "/v1/campaigns/c-3").json()["name"] == "Campaign 3"
    assert get(desk, "/v1/campaigns/c-9").status_code == 404
    assert ids("/v1/spend?limit=2", "spend", "spend_id") == [f"s-{n}" for n in range(5)]
    assert ids("/v1/spend?limit=2&campaign=campaign 1", "spend", "spend_id") == ["s-1", "s-3"]
    assert ids("/v1/spend?campaign=none", "spend", "spend_id") == []
    assert get(desk, "/v1/spend?campaign=none&limit=-1").status_code == 422


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/campaigns", {"name": "Fair", "chanel": "Email"}),
        ("/v1/campaigns", {"name": "Fair", "starts_on": ""}),
        ("/v1/spend", {"campaign": "x", "amount": "1", "currency": "EUR", "spend_on": "2026-01-01"}),
        ("/v1/opportunities", {"lead_id": "x", "name": "y", "amount": "1", "currency": "EUR", "value": 1}),
        ("/v1/scans", {"card": "Jana Beispiel", "scanned_at": {}}),
        ("/v1/scans", {"card": "Jana Beispiel", "campaign": False}),
        ("/f/contact", {"name": ["Jana"], "email": "jana@example.com"}),
    ],
)
def test_what_is_not_meant_so_is_refused_with_the_field(desk: Desk, path: str, body: dict[str, Any]) -> None:
    answer = send(desk, path, body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] in body


def test_the_reference_page_has_every_operation_with_its_scope(desk: Desk) -> None:
    source, page = desk.get("/docs/api").text, desk.page("/docs/api")
    for operation in described().values():
        assert f'<article class="panel operation" id="{operation["operationId"]}"' in source
        assert operation["summary"] in page
    assert "Key with the scope imports:write" in page
    assert "API 参考" in desk.page("/docs/api?lang=zh-Hans")
