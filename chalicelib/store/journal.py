"""The journal's lines: ids in plain text, records sealed (AES-256-GCM) with a key made for each entry and kept under
the person's id, apart from the journal (docs/adr/0008). A line begins with its CRC-32, so that a torn one is seen."""

import logging
import secrets
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import msgspec

from chalicelib.records.arrival import RawPost
from chalicelib.records.journal import Entry, Noted
from chalicelib.store.codec import decode, encode
from chalicelib.store.kinds import BY_NAME

log = logging.getLogger("leadline")

KEY_BYTES = 32
_NONCE_BYTES = 12


def _class_of(name: str) -> type | None:
    """None for a record only a newer release knows."""
    if name == RawPost.__name__:
        return RawPost
    return BY_NAME[name].type if name in BY_NAME else None


class Lines(Protocol):
    """Where the lines lie: segments in a folder, objects in a bucket."""

    def append(self, lines: Sequence[bytes]) -> None:
        """Durable on return. Raises StoreUnavailable."""
        ...

    def read(self) -> Iterator[bytes]: ...


class Keys(Protocol):
    """Where the keys lie, by name "person/…"; never in a backup of the table."""

    def keep(self, keys: Mapping[str, bytes]) -> None:
        """Durable on return."""
        ...

    def read(self, names: Collection[str]) -> dict[str, bytes]: ...

    def destroy(self, people: Collection[str]) -> None: ...


class _Line(msgspec.Struct, omit_defaults=True):
    """An entry as it is written: `records` as in Entry, but sealed, with the name of the key."""

    entry: Entry
    key: str = ""
    sealed: bytes = b""


class SealedJournal:
    """Implements Journal."""

    def __init__(self, lines: Lines, keys: Keys, new_id: Callable[[], str]) -> None:
        self._lines = lines
        self._keys = keys
        self._new_id = new_id

    def append(self, entries: Sequence[Entry]) -> None:
        made: dict[str, bytes] = {}
        lines = [self._line(entry, made) for entry in entries]
        if made:
            # The keys first: a line whose key was lost would never be read again.
            self._keys.keep(made)
        if lines:
            self._lines.append(lines)

    def _line(self, entry: Entry, made: dict[str, bytes]) -> bytes:
        line = _Line(entry)
        if entry.records:
            line.key = f"{entry.lead_id}/{self._new_id()}"
            made[line.key] = secrets.token_bytes(KEY_BYTES)
            line.sealed = sealed(made[line.key], _bodies(entry.records), line.key)
            line.entry = _without_records(entry)
        body = msgspec.json.encode(line)
        return b"%08x %b" % (zlib.crc32(body), body)

    def read(self, kinds: Collection[Noted], since: datetime | None = None) -> Iterator[Entry]:
        for number, raw in enumerate(self._lines.read()):
            line = _parsed(raw)
            if line is None:
                log.error("line %s of the journal is damaged and left out", number)
            elif line.entry.kind in kinds and (since is None or line.entry.at >= since):
                yield self._opened(line)

    def _opened(self, line: _Line) -> Entry:
        if not line.key:
            return line.entry
        key = self._keys.read([line.key]).get(line.key)
        if key is None:
            return line.entry
        return _with_records(line.entry, opened(key, line.sealed, line.key))

    def forget(self, *owners: str) -> None:
        self._keys.destroy(owners)


def _without_records(entry: Entry) -> Entry:
    return Entry(entry.kind, entry.at, entry.lead_id, entry.ids, entry.until, entry.suppressions)


def _with_records(entry: Entry, plain: bytes) -> Entry:
    found = msgspec.json.decode(plain, type=list[tuple[str, msgspec.Raw]])
    records = tuple(decode(known, bytes(body)) for name, body in found if (known := _class_of(name)))
    return Entry(entry.kind, entry.at, entry.lead_id, entry.ids, entry.until, entry.suppressions, records)


def _bodies(records: Iterable[Any]) -> bytes:
    return msgspec.json.encode([(type(record).__name__, msgspec.Raw(encode(record))) for record in records])


def _parsed(raw: bytes) -> _Line | None:
    check, _, body = raw.partition(b" ")
    if check != b"%08x" % zlib.crc32(body):
        return None
    try:
        return msgspec.json.decode(body, type=_Line)
    except msgspec.DecodeError:
        return None


def sealed(key: bytes, plain: bytes, name: str) -> bytes:
    """Bound to the name of the key; a nonce of its own comes first. Not compressed: that takes a third of the time a
    submission takes to be noted, and visitors share it."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + bytes(_cipher(key).encrypt(nonce, plain, name.encode()))


def opened(key: bytes, body: bytes, name: str) -> bytes:
    """Raises InvalidTag for what was not sealed with this key under this name."""
    return bytes(_cipher(key).decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], name.encode()))


def _cipher(key: bytes) -> Any:
    # Loaded when something personal is written or read: a visitor's request waits for neither.
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key)
