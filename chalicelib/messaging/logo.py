"""The brand's logo, a small file: looked at closely, for it is served to everybody from our own address."""

import logging
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from chalicelib.settings import BadSetting

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

log = logging.getLogger("leadline")

# With it a page and all it loads is still under 60 KB.
MOST_BYTES = 12_000
_MOST_SIDE = 2_000
_PNG = b"\x89PNG\r\n\x1a\n"
_SVG = "{http://www.w3.org/2000/svg}"
# Shapes, and what they are drawn with. What loads, links, moves or runs is not among them.
_ELEMENTS = frozenset(
    {"svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "defs"}
    | {"linearGradient", "radialGradient", "stop", "clipPath", "mask", "pattern", "title", "desc", "use", "symbol"}
    | {"style"}
)
_ELSEWHERE = re.compile(r"url\(\s*['\"]?(?!#)|@|\\|javascript:|expression\(", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Logo:
    body: bytes
    kind: str


def read_logo(path: Path) -> Logo:
    """A PNG, or an SVG of shapes alone. Raises BadSetting with what is wrong with it."""
    try:
        with path.open("rb") as file:
            body = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise _bad(path, error.strerror or "it cannot be read") from None
    if len(body) > MOST_BYTES:
        raise _bad(path, f"a logo has at most {MOST_BYTES} bytes")
    if body.startswith(_PNG):
        sides = [int.from_bytes(body[at : at + 4], "big") for at in (16, 20)]
        if body[12:16] != b"IHDR" or not all(0 < side <= _MOST_SIDE for side in sides):
            raise _bad(path, f"a PNG of at most {_MOST_SIDE} pixels a side is needed")
        return Logo(body, "image/png")
    if wrong := _wrong_svg(body):
        raise _bad(path, wrong)
    return Logo(body, "image/svg+xml")


@lru_cache(maxsize=2)
def logo_of(path: Path | None) -> Logo | None:
    """None where there is none; nor where it is not one, which is said once: pages go on with the brand's name."""
    try:
        return read_logo(path) if path else None
    except BadSetting as error:
        log.error("%s", error)
        return None


def _bad(path: Path, why: str) -> BadSetting:
    return BadSetting(f"LEADLINE_BRAND_LOGO is '{path}': {why}")


def _wrong_svg(body: bytes) -> str:
    # Loaded with the first logo: no form post waits for it.
    from xml.etree.ElementTree import ParseError

    from defusedxml import ElementTree
    from defusedxml.common import DefusedXmlException

    try:
        root: Element = ElementTree.fromstring(body, forbid_dtd=True)
    except (ParseError, ValueError, DefusedXmlException):
        return "neither a PNG nor an SVG without a document type"
    if root.tag != f"{_SVG}svg":
        return "neither a PNG nor an SVG without a document type"
    return next((wrong for element in root.iter() if (wrong := _wrong_in(element))), "")


def _wrong_in(element: "Element") -> str:
    name = str(element.tag)
    if not name.startswith(_SVG) or name.removeprefix(_SVG) not in _ELEMENTS:
        return f"a logo holds shapes alone, and no {name.rpartition('}')[2]}; save it as a plain SVG"
    for attribute, value in element.attrib.items():
        local = attribute.rpartition("}")[2].lower()
        if local.startswith("on") or (local == "href" and not value.startswith("#")) or _ELSEWHERE.search(value):
            return f"its attribute {local} runs or loads something"
    return "its style loads something" if _ELSEWHERE.search(element.text or "") else ""
