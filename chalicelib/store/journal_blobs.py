"""The journal on AWS: an object for each piece of work, written once under a name of its own, and one for each key."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from chalicelib.records.ports import Blobs

JOURNAL, KEYS = "journal/", "keys/"
# S3 takes a key in some 20 ms; a queue's message names up to 500 records.
_AT_ONCE = 8


class BlobLines:
    """Implements Lines over the blob store; names rise with time."""

    def __init__(self, blobs: Blobs, new_id: Callable[[], str]) -> None:
        self._blobs = blobs
        self._new_id = new_id

    def append(self, lines: Sequence[bytes]) -> None:
        self._blobs.put(f"{JOURNAL}{self._new_id()}", b"\n".join(lines))

    def read(self) -> Iterator[bytes]:
        for key in self._blobs.list(JOURNAL):
            yield from (self._blobs.get(key) or b"").splitlines()


class BlobKeys:
    """Implements Keys over the blob store: keys/PERSON/…."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs

    def keep(self, keys: Mapping[str, bytes]) -> None:
        if len(keys) <= _AT_ONCE:
            for name, key in keys.items():
                self._blobs.put(KEYS + name, key)
            return
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(self._blobs.put, (KEYS + name for name in keys), keys.values()))

    def read(self, names: Collection[str]) -> dict[str, bytes]:
        found = {name: self._blobs.get(f"{KEYS}{name}") for name in names}
        return {name: body for name, body in found.items() if body}

    def destroy(self, people: Collection[str]) -> None:
        for person in people:
            for key in self._blobs.list(f"{KEYS}{person}/"):
                self._blobs.delete(key)
