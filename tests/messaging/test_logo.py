"""A logo is a small picture that runs and loads nothing, or it is refused with the reason."""

import struct
import zlib
from pathlib import Path

import pytest

from chalicelib.messaging.logo import MOST_BYTES, logo_of, read_logo
from chalicelib.settings import BadSetting

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">{}</svg>'
GOOD = SVG.format(
    '<defs><linearGradient id="g"><stop stop-color="#fff"/></linearGradient></defs><style>.a{fill:red}</style>'
    '<path class="a" fill="url(#g)" d="M0 0h9v9z"/><use xlink:href="#g"/><text font-family="Arial">N</text>'
)


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))


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
        (SVG.format("<script>alert(1)</script>"), "no script"),
        (SVG.format("<foreignObject/>"), "no foreignObject"),
        (SVG.format('<image href="https://evil.example/x.png"/>'), "no image"),
        (SVG.format('<a href="https://evil.example/"/>'), "no a"),
        (SVG.format('<animate attributeName="href"/>'), "no animate"),
        (SVG.format('<x:view xmlns:x="http://editor.example"/>'), "no view; save it as a plain SVG"),
        (SVG.format('<path onclick="alert(1)"/>'), "its attribute onclick"),
        (SVG.format('<path ONLOAD="alert(1)"/>'), "its attribute onload"),
        (SVG.format('<use xlink:href="https://evil.example/a.svg#x"/>'), "its attribute href"),
        (SVG.format('<use href="data:image/svg+xml,x"/>'), "its attribute href"),
        (SVG.format('<path fill="url(https://evil.example/)"/>'), "its attribute fill"),
        (SVG.format("<path style=\"fill: url( '//evil.example/')\"/>"), "its attribute style"),
        (SVG.format("<style>@import 'https://evil.example/';</style>"), "its style"),
        (SVG.format("<style>.a{fill:\\75rl(//evil.example)}</style>"), "its style"),
        ('<!DOCTYPE svg [<!ENTITY a "b">]>' + GOOD, "without a document type"),
        ('<!DOCTYPE svg SYSTEM "file:///etc/passwd">' + GOOD, "without a document type"),
        ("<html xmlns='http://www.w3.org/1999/xhtml'/>", "neither a PNG nor an SVG"),
        ("<svg/>", "neither a PNG nor an SVG"),
        ("<svg", "neither a PNG nor an SVG"),
        (b"GIF89a", "neither a PNG nor an SVG"),
        (b"", "neither a PNG nor an SVG"),
        (png(2001, 10), "at most 2000 pixels"),
        (png(10, 0), "at most 2000 pixels"),
        (b"\x89PNG\r\n\x1a\nxxxx", "at most 2000 pixels"),
        (SVG.format(" " * MOST_BYTES), "at most 12000 bytes"),
    ],
)
def test_what_runs_loads_or_is_no_small_picture_is_refused(tmp_path: Path, body: bytes | str, why: str) -> None:
    path = at(tmp_path, body)
    with pytest.raises(BadSetting, match="LEADLINE_BRAND_LOGO") as refused:
        read_logo(path)
    assert why in str(refused.value)
    assert logo_of(path) is None


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match=r"nothing\.svg"):
        read_logo(tmp_path / "nothing.svg")
    assert logo_of(None) is None
