"""What a newer release wrote into a record and this one does not know: kept when the record is changed and written.

A reader notes it by key and version; whoever writes on the condition of that version changes just that record, so that
what was noted is still all there is. It comes up after a release was taken back, and while two of them run."""

import threading
from collections import OrderedDict
from typing import Any

import msgspec

from chalicelib.store.table import Key

# Records read and not yet written that hold something unknown; what is read and never changed falls out in time.
MOST = 20_000
_NONE = object()


class UnknownFields:
    """Shared by the threads of a process."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._noted: OrderedDict[Key, tuple[int, bytes, bytes]] = OrderedDict()

    def note(self, key: Key, version: int, body: bytes, known: bytes) -> None:
        """`body` as stored, `known` what this release writes for it: the same for all that holds nothing unknown."""
        if body == known or not _differs(msgspec.json.decode(body), msgspec.json.decode(known)):
            if self._noted:
                self._noted.pop(key, None)
            return
        self._put(key, version, body, known)

    def _put(self, key: Key, version: int, body: bytes, known: bytes) -> None:
        with self._lock:
            self._noted[key] = version, body, known
            self._noted.move_to_end(key)
            while len(self._noted) > self._most:
                self._noted.popitem(last=False)

    def kept(self, key: Key, version: int | None, body: bytes) -> bytes:
        """`body` with what was noted at that version; from then on it is noted at the next one, since whoever wrote a
        record may write it again without a look. Should this write fail, the look that has to follow notes anew."""
        noted = self._noted.get(key) if self._noted else None
        if noted is None or version is None or noted[0] != version:
            return body
        stored, known, written = (msgspec.json.decode(text) for text in (*noted[1:], body))
        whole = msgspec.json.encode(_carried(stored, known, written))
        self._put(key, version + 1, whole, body)
        return whole


def _differs(stored: Any, known: Any) -> bool:
    """Whether something of what is stored is not among what is known; the other way round it is a default."""
    if isinstance(stored, dict) and isinstance(known, dict):
        return any(_differs(value, known.get(name, _NONE)) for name, value in stored.items())
    if isinstance(stored, list) and isinstance(known, list):
        return len(stored) == len(known) and any(map(_differs, stored, known))
    return known is _NONE


def _carried(stored: Any, known: Any, written: Any) -> Any:
    """`written` with the names that are in `stored` and not in `known`, at any depth. Of a list's elements those that
    are written as they were known."""
    if isinstance(stored, dict) and isinstance(known, dict) and isinstance(written, dict):
        unknown = {name: value for name, value in stored.items() if name not in known}
        return unknown | {name: _carried(stored.get(name), known.get(name), value) for name, value in written.items()}
    if isinstance(stored, list) and isinstance(known, list) and isinstance(written, list):
        pairs = list(zip(known, stored, strict=False))
        return [next((was for seen, was in pairs if seen == element), element) for element in written]
    return written
