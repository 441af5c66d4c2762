"""The form on somebody else's site: another origin on this machine, whose policy lets in our script and frame alone."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from tests.browser.test_pages import check_layout, sign_in
from tests.stories.conftest import Server

PAGES: dict[str, str] = {}


class Site(BaseHTTPRequestHandler):
    def __init__(self, policy: str, *given: object) -> None:
        self.policy = policy
        super().__init__(*given)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        body = PAGES.get(self.path.partition("?")[0], "").encode()
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", self.policy)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(policy: str) -> Iterator[int]:
    """Somebody's site under that policy: its port."""
    listening = ThreadingHTTPServer(("127.0.0.1", 0), partial(Site, policy))
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    try:
        yield listening.server_port
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()


@pytest.fixture(scope="session")
def site(server: Server) -> Iterator[str]:
    """Its policy names ours for scripts and frames, and for plain forms; its own search stays with it."""
    ours = server.address
    with serving(f"default-src 'none'; script-src {ours}; frame-src {ours}; form-action {ours} 'self'") as port:
        yield f"http://127.0.0.1:{port}"


def copied(browser: Browser, server: Server, field: str) -> str:
    """What a marketer copies from the form's page."""
    context = browser.new_context(base_url=server.address, locale="en-GB")
    page = context.new_page()
    sign_in(page, "Mara")
    page.goto("/app/forms/contact")
    found = page.locator(f"#copy-{field}").input_value()
    context.close()
    return found


def serve(site: str, path: str, body: str) -> str:
    head = '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    PAGES[path] = f"{head}<title>A site</title><h1>Products</h1><p>Text.</p>{body}<p id='end'>End.</p>"
    return site + path


def inside(page: Page, number: int) -> Frame:
    """The page in a frame; scripts come in any order, and so do their frames."""
    element = page.locator("iframe").nth(number).element_handle()
    frame = element.content_frame() if element else None
    assert frame
    return frame


def until_whole(page: Page, number: int) -> None:
    """The frame becomes as high as what is in it."""
    for _ in range(100):
        box = page.locator("iframe").nth(number).bounding_box()
        height = inside(page, number).evaluate("document.documentElement.scrollHeight")
        if box and abs(box["height"] - height) <= 2:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"frame {number} is {box} and its page {height} high")


def test_a_form_in_a_frame_is_sent_thanks_and_tells_where_its_visitor_came_from(
    page: Page, browser: Browser, server: Server, site: str
) -> None:
    snippet = copied(browser, server, "embed")
    path = f"/products-{page.viewport_size['width']}"  # type: ignore[index]
    address = serve(site, path, f"{snippet}<p>Between.</p>{snippet.replace('async', 'data-lang=zh-TW async')}")
    page.goto(f"{address}?utm_source=letter&utm_medium=email&private=yes")
    first, second = page.frame_locator("iframe").nth(0), page.frame_locator("iframe").nth(1)
    expect(first.get_by_role("heading", name="Talk to us")).to_be_visible()
    expect(second.locator("html")).to_have_attribute("lang", "zh-Hant")
    for number in (0, 1):
        until_whole(page, number)
    expect(page.locator("iframe").nth(0)).to_have_attribute("title", re.compile("Talk to us"))
    page.evaluate("addEventListener('leadline:sent', (event) => { window.told = event.detail.form; })")
    first.locator("[name=name]").fill("Jana Rahmen")
    first.locator("[name=email]").fill("not an address")
    inside(page, 0).evaluate("document.querySelector('form').noValidate = true")
    first.get_by_role("button", name="Send").click()
    expect(first.locator("[name=email]")).to_have_attribute("aria-invalid", "true")
    email = f"jana{page.viewport_size['width']}@frame.example.com"  # type: ignore[index]
    first.locator("[name=email]").fill(email)
    first.get_by_role("button", name="Send").click()
    expect(first.get_by_role("heading", name="We have your request.")).to_be_visible()
    page.wait_for_function("window.told === 'contact'")
    until_whole(page, 0)
    assert page.context.cookies() == []
    with page.expect_popup() as opened:
        first.get_by_role("link", name="See where it stands").click()
    expect(opened.value).to_have_url(re.compile("/s/"))
    check_layout(opened.value)
    shown = touch_of(browser, server, email)
    assert f"{path}?utm_source=letter&utm_medium=email" in shown
    assert "letter / email" in shown
    assert "private" not in shown


def touch_of(browser: Browser, server: Server, email: str) -> str:
    """What the lead's page says of the form that was sent."""
    context = browser.new_context(base_url=server.address, locale="en-GB")
    page = context.new_page()
    sign_in(page, "Eva")
    for _ in range(50):
        page.goto(f"/app/leads?text={email}")
        if page.locator("td a").count():
            break
        page.wait_for_timeout(200)
    page.goto(str(page.locator("td.cell-title a").first.get_attribute("href")))
    page.locator("summary", has_text="Details").first.click()
    text = page.locator(".timeline").inner_text()
    context.close()
    return text


def test_a_light_site_has_a_light_form_and_a_dark_one_a_dark(browser: Browser, server: Server, site: str) -> None:
    context = browser.new_context(color_scheme="dark", locale="en-GB")
    page = context.new_page()
    snippet = copied(browser, server, "embed")
    for meta, luminous in (("", True), ('<meta name="color-scheme" content="light dark">', False)):
        page.goto(serve(site, "/scheme", meta + snippet))
        panel = page.frame_locator("iframe").locator("form.panel")
        colour = panel.evaluate("element => getComputedStyle(element).backgroundColor")
        assert (sum(map(int, re.findall(r"\d+", colour)[:3])) > 380) == luminous
        assert inside(page, 0).evaluate("getComputedStyle(document.body).backgroundColor") == "rgba(0, 0, 0, 0)"
    context.close()


def test_without_a_script_there_is_a_link(browser: Browser, server: Server, site: str) -> None:
    snippet = copied(browser, server, "embed")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(serve(site, "/no-script", snippet))
    page.get_by_role("link", name="Talk to us").click()
    expect(page).to_have_url(f"{server.address}/f/contact")
    context.close()


def test_copied_html_is_sent_from_another_site_and_ends_where_the_request_stands(
    page: Page, browser: Browser, server: Server, site: str
) -> None:
    page.goto(serve(site, "/plain", copied(browser, server, "html")))
    page.get_by_label("Your name").fill("Jana Abschrift")
    page.get_by_label("E-mail").fill(f"copy{page.viewport_size['width']}@frame.example.com")  # type: ignore[index]
    page.get_by_role("button", name="Send").click()
    expect(page).to_have_url(re.compile(rf"^{server.address}/s/"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("We have your request.")
    check_layout(page)


def test_what_is_wrong_in_copied_html_is_shown_by_our_own_page_with_what_was_typed(
    page: Page, browser: Browser, server: Server, site: str
) -> None:
    page.goto(serve(site, "/plain-wrong", copied(browser, server, "html").replace("<form ", "<form novalidate ")))
    page.get_by_label("Your name").fill("Jana Abschrift")
    page.get_by_label("E-mail").fill("nope")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("[name=email]")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[name=name]")).to_have_value("Jana Abschrift")


@pytest.mark.parametrize("path", ["/f/contact", "/app/sign-in", "/s/nothing"])
def test_no_other_page_of_ours_stands_in_a_frame(browser: Browser, server: Server, site: str, path: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(serve(site, "/frames", f'<iframe src="{server.address}{path}"></iframe>'))
    page.wait_for_timeout(500)
    assert page.frames[1].url.startswith("chrome-error:")
    context.close()
