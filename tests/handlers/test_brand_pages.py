"""Visitors' pages in the brand's colours with its logo, light enough for a phone."""

import re
from html import unescape
from pathlib import Path

import pytest

from chalicelib.capture.logo_files import MOST_BYTES
from chalicelib.flows.plan_form import save_form
from chalicelib.records.event import Registration
from chalicelib.records.form import Form
from tests.capture.test_logo_files import GOOD, png
from tests.handlers.browsers import having
from tests.handlers.desk import Desk, open_desk
from tests.stories.people import CONTACT

MOST = 60_000


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_desk(tmp_path, "")


def branded(desk: Desk, folder: Path, body: bytes) -> Desk:
    path = folder / "logo"
    path.write_bytes(body)
    return having(desk, brand="North & South", brand_color="#7a1f5c", brand_logo=path)


def visitors_pages(desk: Desk) -> list[str]:
    """One of each kind, with all there is on it."""
    first = desk.world.deps
    save_form(first, Form("thankful", CONTACT.title, CONTACT.fields, thanks={"en": "Thank you!"}), "ada", 0)
    pages = ["/f/contact", "/f/seminar", "/embed/contact", desk.ask(), desk.ask("seminar"), desk.ask("thankful")]
    registration = first.store.query(Registration, "sensors")[0].value
    pages.append(f"/e/{first.links.make('seminar', 'sensors', registration.lead_id)}")
    pages.append(f"/u/{first.links.make('preferences', registration.lead_id)}")
    return [*pages, "/s/forged"]


def loaded(desk: Desk, html: str) -> set[str]:
    """What the page makes a browser fetch."""
    return set(re.findall(r'<(?:link|script|img)[^>]* (?:href|src)="([^"]+)"', html))


def test_a_visitors_page_with_all_it_loads_is_under_60_kilobytes_with_the_largest_logo_too(
    desk: Desk, tmp_path: Path
) -> None:
    pages = visitors_pages(branded(desk, tmp_path, png(200, 40, MOST_BYTES - len(png(200, 40, 0)))))
    for path in pages:
        answer = desk.get(path)
        parts = {asset: desk.get(asset) for asset in loaded(desk, answer.text)}
        assert all(part.status_code == 200 for part in parts.values()), path
        assert len(answer.content) + sum(len(part.content) for part in parts.values()) < MOST, path
        assert "/brand.css" in parts
        assert any(part.startswith("/brand/logo?v=") for part in parts) == (not path.startswith("/embed/"))


def test_pages_are_in_the_brands_colour_light_and_dark(desk: Desk, tmp_path: Path) -> None:
    branded(desk, tmp_path, GOOD.encode())
    css = desk.get("/brand.css")
    assert css.headers["content-type"].startswith("text/css")
    light, dark = css.text.splitlines()
    assert "--accent:#7a1f5c;" in light
    assert dark.startswith('@media screen and (prefers-color-scheme: dark){:root:not([data-theme="light"]){--accent:#')
    assert "#7a1f5c" not in dark
    assert desk.get("/brand.css", **{"If-None-Match": css.headers["etag"]}).status_code == 304
    having(desk, brand_color_dark="#e0a0d0")
    assert "--accent:#e0a0d0" in desk.get("/brand.css").text
    # The console stays as it is.
    desk.world.sign_in("ada")
    assert "/brand.css" not in desk.get("/app").text


@pytest.mark.parametrize(("body", "kind"), [(GOOD.encode(), "image/svg+xml"), (png(200, 40), "image/png")])
def test_the_logo_is_shown_with_the_brands_name_and_runs_nothing(
    desk: Desk, tmp_path: Path, body: bytes, kind: str
) -> None:
    branded(desk, tmp_path, body)
    assert 'alt="North &amp; South"' in desk.get("/f/contact").text
    answer = desk.get("/brand/logo")
    assert (answer.content, answer.headers["content-type"]) == (body, kind)
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    again = desk.get("/brand/logo", **{"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_without_a_brand_of_ones_own_pages_are_as_they_were(desk: Desk, tmp_path: Path) -> None:
    for path in ("/brand.css", "/brand/logo"):
        assert desk.get(path).status_code == 404
    assert "/brand" not in desk.get("/f/contact").text
    # A logo that cannot be one is the name in its place.
    branded(desk, tmp_path, b"GIF89a")
    html = desk.get("/f/contact").text
    assert "/brand/logo" not in html
    assert "North & South" in unescape(html)
    assert desk.get("/brand/logo").status_code == 404
