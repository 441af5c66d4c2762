"""What may happen meanwhile: the session is lost, a colleague was quicker; and a browser that runs no script."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import WIDTHS, enter, somebody
from tests.browser.test_pages import check_layout
from tests.stories.conftest import Server

LEADS = "/app/leads?status=new&sort=company&offset=50"


@pytest.fixture(params=list(WIDTHS))
def width(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def first_lead(page: Page, path: str = "/app/leads?sort=score") -> str:
    page.goto(path)
    return page.locator("td.cell-title a").first.get_attribute("href") or ""


def test_a_lost_session_comes_back_to_the_same_list_and_to_the_same_lead(
    browser: Browser, server: Server, width: str
) -> None:
    with somebody(browser, server, width, "sample-lead-emea") as page:
        lead = first_lead(page)
        page.context.clear_cookies()
        page.goto(LEADS)
        expect(page).to_have_url(re.compile("/app/sign-in"))
        check_layout(page)
        enter(page, "sample-lead-emea")
        assert page.url.endswith(LEADS)
        page.goto(lead)
        page.locator("#note-text").fill("Said on the phone")
        page.context.clear_cookies()
        page.get_by_role("button", name="Write down").click()
        expect(page).to_have_url(re.compile("/app/sign-in"))
        enter(page, "sample-lead-emea")
        assert page.url.endswith(lead)
        # Nobody is said to have written what never came in.
        expect(page.locator(".timeline").first).not_to_contain_text("Said on the phone")


def test_who_decides_on_an_old_page_sees_both_versions(browser: Browser, server: Server, width: str) -> None:
    with somebody(browser, server, width, "sample-lead-emea") as page:
        lead = first_lead(page, f"/app/leads?status=new&sort=name&offset={0 if width == 'phone' else 50}")
        page.goto(lead)
        page.route("**/now.json*", lambda route: route.abort())
        with somebody(browser, server, width, "sample-admin") as other:
            other.goto(lead)
            other.get_by_role("button", name="Qualify").click()
            expect(other.locator(".flash[role=status]")).to_contain_text("The status is changed.")
        page.locator("summary", has_text="Reject, with the reason").click()
        page.get_by_role("button", name="no budget").click()
        both = page.locator(".stale .versions > div")
        expect(both.first).to_contain_text("As it is now")
        expect(both.first).to_contain_text("Qualified")
        expect(both.last).to_contain_text("As you wanted it")
        expect(both.last).to_contain_text("no budget")
        check_layout(page)
        page.get_by_role("link", name="Leave it as it is now").click()
        expect(page.locator(".page-head")).to_contain_text("Qualified")


def test_what_is_essential_works_without_a_script(browser: Browser, server: Server, width: str) -> None:
    with somebody(browser, server, width, "sample-elena", scripts=False) as page:
        page.locator(".inbox [data-row] a.strong").first.click()
        name = page.locator("h1").inner_text()
        page.get_by_role("button", name="I called").click()
        expect(page.locator(".flash[role=status]")).to_contain_text("Written down.")
        page.locator("summary", has_text="Something was promised").click()
        page.locator("[name=promise_subject]").select_option("sample")
        page.locator("[name=promise]").fill("A sample by post")
        page.locator("[name=promise_due]").fill("2100-01-01")
        page.get_by_role("button", name="Write down").click()
        # What is wrong stands at its field, and what was typed is kept.
        expect(page.locator(".error").first).to_be_visible()
        expect(page.locator("[name=promise]")).to_have_value("A sample by post")
        page.get_by_role("link", name="Quote a price").click()
        page.locator("[name=product-0]").select_option("s400")
        page.locator("[name=price-0]").fill("1")
        page.get_by_role("button", name="Make the quotation").click()
        expect(page.get_by_role("alert")).to_contain_text("below the floor")
        if width == "phone":
            page.locator("label.menu-label").click()
        page.get_by_role("link", name="Promises", exact=True).click()
        expect(page.get_by_role("heading", name="Promises")).to_be_visible()
        page.locator("#seek").fill(name)
        page.locator("#seek").press("Enter")
        expect(page.locator("main")).to_contain_text(name)
    with somebody(browser, server, width, "sample-lead-emea", scripts=False) as page:
        page.get_by_role("link", name=re.compile("leads without a next step")).click()
        expect(page.locator("[data-row]").first).to_be_visible()
        page.goto("/app/leads")
        if width == "phone":
            page.locator("main [name=sort]").select_option("score")
            page.locator("main form").get_by_role("button", name="Search").click()
        else:
            page.get_by_role("link", name="Score", exact=True).click()
        expect(page.locator("th[aria-sort=descending]")).to_contain_text("Score")
        page.get_by_role("link", name="Next", exact=True).click()
        expect(page.locator(".pager")).to_contain_text("51 to 100")
