"""V-1, V-2, V-8: a visitor by hand at both widths: the language is changed, a request is sent, and two weeks later its
page says who has it now."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from chalicelib import wiring
from chalicelib.settings import Settings
from tests.browser.conftest import WIDTHS, somebody
from tests.browser.test_pages import check_layout
from tests.stories.ageing import age
from tests.stories.conftest import Server
from tests.told import receipt_of

CAMPAIGN = "/f/contact?utm_source=letter&utm_medium=email&utm_campaign=newsletter"


@pytest.fixture(params=list(WIDTHS))
def visitor(request: pytest.FixtureRequest, browser: Browser, server: Server):
    with somebody(browser, server, request.param, scripts=False) as page:
        yield page


def sends(page: Page, name: str) -> str:
    """The path of the status page."""
    width = page.viewport_size["width"]  # type: ignore[index]
    page.locator("[name=name]").fill(name)
    page.locator("[name=email]").fill(f"{name.lower()}@w{width}.example.net")
    page.locator("[name=message]").fill(f"When could the sensors be here? {name} {width}")
    page.locator("form[action^='/f/'] [type=submit]").click()
    page.wait_for_url(re.compile("/s/"))
    return urlsplit(page.url).path


def test_the_language_is_switched_without_a_script_and_the_source_comes_along(visitor: Page, server: Server) -> None:
    visitor.goto(CAMPAIGN)
    visitor.get_by_role("button", name="简体中文").click()
    expect(visitor.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(visitor.get_by_role("heading", level=1)).to_have_text("联系我们")
    check_layout(visitor)
    status = sends(visitor, "Lotte")
    expect(visitor.locator("html")).to_have_attribute("lang", "zh-Hans")
    visitor.get_by_role("button", name="繁體中文").click()
    expect(visitor.locator("html")).to_have_attribute("lang", "zh-Hant")
    check_layout(visitor)
    service = wiring.open_service(Settings(data=server.folder, public_url=server.address))
    receipt = receipt_of(service.deps, status)
    touches = [one.value for one in service.deps.store.everything_of(receipt.lead_id) if hasattr(one.value, "source")]  # type: ignore[union-attr]
    service.close()
    assert [touch.source.source for touch in touches] == ["letter"]


def test_two_weeks_later_the_page_says_that_somebody_else_has_the_request(visitor: Page, server: Server) -> None:
    visitor.goto("/f/contact")
    status = sends(visitor, "Veit")
    expect(visitor.locator(".steps")).to_contain_text("Received")
    first = visitor.get_by_role("heading", name=re.compile("^With ")).inner_text()
    service = wiring.open_service(Settings(data=server.folder, public_url=server.address))
    receipt = receipt_of(service.deps, status)
    assert receipt
    age(service.deps.store, [receipt.lead_id], timedelta(days=14))
    service.close()
    for _ in range(60):
        visitor.reload()
        if visitor.get_by_text("Somebody else has your request now").count():
            break
        visitor.wait_for_timeout(1000)
    check_layout(visitor)
    expect(visitor.locator(".steps")).to_contain_text("The time we had set ourselves had passed without an answer.")
    expect(visitor.locator(".steps")).to_contain_text("Taken over by")
    assert visitor.get_by_role("heading", name=re.compile("^With ")).inner_text() != first


def test_a_person_asks_to_be_forgotten_and_an_administrator_reads_it(
    visitor: Page, browser: Browser, server: Server
) -> None:
    width = "phone" if visitor.viewport_size["width"] < 500 else "desktop"  # type: ignore[index]
    visitor.goto("/f/contact")
    sends(visitor, "Fenja")
    visitor.get_by_role("button", name="Ask for a copy").click()
    visitor.get_by_role("button", name="Ask to be forgotten").click()
    expect(visitor.locator("main")).to_contain_text("To be forgotten: asked for on")
    expect(visitor.get_by_role("button", name=re.compile("^Ask"))).to_have_count(0)
    check_layout(visitor)
    with somebody(browser, server, width, "sample-admin") as page:
        for _ in range(20):
            page.goto("/app/inbox")
            if page.locator(".tasks [data-row]", has_text="Fenja").count() > 1:
                break
            page.wait_for_timeout(500)
        expect(page.locator(".tasks")).to_contain_text("Asks to be forgotten")
        page.locator(".tasks [data-row]", has_text="Asks for a copy").locator("a.strong").first.click()
        with page.expect_download() as download:
            page.get_by_role("link", name="Download what is stored of this person").click()
        assert "Fenja" in download.value.path().read_text("utf-8")
