"""A part of the read model's log as bytes: compressed JSON, the records as they lie in the store."""

import logging
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from chalicelib.records.ports import Ref, Stored
from chalicelib.store.codec import decode, encode
from chalicelib.store.index_gone import Change
from chalicelib.store.kinds import BY_NAME

log = logging.getLogger("leadline")


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of the log: records as they were read at one moment."""

    name: str
    read_at: datetime
    changes: Sequence[Change]


class Head(msgspec.Struct, frozen=True):
    """What a snapshot holds: all of the one before, and these segments."""

    before: str
    segments: tuple[str, ...]

    def body(self) -> bytes:
        return msgspec.json.encode(self)

    @staticmethod
    def of(body: bytes) -> "Head":
        return msgspec.json.decode(body, type=Head)


class _Entry(msgspec.Struct, array_like=True):
    """One record in a segment; `body` is null for one that is gone."""

    kind: str
    ids: tuple[str, ...]
    version: int
    body: msgspec.Raw


class _Body(msgspec.Struct, array_like=True):
    read_at: datetime
    entries: list[_Entry]


def packed(changes: Sequence[Change], read_at: datetime) -> bytes:
    entries = [
        _Entry(ref.kind.__name__, ref.ids, stored.version if stored else 0,
               msgspec.Raw(encode(stored.value) if stored else b"null"))
        for ref, stored in changes
    ]  # fmt: skip
    return zlib.compress(msgspec.json.encode(_Body(read_at, entries)))


def unpacked(name: str, body: bytes) -> Segment:
    """What this release can read of a segment."""
    found = msgspec.json.decode(zlib.decompress(body), type=_Body)
    changes: list[Change] = []
    for entry in found.entries:
        kind = BY_NAME.get(entry.kind)
        if kind is None:
            continue
        ref: Ref[Any] = Ref(kind.type, entry.ids)
        try:
            stored = (
                None if bytes(entry.body) == b"null" else Stored(decode(kind.type, bytes(entry.body)), entry.version)
            )
        except msgspec.DecodeError:
            log.error("%s %s cannot be read and is not shown", entry.kind, "/".join(entry.ids))
            continue
        changes.append((ref, stored))
    return Segment(name, found.read_at, changes)
