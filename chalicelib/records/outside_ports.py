"""Ports to what lies outside the records: files, signed links, keyed hashes."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol


class Blobs(Protocol):
    """Files by key ("uploads/01J…/source")."""

    def put(self, key: str, body: bytes) -> None: ...
    def get(self, key: str) -> bytes | None: ...
    def delete(self, key: str) -> None: ...
    def list(self, prefix: str) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class PostForm:
    """Where a browser posts a file to by itself, and the fields to send before it."""

    url: str
    fields: dict[str, str]


class PresignedUploads(Protocol):
    """Blobs that take a file straight from a browser: on AWS 10 MB do not pass the gateway."""

    def origin(self) -> str:
        """Where the forms send to ("https://bucket.example"): a page's policy has to name it."""
        ...

    def presigned_upload(self, key: str, max_bytes: int, content_type: str, expires: timedelta) -> PostForm:
        """Good for exactly this key and type and 1 to `max_bytes` bytes, until it expires."""
        ...


class PresignedDownloads(Protocol):
    """Blobs that give a file straight to a browser: on AWS an answer holds 6 MB."""

    def presigned_download(self, key: str, file_name: str, content_type: str, expires: timedelta) -> str:
        """A link to exactly this key, good until it expires, for a file of that name (ours: no quotes) and type."""
        ...


class Links(Protocol):
    """Signed addresses for people without an account."""

    def status(self, lead_id: str, request_id: str) -> str:
        """The token of a status page."""
        ...

    def read(self, purpose: str, token: str) -> tuple[str, ...] | None:
        """The ids inside a token of that purpose, or None for a forged, foreign or expired one."""
        ...

    def make(self, purpose: str, *ids: str) -> str: ...

    def absolute(self, path: str) -> str:
        """The path below the service's public address."""
        ...


class Digest(Protocol):
    def __call__(self, value: str) -> str:
        """A keyed hash, safe to use in a key."""
        ...
