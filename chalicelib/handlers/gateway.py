"""The app class, and how WSGI becomes the event API Gateway would send.

Chalice keeps the current request on the app object, which is right for Lambda (one request a process) and wrong for a
threaded server: 768 of 800 concurrent requests saw another visitor's. Here it is kept per thread."""

import base64
import json
import re
import threading
from collections.abc import Callable, Iterable
from html import escape
from typing import Any
from urllib.parse import parse_qs

from chalice import Chalice

from chalicelib.handlers.http_event import chalice_event, http_answer, is_head, is_http_event

# API Gateway refuses more than 10 MB; lists of that size come as multipart with a little around them.
MAX_BODY = 10 * 1024 * 1024 + 64 * 1024
# In the request's context: more came than that, and was not read.
TOO_LARGE = "tooLarge"

StartResponse = Callable[[str, list[tuple[str, str]]], Any]


class LeadlineApp(Chalice):  # type: ignore[misc]
    """Chalice with the current request per thread."""

    _of_thread = threading.local()
    _routes_found: "Routes | None" = None

    def __call__(self, event: Any, context: Any) -> Any:
        """Answers events as API Gateway's HTTP API sends them, and those `Gateway` makes."""
        if not is_http_event(event):
            return self._answer(event, context)
        if self._routes_found is None:
            self._routes_found = Routes(list(self.routes))
        response = self._answer(chalice_event(event, self._routes_found.match), context)
        return http_answer(response, head=is_head(event))

    def _answer(self, event: Any, context: Any) -> Any:
        """Chalice's own refusals (a method a route does not have) are problem details like all others."""
        response = super().__call__(event, context)
        if response["statusCode"] == 405:
            _say_which_methods(event, response)
        return response

    @property
    def current_request(self) -> Any:
        return getattr(self._of_thread, "request", None)

    @current_request.setter
    def current_request(self, value: Any) -> None:
        self._of_thread.request = value


def _say_which_methods(event: Any, response: dict[str, Any]) -> None:
    """A page for a browser, a problem for everybody else."""
    detail = f"This address answers {response['headers'].get('Allow', 'others')}."
    accept = {name.lower(): value for name, value in (event.get("headers") or {}).items()}.get("accept", "")
    if "text/html" in accept:
        response["headers"] |= {"Content-Type": "text/html; charset=utf-8", "X-Content-Type-Options": "nosniff"}
        response["body"] = _METHOD_PAGE.format(detail=escape(detail))
    else:
        response["headers"]["Content-Type"] = "application/problem+json"
        response["body"] = json.dumps(_problem(405, "Method not allowed", detail))


# Without style or script: Chalice answers before any handler, so also before the visitor's language is known.
_METHOD_PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Method not allowed</title>'
    '<h1>Method not allowed</h1><p>{detail}</p><p><a href="/">Start page</a></p></html>'
)


class Context:
    """What the app reads of Lambda's context."""

    function_name = "leadline"
    memory_limit_in_mb = "0"
    invoked_function_arn = ""
    aws_request_id = ""


class Routes:
    """Finds the route of a path: by its segments, literal ones before {placeholders}.

    The path comes decoded, once, by WSGI; decoding it again here would let "%252F" smuggle a slash into a value."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._literal = {path: path for path in paths if "{" not in path}
        self._open: dict[int, list[tuple[list[str], str]]] = {}
        for path in sorted(paths):
            if "{" in path:
                parts = path.split("/")
                self._open.setdefault(len(parts), []).append((parts, path))
        for group in self._open.values():
            group.sort(key=lambda entry: [part.startswith("{") for part in entry[0]])

    def match(self, path: str) -> tuple[str, dict[str, str]] | None:
        if path in self._literal:
            return path, {}
        parts = path.split("/")
        for pattern, route in self._open.get(len(parts), ()):
            if all(p == q or (p[:1] == "{" and q) for p, q in zip(pattern, parts, strict=True)):
                return route, {p[1:-1]: q for p, q in zip(pattern, parts, strict=True) if p[:1] == "{"}
        return None


def _headers(environ: dict[str, Any]) -> dict[str, str]:
    found = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            found[name.replace("_", "-").lower()] = environ[name]
    return found


def _body(environ: dict[str, Any]) -> tuple[str, bool]:
    """(body, whether base64), as API Gateway hands it over: text as it is where it is text."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    raw = environ["wsgi.input"].read(length) if length else b""
    try:
        return raw.decode("utf-8"), False
    except UnicodeDecodeError:
        return base64.b64encode(raw).decode("ascii"), True


