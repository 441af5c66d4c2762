"""Records to bytes and back: JSON by msgspec, typed by the record's own annotations."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

import msgspec

_encode = msgspec.json.Encoder().encode


def encode(record: Any) -> bytes:
    return _encode(record)


@cache
def _decoder(kind: type) -> "msgspec.json.Decoder[Any]":
    return msgspec.json.Decoder(kind)


def decode(kind: type, body: bytes) -> Any:
    """Raises msgspec.ValidationError when the body is not of that kind."""
    return _decoder(kind).decode(body)


def stamp(moment: datetime) -> str:
    """A UTC time as sortable text of fixed width, milliseconds."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def unstamp(text: str) -> datetime:
    return datetime.fromisoformat(text)
