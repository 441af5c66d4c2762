"""The brand's logo, a small file: looked at closely, for it is served to everybody from our own address."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.capture.pictures import MOST_SIDE, read_picture

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

# With it a page and all it loads is still under 60 KB.
MOST_BYTES = 12_000
_OTHER = "neither a PNG, a JPEG nor an SVG without a document type"
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


def checked_logo(body: bytes) -> Logo | str:
    """What may be shown of a file, whatever it is called, or why nothing may."""
    if len(body) > MOST_BYTES:
        return f"a logo has at most so many bytes: {MOST_BYTES}"
    try:
        picture = read_picture(body)
    except ValueError:
        return "the picture is cut off or damaged"
    if picture is None:
        return _wrong_svg(body) or Logo(body, "image/svg+xml")
    if not all(0 < side <= MOST_SIDE for side in picture.sides):
        return f"a picture has at most so many pixels a side: {MOST_SIDE}"
    return Logo(picture.body, picture.kind)


def _wrong_svg(body: bytes) -> str:
    # Loaded with the first logo: no form post waits for it.
    from xml.etree.ElementTree import ParseError

    from defusedxml import ElementTree
    from defusedxml.common import DefusedXmlException

    try:
        root: Element = ElementTree.fromstring(body, forbid_dtd=True)
    except (ParseError, ValueError, DefusedXmlException):
        return _OTHER
    if root.tag != f"{_SVG}svg":
        return _OTHER
    return next((wrong for element in root.iter() if (wrong := _wrong_in(element))), "")


def _wrong_in(element: "Element") -> str:
    name = str(element.tag)
    if not name.startswith(_SVG) or name.removeprefix(_SVG) not in _ELEMENTS:
        return f"a logo holds shapes alone; save it as a plain SVG without this: {name.rpartition('}')[2]}"
    for attribute, value in element.attrib.items():
        local = attribute.rpartition("}")[2].lower()
        if local.startswith("on") or (local == "href" and not value.startswith("#")) or _ELSEWHERE.search(value):
            return f"an attribute runs or loads something: {local}"
    return "its style loads something" if _ELSEWHERE.search(element.text or "") else ""
