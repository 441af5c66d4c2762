"""R-1 to R-5, S2, U1, G2: a rep's day by hand at both widths, from a request to a price that a manager agreed to."""

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import WIDTHS, somebody
from tests.browser.test_pages import check_layout
from tests.stories.conftest import Server
from tests.stories.place import Letter, kept_letters

IN_A_WEEK = datetime.now(UTC).date() + timedelta(days=7)
MANAGER, COLLEAGUE = "sample-lead-emea", "sample-admin"


@dataclass
class House:
    """One server's people at one width."""

    browser: Browser
    server: Server
    width: str

    def sits(self, rep_id: str = ""):
        return somebody(self.browser, self.server, self.width, rep_id)

    def asks(self, name: str) -> str:
        """A visitor sends the form; the path of the status page."""
        with self.sits() as visitor:
            visitor.goto("/f/contact")
            visitor.locator("[name=name]").fill(name)
            visitor.locator("[name=email]").fill(f"{name.lower().replace(' ', '.')}@{self.width}.rope.example")
            visitor.locator("[name=company]").fill(f"Rope {self.width} GmbH")
            visitor.locator("[name=phone]").fill(f"+49 30 {len(name)}4455")
            visitor.locator("[name=message]").fill("Please send us a quotation for ten sensors. It is urgent.")
            visitor.locator("form[action^='/f/'] [type=submit]").click()
            visitor.wait_for_url(re.compile("/s/"))
            return visitor.url

    def notice(self, name: str) -> Letter:
        """The mail that tells somebody of ours about that lead."""
        for _ in range(100):
            for letter in kept_letters(self.server.folder / "mailbox", "@example.com"):
                if name in letter.text and "Why you" in letter.text:
                    return letter
            time.sleep(0.2)
        raise AssertionError("nobody was told")


@pytest.fixture(params=list(WIDTHS))
def house(request: pytest.FixtureRequest, browser: Browser, server: Server) -> House:
    return House(browser, server, request.param)


def rep_of(letter: Letter) -> str:
    return f"sample-{letter.to.partition('@')[0].rpartition('<')[2]}"


def toast(page: Page) -> Locator:
    return page.locator(".flash[role=status]")


def in_sight(page: Page, button: Locator) -> bool:
    """Whether a thumb reaches it without scrolling."""
    box, size = button.bounding_box(), page.viewport_size
    assert box
    assert size
    return box["y"] >= 0 and box["y"] + box["height"] <= size["height"] and box["x"] + box["width"] <= size["width"]


def test_ten_leads_are_decided_by_ten_taps_without_scrolling(house: House) -> None:
    with house.sits("sample-dan") as page:
        waiting = int(page.locator(".tabs [aria-current] .tab-count").inner_text())
        assert waiting >= 10
        begun = time.monotonic()
        for n in range(10):
            row = page.locator(".inbox [data-row]").first
            name = row.locator("a.strong").inner_text()
            button = row.locator("[data-key=x]" if n % 2 else "[data-key=a]")
            assert in_sight(page, button), f"tap {n + 1}"
            button.click()
            expect(toast(page)).to_contain_text(f"{'Rejected' if n % 2 else 'Accepted'}: {name}")
        # What a browser needs for ten; the rest of the two minutes is for reading.
        assert time.monotonic() - begun < 120
        check_layout(page)
        # The figures come from the list of all, which learns of a tap a moment later.
        page.wait_for_timeout(2000)
        page.goto("/app/inbox?view=new")
        expect(page.locator(".tabs [aria-current] .tab-count")).to_have_text(str(waiting - 10))


def test_what_is_not_pressing_is_snoozed_in_a_tap_and_taken_up_again(house: House) -> None:
    with house.sits("sample-kenta") as page:
        page.goto("/app/inbox?view=work")
        row = page.locator(".inbox [data-row]:has([data-key=s])").first
        name = row.locator("a.strong").inner_text()
        row.locator("[data-key=s]").click()
        expect(toast(page)).to_contain_text(re.compile(rf"Snoozed until .*: {re.escape(name)}"))
        check_layout(page)
        page.goto("/app/inbox?view=snoozed")
        page.locator(".inbox [data-row]").first.get_by_role("button", name="Take up again now").click()
        expect(toast(page)).to_contain_text("Back in the inbox: ")


def test_a_request_is_with_its_rep_within_seconds_with_the_reason_why(house: House) -> None:
    name = f"Nora Ankerfeld-{house.width.title()}"
    status = house.asks(name)
    letter = house.notice(name)
    assert "Why this score" in letter.text
    with house.sits(rep_of(letter)) as page:
        page.goto(re.search(r"/app/leads/\w+", letter.text).group(0))  # type: ignore[union-attr]
        check_layout(page)
        expect(page.get_by_role("heading", name=name)).to_be_visible()
        for heading in ("Next step", "Contact", "Owner", "Score", "Quotations", "Timeline"):
            expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        expect(page.locator(".next-step")).to_contain_text("Answer")
        expect(page.locator(".timeline").first).to_contain_text("ten sensors")
        promise(page)
        name_a_colleague(page)
    with house.sits() as visitor:
        visitor.goto(status)
        expect(visitor.locator("main")).to_contain_text(f"Datasheet by Friday {house.width}")
        check_layout(visitor)
    with house.sits(MANAGER) as page:
        page.goto("/app/inbox")
        expect(page.locator(".tasks")).to_contain_text("@Eva have a look, please")
        page.locator(".tasks [data-row]", has_text=name).get_by_role("button", name="Read").click()
        expect(page.locator(".tasks [data-row]", has_text=name)).to_have_count(0)


