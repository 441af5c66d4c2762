"""The logo is uploaded in the console, and visitors see it; a wrong file is explained where it was chosen."""

from pathlib import Path

import httpx
import pytest

from chalicelib import wiring
from chalicelib.capture.logo_files import MOST_BYTES
from chalicelib.records.audit import Audit, AuditQuery, Step
from chalicelib.records.ports import StoreUnavailable
from tests.capture.test_logo_files import GOOD, SVG, jpeg, png
from tests.handlers.browsers import having
from tests.handlers.desk import Desk, open_desk, words
from tests.handlers.test_form_builder_pages import MARA
from tests.stories.conftest import HTML

PICTURE = png(200, 40)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_desk(tmp_path, "mara", MARA)


def upload(desk: Desk, body: bytes, name: str = "logo.png") -> httpx.Response:
    sent = {"csrf": desk.world.csrf("/app/brand")}
    return desk.world.client.post("/app/brand", data=sent, files={"file": (name, body)}, headers=HTML)


def steps_of(desk: Desk, ids: tuple[str, str]) -> tuple[Step, ...]:
    stored = desk.world.deps.store.get(Audit, *ids)
    return stored.value.steps if stored else ()


def address(desk: Desk) -> str:
    """Where a visitor's page takes the logo from, "" for none."""
    _, found, rest = desk.get("/f/contact").text.partition('class="brand-logo" src="')
    return rest.partition('"')[0] if found else ""


@pytest.mark.parametrize(
    ("body", "kind"), [(PICTURE, "image/png"), (jpeg(200, 40), "image/jpeg"), (GOOD.encode(), "image/svg+xml")]
)
def test_an_uploaded_logo_is_on_visitors_pages_whatever_the_file_is_called(desk: Desk, body: bytes, kind: str) -> None:
    assert address(desk) == ""
    assert upload(desk, body, "logo.txt").headers["location"] == "/app/brand?said=saved"
    answer = desk.get(address(desk))
    assert (answer.content, answer.headers["content-type"]) == (body, kind)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "immutable" in answer.headers["cache-control"]
    assert "immutable" not in desk.get("/brand/logo").headers["cache-control"]
    assert "Mara Example" in desk.page("/app/brand")


def test_another_logo_has_another_address_and_a_removed_one_none(desk: Desk, tmp_path: Path) -> None:
    upload(desk, PICTURE)
    first = address(desk)
    upload(desk, jpeg(200, 40))
    second = address(desk)
    assert first != second
    assert "immutable" not in desk.get(first).headers["cache-control"]
    # The uploaded one goes before the setting's, which shows where it is gone.
    path = tmp_path / "logo"
    path.write_bytes(GOOD.encode())
    having(desk, brand_logo=path)
    assert address(desk) == second
    for _ in range(2):
        assert desk.post("/app/brand/remove").headers["location"] == "/app/brand?said=removed"
    assert desk.get(address(desk)).headers["content-type"] == "image/svg+xml"
    having(desk, brand_logo=None)
    assert address(desk) == ""
    assert desk.get("/brand/logo").status_code == 404
    desk.world.work()
    steps = [step for ids in desk.world.deps.model.audits(AuditQuery()) for step in steps_of(desk, ids)]
    acts = [step.act for step in steps if step.kind == "BrandLogo"]
    assert sorted(acts) == ["changed", "deleted", "made"]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "the file is empty"),
        (b"GIF89a", "neither a PNG, a JPEG nor an SVG"),
        (b"<html><script>alert(1)</script>", "neither a PNG, a JPEG nor an SVG"),
        (SVG.format("<script>alert(1)</script>").encode(), "save it as a plain SVG without this: script"),
        (PICTURE[:-9], "the picture is cut off or damaged"),
        (png(2001, 1), "a picture has at most so many pixels a side: 2000"),
        (png(200, 40, MOST_BYTES), "a logo has at most so many bytes: 12000"),
    ],
)
def test_a_wrong_file_is_explained_in_place_and_the_logo_stays(desk: Desk, body: bytes, why: str) -> None:
    upload(desk, PICTURE)
    before = address(desk)
    answer = upload(desk, body)
    assert answer.status_code == 422
    assert why in words(answer.text)
    assert '<a href="#f-file">' in answer.text
    assert 'id="f-file-error"' in answer.text
    assert address(desk) == before


def test_nothing_chosen_is_told_and_a_forged_post_changes_nothing(desk: Desk) -> None:
    sent = {"csrf": desk.world.csrf("/app/brand")}
    none = desk.world.client.post("/app/brand", data=sent, files={"file": ("", b"")}, headers=HTML)
    assert (none.status_code, "choose a file" in words(none.text)) == (422, True)
    client = desk.world.client
    forged = client.post("/app/brand", data={"csrf": "guess"}, files={"file": ("x", PICTURE)}, headers=HTML)
    assert forged.status_code == 403
    assert client.post("/app/brand/remove", data={"csrf": "guess"}, headers=HTML).status_code == 403
    assert address(desk) == ""


def test_a_page_that_can_do_without_the_store_shows_the_name(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    upload(desk, PICTURE)

    def down() -> None:
        raise StoreUnavailable("down")

    monkeypatch.setattr(wiring.service().deps.directory, "logo", down)
    page = desk.get("/s/forged")
    assert page.status_code == 404
    assert "brand-logo" not in page.text
