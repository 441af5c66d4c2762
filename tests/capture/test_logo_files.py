"""A logo is a small picture that runs and loads nothing, or it is refused with the reason."""

import struct
import zlib
from pathlib import Path

import pytest

from chalicelib.capture.logo_files import MOST_BYTES, Logo, checked_logo
from chalicelib.handlers.logo_setting import logo_of, read_logo
from chalicelib.settings import BadSetting

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">{}</svg>'
GOOD = SVG.format(
    '<defs><linearGradient id="g"><stop stop-color="#fff"/></linearGradient></defs><style>.a{fill:red}</style>'
    '<path class="a" fill="url(#g)" d="M0 0h9v9z"/><use xlink:href="#g"/><text font-family="Arial">N</text>'
)


def chunk(kind: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, pixels: int = 40, *more: bytes) -> bytes:
    """A picture as a file says it is; nobody decodes it."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + chunk(b"IDAT", bytes(pixels)) + chunk(b"IEND")


def segment(mark: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, mark, len(body) + 2) + body


def jpeg(width: int, height: int, *more: bytes) -> bytes:
    frame = segment(0xC2, struct.pack(">BHHB", 8, height, width, 3) + bytes(9))
    jfif = segment(0xE0, b"JFIF\0" + bytes(9))
    return b"\xff\xd8" + jfif + b"".join(more) + frame + segment(0xDA, bytes(10)) + b"\x01\xff\x00\x02\xff\xd9"


def taken(body: bytes) -> Logo:
    found = checked_logo(body)
    assert isinstance(found, Logo), found
    return found


def at(folder: Path, body: bytes | str) -> Path:
    path = folder / "logo"
    path.write_bytes(body.encode() if isinstance(body, str) else body)
    return path


def test_shapes_and_a_small_png_are_taken_as_they_are(tmp_path: Path) -> None:
    assert read_logo(at(tmp_path, GOOD)).kind == "image/svg+xml"
    found = read_logo(at(tmp_path, png(200, 40)))
    assert (found.kind, found.body) == ("image/png", png(200, 40))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (SVG.format("<script>alert(1)</script>"), "without this: script"),
        (SVG.format("<foreignObject/>"), "without this: foreignObject"),
        (SVG.format('<image href="https://evil.example/x.png"/>'), "without this: image"),
        (SVG.format('<a href="https://evil.example/"/>'), "without this: a"),
        (SVG.format('<animate attributeName="href"/>'), "without this: animate"),
        (SVG.format('<x:view xmlns:x="http://editor.example"/>'), "save it as a plain SVG without this: view"),
        (SVG.format('<path onclick="alert(1)"/>'), "an attribute runs or loads something: onclick"),
        (SVG.format('<path ONLOAD="alert(1)"/>'), "an attribute runs or loads something: onload"),
        (SVG.format('<use xlink:href="https://evil.example/a.svg#x"/>'), "an attribute runs or loads something: href"),
        (SVG.format('<use href="data:image/svg+xml,x"/>'), "an attribute runs or loads something: href"),
        (SVG.format('<path fill="url(https://evil.example/)"/>'), "an attribute runs or loads something: fill"),
        (SVG.format("<path style=\"fill: url( '//evil.example/')\"/>"), "an attribute runs or loads something: style"),
        (SVG.format("<style>@import 'https://evil.example/';</style>"), "its style"),
        (SVG.format("<style>.a{fill:\\75rl(//evil.example)}</style>"), "its style"),
        ('<!DOCTYPE svg [<!ENTITY a "b">]>' + GOOD, "without a document type"),
        ('<!DOCTYPE svg SYSTEM "file:///etc/passwd">' + GOOD, "without a document type"),
        ("<html xmlns='http://www.w3.org/1999/xhtml'/>", "neither a PNG, a JPEG nor an SVG"),
        ("<svg/>", "neither a PNG, a JPEG nor an SVG"),
        ("<svg", "neither a PNG, a JPEG nor an SVG"),
        (b"GIF89a", "neither a PNG, a JPEG nor an SVG"),
        (b"", "neither a PNG, a JPEG nor an SVG"),
        (png(2001, 10), "so many pixels a side: 2000"),
        (png(200, 40)[:-20], "cut off or damaged"),
        (png(200, 40).replace(b"IDAT", b"IDAX"), "cut off or damaged"),
        (b"\x89PNG\r\n\x1a\n" + chunk(b"IDAT") + chunk(b"IEND"), "cut off or damaged"),
        (jpeg(200, 40)[:-2], "cut off or damaged"),
        (jpeg(200, 40)[:30], "cut off or damaged"),
        (b"\xff\xd8\xff", "cut off or damaged"),
        (jpeg(200, 40).replace(b"\xff\xc2", b"\x00\xc2"), "cut off or damaged"),
        (b"\xff\xd8" + segment(0xDA, bytes(10)) + b"\xff\xd9", "so many pixels a side: 2000"),
        (jpeg(40, 2001), "so many pixels a side: 2000"),
        (b"<script>alert(1)</script>", "neither a PNG, a JPEG nor an SVG"),
        (png(10, 0), "so many pixels a side: 2000"),
        (b"\x89PNG\r\n\x1a\nxxxx", "cut off or damaged"),
        (SVG.format(" " * MOST_BYTES), "so many bytes: 12000"),
    ],
)
def test_what_runs_loads_or_is_no_small_picture_is_refused(tmp_path: Path, body: bytes | str, why: str) -> None:
    path = at(tmp_path, body)
    with pytest.raises(BadSetting, match="LEADLINE_BRAND_LOGO") as refused:
        read_logo(path)
    assert why in str(refused.value)
    assert logo_of(path) is None


def test_what_was_written_beside_a_picture_is_left_out() -> None:
    place, colours = chunk(b"eXIf", b"50.1 N"), chunk(b"sRGB", b"\0")
    assert taken(png(200, 40, 40, place, colours, chunk(b"tEXt", b"made by")) + b"<script>") == Logo(
        png(200, 40, 40, colours), "image/png"
    )
    exif, remark, adobe = segment(0xE1, b"Exif\0\0 50.1 N"), segment(0xFE, b"made by"), segment(0xEE, b"Adobe")
    assert taken(jpeg(200, 40, exif, remark, adobe) + b"<script>") == Logo(jpeg(200, 40, adobe), "image/jpeg")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match=r"nothing\.svg"):
        read_logo(tmp_path / "nothing.svg")
    assert logo_of(None) is None
