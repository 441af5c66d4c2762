"""axe-core over every page there is, in light and dark, at a desktop's and a phone's width: it finds nothing.

Pages are found as people find them, by links from the first ones. An address in the table of routes that is neither
reached nor named in `NOT_PAGES` fails, so that a new page is looked at from its first day."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from chalicelib import wiring
from chalicelib.handlers.routes import PROGRAMS, ROUTES, Route
from chalicelib.settings import Settings
from tests.browser.conftest import WIDTHS
from tests.browser.test_pages import mailed_link
from tests.stories.conftest import Server

AXE = Path(__file__).with_name("node_modules") / "axe-core" / "axe.min.js"
SCHEMES: dict[Literal["light", "dark"], dict[str, object]] = {
    "light": {"resultTypes": ["violations"]},
    "dark": {"resultTypes": ["violations"], "runOnly": ["color-contrast", "link-in-text-block"]},
}
RUN = """options => axe.run(document, options).then(
    done => done.violations.map(v => [v.id, v.nodes.slice(0, 3).map(node => node.html)]))"""
# Addresses that answer something else than a page of ours.
NOT_PAGES = {
    "/app/forms/{form_id}/code.svg", "/app/forms/{form_id}/code.png",
    "/healthz", "/brand.css", "/brand/logo", "/embed.js", "/t.js", "/t-visits.js",
    "/assets/{name}", "/assets/lib/{name}", "/e/{token}/seminar.ics", "/app/leads.csv",
    "/app/returns.csv", "/app/uploads/{import_id}/progress.json", "/app/uploads/{import_id}/errors.csv",
    "/app/leads/{lead_id}/now.json", "/app/leads/{lead_id}/stored.json",
    "/app/mailbox/{mail_id}/html", "/app/mailbox/{mail_id}/attachments/{number}",
    "/app/sign-in/oidc", "/app/sign-in/oidc/callback", "/v1/openapi.json", "/app/search/suggest",
}  # fmt: skip
# Where a store with sample data has nothing to show.
NOT_IN_THE_SAMPLE = {"/app/restore"}
FIRST = ("/", "/nowhere", "/app/sign-in", "/app/sign-in/sent", "/f/contact", "/app/search", "/app/search?q=dmeo")
# The same page another way round.
SAME = {"turned"}
# Pages that say that something is not there.
STATUS = {"/nowhere": 404, "/app/sign-in/link/unknown": 404}
MOST = 150


def pages() -> dict[str, re.Pattern[str]]:
    """Path in the table of routes -> what its addresses look like; those without a changing part first."""
    mine = [route for route in ROUTES if "GET" in route.method and route.access.who != PROGRAMS]
    mine.sort(key=lambda route: route.path.count("{"))
    return {route.path: pattern(route) for route in mine}


def pattern(route: Route) -> re.Pattern[str]:
    return re.compile("".join("[^/]+" if part[0] == "{" else re.escape(part) for part in parts(route.path)))


def parts(path: str) -> list[str]:
    return [part for part in re.split(r"(\{[^}]+\})", path) if part]


PAGES = pages()


def page_of(path: str) -> str:
    return next((name for name, looks in PAGES.items() if looks.fullmatch(path)), "/not-found")


@pytest.fixture(scope="session")
def insider(browser: Browser, server: Server) -> Iterator[BrowserContext]:
    """An administrator, who sees every page of the console, after a day in which something of everything came."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=server.address, locale="en-GB")
    page = context.new_page()
    page.goto("/app/sign-in")
    page.locator('form:has(input[value="sample-admin"]) button').click()
    page.wait_for_url(re.compile(r"/app$"))
    yield context
    context.close()


@pytest.fixture(scope="session")
def found(
    insider: BrowserContext, server: Server, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, ...], str]:
    """(path in the table of routes, names in the query) -> an address of that page."""
    page, seen = insider.new_page(), dict[tuple[str, ...], str]()
    rows = tmp_path_factory.mktemp("lists") / "list.csv"
    rows.write_text("name,email\nJana Beispiel,jana@axe.example.com\n,\n", "utf-8")
    paths = (*FIRST, *of_visitors(page, server), *of_insiders(page, rows))
    waiting = [urljoin(server.address, path) for path in paths]
    while waiting and len(seen) < MOST:
        address = waiting.pop(0)
        key = key_of(address)
        if key in seen or key[0] in NOT_PAGES:
            continue
        seen[key] = address
        answer = page.goto(address)
        assert answer
        assert answer.status == STATUS.get(urlsplit(address).path, 200), address
        links = page.evaluate("[...document.querySelectorAll('a[href]')].map(a => a.href)")
        waiting += [link.partition("#")[0] for link in links if link.startswith(server.address)]
    page.close()
    assert len(seen) < MOST, "the pages lead on and on"
    return seen


