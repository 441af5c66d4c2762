"""The body of a post becomes named fields: urlencoded, multipart or JSON, bounded before anything is made of it."""

import codecs
import json
import math
from collections.abc import Iterable
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from chalicelib.records.contact import Refusal

MAX_BODY = 1024 * 1024
MAX_FIELDS = 200
TOO_LARGE = "the body is larger than 1 MB"
UNSUPPORTED = "send a form or JSON, not"
_MAX_DIGITS = 18
_TOO_MANY = f"more than {MAX_FIELDS} fields"


def read_body(content_type: str, body: bytes) -> dict[str, str] | dict[str, Any] | Refusal:
    """The fields of a body. Refused with field "body" (TOO_LARGE, or malformed) or "content-type" (UNSUPPORTED).

    A form's field that comes several times is one value of several lines, so that no second address hides behind
    the first. Files in a form are read over, not kept. JSON must be an object; of a key given twice the last
    value counts, here and everywhere after, since nothing else ever reads the body.
    """
    if len(body) > MAX_BODY:
        return Refusal("body", f"{TOO_LARGE}: {len(body)} bytes")
    kind, _, parameters = content_type.partition(";")
    kind = kind.strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return _urlencoded(body, _charset(parameters))
    if kind == "multipart/form-data":
        return _multipart(content_type, body)
    if kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json")):
        return _json(body)
    return Refusal("content-type", f"{UNSUPPORTED}: {kind[:80] or 'nothing'}")


def _charset(parameters: str) -> str:
    name = parameters.lower().partition("charset=")[2].partition(";")[0].strip().strip('"')
    try:
        return codecs.lookup(name).name if name and codecs.lookup(name)._is_text_encoding else "utf-8"
    except (LookupError, ValueError):
        return "utf-8"


def _urlencoded(body: bytes, charset: str) -> dict[str, str] | Refusal:
    try:
        text = body.decode("ascii")
    except UnicodeDecodeError:
        text = body.decode(charset, "replace")  # some clients leave out the percent signs
    try:
        pairs = parse_qsl(text, True, encoding=charset, errors="replace", max_num_fields=MAX_FIELDS)
    except ValueError:
        return Refusal("body", _TOO_MANY)
    return _joined(pairs)


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, value in pairs:
        fields[name] = f"{fields[name]}\n{value}" if name in fields else value
    return fields


def _multipart(content_type: str, body: bytes) -> dict[str, str] | Refusal:
    import multipart  # only posts with this content type need it

    boundary = multipart.parse_options_header(content_type)[1].get("boundary", "")
    pairs: list[tuple[str, str]] = []
    parts: list[bytes] | None = None
    try:
        with multipart.PushMultipartParser(boundary, len(body), max_segment_count=MAX_FIELDS) as parser:
            segment: Any = None
            for event in parser.parse(body):
                if isinstance(event, multipart.MultipartSegment):
                    segment, parts = event, [] if event.filename is None else None
                elif event and parts is not None:
                    parts.append(bytes(event))
                elif not event and parts is not None:
                    pairs.append((segment.name, b"".join(parts).decode("utf-8", "replace")))
    except multipart.ParserLimitReached:
        return Refusal("body", _TOO_MANY)
    except multipart.MultipartError:
        return Refusal("body", "the form is malformed")
    return _joined(pairs)


class _Unreadable(ValueError):
    """A number JSON does not have, or one no store could keep."""


def _no_constant(_text: str) -> NoReturn:
    raise _Unreadable("NaN and Infinity are not JSON")


def _whole(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise _Unreadable(f"a number has more than {_MAX_DIGITS} digits")
    return int(digits)


def _decimal(digits: str) -> float:
    value = float(digits) if len(digits) <= 40 else math.inf
    if not math.isfinite(value):
        raise _Unreadable("a number is too large")
    return value


_DECODER = json.JSONDecoder(parse_constant=_no_constant, parse_int=_whole, parse_float=_decimal)


def _json(body: bytes) -> dict[str, Any] | Refusal:
    try:
        value = _DECODER.decode(body.decode("utf-8-sig"))
    except _Unreadable as error:
        return Refusal("body", str(error))
    except (ValueError, RecursionError):
        return Refusal("body", "not valid JSON")
    if not isinstance(value, dict):
        return Refusal("body", "the JSON is not an object")
    return value if len(value) <= MAX_FIELDS else Refusal("body", _TOO_MANY)
