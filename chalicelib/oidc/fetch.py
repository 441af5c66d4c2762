"""JSON from an identity provider: https only (http on this machine), no redirects, bounded in time and size."""

import json
import time
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

SECONDS = 5.0
MOST_BYTES = 256 * 1024
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class ProviderUnavailable(Exception):
    """The provider cannot be reached, or answers what it must not. The text is for the log: it holds no secret."""


class ProviderRefused(Exception):
    """The provider says no (4xx) to what it was asked."""


def may_fetch(url: str) -> bool:
    """Whether an address is one to ask: https, or http on this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        return False
    plain = parts.scheme == "http" and host in _LOOPBACK
    return bool(host) and port_is_fine and not parts.username and (parts.scheme == "https" or plain)


def fetch_json(url: str, data: bytes | None = None, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The JSON object at the address; with `data` it is posted. Raises ProviderUnavailable, ProviderRefused."""
    if not may_fetch(url):
        raise ProviderUnavailable("an address that is not https")
    request = Request(url, data, {"Accept": "application/json", **(headers or {})})  # noqa: S310
    until = time.monotonic() + SECONDS
    try:
        with _opener(url).open(request, timeout=SECONDS) as answer:
            body = _read(answer, until)
    except HTTPError as error:
        error.close()
        if 400 <= error.code < 500:
            raise ProviderRefused(f"status {error.code}") from None
        raise ProviderUnavailable(f"status {error.code}") from None
    except (URLError, HTTPException, OSError) as error:
        raise ProviderUnavailable(type(error).__name__) from None
    return _object(body)


def _opener(url: str) -> OpenerDirector:
    """Of urllib's handlers those needed here: no redirects, files, ftp. This machine itself needs no proxy."""
    opener = OpenerDirector()
    for handler in (HTTPHandler(), HTTPSHandler(), HTTPErrorProcessor(), HTTPDefaultErrorHandler()):
        opener.add_handler(handler)
    if urlsplit(url).hostname not in _LOOPBACK:
        opener.add_handler(ProxyHandler())
    return opener


def _read(answer: Any, until: float) -> bytes:
    """The body, unless it is too long or comes too slowly."""
    body = b""
    while chunk := answer.read1(65536):
        body += chunk
        if len(body) > MOST_BYTES:
            raise ProviderUnavailable("an answer that is too long")
        if time.monotonic() > until:
            raise ProviderUnavailable("an answer that is too slow")
    return body


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise ProviderUnavailable("an answer that is not JSON") from None
    if not isinstance(found, dict):
        raise ProviderUnavailable("an answer that is no object")
    return found
