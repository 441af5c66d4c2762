"""The form builder by hand at both widths, with and without a script, and what visitors get to see of it."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import WIDTHS
from tests.browser.test_pages import check_layout, sign_in
from tests.stories.conftest import Server

TITLES = {"en": "Book a visit", "zh-Hans": "预约参观", "zh-Hant": "預約參觀"}


def save(page: Page) -> None:
    page.locator(".build-side").get_by_role("button", name="Save").click()


def add(page: Page, key: str) -> None:
    page.get_by_label("Add a field").select_option(key)
    page.get_by_role("button", name="Add", exact=True).click()


def build(page: Page, address: str) -> None:
    """A form with a question of its own and a consent, in three languages."""
    page.goto("/app/forms/new")
    check_layout(page)
    for language, title in TITLES.items():
        page.locator(f"[name='title.{language}']").fill(title)
    page.get_by_role("button", name="Move up: Your message").click()
    page.get_by_role("button", name="Remove: Company").click()
    add(page, "choice")
    add(page, "news")
    check_layout(page)
    save(page)
    expect(page.get_by_role("alert")).to_contain_text("at least two choices, one a line")
    check_layout(page)
    for language, (label, options) in {
        "en": ("When?", "Soon\nLater"), "zh-Hans": ("何时？", "尽快\n以后"), "zh-Hant": ("何時？", "盡快\n以後"),
    }.items():  # fmt: skip
        page.locator(f"[name='field.3.label.{language}']").fill(label)
        page.locator(f"[name='field.3.options.{language}']").fill(options)
    page.locator("[name='thanks.en']").fill("Thank you, we will be in touch.")
    page.get_by_label(re.compile("^Address")).fill(address)
    save(page)
    expect(page).to_have_url(re.compile(rf"/app/forms/{address}\?said=saved"))
    check_layout(page)


def send(page: Page, address: str, email: str) -> None:
    page.goto(f"/f/{address}")
    check_layout(page)
    page.get_by_label("Your name").fill("Jana Beispiel")
    page.locator("[name=email]").fill(email)
    page.get_by_label("When?").select_option("Later")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("main")).to_contain_text("Thank you, we will be in touch.")
    check_layout(page)


def test_a_marketer_builds_previews_and_shares_a_form_and_a_visitor_sends_it(page: Page) -> None:
    width = page.viewport_size["width"]  # type: ignore[index]
    address = f"visit-{width}"
    sign_in(page, "Mara")
    build(page, address)
    page.get_by_role("link", name="Edit", exact=True).click()
    page.locator("[name='title.zh-Hans']").fill("预约演示")
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Preview: 简体中文").click()
    preview = opened.value
    expect(preview.get_by_role("heading", level=1)).to_have_text("预约演示")
    expect(preview.get_by_role("button", name="提交")).to_be_disabled()
    preview.set_viewport_size(page.viewport_size)  # type: ignore[arg-type]
    check_layout(preview)
    preview.close()
    # The builder is as it was beside the preview, and goes on.
    save(page)
    expect(page.locator(".flash")).to_contain_text("Saved.")
    send(page, address, f"visit{width}@customer.example.com")
    page.goto(f"/f/{address}?lang=zh-Hans")
    expect(page.get_by_role("heading", level=1)).to_have_text("预约演示")


def test_the_builder_works_by_keys_alone(page: Page) -> None:
    sign_in(page, "Mara")
    page.goto("/app/forms/contact/edit")
    second = page.locator(".build-field h3").nth(1).inner_text().partition("\n")[0].lstrip("2. ")
    page.locator(".build-field").nth(1).get_by_role("button", name="Move up").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".build-field h3").first).to_contain_text(f"1. {second}")
    page.locator("[name='title.en']").focus()
    # Enter in a field saves, and does not press the first arrow there is.
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/app/forms/contact\?said=saved"))
    first = page.locator("#fields-head + .lines .line-main").first
    expect(first).to_contain_text({"Name": "Your name"}.get(second, second))


@pytest.mark.parametrize("width", list(WIDTHS))
def test_a_form_is_built_and_sent_without_a_script(browser: Browser, server: Server, width: str) -> None:
    size = {"width": WIDTHS[width][0], "height": WIDTHS[width][1]}
    context = browser.new_context(viewport=size, base_url=server.address, locale="en-GB", java_script_enabled=False)  # type: ignore[arg-type]
    page = context.new_page()
    sign_in(page, "Mara")
    page.goto("/app/forms/new")
    for language, title in TITLES.items():
        page.locator(f"[name='title.{language}']").fill(title)
    add(page, "phone")
    page.get_by_role("button", name="Move up: Phone").click()
    page.get_by_label(re.compile("^Address")).fill(f"plain-{width}")
    save(page)
    expect(page.locator(".flash")).to_contain_text("Saved.")
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
    page.goto(f"/f/plain-{width}")
    page.get_by_label("Your name").fill("Jana Beispiel")
    page.get_by_label("E-mail").fill(f"plain-{width}@customer.example.com")
    page.get_by_role("button", name="Send").click()
    expect(page).to_have_url(re.compile("/s/"))
    context.close()


def test_what_is_to_be_copied_is_copied_by_a_button(page: Page, server: Server) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server.address)
    sign_in(page, "Mara")
    page.goto("/app/forms/contact")
    for field in ("link", "embed", "html"):
        page.locator(f"[data-copy=copy-{field}]").click()
        expect(page.locator(f"[data-copy=copy-{field}]")).to_have_text("Copied")
        assert page.evaluate("navigator.clipboard.readText()") == page.locator(f"#copy-{field}").input_value()
