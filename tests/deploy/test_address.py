"""API Gateway in front of the app: the same answers as the embedded service gives."""

import httpx


def test_assets_come_as_they_are(browser: httpx.Client) -> None:
    answer = browser.get("/assets/app.css")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/css")


def test_head_is_answered_too(browser: httpx.Client) -> None:
    assert (browser.head("/assets/app.css").status_code, browser.head("/assets/app.css").content) == (200, b"")


def test_an_unknown_address_gets_our_page_not_the_gateways(browser: httpx.Client) -> None:
    answer = browser.get("/nowhere", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert "Leadline" in answer.text


def test_a_method_a_page_does_not_have_is_a_problem(browser: httpx.Client) -> None:
    answer = browser.delete("/healthz")
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_service_says_that_it_is_well(browser: httpx.Client) -> None:
    assert browser.get("/healthz").status_code == 200


def test_a_page_comes_in_the_visitors_language(browser: httpx.Client) -> None:
    answer = browser.get("/nowhere", headers={"Accept": "text/html", "Accept-Language": "zh-TW"})
    assert answer.headers["content-language"] == "zh-Hant"
