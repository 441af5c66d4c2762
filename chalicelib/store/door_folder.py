"""The door, embedded: a folder of files beside the store, each on the disk before the visitor is answered."""

import os
import tempfile
from pathlib import Path

from chalicelib.records.deliveries import Waiting
from chalicelib.records.ports import StoreUnavailable
from chalicelib.store.blob_keys import checked

_NEW = ".new-"


class FolderDoor:
    """Implements Door. Names rise with time, so that the oldest is taken first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, name: str, body: bytes) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._write(self._folder / checked(name), body)
        except OSError as error:
            raise StoreUnavailable(f"the door's folder: {error.strerror}") from error

    def _write(self, path: Path, body: bytes) -> None:
        handle, new = tempfile.mkstemp(dir=self._folder, prefix=_NEW)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            os.replace(new, path)
        except OSError:
            Path(new).unlink(missing_ok=True)
            raise
        # The name as well: a power cut must not forget what is in the file.
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _names(self) -> list[str]:
        try:
            return sorted(name for name in os.listdir(self._folder) if not name.startswith(_NEW))
        except FileNotFoundError:
            return []

    def take(self, limit: int = 10) -> list[Waiting]:
        return [Waiting((self._folder / name).read_bytes(), name) for name in self._names()[:limit]]

    def done(self, receipt: str) -> None:
        (self._folder / checked(receipt)).unlink(missing_ok=True)

    def waiting(self) -> int:
        return len(self._names())
