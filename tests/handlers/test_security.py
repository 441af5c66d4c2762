"""What must not come in, not get out, and not outlive a sign-out."""

import io
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from chalice import Response

from app import app
from chalicelib import wiring
from chalicelib.flows.plan_marketing import add_campaign, find_campaign
from chalicelib.handlers.gateway import Gateway, LeadlineApp
from chalicelib.handlers.http_assets import _read
from chalicelib.records.campaign import Campaign
from chalicelib.records.lead import Lead
from chalicelib.records.ports import NotFound
from chalicelib.records.spend import Spend
from chalicelib.records.touch import Touch
from chalicelib.store.directory import CachedDirectory
from tests.handlers.desk import Desk, open_desk, without_an_address, words
from tests.stories.conftest import HTML, KEY

BEARER = {"Authorization": f"Bearer {KEY}"}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_desk(tmp_path)


def api(desk: Desk, path: str, **body: Any) -> httpx.Response:
    return desk.world.client.post(path, json=body, headers=BEARER)


def raw(path: str, **more: str) -> tuple[str, list[tuple[str, str]], str]:
    """(status, headers, body) of a path exactly as WSGI hands it over."""
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path.encode().decode("latin-1"),
        "wsgi.input": io.BytesIO(),
        **more,
    }
    answer: list[Any] = []
    body = Gateway(app)(environ, lambda status, headers: answer.extend((status, headers)))
    return answer[0], answer[1], b"".join(body).decode()


# Files


@pytest.mark.parametrize(
    "path",
    [
        "/assets/..%252F..%252Frequirements.txt",
        "/assets/..%2F..%2Frequirements.txt",
        "/assets/lib/..%252F..%252F..%252Frequirements.txt",
        "/assets/%252Fetc%252Fhost.txt",
        "/assets/..%255C..%255Crequirements.txt",
        "/assets/lib%252Fchart.license.txt",
    ],
)
def test_no_file_outside_the_assets_can_be_read(desk: Desk, path: str) -> None:
    assert desk.world.client.get(path).status_code == 404


def test_a_name_that_leads_out_is_refused_by_the_reader_itself(tmp_path: Path) -> None:
    outside = tmp_path / "private.txt"
    outside.write_text("secret")
    for name in ("../../requirements.txt", str(outside), "lib/../../../requirements.txt", "lib//app.css"):
        with pytest.raises(NotFound):
            _read(name)


def test_our_own_assets_are_served(desk: Desk) -> None:
    # The fetched libraries are not there in every test run; the browser suite draws its chart with one.
    for path in ("/assets/app.css", "/assets/app.js", "/assets/favicon.svg"):
        assert desk.world.client.get(path).status_code == 200


# Headers


@pytest.mark.parametrize("path", ["/app/leads/你", "/app/leads/a\r\nX:1", "/app/leads/a%b&c"])
def test_an_odd_address_leads_to_the_sign_in_and_never_breaks_a_header(tmp_path: Path, path: str) -> None:
    open_desk(tmp_path, signed_in="")
    status, headers, _ = raw(path, HTTP_ACCEPT="text/html")
    assert status.startswith("303")
    location = dict(headers)["Location"]
    assert location.startswith("/app/sign-in?next=/app/leads/")
    assert location.isascii()
    assert "\r" not in location
    assert "&" not in location


@pytest.mark.parametrize("language", ["a;Secure", "a\r\nX: 1", "fr", "zh-Hans; Domain=x", ""])
def test_only_a_language_there_is_gets_into_the_cookie(desk: Desk, language: str) -> None:
    answer = desk.world.client.post("/language", data={"language": language, "next": "/f/contact"})
    assert answer.headers["set-cookie"] == "leadline_language=en; Path=/; SameSite=Lax"
    answer = desk.world.client.post("/language", data={"language": "zh-Hant", "next": "/f/你"})
    assert answer.headers["set-cookie"].startswith("leadline_language=zh-Hant;")
    assert answer.headers["location"] == "/f/%E4%BD%A0"


def test_whatever_a_handler_puts_into_a_header_no_line_is_ended_by_it() -> None:
    made = LeadlineApp(app_name="test")

    @made.route("/odd")
    def odd() -> Response:
        return Response("", {"X-Odd": "a\x0b你\x7fb", "Set-Cookie": ["c\x0bd"]})

    answer: list[Any] = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/odd", "wsgi.input": io.BytesIO()}
    Gateway(made)(environ, lambda status, headers: answer.extend((status, dict(headers))))
    assert answer[0] == "200 OK"
    assert (answer[1]["X-Odd"], answer[1]["Set-Cookie"]) == ("a???b", "c?d")


# Methods


