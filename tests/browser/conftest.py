"""Debian's Chromium against the embedded service with sample data, at phone and desktop width."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.stories.conftest import Server, start_server

# A site of a name of its own is on this machine too.
HOST = "www.site.example"
# Chromium without a window says so, and would be taken for the machine it is.
PERSON = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
         f"--host-resolver-rules=MAP {HOST} 127.0.0.1", f"--user-agent={PERSON}"]  # fmt: skip
WIDTHS = {"phone": (390, 844), "desktop": (1280, 900)}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    assert path, "the Debian package chromium is not installed"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    started = start_server(tmp_path_factory.mktemp("server") / "data")
    yield started
    started.process.terminate()
    started.process.wait(timeout=20)


def watched(page: Page) -> list[str]:
    """What the page's own policy refuses or its scripts throw, as it comes."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


def fine(complaints: list[str]) -> None:
    assert not [c for c in complaints if "status of 4" not in c], complaints


@contextmanager
def somebody(browser: Browser, server: Server, width: str, rep_id: str = "", scripts: bool = True) -> Iterator[Page]:
    """A browser of somebody's own, at that width: a visitor's, or with that person of the sample signed in."""
    across, down = WIDTHS[width]
    context = browser.new_context(
        viewport={"width": across, "height": down}, base_url=server.address, locale="en-GB", java_script_enabled=scripts
    )
    page = context.new_page()
    complaints = watched(page)
    if rep_id:
        enter(page, rep_id)
    yield page
    context.close()
    fine(complaints)


def enter(page: Page, rep_id: str) -> None:
    """Choose that person of the sample, on the page to sign in or going there."""
    if "/app/sign-in" not in page.url:
        page.goto("/app/sign-in")
    page.locator(f'form:has(input[value="{rep_id}"]) button.person').click()
    page.wait_for_url(re.compile(r"/app(?!/sign-in)"))


@pytest.fixture(params=list(WIDTHS))
def page(request: pytest.FixtureRequest, browser: Browser, server: Server) -> Iterator[Page]:
    """A fresh visitor; anything a page's own policy refuses or its scripts throw fails the test."""
    width, height = WIDTHS[request.param]
    context = browser.new_context(viewport={"width": width, "height": height}, base_url=server.address, locale="en-GB")
    made = context.new_page()
    complaints = watched(made)
    yield made
    context.close()
    fine(complaints)