class Gateway:
    """A WSGI application over the Chalice app."""

    def __init__(self, app: Chalice) -> None:
        self._app = app
        self._routes = Routes(list(app.routes))

    def __call__(self, environ: dict[str, Any], start: StartResponse) -> list[bytes]:
        path = environ.get("PATH_INFO") or "/"
        # WSGI hands the path decoded as Latin-1; undo that to get the bytes that were sent.
        path = path.encode("latin-1", "replace").decode("utf-8", "replace")
        found = self._routes.match(path) or self._routes.match(path.rstrip("/") or "/")
        if found is None:
            found = "/not-found", {}
        response = self._app(self._event(environ, path, *found), Context())
        return _answer(start, response, head=environ["REQUEST_METHOD"] == "HEAD")

    def _event(self, environ: dict[str, Any], path: str, route: str, captured: dict[str, str]) -> dict[str, Any]:
        too_large = int(environ.get("CONTENT_LENGTH") or 0) > MAX_BODY
        # The app refuses it, as a page where a browser asks.
        body, encoded = ("", False) if too_large else _body(environ)
        method = environ["REQUEST_METHOD"]
        query = parse_qs(environ.get("QUERY_STRING") or "", keep_blank_values=True, errors="replace")
        return {
            "requestContext": {
                "httpMethod": "GET" if method == "HEAD" else method,
                "resourcePath": route,
                "path": path,
                "identity": {"sourceIp": environ.get("REMOTE_ADDR", "")},
                TOO_LARGE: too_large,
            },
            "headers": _headers(environ),
            "pathParameters": captured,
            "stageVariables": {},
            "multiValueQueryStringParameters": query or None,
            "body": body,
            "isBase64Encoded": encoded,
        }


_REASONS = {200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 302: "Found", 303: "See Other",
            304: "Not Modified", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
            405: "Method Not Allowed", 409: "Conflict", 410: "Gone", 413: "Content Too Large",
            415: "Unsupported Media Type", 422: "Unprocessable Content", 429: "Too Many Requests",
            500: "Internal Server Error", 503: "Service Unavailable"}  # fmt: skip


def _answer(start: StartResponse, response: dict[str, Any], head: bool) -> list[bytes]:
    status = response["statusCode"]
    body = response.get("body") or ""
    raw = base64.b64decode(body) if response.get("isBase64Encoded") else body
    raw = raw.encode("utf-8") if isinstance(raw, str) else raw
    headers = [(name, _plain(value)) for name, value in response["headers"].items()]
    headers += [(name, _plain(v)) for name, values in response.get("multiValueHeaders", {}).items() for v in values]
    if not any(name.lower() == "content-length" for name, _ in headers):
        headers.append(("Content-Length", str(len(raw))))
    start(f"{status} {_REASONS.get(status, 'Status')}", headers)
    return [b"" if head else raw]


# Handlers quote what they put into a header; should one forget, no line is ended and no server breaks on it.
_NO_HEADER = re.compile(r"[^\t\x20-\x7e\xa0-\xff]")


def _plain(value: Any) -> str:
    return _NO_HEADER.sub("?", str(value))


def _problem(status: int, title: str, detail: str) -> dict[str, Any]:
    return {"type": "about:blank", "title": title, "status": status, "detail": detail}
