"""Debian's Chromium against the embedded service with sample data, at phone and desktop width."""

import shutil
from collections.abc import Iterator

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


@pytest.fixture(params=list(WIDTHS))
def page(request: pytest.FixtureRequest, browser: Browser, server: Server) -> Iterator[Page]:
    """A fresh visitor; anything the page's own policy refuses or its scripts throw fails the test."""
    width, height = WIDTHS[request.param]
    context = browser.new_context(viewport={"width": width, "height": height}, base_url=server.address, locale="en-GB")
    made = context.new_page()
    complaints: list[str] = []
    made.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    made.on("pageerror", lambda error: complaints.append(str(error)))
    yield made
    context.close()
    assert not [c for c in complaints if "status of 4" not in c], complaints
