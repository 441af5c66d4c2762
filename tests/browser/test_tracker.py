"""The script on somebody else's site that knows the way from the first page to the form."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import HOST
from tests.browser.test_embed import copied, inside, serve, serving, site, touch_of  # noqa: F401
from tests.browser.test_form_builder import TITLES, add, save
from tests.browser.test_pages import check_layout, sign_in
from tests.stories.conftest import Server

# Whatever a script stores on the device or reads there is noted.
WATCH = """
window.touched = [];
for (const name of ["getItem", "setItem", "removeItem", "key", "clear"]) {
  const real = Storage.prototype[name];
  Storage.prototype[name] = function (...given) { touched.push(name); return real.apply(this, given); };
}
const cookie = Object.getOwnPropertyDescriptor(Document.prototype, "cookie");
Object.defineProperty(document, "cookie", {
  get() { touched.push("cookie"); return cookie.get.call(document); },
  set(value) { touched.push("cookie"); cookie.set.call(document, value); },
});
for (const name of ["localStorage", "sessionStorage", "indexedDB", "caches", "cookieStore"]) {
  const real = Object.getOwnPropertyDescriptor(window, name);
  if (real) Object.defineProperty(window, name, { get() { touched.push(name); return real.get.call(window); } });
}
"""


def tracked(server: Server, body: str) -> str:
    return f'<script src="{server.address}/t.js" async></script>{body}'


@pytest.fixture
def visitor(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(locale="en-GB")
    context.add_init_script(WATCH)
    yield context
    context.close()


def arrive(page: Page, address: str, referrer: str = "") -> None:
    page.goto(address, referer=referrer or None)
    page.wait_for_function("window.leadline && leadline.visit")


def walk(page: Page, name: str) -> None:
    page.get_by_role("link", name=name).click()
    page.wait_for_function(f"location.pathname.includes('{name.lower()}') && window.leadline && leadline.visit")


def test_the_first_pages_source_comes_along_to_the_form_and_nothing_touches_the_device(
    visitor: BrowserContext,
    browser: Browser,
    server: Server,
    site: str,  # noqa: F811
) -> None:
    serve(site, "/t-second", tracked(server, '<a href="/t-third?utm_source=inside#part">Third</a>'))
    serve(site, "/t-third", copied(browser, server, "embed") + tracked(server, ""))
    first = serve(
        site, "/t-first", tracked(server, '<a href="/t-second?colour=a%20b">Second</a> <a href="#end">End</a>')
    )
    page = visitor.new_page()
    arrive(page, f"{first}?utm_source=letter&utm_medium=email&gclid=g-1&secret=yes", "https://www.bing.com/search?q=x")
    page.get_by_role("link", name="End").click()
    assert page.url.endswith("secret=yes#end")
    walk(page, "Second")
    assert "colour=a%20b&_ll=" in page.url
    assert "secret" not in page.url
    page.reload()
    walk(page, "Third")
    assert page.evaluate("leadline.visit()") == {
        "utm_source": "letter", "utm_medium": "email", "gclid": "g-1", "referrer": "https://www.bing.com/search",
        "landing_url": first,
    }  # fmt: skip
    frame = page.frame_locator("iframe").first
    frame.locator("[name=name]").fill("Jana Weg")
    frame.locator("[name=email]").fill("jana.weg@way.example.com")
    frame.get_by_role("button", name="Send").click()
    expect(frame.get_by_role("heading", name="We have your request.")).to_be_visible()
    assert page.evaluate("touched") == []
    assert inside(page, 0).evaluate("touched") == []
    assert visitor.cookies() == []
    shown = touch_of(browser, server, "jana.weg@way.example.com")
    for told in ("letter / email", "g-1", "/t-first", "bing.com"):
        assert told in shown


def test_a_link_passed_on_or_opened_later_is_a_visit_of_its_own(
    visitor: BrowserContext,
    server: Server,
    site: str,  # noqa: F811
) -> None:
    path = serve(site, "/t-shared", tracked(server, ""))
    page = visitor.new_page()
    now = page.evaluate("Math.floor(Date.now() / 60000)")
    for minutes, referrer, kept in (
        (0, "", True),
        (31, "", False),
        (-5, "", False),
        (1, "https://social.example/", False),
    ):
        told = f"{to_base_36(now - minutes)}.utm_source%3Dletter%26landing_url%3Dx"
        arrive(page, f"{path}?a=1&_ll={told}#here", referrer)
        assert (page.evaluate("leadline.visit().utm_source") == "letter") is kept
        assert ("_ll" in page.url) is kept
        assert re.search(r"\?a=1(&_ll=.*)?#here$", page.url)


def to_base_36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
    return digits


def test_forms_that_are_sent_to_us_and_searches_of_the_site_have_it_too(
    visitor: BrowserContext,
    browser: Browser,
    server: Server,
    site: str,  # noqa: F811
) -> None:
    search = '<form action="/t-found"><input name="words"><button>Find</button></form>'
    first = serve(site, "/t-begin", tracked(server, search + f'<a href="{server.address}/f/contact?lang=en">Ask</a>'))
    serve(site, "/t-found", tracked(server, copied(browser, server, "html")))
    page = visitor.new_page()
    arrive(page, f"{first}?utm_source=search-form&fbclid=f-1")
    page.get_by_role("link", name="Ask").click()
    expect(page).to_have_url(re.compile("/f/contact"))
    assert page.locator("[name=fbclid]").get_attribute("value") == "f-1"
    assert page.locator("[name=landing_url]").get_attribute("value") == first
    arrive(page, f"{first}?utm_source=search-form&fbclid=f-1")
    page.get_by_role("button", name="Find").click()
    page.wait_for_function("location.pathname === '/t-found' && window.leadline && leadline.visit")
    assert "fbclid=f-1" in unquote(unquote(page.url))
    page.get_by_label("Your name").fill("Jana Suche")
    page.get_by_label("E-mail").fill("jana.suche@way.example.com")
    page.get_by_role("button", name="Send").click()
    expect(page).to_have_url(re.compile(rf"^{server.address}/s/"))
    shown = touch_of(browser, server, "jana.suche@way.example.com")
    for told in ("search-form", "f-1", "/t-begin"):
        assert told in shown


def test_a_crafted_link_brings_no_field_but_where_somebody_came_from(
    visitor: BrowserContext,
    server: Server,
    site: str,  # noqa: F811
) -> None:
    path = serve(site, "/t-crafted", tracked(server, ""))
    page = visitor.new_page()
    now = to_base_36(page.evaluate("Math.floor(Date.now() / 60000)"))
    arrive(page, f"{path}?_ll={now}.utm_source%3Da%26consent%3Dyes%26email%3Dx%26landing_url%3Dx")
    assert page.evaluate("leadline.visit()") == {"utm_source": "a", "landing_url": "x"}


AGREES = '<script>(window.leadline = window.leadline || []).push(["consent", true]);</script>'


@pytest.fixture
def consenting(browser: Browser, server: Server) -> Iterator[BrowserContext]:
    """A visitor of a site of another name, which may tell of visits; what it tells is noted."""
    admin = browser.new_context(base_url=server.address, locale="en-GB")
    page = admin.new_page()
    sign_in(page, "Mara")
    page.goto("/app/forms/website")
    if not page.locator(".line-main", has_text=HOST).count():
        page.get_by_label("Name of the site").fill(HOST)
        page.get_by_role("button", name="Add").click()
        expect(page.get_by_text("Its pages may tell of visits from now on.")).to_be_visible()
    check_layout(page)
    admin.close()
    context = browser.new_context(locale="en-GB")
    context.add_init_script(WATCH)
    yield context
    context.close()


@pytest.fixture(scope="session")
def named_site(server: Server) -> Iterator[str]:
    """A site of another name, whose policy lets the scripts in, and lets them tell."""
    ours = server.address
    policy = f"default-src 'none'; script-src {ours} 'unsafe-inline'; frame-src {ours}; connect-src {ours}"
    with serving(policy) as port:
        yield f"http://{HOST}:{port}"


def test_with_consent_the_visits_before_the_form_are_told_with_it(
    consenting: BrowserContext, browser: Browser, server: Server, named_site: str
) -> None:
    form = f'<script src="{server.address}/embed.js" data-form="visited" async></script>'
    first = serve(named_site, "/v-first", tracked(server, '<a href="/v-prices">Prices</a>' + AGREES))
    serve(named_site, "/v-prices", tracked(server, AGREES))
    ask = serve(named_site, "/v-ask", tracked(server, form + AGREES))
    admin = browser.new_context(base_url=server.address, locale="en-GB")
    console = admin.new_page()
    sign_in(console, "Mara")
    asking_for_visits(console)
    admin.close()
    page = consenting.new_page()
    page.goto(f"{first}?utm_source=letter&utm_medium=email")
    page.wait_for_function("leadline.visitor && leadline.visitor()")
    page.get_by_role("link", name="Prices").click()
    page.wait_for_function("location.pathname === '/v-prices' && leadline.visitor && leadline.visitor()")
    page.goto(ask)
    page.wait_for_function("leadline.visitor && leadline.visitor()")
    assert page.evaluate("leadline.visit().utm_source") == "letter", "typed within the visit: the device knows"
    assert len(page.evaluate("JSON.parse(localStorage.leadline).views")) == 3
    frame = page.frame_locator("iframe").first
    frame.locator("[name=name]").fill("Jana Besuch")
    frame.locator("[name=email]").fill("jana.besuch@way.example.com")
    frame.get_by_label("My earlier visits").check()
    frame.get_by_role("button", name="Send").click()
    expect(frame.get_by_role("heading", level=1)).to_contain_text("We have your request.")
    assert consenting.cookies() == []
    shown = touch_of(browser, server, "jana.besuch@way.example.com")
    for told in ("Visit to the website", "letter / email", "/v-first"):
        assert told in shown
    page.evaluate("leadline.consent(false)")
    assert page.evaluate("localStorage.length") == 0
    for _ in range(50):
        if "Visit to the website" not in touch_of(browser, server, "jana.besuch@way.example.com"):
            return
    raise AssertionError("the visits are still told")


def test_a_link_to_the_hosted_form_brings_the_visits_and_its_address_tells_nobody(
    consenting: BrowserContext, browser: Browser, server: Server, named_site: str
) -> None:
    admin = browser.new_context(base_url=server.address, locale="en-GB")
    console = admin.new_page()
    sign_in(console, "Mara")
    asking_for_visits(console)
    admin.close()
    link = f'<a href="{server.address}/f/visited?lang=en">Ask</a>'
    first = serve(named_site, "/v-linked", tracked(server, link + AGREES))
    without = serve(named_site, "/v-unasked", tracked(server, link))
    page = consenting.new_page()
    # Where the site has not said yes, a link has no id.
    page.goto(without)
    page.wait_for_function("window.leadline && leadline.visit")
    page.get_by_role("link", name="Ask").click()
    expect(page.get_by_label("Name")).to_be_visible()
    assert page.locator("[name=visitor]").input_value() == ""
    page.goto(f"{first}?utm_source=letter&utm_medium=email&gclid=g-9")
    page.wait_for_function("leadline.visitor && leadline.visitor()")
    visitor = page.evaluate("leadline.visitor()")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "GET" else None)
    page.get_by_role("link", name="Ask").click()
    expect(page.locator("[name=visitor]")).to_have_value(visitor)
    assert "#" not in page.url
    assert not [url for url in sent if visitor in url.partition("#")[0]]
    page.get_by_role("button", name="简体中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(page.locator("[name=visitor]")).to_have_value(visitor)
    assert page.locator("[name=gclid]").get_attribute("value") == "g-9"
    page.locator("main [name=name]").fill("Jana Verweis")
    page.locator("main [name=email]").fill("jana.verweis@way.example.com")
    page.locator("main [name=visits]").check()
    page.locator("main form button[type=submit]").click()
    expect(page).to_have_url(re.compile("/s/"))
    shown = touch_of(browser, server, "jana.verweis@way.example.com")
    for told in ("Visit to the website", "letter / email", "g-9", "/v-linked"):
        assert told in shown
    # Kept for later, it is nobody's any more.
    old = to_base_36(page.evaluate("Math.floor(Date.now() / 60000)") - 31)
    page.goto(f"{server.address}/f/visited#visitor={old}.{visitor}")
    page.wait_for_function("!location.hash")
    assert page.locator("[name=visitor]").input_value() == ""


def asking_for_visits(page: Page) -> None:
    """A form with the consent to earlier visits, made in the builder."""
    if page.goto("/f/visited").ok:  # type: ignore[union-attr]
        return
    page.goto("/app/forms/new")
    for language, title in TITLES.items():
        page.locator(f"[name='title.{language}']").fill(title)
    add(page, "visits")
    page.get_by_label(re.compile("^Address")).fill("visited")
    save(page)
    expect(page).to_have_url(re.compile(r"/app/forms/visited\?said=saved"))


@pytest.mark.parametrize("objection", ["globalPrivacyControl", "doNotTrack"])
def test_a_browser_that_objects_keeps_and_tells_nothing_whatever_the_site_says(
    consenting: BrowserContext, server: Server, named_site: str, objection: str
) -> None:
    value = "true" if objection == "globalPrivacyControl" else "'1'"
    consenting.add_init_script(f"Object.defineProperty(navigator, '{objection}', {{ get: () => {value} }});")
    address = serve(named_site, "/v-objects", tracked(server, AGREES))
    page = consenting.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    arrive(page, address)
    page.evaluate("leadline.consent(true)")
    page.goto("about:blank")
    page.goto(address)
    until(page, "touched.includes('getItem')")
    page.goto("about:blank")
    # There is a look whether something was kept before they objected; nothing is kept, and nobody is told.
    assert {url for url in asked if url.startswith(server.address)} == {
        f"{server.address}/t.js", f"{server.address}/t-visits.js"
    }  # fmt: skip
    page.goto(address)
    assert not {"setItem", "cookie", "indexedDB", "sessionStorage"} & set(page.evaluate("touched"))
    assert page.evaluate("localStorage.length") == 0
    assert page.evaluate("leadline.visitor()") == ""


def until(page: Page, told: str) -> None:
    """Asked from outside: the policy of the site lets nothing be evaluated within."""
    for _ in range(200):
        if page.evaluate(told):
            return
        page.wait_for_timeout(50)
    raise AssertionError(told)


@pytest.mark.parametrize(("objecting", "says"), [(False, "false"), (True, "false"), (True, "true")])
def test_consent_withdrawn_on_another_page_or_in_the_browser_deletes_what_was_kept(
    consenting: BrowserContext, server: Server, named_site: str, objecting: bool, says: str
) -> None:
    agreed = serve(named_site, "/v-agreed", tracked(server, AGREES))
    withdrawn = serve(named_site, "/v-withdrawn", tracked(server, AGREES.replace("true", says)))
    page = consenting.new_page()
    page.goto(agreed)
    until(page, "window.leadline && leadline.visitor && leadline.visitor()")
    visitor = page.evaluate("leadline.visitor()")
    if objecting:
        # Switched on later.
        consenting.add_init_script("Object.defineProperty(navigator, 'globalPrivacyControl', { get: () => true });")
    told: list[str] = []
    page.on("request", lambda request: told.append(request.post_data or ""))
    page.goto(withdrawn)
    until(page, "touched.includes('removeItem')")
    assert page.evaluate("localStorage.length") == 0
    assert page.evaluate("leadline.visitor()") == ""
    assert f'{{"forget":"{visitor}"}}' in told
    # Said again where there is nothing any more, nobody is told.
    told.clear()
    page.goto(withdrawn)
    until(page, "touched.includes('getItem')")
    assert [one for one in told if one] == []
