"""The brand on visitors' pages: its colours as a stylesheet, and its logo."""

from functools import lru_cache
from typing import Any

from chalice import Response

from chalicelib.handlers.brand_logo import logo_now
from chalicelib.handlers.web import Download, header, query
from chalicelib.records.brand import tag_of
from chalicelib.records.colour import Tones, dark_tones, light_tones, readable_on_dark
from chalicelib.records.ports import NotFound
from chalicelib.wiring import service

# An image runs nothing where a page shows it; opened by itself this says so again.
_FOR_A_WHILE, _FOR_GOOD = "public, max-age=300", "public, max-age=31536000, immutable"
_ALONE = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox"


def stylesheet(request: Any) -> Response:
    settings = service().settings
    if not settings.brand_color:
        raise NotFound
    return _lasting(
        request, _style(settings.brand_color, settings.brand_color_dark).encode(), "text/css; charset=utf-8"
    )


@lru_cache(maxsize=2)
def _style(light: str, dark: str) -> str:
    """The pages' own tokens with other values; without a colour for the dark pages it is made from the one there is."""
    of_dark = _tokens(dark_tones(dark or readable_on_dark(light)))
    return (
        f":root{{{_tokens(light_tones(light))}}}\n"
        f'@media screen and (prefers-color-scheme: dark){{:root:not([data-theme="light"]){{{of_dark}}}}}\n'
    )


def _tokens(tones: Tones) -> str:
    return (
        f"--accent:{tones.accent};--accent-strong:{tones.strong};"
        f"--accent-soft:{tones.soft};--on-accent:{tones.on_accent}"
    )


def logo(request: Any) -> Response:
    """At the address that names just this picture it may be kept for good."""
    found = logo_now()
    if found is None:
        raise NotFound
    lasts = _FOR_GOOD if query(request, "v") == tag_of(found.body) else _FOR_A_WHILE
    return _lasting(request, found.body, found.kind, lasts)


def _lasting(request: Any, body: bytes, kind: str, lasts: str = _FOR_A_WHILE) -> Response:
    tag = f'"{tag_of(body)}"'
    headers = {
        "Content-Type": kind,
        "ETag": tag,
        "Cache-Control": lasts,
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": _ALONE,
    }
    return Response("", headers, 304) if header(request, "if-none-match") == tag else Download(body, headers)