@pytest.mark.parametrize(("method", "path"), [("DELETE", "/v1/leads"), ("PUT", "/f/contact")])
def test_a_method_an_address_does_not_have_is_told_to_people_and_programs(desk: Desk, method: str, path: str) -> None:
    answer = desk.world.client.request(method, path, headers=BEARER)
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"
    assert "POST" in answer.json()["detail"]
    page = desk.world.client.request(method, path, headers=HTML)
    assert page.status_code == 405
    assert page.headers["content-type"].startswith("text/html")
    assert "Method not allowed" in words(page.text)


# The sample people


@pytest.mark.parametrize(
    "header", ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Via", "X-Real-IP"]
)
def test_the_sample_sign_in_is_closed_behind_a_proxy(desk: Desk, header: str) -> None:
    without_an_address(desk).world.deps.blobs.put("sample", b"yes")
    here = {"Host": "127.0.0.1:8000"}
    assert "Anna Example" in desk.get("/app/sign-in", **here).text
    assert "Anna Example" not in desk.get("/app/sign-in", **here, **{header: "for=192.0.2.1"}).text
    sent = desk.world.client.post("/app/sign-in", data={"rep_id": "anna"}, headers={**HTML, **here, header: "1.1 x"})
    assert sent.status_code == 403


@pytest.mark.parametrize(
    ("public_url", "is_open"),
    [("", True), ("http://127.0.0.1:9000", True), ("http://localhost", True), ("https://leads.example.com", False)],
)
def test_the_sample_sign_in_is_closed_once_there_is_a_public_address(
    desk: Desk, public_url: str, is_open: bool
) -> None:
    desk.world.deps.blobs.put("sample", b"yes")
    found = wiring.service()
    wiring.use(replace(found, settings=replace(found.settings, public_url=public_url)))
    assert ("Anna Example" in desk.get("/app/sign-in", Host="127.0.0.1").text) is is_open


# What was just written is there


def test_a_campaign_just_made_is_known_at_once_and_made_once(desk: Desk) -> None:
    desk.world.deps.directory.campaigns()
    assert api(desk, "/v1/campaigns", name="Fresh fair").status_code == 201
    lead = api(desk, "/v1/leads", name="Fay Frisch", email="fay@customer.example.com", campaign="Fresh fair")
    assert lead.status_code == 201, lead.text
    assert api(desk, "/v1/campaigns", name="fresh  FAIR").status_code == 409
    names = [stored.value.name for stored in desk.world.deps.store.query(Campaign)]
    assert names.count("Fresh fair") == 1


def test_a_campaign_another_process_made_is_found_before_the_directory_is_read_anew(desk: Desk) -> None:
    deps = desk.world.deps
    deps.directory.campaigns()
    elsewhere = replace(deps, directory=CachedDirectory(deps.store, deps.model))
    add_campaign(elsewhere, "Herbstmesse")
    found = find_campaign(deps, "HERBSTMESSE")
    assert found
    assert api(desk, "/v1/spend", campaign="herbstmesse", amount="5", currency="EUR").status_code == 201


@pytest.mark.parametrize("name", ["Herbst Messe", "春季展会", "Spring Fair!"])
def test_two_who_make_the_same_campaign_at_once_make_one(desk: Desk, name: str) -> None:
    made = [add_campaign(desk.world.deps, each) for each in (name, f" {name.upper()} ", name)]
    assert len({campaign.campaign_id for campaign in made}) == 1
    assert made[0].campaign_id.replace("-", "").isalnum()
    assert made[0].campaign_id.isascii()


def test_different_names_with_the_same_letters_are_two_campaigns(desk: Desk) -> None:
    names = ("A & B", "A B", "a b", "A-B")
    ids = [add_campaign(desk.world.deps, name).campaign_id for name in names]
    assert ids[1] == ids[2]
    assert len(set(ids)) == 3


def test_what_was_read_before_a_change_is_not_kept_after_it(desk: Desk) -> None:
    deps = desk.world.deps
    reading, changed = threading.Event(), threading.Event()

    class SlowStore:
        def query(self, kind: type) -> Any:
            found = deps.store.query(kind)
            if not changed.is_set():
                reading.set()
                changed.wait(5)
            return found

    directory = CachedDirectory(SlowStore(), deps.model, seconds=3600)  # type: ignore[arg-type]
    slow = threading.Thread(target=directory.campaigns)
    slow.start()
    reading.wait(5)
    add_campaign(replace(deps, directory=directory), "Late fair")
    changed.set()
    slow.join()
    assert "Late fair" in [campaign.name for campaign in directory.campaigns()]


# Amounts and cards


