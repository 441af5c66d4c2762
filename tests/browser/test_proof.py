"""A form under attack, in a browser: it works in a worker, and the post goes through as if nothing had been asked."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import httpx
import pytest
from playwright.sync_api import Browser, expect

from chalicelib import wiring
from chalicelib.capture.suspicion import TRAP
from chalicelib.records.ports import Put
from chalicelib.records.search import LeadQuery
from chalicelib.settings import Settings
from chalicelib.store.limits import FEWEST_BAD
from tests.browser.conftest import WIDTHS
from tests.browser.test_embed import serve, serving
from tests.stories.conftest import Server
from tests.stories.people import CONTACT
from tests.stories.place import start_server


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A service that looks after its forms, with the form under attack."""
    started = start_server(tmp_path_factory.mktemp("watched") / "data", limits="on")
    for n in range(FEWEST_BAD):
        spam = {"name": "Spam", "email": f"spam{n}@spam.example.com", TRAP: "x"}
        httpx.post(f"{started.address}/f/contact", data=spam, headers={"Accept": "text/html"})
    yield started
    started.process.terminate()
    started.process.wait(timeout=20)


@pytest.mark.parametrize("width", list(WIDTHS))
@pytest.mark.parametrize("at_once", [False, True])
def test_a_visitor_of_a_form_under_attack_sends_it_and_is_answered(
    browser: Browser, watched: Server, width: str, at_once: bool
) -> None:
    """Also who is quicker than the browser's work: the post goes out by itself when that is done."""
    context = browser.new_context(viewport=dict(zip(("width", "height"), WIDTHS[width], strict=True)))  # type: ignore[arg-type]
    page = context.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    if at_once:
        # The script comes late: the work is not done when the visitor sends.
        page.route("**/proof_worker.js", lambda route: (page.wait_for_timeout(2_500), route.continue_()))
    page.goto(f"{watched.address}/f/contact?lang=en")
    page.get_by_label("Name").fill("Jana Beispiel")
    page.locator("input[name=email]").fill(f"jana-{width}-{at_once}@customer.example.com".lower())
    if at_once:
        expect(page.locator("input[name=proof]")).to_have_value("")
        # Too quick is a sign of its own.
        page.wait_for_timeout(1_100)
    else:
        expect(page.locator("input[name=proof]")).to_have_value(re.compile(r"^\d+$"), timeout=60_000)
        page.wait_for_timeout(1_100)
    page.locator("main form button[type=submit]").click()
    expect(page).to_have_url(re.compile("/s/"), timeout=60_000)
    assert told_of(page.url)["with"]
    assert not broken
    context.close()


def test_in_a_frame_of_another_site_it_works_as_well(browser: Browser, watched: Server) -> None:
    ours = watched.address
    with serving(f"default-src 'none'; script-src {ours}; frame-src {ours}") as port:
        site = f"http://127.0.0.1:{port}"
        page = browser.new_context(locale="en-GB").new_page()
        page.goto(serve(site, "/proof", f'<script src="{ours}/embed.js" data-form="contact" async></script>'))
        frame = page.frame_locator("iframe")
        frame.get_by_label("Name").fill("Jana Rahmen")
        frame.locator("input[name=email]").fill("jana.rahmen@customer.example.com")
        expect(frame.locator("input[name=proof]")).to_have_value(re.compile(r"^\d+$"), timeout=20_000)
        page.wait_for_timeout(1_100)
        frame.locator("main form button[type=submit]").click()
        link = frame.get_by_role("link", name="See where it stands")
        expect(link).to_be_visible(timeout=20_000)
        address = str(link.get_attribute("href")).partition("?")[0]
        assert told_of(f"{ours}{address}")["with"]
        page.context.close()


def test_what_was_sent_from_a_page_that_had_not_asked_for_it_is_worked_for_afterwards(
    browser: Browser, watched: Server
) -> None:
    """As where the page came from a process that does not know of the attack. With the scripts off nothing is asked."""
    for scripts in (True, False):
        page = browser.new_context(locale="en-GB", java_script_enabled=scripts).new_page()
        page.route("**/assets/proof.js", lambda route: route.abort())
        page.goto(f"{watched.address}/f/contact?lang=en")
        page.get_by_label("Name").fill("Jana Danach")
        page.locator("input[name=email]").fill(f"jana.danach.{scripts}@customer.example.com".lower())
        page.wait_for_timeout(1_100)
        page.locator("main form button[type=submit]").click()
        expect(page).to_have_url(re.compile("/s/"))
        expect(page.get_by_role("heading", name="We have your request.")).to_be_visible()
        if scripts:
            expect(page.get_by_role("heading", name="You get an answer by")).to_be_visible(timeout=20_000)
            assert told_of(page.url)["with"]
        else:
            assert not told_of(page.url)["with"]
        page.context.close()


@pytest.mark.parametrize("framed", [False, True])
def test_a_form_that_leads_on_to_another_page_does_so_once_the_browser_has_worked(
    browser: Browser, watched: Server, framed: bool
) -> None:
    form_id, thanks = f"away-{framed}".lower(), "https://www.shop.example/thanks"
    opened = wiring.open_service(Settings(data=watched.folder, public_url=watched.address))
    opened.deps.store.commit([Put(replace(CONTACT, form_id=form_id, goes_to=thanks))])
    opened.close()
    # The service is another process, and looks at what forms there are once in a while.
    until(lambda: httpx.get(f"{watched.address}/f/{form_id}").status_code == 200, "the service does not know the form")
    for n in range(FEWEST_BAD):
        spam = {"name": "Spam", "email": f"spam{n}@spam.example.com", TRAP: "x"}
        httpx.post(f"{watched.address}/f/{form_id}", data=spam, headers={"Accept": "text/html"})
    ours, mailbox = watched.address, f"jana.{form_id}@customer.example.com"
    page = browser.new_context(locale="en-GB").new_page()
    page.route("**/assets/proof.js", lambda route: route.abort())
    page.route(f"{thanks}*", lambda route: route.fulfill(body="<title>Thanks</title>", content_type="text/html"))
    with serving(f"default-src 'none'; script-src {ours}; frame-src {ours}") as port:
        script = f'<script src="{ours}/embed.js" data-form="{form_id}" async></script>'
        site = serve(f"http://127.0.0.1:{port}", f"/{form_id}", script)
        page.goto(site if framed else f"{ours}/f/{form_id}?lang=en")
        shown = page.frame_locator("iframe") if framed else page
        shown.get_by_label("Name").fill("Jana Weiter")
        shown.locator("input[name=email]").fill(mailbox)
        page.wait_for_timeout(1_100)
        shown.locator("main form button[type=submit]").click()
        expect(page).to_have_url(thanks, timeout=20_000)
        page.context.close()
    opened = wiring.open_service(Settings(data=watched.folder, public_url=watched.address))
    until(lambda: opened.deps.model.leads(LeadQuery(text=mailbox)).rows, "it was not let in before the visitor went on")
    opened.close()


def until(true: Callable[[], object], otherwise: str) -> None:
    for _ in range(50):
        if true():
            return
        time.sleep(0.1)
    raise AssertionError(otherwise)


def told_of(address: str) -> dict[str, str]:
    """How it stands. Taken in, somebody has it; what is looked at first is with nobody yet."""
    told: dict[str, str] = httpx.get(address.partition("?")[0], headers={"Accept": "application/json"}).json()
    return told
