"""Every page at two widths: nothing scrolls sideways, nothing is refused by our own policy, the work gets done."""

import email
import email.policy
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.stories.conftest import Server

PAGES = (
    "/app", "/app/board", "/app/board/overdue",
    "/app/inbox", "/app/leads", "/app/uploads", "/app/uploads/new", "/app/campaigns", "/app/returns",
    "/app/mailbox",
    "/app/reps", "/app/forms", "/app/forms/contact/code", "/app/brand",
    "/app/seminars", "/app/operations", "/app/sessions",
    "/app/styleguide",
    "/app/promises", "/app/promises?ledger=contradictions", "/app/quotes", "/app/products", "/app/products/new",
)  # fmt: skip


def sign_in(page: Page, name: str) -> None:
    page.goto("/app/sign-in")
    page.get_by_role("button", name=re.compile(name)).first.click()
    expect(page).to_have_url(re.compile(r"/app(/board)?$"))


def check_layout(page: Page) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} scrolls sideways by {wide} px"
    assert page.locator("h1").count() == 1
    unlabelled = page.evaluate(
        """[...document.querySelectorAll('input:not([type=hidden]),select,textarea')]
           .filter(e => !e.labels?.length && !e.getAttribute('aria-label') && !e.getAttribute('aria-labelledby'))
           .map(e => e.name)"""
    )
    assert unlabelled == [], page.url


@pytest.mark.parametrize("path", PAGES)
def test_a_console_page_fits_its_screen_and_obeys_its_policy(page: Page, path: str) -> None:
    sign_in(page, "Eva")
    page.goto(path)
    check_layout(page)


def test_a_person_signs_in_by_a_mailed_link_and_sees_the_sessions(page: Page, server: Server) -> None:
    page.goto("/app/leads")
    check_layout(page)
    link = mailed_link(page, server, "EVA@example.com")
    check_layout(page)
    page.goto(link)
    check_layout(page)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile(r"/app/leads$"))
    page.goto("/app/sessions")
    check_layout(page)
    expect(page.get_by_text("this one", exact=True)).to_be_visible()


def mailed_link(page: Page, server: Server, email: str) -> str:
    """Ask for it on the page to sign in; each browser its own, whatever else was mailed meanwhile: the path of the one
    that this browser may open."""
    page.get_by_text("Other ways to sign in").click()
    page.get_by_label("Your work e-mail address").fill(email)
    page.get_by_role("button", name="Mail me a link").click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    for _ in range(100):
        for link in links_in(server.folder / "mailbox"):
            if page.request.get(link).status == 200:
                return link
        page.wait_for_timeout(200)
    raise AssertionError("no mail came")


def links_in(mailbox: Path) -> list[str]:
    """The paths of the sign-in links mailed so far."""
    found = []
    for file in mailbox.glob("*.eml"):
        mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        body = mail.get_body(("plain",))
        found += re.findall(r"/app/sign-in/link/\S+", body.get_content() if body else "")
    return found


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
def test_a_visitor_sends_the_form_and_sees_where_the_request_stands(page: Page, language: str) -> None:
    page.goto(f"/f/contact?lang={language}")
    check_layout(page)
    page.locator("[name=name]").fill(f"Jana Beispiel {language}")
    page.locator("[name=email]").fill(f"jana-{language}-{page.viewport_size['width']}@customer.example.com")  # type: ignore[index]
    page.locator("form[action^='/f/'] [type=submit]").click()
    expect(page).to_have_url(re.compile("/s/"))
    check_layout(page)


def test_a_wrong_field_is_named_in_the_page_and_what_was_typed_is_kept(page: Page) -> None:
    page.goto("/f/contact")
    page.evaluate("document.querySelectorAll('form').forEach(f => f.noValidate = true)")
    page.locator("[name=name]").fill("Jana Beispiel")
    page.locator("[name=email]").fill("not an address")
    page.locator("form[action^='/f/'] [type=submit]").click()
    expect(page.locator("[name=email]")).to_have_value("not an address")
    expect(page.locator("[name=email]")).to_have_attribute("aria-invalid", "true")


def test_a_list_is_previewed_uploaded_and_its_people_are_shown(page: Page, tmp_path: Path) -> None:
    width = page.viewport_size["width"]  # type: ignore[index]
    rows = "".join(f"Guest {n},g{n}.{width}@customer.example.com,Example GmbH\n" for n in range(300))
    path = tmp_path / "list.csv"
    path.write_text("name,email,company\n" + rows, "utf-8")
    sign_in(page, "Mara")
    page.goto("/app/uploads/new")
    page.locator("input[type=file]").set_input_files(path)
    page.locator("[name=campaign]").first.select_option(index=1)
    page.locator("form[enctype='multipart/form-data'] [type=submit]").click()
    check_layout(page)
    expect(page.locator("main")).to_contain_text("300")
    page.locator("button[value=load]").click()
    expect(page).to_have_url(re.compile(r"/app/uploads/[0-9A-Z]{26}"))
    expect(page.locator(".adds-up")).to_contain_text("300", timeout=60_000)
    # The page has been loaded anew by its script; asked for once more, it stands still to be measured.
    page.goto(page.url)
    check_layout(page)


def test_the_returns_chart_is_drawn(page: Page) -> None:
    sign_in(page, "Finn")
    page.goto("/app/returns")
    check_layout(page)
    expect(page.locator("table").first).to_be_visible()
    # The library comes after the rest of the page: the chart is waited for.
    page.wait_for_function(
        """() => {
             const c = document.querySelector('canvas');
             return c && c.width && c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(x => x) }"""
    )
    check_layout(page)


def test_the_form_works_without_javascript(page: Page) -> None:
    context = page.context.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]
    plain = context.new_page()
    page.goto("/f/contact")
    plain.goto(page.url)
    plain.locator("[name=name]").fill("Ohne Skript")
    plain.locator("[name=email]").fill(f"noscript{page.viewport_size['width']}@customer.example.com")  # type: ignore[index]
    plain.locator("form[action^='/f/'] [type=submit]").click()
    assert "/s/" in plain.url
    context.close()
