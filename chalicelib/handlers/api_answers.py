"""Answers to programs: a page at a time by a cursor, and none where the program has the answer already (RFC 9110)."""

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from chalice import Response

from chalicelib.handlers.api_fields import wrong
from chalicelib.handlers.errors import Problem
from chalicelib.handlers.web import as_json, header, queries
from chalicelib.records.contact import Refusal

T = TypeVar("T")

MOST = 100
_LONGEST_CURSOR = 400
# A program may keep what it was answered, and asks whether it is still so.
_KEPT = {"Cache-Control": "private,no-cache"}
_LAST_OFFSET = 10_000_000
# As finely as the read model knows when a record was made.
_TICK = timedelta(milliseconds=1)
_FIRST_DAY = datetime(1, 1, 1, tzinfo=UTC)


def answered(request: Any, body: Mapping[str, Any], version: int | None = None) -> Response:
    """With an `ETag`: of one record by its version, else by what is answered. 304 where the program has that one."""
    answer = as_json(body, headers=_KEPT)
    tag = etag(version) if version else f'"{hashlib.sha256(answer.body.encode()).hexdigest()[:24]}"'
    if _names(header(request, "if-none-match"), tag):
        return Response("", {"ETag": tag, **_KEPT}, 304)
    answer.headers["ETag"] = tag
    return answer


def etag(version: int) -> str:
    return f'"v{version}"'


def if_match(request: Any, version: int) -> None:
    """Raises Problem 412 where the program means another state of the record than it is in."""
    wanted = header(request, "if-match")
    if wanted and not _names(wanted, etag(version), weak=False):
        raise Problem(412, "Changed meanwhile", "It is no longer as the ETag in If-Match says; read it again.")


def _names(wanted: str, tag: str, weak: bool = True) -> bool:
    """Whether a list of tags has this one; as for `If-Match` a weak one (W/"…") never does."""
    told = [each.strip() for each in wanted.split(",")]
    return "*" in told or tag in ([each.removeprefix("W/") for each in told] if weak else told)


def asked(request: Any, name: str, limit: int = 200) -> str:
    """A parameter's text, "" where it was not given. Raises Problem where it comes twice or is too long."""
    given = queries(request, name) if name in (request.query_params or {}) else []
    if len(given) > 1:
        raise wrong(name, "given more than once")
    text = "".join(c if c.isprintable() else " " for c in given[0]).strip() if given else ""
    if given and (len(given[0]) > limit or not text):
        raise wrong(name, f"a text of at most so many characters: {limit}")
    return text


def number(request: Any, name: str, least: int, most: int, usual: T) -> int | T:
    """A whole number; `usual` where it was not given. Raises Problem."""
    text = asked(request, name, 20)
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise wrong(name, f"a whole number from {least} to {most}")
    return int(text)


def one_of(request: Any, name: str, allowed: Any) -> str:
    text = asked(request, name)
    if text and text not in allowed:
        raise wrong(name, f"one of: {', '.join(allowed)}")
    return text


def known_parameters(request: Any, *names: str) -> None:
    """A misspelled filter that was passed over would answer with everything. Raises Problem."""
    for name in request.query_params or ():
        if name not in names:
            raise wrong(name[:100], f"no such parameter; there are: {', '.join(names) or 'none'}")


def make_cursor(*values: str | int) -> str:
    """Where the next page begins, as one word."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def read_cursor(request: Any, *kinds: type) -> tuple[Any, ...] | None:
    """What `make_cursor` was given, None for the first page. Raises Problem for a cursor of nobody's making."""
    text = asked(request, "cursor", _LONGEST_CURSOR)
    if not text:
        return None
    try:
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        found = None
    if not isinstance(found, list) or [type(value) for value in found] != list(kinds):
        raise _no_cursor()
    return tuple(found)


def _no_cursor() -> Problem:
    return wrong("cursor", "as the page before has it in next_cursor")


def read_moment(request: Any) -> tuple[datetime | None, int]:
    """(made before this moment, but for so many of the last ones): where a page of what was made last begins."""
    cursor = read_cursor(request, str, int)
    if cursor is None:
        return None, 0
    try:
        begins = datetime.fromisoformat(cursor[0]).astimezone(UTC) + _TICK
    except (ValueError, OverflowError):
        begins = None
    if begins is None or not 0 <= cursor[1] <= _LAST_OFFSET:
        raise _no_cursor()
    return begins, cursor[1]


def moment_cursor(moments: list[datetime | None], begins: datetime | None, skipped: int) -> str:
    """Behind a page of what was made at these moments, the last first: the last moment, and how many of it were shown,
    so that nothing new moves the pages behind."""
    last = moments[-1] or _FIRST_DAY
    shown = sum(1 for moment in moments if (moment or _FIRST_DAY) == last)
    goes_on = shown == len(moments) and begins == last + _TICK
    return make_cursor(last.isoformat(), shown + (skipped if goes_on else 0))


def no_body(request: Any) -> None:
    """For what is asked by the address alone. Raises Problem where something else was meant as well."""
    if request.raw_body.strip() not in (b"", b"{}"):
        raise Problem(422, "Nothing more is taken", errors=(Refusal("body", "leave the body empty"),))