def key_of(address: str) -> tuple[str, ...]:
    split = urlsplit(address)
    return (page_of(split.path), *sorted({pair.partition("=")[0] for pair in split.query.split("&") if pair} - SAME))


def of_visitors(page: Page, server: Server) -> list[str]:
    """What a visitor sees after a form and after signing up (where a link leads to the seat), the preferences, and a
    link to sign in by, in the browser that asked for it and in another."""
    status, _ = send(page, "contact", "Jana Beispiel"), send(page, "sensor-seminar", "Arne Muster")
    seat = page.locator("a[href^='/e/']").first.get_attribute("href") or ""
    framed = send(page, "contact", "Ute Beispiel", "/embed/")
    theirs = [status, seat, "/embed/contact", framed, preferences(page, server)]
    return [*theirs, sign_in_link(page, server), "/app/sign-in/link/unknown"]


def preferences(page: Page, server: Server) -> str:
    page.goto("/app/leads")
    lead = page.locator("main .cell-title a").first.get_attribute("href") or ""
    service = wiring.open_service(Settings(data=server.folder, public_url=server.address))
    token = service.deps.links.make("preferences", lead.rpartition("/")[2])
    service.close()
    return f"/u/{token}"


def send(page: Page, form: str, name: str, below: str = "/f/") -> str:
    """Fill in the hosted form; the path of the page it leads to."""
    page.goto(f"{below}{form}")
    page.locator("[name=name]").fill(name)
    page.locator("[name=email]").fill(f"{name.lower().replace(' ', '.')}@axe.example.com")
    page.locator(f"form[action^='{below}'] [type=submit]").click()
    page.wait_for_url(re.compile("/s/"))
    return urlsplit(page.url).path


def sign_in_link(page: Page, server: Server) -> str:
    page.goto("/app/sign-in")
    return mailed_link(page, server, "alex@example.com")


def of_insiders(page: Page, list_file: Path) -> list[str]:
    """The component page; a submission set aside (a machine fills in each field); a list that is looked at first."""
    page.goto("/f/contact")
    page.evaluate("document.querySelectorAll('.trap input').forEach(field => { field.value = 'x' })")
    page.locator("[name=name]").fill("Machine")
    page.locator("[name=email]").fill("machine@axe.example.com")
    page.locator("form[action^='/f/'] [type=submit]").click()
    page.wait_for_load_state()
    page.goto("/app/uploads/new")
    page.locator("input[type=file]").set_input_files(list_file)
    page.locator("[name=campaign]").first.select_option(index=1)
    page.locator("form[enctype='multipart/form-data'] [type=submit]").click()
    page.wait_for_url(re.compile("/drafts/"))
    return [urlsplit(page.url).path, "/app", "/app/styleguide"]


def violations(page: Page, address: str) -> Iterator[str]:
    """In light and dark; the second by the rules that see a difference."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.goto(address)
    page.evaluate(AXE.read_text("utf-8"))
    # What a browser paints behind a page without a ground of its own (one in a frame); axe takes it for white.
    page.evaluate("document.documentElement.style.background = 'Canvas'")
    for scheme, options in SCHEMES.items():
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for rule, nodes in page.evaluate(RUN, options):
            yield f"{urlsplit(address).path} {scheme}: {rule}: {nodes}"


@pytest.mark.parametrize("width", list(WIDTHS))
def test_axe_finds_nothing_on_any_page(insider: BrowserContext, found: dict[tuple[str, ...], str], width: str) -> None:
    page = insider.new_page()
    page.set_viewport_size(dict(zip(("width", "height"), WIDTHS[width], strict=True)))
    told = [line for address in found.values() for line in violations(page, address)]
    page.close()
    assert told == []


def test_no_page_is_left_out(found: dict[tuple[str, ...], str]) -> None:
    assert set(PAGES) - NOT_PAGES - NOT_IN_THE_SAMPLE - {key[0] for key in found} == set()
