"""Our stylesheet and scripts, and the libraries fetched by the lock file."""

import base64
import hashlib
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from chalice import Response

from chalicelib.handlers.web import header
from chalicelib.records.ports import NotFound

_FOLDER = Path(__file__).resolve().parents[2] / "templates" / "assets"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
# A worker of a page that loads only what allows it (the form in a frame) has to say the same of itself.
_WORKERS = {"proof_worker.js": {"Cross-Origin-Embedder-Policy": "require-corp"}}
_NAME = re.compile(r"(?:lib/)?[a-z0-9][a-z0-9._-]*")


def asset(request: Any, name: str) -> Response:
    return serve(request, name, _WORKERS.get(name))


def library(request: Any, name: str) -> Response:
    return serve(request, f"lib/{name}")


def serve(request: Any, name: str, more: Mapping[str, str] | None = None) -> Response:
    body, tag, kind = _read(name)
    headers = {
        "Content-Type": kind,
        "ETag": tag,
        # Short and revalidated: a new version shows at once, an unchanged one costs a 304.
        "Cache-Control": "public, max-age=60",
        "X-Content-Type-Options": "nosniff",
        **(more or {}),
    }
    if header(request, "if-none-match") == tag:
        return Response("", headers, 304)
    return Response(body, headers)


@cache
def _read(name: str) -> tuple[str, str, str]:
    """(text, tag, type). The whole name is checked, and where it leads: nothing outside the folder is ever read."""
    if not _NAME.fullmatch(name):
        raise NotFound
    path = (_FOLDER / name).resolve()
    if not path.is_relative_to(_FOLDER) or path.suffix not in _TYPES or not path.is_file():
        raise NotFound
    body = path.read_text("utf-8")
    tag = base64.urlsafe_b64encode(hashlib.sha256(body.encode()).digest()[:12]).decode()
    return body, f'"{tag}"', _TYPES[path.suffix]
