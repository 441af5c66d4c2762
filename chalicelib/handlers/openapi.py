"""The OpenAPI 3.1 document, and the scopes an API key can have.

What each operation takes and gives is written down in data/openapi.json; who may ask, and what everybody is told who
may not, or too often, is said once, by the table of routes."""

import json
from functools import cache
from importlib import resources
from typing import Any

from chalicelib.handlers.routes import PROGRAMS, PUBLIC, ROUTES, Route

SCOPES = (
    "leads:read",
    "leads:write",
    "scans:write",
    "imports:write",
    "campaigns:read",
    "campaigns:write",
    "spend:read",
    "spend:write",
    "opportunities:read",
    "opportunities:write",
    "reports:read",
)
_ALWAYS = {"503": "Busy"}
_WITH_KEY = {"401": "NoKey", "403": "NoScope", "429": "TooMany"}
_WITH_BODY = {"400": "Unreadable", "413": "TooLarge", "415": "Kind", "422": "Invalid"}


@cache
def document(announced: bool = True) -> dict[str, Any]:
    """`announced`: whether a list can be announced, to be sent to a bucket."""
    text = resources.files("chalicelib").joinpath("data/openapi.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    for route in ROUTES:
        operation = found["paths"].get(route.path, {}).get(route.method.lower())
        if operation:
            _complete(operation, route)
    if not announced:
        del found["paths"]["/v1/imports"]["post"]["requestBody"]["content"]["application/json"]
    return found


def _complete(operation: dict[str, Any], route: Route) -> None:
    told = dict(_ALWAYS)
    if route.access.who == PROGRAMS:
        operation["security"] = [{"apiKey": [route.access.scope]}]
        told |= _WITH_KEY
    elif route.access.who == PUBLIC and route.method == "POST" and route.access.limited:
        told |= {"429": "TooMany"}
    if route.method in ("POST", "PATCH"):
        # Where nothing is taken, something that was sent all the same is refused.
        told |= _WITH_BODY if "requestBody" in operation else {"422": "Invalid"}
    own = operation["responses"]
    refs = {status: {"$ref": f"#/components/responses/{name}"} for status, name in told.items()}
    operation["responses"] = dict(sorted({**refs, **own}.items()))
