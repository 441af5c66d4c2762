"""A form's address as a QR code: on its page, on a sheet to print, and as files."""

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from chalicelib.records.form import Form
from tests.handlers.desk import Desk, open_desk, words
from tests.stories.people import CONTACT

ADDRESS = "/f/contact"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_desk(tmp_path)


def path_of(svg: str) -> str:
    """What is drawn, which is the same for the same address alone."""
    return re.findall(r'<path[^>]* stroke="#000" d="([^"]+)"', svg)[0]


def test_the_forms_page_and_the_sheet_show_the_code_of_the_hosted_address(desk: Desk) -> None:
    import segno

    page, sheet = desk.get("/app/forms/contact"), desk.get("/app/forms/contact/code")
    address = desk.world.deps.links.absolute(ADDRESS)
    expected = path_of(segno.make_qr(address, error="m").svg_inline(border=4, lineclass=None))
    for answer in (page, sheet):
        assert path_of(answer.text) == expected
        assert f'aria-label="QR code: {address}"' in answer.text
        assert " style=" not in answer.text
    assert address in words(sheet.text)
    for tag, title in CONTACT.title.items():
        assert f'<p class="code-title" lang="{tag}">{title}</p>' in sheet.text


def test_the_files_are_an_image_each_to_be_saved(desk: Desk) -> None:
    svg, png = (desk.get(f"/app/forms/contact/code.{ending}") for ending in ("svg", "png"))
    assert svg.headers["content-type"] == "image/svg+xml"
    assert ElementTree.fromstring(svg.content).tag == "{http://www.w3.org/2000/svg}svg"
    assert path_of(svg.text) == path_of(desk.get("/app/forms/contact").text)
    assert png.headers["content-type"] == "image/png"
    assert png.content.startswith(b"\x89PNG\r\n\x1a\n")
    assert [answer.headers["content-disposition"] for answer in (svg, png)] == [
        'attachment; filename="contact.svg"',
        'attachment; filename="contact.png"',
    ]


def test_a_closed_form_and_one_there_is_not_have_no_code(desk: Desk) -> None:
    desk.world.put(replace(CONTACT, active=False))
    for path in ("contact/code", "contact/code.svg", "contact/code.png", "nothing/code"):
        assert desk.get(f"/app/forms/{path}").status_code == 404
    assert "<svg" not in desk.get("/app/forms/contact").text


def test_a_title_is_text_on_the_sheet(desk: Desk) -> None:
    desk.world.put(Form("odd", {"en": "<img src=x>"}, CONTACT.fields))
    sheet = desk.get("/app/forms/odd/code").text
    assert "&lt;img src=x&gt;" in sheet
    assert "<img src=x" not in sheet
