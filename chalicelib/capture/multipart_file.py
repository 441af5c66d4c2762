"""A posted form with one file: the console's uploads. (`bodies` reads every other form, and reads over files.)"""

from dataclasses import dataclass, field
from typing import Any

from chalicelib.capture.limits import MAX_FILE
from chalicelib.capture.text import clean
from chalicelib.records.contact import Refusal

# The form that corrects a list's columns has a part for each of at most 1,000.
_MAX_PARTS = 1_100
_MAX_TEXT = 64 * 1024
_NAME_LIMIT = 200
_TOO_LARGE = "the file is larger than 10 MB"


@dataclass(frozen=True, slots=True)
class FileForm:
    """`fields` are the texts; `file_name` is as the browser named it: to show, never a path."""

    file_name: str = ""
    data: bytes = b""
    fields: dict[str, str] = field(default_factory=dict)


def read_file_form(content_type: str, body: bytes) -> FileForm | Refusal:
    """The fields and the first file of a multipart/form-data body (RFC 7578). Refused with field "content-type",
    "body" (malformed, too many parts) or "file" (larger than 10 MB)."""
    import multipart

    kind, options = multipart.parse_options_header(content_type)
    if kind != "multipart/form-data":
        return Refusal("content-type", f"send the file as multipart/form-data, not: {kind[:80] or 'nothing'}")
    if len(body) > MAX_FILE + _MAX_TEXT:
        return Refusal("file", f"{_TOO_LARGE}: {len(body) / 1024 / 1024:.1f} MB")
    try:
        parts = _parts(options.get("boundary", ""), body)
    except multipart.ParserLimitReached:
        return Refusal("body", f"more than {_MAX_PARTS} parts")
    except multipart.MultipartError:
        return Refusal("body", "the form is malformed")
    return _form(parts)


def _parts(boundary: str, body: bytes) -> list[tuple[Any, bytes]]:
    import multipart

    parts: list[tuple[Any, bytes]] = []
    with multipart.PushMultipartParser(boundary, len(body), max_segment_count=_MAX_PARTS) as parser:
        segment: Any = None
        chunks: list[bytes] = []
        for event in parser.parse(body):
            if isinstance(event, multipart.MultipartSegment):
                segment, chunks = event, []
            elif event:
                chunks.append(bytes(event))
            else:
                parts.append((segment, b"".join(chunks)))
    return parts


def _form(parts: list[tuple[Any, bytes]]) -> FileForm:
    fields: dict[str, str] = {}
    files = [(segment.filename, data) for segment, data in parts if segment.filename is not None]
    for segment, data in parts:
        if segment.filename is None:
            fields[segment.name] = data[:_MAX_TEXT].decode("utf-8", "replace")
    # A browser sends an unnamed, empty file where none was chosen.
    name, data = files[0] if files else ("", b"")
    return FileForm(clean(name.replace("\\", "/").rpartition("/")[2], _NAME_LIMIT), data, fields)
