"""An address as a QR code (ISO/IEC 18004), dark on white whatever the page's colours: cameras read it only so."""

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from segno import QRCode

# Modules of white around it, which the standard asks for.
_BORDER = 4
# Pixels of a PNG's module: some 12 cm of a printed page at 150 dots an inch.
_DOTS = 20


def qr_inline(address: str) -> str:
    """As SVG within a page: as large as the place it stands in, without a style of its own."""
    return _code(address).svg_inline(omitsize=True, border=_BORDER, light="#fff", svgclass="qr", lineclass=None)


def qr_svg(address: str) -> bytes:
    body = io.BytesIO()
    _code(address).save(body, kind="svg", scale=10, border=_BORDER, light="#fff", svgclass=None, lineclass=None)
    return body.getvalue()


def qr_png(address: str) -> bytes:
    body = io.BytesIO()
    _code(address).save(body, kind="png", scale=_DOTS, border=_BORDER)
    return body.getvalue()


def _code(address: str) -> "QRCode":
    import segno  # 35 ms that no other page needs

    # A quarter may be torn or dirty where that makes it no larger, at least 15 %.
    return segno.make_qr(address, error="m")
