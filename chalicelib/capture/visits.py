"""What t-visits.js tells of a visit, and of a visitor who wants none of it kept any more."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from chalicelib.capture.channels import SOURCE_FIELDS, source_of_fields
from chalicelib.capture.text import clean
from chalicelib.records.contact import Refusal
from chalicelib.records.touch import Source

MOST_BYTES = 16_000
MOST_VIEWS = 50
# A tab that stays open for days has been left long ago.
_MOST_SECONDS = 86_400
_MOST_SENT = 1_000
_PATH_LIMIT, _ADDRESS_LIMIT = 200, 2_000
_ADDRESSES = ("landing_url", "referrer")
_VISITOR = re.compile(r"[0-9a-f]{32}")
_VISIT = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class ToldVisit:
    """A visit so far, told for the (`sent` + 1)th time; it began `age` seconds ago."""

    visitor: str
    visit_id: str
    sent: int
    age: int
    views: tuple[tuple[int, str], ...]
    source: Source


@dataclass(frozen=True, slots=True)
class ToldToForget:
    visitor: str


def read_told(raw: bytes, site: str) -> ToldVisit | ToldToForget | Refusal:
    """Only what the script says of its own accord is read; whatever else is there is left out."""
    if len(raw) > MOST_BYTES:
        return Refusal("body", f"larger than so many bytes: {MOST_BYTES}")
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return Refusal("body", "no JSON")
    if not isinstance(body, Mapping):
        return Refusal("body", "no JSON object")
    if "forget" in body:
        return ToldToForget(body["forget"]) if is_visitor(body["forget"]) else Refusal("forget", "no visitor's id")
    return _read_visit(body, site)


def is_visitor(told: Any) -> bool:
    """Whether that is an id as the script makes one."""
    return isinstance(told, str) and _VISITOR.fullmatch(told) is not None


def _read_visit(body: Mapping[str, Any], site: str) -> ToldVisit | Refusal:
    visitor, visit_id = body.get("visitor"), body.get("visit")
    sent, age, views = body.get("sent"), body.get("age"), body.get("views")
    if not is_visitor(visitor):
        return Refusal("visitor", "no visitor's id")
    if not isinstance(visit_id, str) or not _VISIT.fullmatch(visit_id):
        return Refusal("visit", "no visit's id")
    for name, value, most in (("sent", sent, _MOST_SENT), ("age", age, _MOST_SECONDS)):
        if not _counts(value, most):
            return Refusal(name, f"a whole number from 0 to {most}")
    read = _views(views)
    if not read:
        return Refusal("views", f"1 to {MOST_VIEWS} pages, each with its second and its path")
    return ToldVisit(str(visitor), visit_id, int(sent or 0), int(age or 0), read, _source(body.get("source"), site))


def _counts(value: Any, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most


def _views(told: Any) -> tuple[tuple[int, str], ...]:
    """None where one of them is wrong."""
    if not isinstance(told, list) or not 1 <= len(told) <= MOST_VIEWS:
        return ()
    if not all(isinstance(view, list) and len(view) == 2 and _is_view(*view) for view in told):
        return ()
    return tuple((second, _path(path)) for second, path in told)


def _is_view(second: Any, path: Any) -> bool:
    return _counts(second, 2 * _MOST_SECONDS) and isinstance(path, str) and path.startswith("/")


def _path(path: str) -> str:
    """Without what looks like somebody's address: sites have put one into a path before."""
    parts = clean(path, _PATH_LIMIT).split("/")
    return "/".join("…" if "@" in unquote(part) else part for part in parts)


def _source(told: Any, site: str) -> Source:
    fields = told if isinstance(told, Mapping) else {}
    texts = {name: value for name in SOURCE_FIELDS if isinstance(value := fields.get(name), str)}
    return source_of_fields({name: _told_of(name, text) for name, text in texts.items()}, site=site)


def _told_of(name: str, text: str) -> str:
    """Of an address where it leads, of all else nothing that looks like somebody's address: links in newsletters have
    named their reader before."""
    if name in _ADDRESSES:
        return _address(clean(text, _ADDRESS_LIMIT))
    return "" if "@" in unquote(text) else text


def _address(url: str) -> str:
    scheme, slashes, rest = re.split(r"[?#]", url, maxsplit=1)[0].partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host}{slash}{_path(path)}" if slashes and "@" not in unquote(host) else ""
