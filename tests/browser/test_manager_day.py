"""G-1, G-6, and what a manager reads of others' doings, by hand at both widths."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import WIDTHS, somebody
from tests.browser.test_pages import check_layout
from tests.stories.conftest import Server

SOON = (datetime.now(UTC).date() + timedelta(days=5)).isoformat()


@pytest.fixture(params=list(WIDTHS))
def manager(request: pytest.FixtureRequest, browser: Browser, server: Server):
    with somebody(browser, server, request.param, "sample-lead-emea") as page:
        yield page


def promise(page: Page, lead: str, text: str) -> None:
    page.goto(lead)
    page.locator("summary", has_text="Something was promised").click()
    page.locator("[name=promise_subject]").select_option("warranty")
    page.locator("[name=promise]").fill(text)
    page.locator("[name=promise_due]").fill(SOON)
    page.get_by_role("button", name="Write down").click()
    expect(page.locator(".flash[role=status]")).to_contain_text("Written down.")


def test_two_promises_that_contradict_each_other_are_on_the_board_and_one_is_withdrawn(
    manager: Page, browser: Browser, server: Server
) -> None:
    width = "phone" if manager.viewport_size["width"] < 500 else "desktop"  # type: ignore[index]
    manager.goto(f"/app/leads?sort=name&offset={50 if width == 'phone' else 100}")
    lead = manager.locator("td.cell-title a").first.get_attribute("href") or ""
    two, three = f"Two years ({width})", f"Three years ({width})"
    promise(manager, lead, two)
    with somebody(browser, server, width, "sample-admin") as other:
        promise(other, lead, three)
        # Whoever talks to the customer sees it before they do.
        expect(other.locator("[aria-labelledby=h-promises] .warning").first).to_contain_text(
            "Somebody else promised this customer something different"
        )
    manager.goto("/app/board?people=all")
    expect(manager.get_by_role("link", name=re.compile("contradictory promises"))).to_be_visible()
    for _ in range(20):
        manager.goto("/app/board/contradictions?people=all")
        if manager.get_by_text(three, exact=True).count():
            break
        manager.wait_for_timeout(500)
    check_layout(manager)
    line = manager.locator("li[id^=promise-]", has=manager.locator(".line-main > .strong", has_text=three))
    expect(line.locator(".warning")).to_contain_text(two)
    line.locator("summary", has_text="Withdraw").click()
    line.get_by_label("What the customer was told").fill("It is two years for everybody.")
    line.get_by_role("button", name="Withdraw").click()
    expect(manager.locator(".flash[role=status]")).to_contain_text(f"Withdrawn: {three}")
    expect(manager.locator("main")).not_to_contain_text(two)
    check_layout(manager)


def test_a_file_that_is_taken_out_stands_in_the_trail(manager: Page) -> None:
    manager.goto("/app/leads?country=DE")
    with manager.expect_download() as download:
        manager.get_by_role("link", name="Download as CSV").click()
    assert download.value.suggested_filename == "leads.csv"
    for _ in range(20):
        manager.goto("/app/audit?kind=Export&by=sample-lead-emea")
        if manager.get_by_text("leads.csv").count():
            break
        manager.wait_for_timeout(500)
    expect(manager.locator(".trail > li").first).to_contain_text("country=DE")
    check_layout(manager)


def test_a_ledger_is_searched_turned_round_and_paged_by_hand(manager: Page) -> None:
    manager.goto("/app/mailbox?state=all")
    rows = manager.locator("tbody tr")
    expect(rows).to_have_count(50)
    manager.get_by_role("link", name="Next", exact=True).click()
    expect(manager.locator(".pager")).to_contain_text("51 to 100 of")
    manager.locator("summary", has_text="Search and order").click()
    manager.locator("main [name=text]").fill("nordwerk")
    manager.locator("main [name=kind]").select_option("confirmation")
    manager.locator("main [name=sort]").select_option("person")
    manager.get_by_label("The other way round").check()
    manager.get_by_role("button", name="Show", exact=True).click()
    check_layout(manager)
    names = manager.locator("td[data-label=About] a").all_inner_texts()
    assert len(names) > 2
    assert names == sorted(names, reverse=True)
    assert set(manager.locator("td.cell-title").all_inner_texts()) == {"Confirmation"}


@pytest.mark.parametrize("path", ["/app/board", "/app/quotes", "lead"])
def test_on_paper_there_is_what_is_to_be_read_and_nothing_to_press(manager: Page, path: str) -> None:
    manager.goto("/app/quotes" if path == "lead" else path)
    if path == "lead":
        manager.locator(".lines a.strong").first.click()
        manager.locator(".page-head p a").first.click()
        expect(manager.get_by_role("heading", name="Timeline")).to_be_visible()
    manager.emulate_media(media="print", color_scheme="dark")
    for hidden in (".bar", ".skip", ".no-print", "main button", ".pager"):
        for found in manager.locator(hidden).all():
            assert not found.is_visible(), hidden
    expect(manager.locator("h1")).to_be_visible()
    # Black on white whatever the screen is.
    assert manager.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert (
        manager.evaluate("getComputedStyle(document.querySelector('.panel')).backgroundColor") == "rgb(255, 255, 255)"
    )
