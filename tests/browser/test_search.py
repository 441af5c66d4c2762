"""The search box by hand: suggestions by keys and by tap at both widths, and without a script."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import WIDTHS
from tests.browser.test_inbox import press, sign_in
from tests.browser.test_pages import check_layout
from tests.stories.conftest import Server


def test_suggestions_come_while_one_types_and_a_tap_opens_one(page: Page) -> None:
    sign_in(page, "Elena")
    box = page.get_by_role("combobox", name="Search people and companies")
    box.press_sequentially("demo")
    suggestion = page.get_by_role("option").first
    expect(suggestion).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(page.locator(".seek-list mark").first).to_have_text(re.compile("demo", re.IGNORECASE))
    check_layout(page)
    suggestion.click()
    expect(page).to_have_url(re.compile(r"/app/leads/\w+"))


def test_the_box_goes_by_keys_alone(page: Page) -> None:
    sign_in(page, "Elena")
    press(page, "/")
    box = page.get_by_role("combobox")
    expect(box).to_be_focused()
    page.keyboard.type("demo")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    chosen = page.locator('[role=option][aria-selected="true"]')
    expect(chosen).to_have_count(1)
    assert box.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    page.keyboard.press("ArrowUp")
    expect(chosen).to_have_text("Show all that is found")
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/app/search\?q=demo$"))
    expect(page.get_by_role("heading", name="People")).to_be_visible()
    check_layout(page)


@pytest.mark.parametrize("typed", ["dmeo", "nobody-is-called-so", "", "+1 202 555"])
def test_every_answer_fits_the_screen(page: Page, typed: str) -> None:
    sign_in(page, "Elena")
    page.goto(f"/app/search?q={typed}")
    check_layout(page)


def test_shortcuts_switched_off_leave_the_slash_alone(page: Page) -> None:
    sign_in(page, "Elena")
    page.evaluate("localStorage.setItem('leadline-keys', 'off')")
    press(page, "/")
    expect(page.get_by_role("combobox")).not_to_be_focused()


def test_the_box_needs_no_script(browser: Browser, server: Server) -> None:
    width, height = WIDTHS["phone"]
    context = browser.new_context(
        viewport={"width": width, "height": height}, base_url=server.address, locale="en-GB", java_script_enabled=False
    )
    page = context.new_page()
    page.goto("/app/sign-in")
    page.get_by_role("button", name=re.compile("Elena")).first.click()
    page.wait_for_url(re.compile(r"/app/inbox$"))
    page.get_by_role("searchbox", name="Search people and companies").fill("demo")
    page.keyboard.press("Enter")
    expect(page.locator("mark").first).to_have_text(re.compile("demo", re.IGNORECASE))
    context.close()
