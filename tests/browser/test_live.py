"""Two people on one lead, at both widths: each sees the other's change without losing what was typed."""

import re

from playwright.sync_api import Browser, Page, expect

from tests.browser.test_pages import check_layout
from tests.stories.conftest import Server


def sign_in(page: Page, name: str) -> None:
    page.goto("/app/sign-in")
    page.get_by_role("button", name=re.compile(name)).first.click()
    page.wait_for_url(re.compile(r"/app"))


def test_who_has_a_lead_open_sees_what_a_colleague_does_and_keeps_what_was_typed(
    page: Page, browser: Browser, server: Server
) -> None:
    sign_in(page, "Alex")
    page.goto("/app/leads?sort=name")
    page.locator("td.cell-title a").first.click()
    page.locator("#note-text").fill("What I wanted to say")
    expect(page.locator(".live")).to_be_hidden()
    context = browser.new_context(base_url=server.address, locale="en-GB")
    other = context.new_page()
    sign_in(other, "Eva")
    other.goto(page.url)
    other.locator("#note-text").fill("Somebody else was here")
    other.get_by_role("button", name="Write down").click()
    expect(other.locator(".flash")).to_contain_text("Written down.")
    context.close()
    expect(page.locator(".live")).to_contain_text("Eva Sample", timeout=20_000)
    check_layout(page)
    expect(page.locator("#note-text")).to_have_value("What I wanted to say")
    page.get_by_role("link", name="Show the lead as it is now").click()
    expect(page.locator(".timeline").first).to_contain_text("Somebody else was here")
    expect(page.locator(".live")).to_be_hidden()


def test_the_trail_fits_its_screen_and_opens_from_the_lead(page: Page) -> None:
    sign_in(page, "Alex")
    page.goto("/app/leads?status=new&sort=name")
    page.locator("td.cell-title a").first.click()
    page.get_by_role("button", name="Qualify").click()
    expect(page.get_by_role("status")).to_contain_text("The status is changed.")
    page.locator("summary", has_text="Who changed what").click()
    check_layout(page)
    page.get_by_role("link", name="All changes of this lead").click()
    expect(page.locator(".trail").first).to_contain_text("Alex Sample")
    check_layout(page)