def test_an_invoice_with_another_amount_or_date_is_a_problem_of_the_api_too(desk: Desk) -> None:
    entry = {"campaign": "fair", "amount": "5", "currency": "EUR", "invoice": "I-1", "spent_on": "2026-02-01"}
    assert api(desk, "/v1/spend", **entry).status_code == 201
    assert api(desk, "/v1/spend", **entry).status_code == 200
    undated = {name: value for name, value in entry.items() if name != "spent_on"}
    assert api(desk, "/v1/spend", **undated).status_code == 200, "who tells no day means the same invoice"
    for changed in ({"amount": "999"}, {"currency": "USD"}, {"spent_on": "2026-02-02"}):
        answer = api(desk, "/v1/spend", **{**entry, **changed})
        assert answer.status_code == 422
        (error,) = answer.json()["errors"]
        assert error["field"] == "invoice"
        assert error["reason"] == "this invoice is stored with another amount or date: I-1"


def test_spend_without_a_day_is_of_the_services_today(desk: Desk) -> None:
    api(desk, "/v1/spend", campaign="fair", amount="5", currency="EUR")
    (stored,) = desk.world.deps.store.query(Spend)
    assert stored.value.spent_on == desk.world.now.date()


def test_a_margin_is_a_number_and_true_is_none(desk: Desk) -> None:
    lead = api(desk, "/v1/leads", name="Max Muster", email="max@customer.example.com").json()["lead_id"]
    deal = {"lead_id": lead, "name": "d", "amount": "5", "currency": "EUR"}
    for margin in (True, False, 101, -1, "40"):
        answer = api(desk, "/v1/opportunities", **deal, margin=margin)
        assert answer.status_code == 422, margin
        assert answer.json()["errors"][0]["field"] == "margin"
    assert api(desk, "/v1/opportunities", **deal, margin=0).status_code == 201


def test_money_of_more_than_a_year_ahead_is_refused_everywhere(desk: Desk) -> None:
    entry = {"amount": "5", "currency": "EUR", "spent_on": "2027-03-05"}
    reason = "this day is more than a year ahead"
    assert reason in api(desk, "/v1/spend", campaign="fair", **entry).text
    assert reason in words(desk.post("/app/campaigns/fair/spend", **entry).text)
    body = b"date,amount,currency\n2027-03-05,5,EUR\n2026-03-01,5,ZZZ\n"
    files = {"file": ("spend.csv", body, "text/csv")}
    data = {"csrf": desk.world.csrf("/app/campaigns/fair")}
    answer = desk.world.client.post("/app/campaigns/fair/spend/import", data=data, files=files, headers=HTML)
    assert f"Row 1: {reason}" in words(answer.text)
    assert "Row 2: not an ISO 4217 code such as EUR: ZZZ" in words(answer.text)
    assert desk.world.deps.store.query(Spend) == []
    assert api(desk, "/v1/spend", campaign="fair", **{**entry, "spent_on": "2027-03-01"}).status_code == 201


def test_a_spend_entry_can_be_taken_back(desk: Desk) -> None:
    api(desk, "/v1/spend", campaign="fair", amount="77", currency="EUR")
    (stored,) = desk.world.deps.store.query(Spend)
    path = f"/app/campaigns/fair/spend/{stored.value.spend_id}/remove"
    assert f'action="{path}"' in desk.get("/app/campaigns/fair").text
    assert desk.world.client.post(path, data={"csrf": "x"}, headers=HTML).status_code == 403
    assert desk.post(path.replace("/fair/", "/ads/"), "/app/campaigns/fair").status_code == 404
    assert len(desk.world.deps.store.query(Spend)) == 1
    for _ in range(2):
        assert desk.post(path, "/app/campaigns/fair").headers["location"] == "/app/campaigns/fair?said=removed#spend"
    assert desk.world.deps.store.query(Spend) == []
    shown = desk.page("/app/campaigns/fair?said=removed")
    assert "The entry is taken back." in shown
    assert "€77" not in shown


@pytest.mark.parametrize("card", ["x", "ab", "--", "!!!!", "***", "🙂🙂", "王"])
def test_a_code_that_tells_nobody_is_refused_and_stores_nothing(desk: Desk, card: str) -> None:
    answer = api(desk, "/v1/scans", card=card, campaign="fair")
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "card", "reason": "nothing on the code tells who it is"}]
    desk.world.work()
    assert desk.world.deps.model.counts()["leads"] == 0


@pytest.mark.parametrize("card", ["X-1234", "7", "https://organiser.example/b/1"])
def test_an_opaque_badge_is_kept_and_flagged_until_it_is_resolved(desk: Desk, card: str) -> None:
    answer = api(desk, "/v1/scans", card=card, campaign="fair").json()
    stored = desk.world.deps.store.get(Lead, answer["lead_id"])
    assert stored
    assert "unreachable" in stored.value.flags
    (touch,) = desk.world.deps.store.query(Touch, answer["lead_id"])
    assert f"unresolved badge: {card}" in touch.value.warnings


def test_a_chinese_name_of_two_signs_is_a_name(desk: Desk) -> None:
    assert api(desk, "/v1/scans", card="王伟", campaign="fair").status_code == 201
