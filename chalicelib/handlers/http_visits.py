"""The script that knows a visitor's way from the first page to the form (docs/tracker.md)."""

from typing import Any

from chalice import Response

from chalicelib.handlers.http_assets import serve


def script(request: Any) -> Response:
    """For any page, also for one that loads only what allows it (Cross-Origin-Embedder-Policy)."""
    return serve(request, "t.js", {"Cross-Origin-Resource-Policy": "cross-origin"})
