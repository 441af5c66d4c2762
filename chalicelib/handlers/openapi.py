"""The OpenAPI 3.1 document, and the scopes an API key can have."""

import json
from functools import cache
from importlib import resources
from typing import Any

SCOPES = (
    "leads:read",
    "leads:write",
    "scans:write",
    "imports:write",
    "campaigns:read",
    "campaigns:write",
    "spend:write",
    "opportunities:write",
    "reports:read",
)


@cache
def document() -> dict[str, Any]:
    text = resources.files("chalicelib").joinpath("data/openapi.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found
