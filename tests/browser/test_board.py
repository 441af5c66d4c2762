"""A manager's morning by hand, at both widths: the board, a figure opened, a lead of it."""

import re

from playwright.sync_api import Page, expect

from tests.browser.test_pages import check_layout


def test_a_manager_begins_at_the_board_and_opens_a_figure_down_to_a_lead(page: Page) -> None:
    page.goto("/app/sign-in")
    page.get_by_role("button", name=re.compile("Eva")).first.click()
    expect(page).to_have_url(re.compile(r"/app/board$"))
    check_layout(page)
    page.get_by_role("link", name="Show everybody's").click()
    figure = page.get_by_role("link", name=re.compile("leads without a next step"))
    said = int(re.sub(r"\D", "", figure.locator(".figure-value").inner_text()))
    assert said
    figure.click()
    check_layout(page)
    rows = page.locator("[data-row]").count()
    while (following := page.get_by_role("link", name="Next", exact=True)).count():
        following.click()
        page.wait_for_load_state()
        rows += page.locator("[data-row]").count()
    assert rows == said
    page.locator("[data-row] a.strong").first.click()
    expect(page.get_by_role("heading", name="Next step")).to_be_visible()
