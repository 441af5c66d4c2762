"""The inbox by hand: a tap a lead at both widths, and without a script."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import WIDTHS
from tests.browser.test_pages import check_layout
from tests.stories.conftest import Server


def sign_in(page: Page, name: str) -> None:
    page.goto("/app/sign-in")
    page.get_by_role("button", name=re.compile(name)).first.click()
    expect(page).to_have_url(re.compile(r"/app/inbox$"))


def press(page: Page, key: str) -> None:
    """Once the page's scripts have run, which hear it."""
    page.wait_for_load_state("load")
    page.keyboard.press(key)


def accept_and_undo(page: Page) -> None:
    row = page.locator("[data-row]").first
    name = row.locator("a.strong").inner_text()
    row.get_by_role("button", name="Accept").click()
    toast = page.locator(".flash[role=status]")
    expect(toast).to_contain_text(f"Accepted: {name}")
    check_layout(page)
    toast.get_by_role("button", name="Undo").click()
    expect(page.locator(".flash[role=status]")).to_contain_text(f"Taken back: {name}")


def test_a_rep_decides_from_the_row_and_takes_it_back(page: Page) -> None:
    sign_in(page, "Wen")
    check_layout(page)
    accept_and_undo(page)
    for view in ("work", "snoozed"):
        page.goto(f"/app/inbox?view={view}")
        check_layout(page)


def test_a_call_and_a_task_take_a_tap_or_two_on_the_leads_page(page: Page) -> None:
    sign_in(page, "Elena")
    page.locator(".inbox [data-row] a.strong").first.click()
    expect(page.get_by_role("heading", name="Next step")).to_be_visible()
    check_layout(page)
    page.get_by_role("button", name="I called").click()
    expect(page.locator(".flash[role=status]")).to_contain_text("Written down.")
    page.locator(".flash[role=status]").get_by_role("button", name="Undo").click()
    expect(page.locator(".flash[role=status]")).to_contain_text("It is taken back.")
    title = page.locator("#task-title")
    if not title.is_visible():
        page.locator("summary", has_text="Set a task").click()
    title.fill("Send the sheet")
    page.get_by_role("button", name="Set the task").click()
    expect(page.locator(".flash[role=status]")).to_contain_text("The task is written down.")
    check_layout(page)


def test_the_company_is_one_tap_from_its_people(page: Page) -> None:
    sign_in(page, "Mei")
    page.locator(".inbox [data-row] a.strong").first.click()
    page.locator("a[href$='/company']").click()
    expect(page.get_by_role("heading", name="Open matters")).to_be_visible()
    check_layout(page)


def test_the_inbox_and_the_lead_go_by_keys(page: Page) -> None:
    sign_in(page, "Cara")
    press(page, "a")
    expect(page).to_have_url(re.compile(r"/app/inbox$"))
    press(page, "?")
    expect(page.get_by_role("dialog")).to_contain_text("Next row")
    check_layout(page)
    press(page, "Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    row = page.locator(".inbox [data-row]").first
    name = row.locator("a.strong").inner_text()
    press(page, "j")
    while row.locator("a.strong:focus").count() == 0:
        press(page, "j")
    press(page, "x")
    expect(row.locator("[data-key=x]")).to_be_focused()
    press(page, "a")
    expect(page.locator(".flash[role=status]")).to_contain_text(f"Accepted: {name}")
    press(page, "z")
    expect(page.locator(".flash[role=status]")).to_contain_text(f"Taken back: {name}")
    page.locator(".inbox [data-row] a.strong").first.click()
    expect(page).to_have_url(re.compile(r"/app/leads/"))
    press(page, "n")
    expect(page.locator("#note-text")).to_be_focused()
    page.keyboard.type("cvi")
    expect(page.locator("#note-text")).to_have_value("cvi")


def test_shortcuts_can_be_switched_off(page: Page) -> None:
    sign_in(page, "Cara")
    press(page, "?")
    page.get_by_label("Shortcuts of single letters").uncheck()
    page.get_by_role("button", name="Close").click()
    press(page, "j")
    expect(page.locator("[data-row].at")).to_have_count(0)


@pytest.mark.parametrize("scripts", [False])
def test_the_inbox_needs_no_script(browser: Browser, server: Server, scripts: bool) -> None:
    width, height = WIDTHS["phone"]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        base_url=server.address,
        locale="en-GB",
        java_script_enabled=scripts,
    )
    page = context.new_page()
    page.goto("/app/sign-in")
    page.get_by_role("button", name=re.compile("Wen")).first.click()
    page.wait_for_url(re.compile(r"/app/inbox$"))
    row = page.locator("[data-row]").first
    name = row.locator("a.strong").inner_text()
    row.get_by_role("button", name="no budget").click()
    expect(page.locator(".flash[role=status]")).to_contain_text(f"Rejected: {name}")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".flash[role=status]")).to_contain_text(f"Taken back: {name}")
    context.close()
