"""Blobs in a folder: the embedded side of the port that S3 implements on AWS."""

import os
import tempfile
from pathlib import Path

from chalicelib.store.blob_keys import checked


class FolderBlobs:
    """Keys are made by us ("uploads/01J…/source"); anything that could leave the folder is refused."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def _path(self, key: str) -> Path:
        return self._folder / checked(key)

    def put(self, key: str, body: bytes) -> None:
        """Durable and atomic: a reader sees the old body or the new one."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        with os.fdopen(handle, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)

    def get(self, key: str) -> bytes | None:
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError:
            return None

    def delete(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def list(self, prefix: str) -> list[str]:
        """Keys that begin with the prefix, in order."""
        found = (str(path.relative_to(self._folder)) for path in self._folder.rglob("*") if path.is_file())
        return sorted(key for key in found if key.startswith(prefix) and "/.new-" not in f"/{key}")
