"""A form under attack, in a browser: it works in a worker, and the post goes through as if nothing had been asked."""

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, expect

from chalicelib.capture.suspicion import TRAP
from chalicelib.store.limits import FEWEST_BAD
from tests.browser.conftest import WIDTHS
from tests.stories.conftest import Server
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
    # Taken in: somebody has it. What is looked at first is with nobody yet.
    told = httpx.get(page.url.partition("?")[0], headers={"Accept": "application/json"}).json()
    assert told["with"]
    assert not broken
    context.close()
