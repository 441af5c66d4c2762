"""Two records made one in a browser: compared, merged by one button, taken back by the one beside it."""

import re

from playwright.sync_api import Page, expect

from tests.browser.test_pages import check_layout, sign_in


def test_a_pair_is_merged_and_taken_back_on_the_review_page(page: Page) -> None:
    sign_in(page, "Eva")
    page.goto("/app/review")
    check_layout(page)
    pair = page.locator("section.pair").first
    names = pair.locator("thead a").all_inner_texts()
    pair.locator("summary").click()
    check_layout(page)
    pair.get_by_role("button", name="Same person: merge").click()
    expect(page.locator(".toast")).to_contain_text(re.compile("being made one|one person now"))
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator(".toast")).to_be_visible()
    for _ in range(40):
        page.goto("/app/review")
        shown = page.locator("section.pair").first.locator("thead a").all_inner_texts()
        if shown == names:
            return
        page.wait_for_timeout(250)
    raise AssertionError(f"{shown} instead of {names}")


def test_another_record_is_found_and_compared_on_a_leads_page(page: Page) -> None:
    sign_in(page, "Eva")
    page.goto("/app/leads")
    page.locator("table a[href^='/app/leads/']").first.click()
    page.get_by_role("link", name="Merge with another record").click()
    check_layout(page)
    page.get_by_label("Name, company, e-mail or phone").fill("a")
    page.locator("form[role=search]").last.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Compare").first.click()
    expect(page.get_by_role("button", name="Same person: merge")).to_be_visible()
    check_layout(page)
