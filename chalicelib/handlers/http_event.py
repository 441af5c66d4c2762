"""API Gateway's HTTP API (payload format 2.0) to the event Chalice reads, and Chalice's answer back.

The HTTP API has one route, `$default`: which page is meant is found by the app's own routes, as in the embedded
service, so that both answer alike."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

Match = Callable[[str], tuple[str, dict[str, str]] | None]


def is_http_event(event: Any) -> bool:
    return isinstance(event, dict) and event.get("version") == "2.0" and "http" in event.get("requestContext", {})


def chalice_event(event: dict[str, Any], match: Match) -> dict[str, Any]:
    """`match` gives the route and its values for a path, or None."""
    http = event["requestContext"]["http"]
    # The path comes with every escape decoded but that of the percent sign.
    path = str(event.get("rawPath") or "/").replace("%25", "%")
    route, captured = match(path) or match(path.rstrip("/") or "/") or ("/not-found", {})
    return {
        "requestContext": {
            "httpMethod": "GET" if is_head(event) else http["method"],
            "resourcePath": route,
            "path": path,
            "identity": {"sourceIp": http.get("sourceIp", "")},
            "requestId": event["requestContext"].get("requestId", ""),
        },
        "headers": _headers(event),
        "pathParameters": captured,
        "stageVariables": {},
        "multiValueQueryStringParameters": _query(event),
        "body": event.get("body") or "",
        "isBase64Encoded": bool(event.get("isBase64Encoded")),
    }


def _query(event: dict[str, Any]) -> dict[str, list[str]] | None:
    return parse_qs(event.get("rawQueryString") or "", keep_blank_values=True, errors="replace") or None


def _headers(event: dict[str, Any]) -> dict[str, str]:
    """By lower-case name; cookies come apart from the other headers."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    if event.get("cookies"):
        headers["cookie"] = "; ".join(event["cookies"])
    return headers


def is_head(event: dict[str, Any]) -> bool:
    return bool(event["requestContext"]["http"]["method"] == "HEAD")


def http_answer(response: dict[str, Any], head: bool) -> dict[str, Any]:
    """Chalice's answer as the HTTP API takes it: one value a header, cookies apart."""
    headers = dict(response.get("headers") or {})
    cookies = [headers.pop(name) for name in list(headers) if name.lower() == "set-cookie"]
    for name, values in (response.get("multiValueHeaders") or {}).items():
        if name.lower() == "set-cookie":
            cookies += values
        else:
            headers[name] = ", ".join(values)
    answer = {
        "statusCode": response["statusCode"],
        "headers": headers,
        "body": "" if head else response.get("body") or "",
        "isBase64Encoded": bool(response.get("isBase64Encoded")) and not head,
    }
    return {**answer, "cookies": cookies} if cookies else answer