def promise(page: Page) -> None:
    """A call is logged with what was promised in it; the customer is to see it."""
    width = "phone" if page.viewport_size["width"] < 500 else "desktop"  # type: ignore[index]
    page.locator("#note-text").fill("Wants the datasheet first.")
    page.locator("summary", has_text="Something was promised").click()
    page.locator("[name=promise_subject]").select_option("datasheet")
    page.locator("[name=promise]").fill(f"Datasheet by Friday {width}")
    page.locator("[name=promise_due]").fill(IN_A_WEEK.isoformat())
    page.get_by_label("Show it to the customer on the status page").check()
    page.get_by_role("button", name="Write down").click()
    expect(toast(page)).to_contain_text("Written down.")
    expect(page.locator("[aria-labelledby=h-promises]")).to_contain_text("the customer sees it")
    expect(page.locator(".next-step")).to_contain_text("Keep the promise")
    check_layout(page)
    page.locator("[aria-labelledby=h-promises]").get_by_role("button", name="Kept").click()
    expect(toast(page)).to_contain_text("Kept: Datasheet by Friday")
    toast(page).get_by_role("button", name="Undo").click()
    expect(page.locator("[aria-labelledby=h-promises]").get_by_role("button", name="Kept")).to_be_visible()


def name_a_colleague(page: Page) -> None:
    page.get_by_label("Note", exact=True).check()
    page.locator("#note-text").fill("@nobody-of-ours look")
    page.get_by_role("button", name="Write down").click()
    page.locator("#note-text").fill("@Eva have a look, please")
    page.get_by_label("Note", exact=True).check()
    page.get_by_role("button", name="Write down").click()
    expect(page.locator(".timeline").first).to_contain_text("@Eva have a look, please")


def test_a_visit_is_logged_by_opening_the_lead_and_one_tap_more(house: House) -> None:
    with house.sits("sample-kenta") as page:
        page.locator(".inbox [data-row] a.strong").first.click()
        button = page.get_by_role("button", name="I visited")
        assert in_sight(page, button)
        button.click()
        expect(toast(page)).to_contain_text("Written down.")
        expect(page.locator(".timeline").first).to_contain_text("Visit")


def fill_in(page: Page, price: str) -> None:
    page.locator("[name=product-0]").select_option("s200")
    page.locator("[name=quantity-0]").fill("10")
    page.locator("[name=price-0]").fill(price)
    page.get_by_role("button", name="Make the quotation").click()


def test_a_price_beside_a_colleagues_is_stopped_until_a_manager_agrees(house: House) -> None:
    name = f"Olga Lotsen-{house.width.title()}"
    house.asks(name)
    letter = house.notice(name)
    lead = re.search(r"/app/leads/\w+", letter.text).group(0)  # type: ignore[union-attr]
    with house.sits(COLLEAGUE) as page:
        page.goto(f"{lead}/quotes/new")
        check_layout(page)
        fill_in(page, "cheap")
        expect(page.get_by_role("alert")).to_be_visible()
        expect(page.locator("[name=quantity-0]")).to_have_value("10")
        fill_in(page, "120")
        expect(toast(page)).to_contain_text("The quotation is made.")
    with house.sits(rep_of(letter)) as page:
        page.goto(f"{lead}/quotes/new")
        # What the customer was given stands beside the entry, with the floor.
        expect(page.locator("[aria-labelledby=h-past]")).to_contain_text("€120.00")
        expect(page.locator("[aria-labelledby=h-past]")).to_contain_text("floor €109.00")
        fill_in(page, "115")
        expect(page.get_by_role("alert")).to_contain_text("a colleague quotes this customer another price")
        expect(page.locator("[name=price-0]")).to_have_value("115")
        check_layout(page)
        page.locator("[name=reason]").fill("they buy four times as much")
        page.get_by_role("button", name="Ask a manager").click()
        expect(page.locator("main")).to_contain_text("It waits for a manager now.")
        quote = page.url.partition("?")[0]
    offer = agreed(house, quote)
    with house.sits(rep_of(letter)) as page, house.sits() as customer:
        customer.goto(offer)
        expect(customer.locator("main")).to_contain_text("This quotation is valid until")
        check_layout(customer)
        page.goto(quote)
        page.get_by_role("link", name="Make a new version").click()
        page.locator("[name=price-0]").fill("118")
        page.locator("main form button", has_text=re.compile("Make the quotation")).click()
        if page.get_by_role("alert").count():
            # Still another price than the colleague's.
            page.locator("[name=reason]").fill("as agreed, a little more")
            page.get_by_role("button", name="Ask a manager").click()
        expect(page.locator("[aria-labelledby=h-versions]")).to_contain_text("version 2")
        check_layout(page)
        agreed(house, page.url.partition("?")[0])
        customer.reload()
        expect(customer.locator("main")).to_contain_text("version 2")
        customer.get_by_role("link", name="Show the quotation that counts").click()
        expect(customer.locator("main")).to_contain_text("€1,180.00")


def agreed(house: House, quote: str) -> str:
    """A manager finds it among those that wait, and agrees; the customer's address."""
    with house.sits(MANAGER) as page:
        page.goto("/app/quotes?ledger=waiting")
        check_layout(page)
        path = quote.partition("/app/")[2]
        page.locator(f"a[href='/app/{path}']").click()
        page.get_by_role("button", name="Approve").click()
        expect(toast(page)).to_contain_text("Saved.")
        check_layout(page)
        return page.locator("a[href*='/o/']").get_attribute("href") or ""
