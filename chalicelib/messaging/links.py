"""Signed addresses for people without an account: `id.id.time.signature`, all of it safe in a URL and a mail.

Each purpose has its own derived key (the salt), so that a token of one opens nothing of another.
Signatures are HMAC (RFC 2104) over BLAKE2b with 144 bits, 24 whole base64
characters; the time is when the token was made.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from itsdangerous import BadSignature, TimestampSigner

_YEAR = timedelta(days=365)

# How long a token lives, by purpose; None is for ever. An objection has no last day (CASL asks for 60 days,
# CAN-SPAM for 30); all that is not named here lives a year.
LIVES: dict[str, timedelta | None] = {
    "unsubscribe": None,
    "preferences": None,
    # How long a sign-in link is good is its ticket's to say; after a day it is not even called expired.
    "sign-in": timedelta(days=1),
    "oidc": timedelta(minutes=10),
}

_IDS = re.compile(r"[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]*)*\Z")


def _digest(data: bytes = b"") -> Any:
    return hashlib.blake2b(data, digest_size=18)


class _Signer(TimestampSigner):
    """itsdangerous' signer with the service's clock."""

    default_digest_method = staticmethod(_digest)

    def __init__(self, secrets: Sequence[str], purpose: str, clock: Callable[[], datetime]) -> None:
        super().__init__(secrets, salt=f"leadline.links.{purpose}")
        self._clock = clock

    def get_timestamp(self) -> int:
        return int(self._clock().timestamp())


def _now() -> datetime:
    return datetime.now(UTC)


class SignedLinks:
    """Makes and reads the tokens. `former_secrets` still open what was signed before a rotation, oldest first."""

    def __init__(
        self,
        secret: str,
        base_url: str,
        former_secrets: Sequence[str] = (),
        clock: Callable[[], datetime] = _now,
    ) -> None:
        if len(secret) < 16:
            raise ValueError("the link secret needs 16 characters")
        self._base_url = base_url.rstrip("/")
        self._clock = clock
        secrets = [*former_secrets, secret]
        self._signer = cache(lambda purpose: _Signer(secrets, purpose, clock))

    def make(self, purpose: str, *ids: str) -> str:
        """The token of these ids. ValueError for anything but ids: personal data does not belong in an address."""
        value = ".".join(ids)
        if not ids or value.count(".") != len(ids) - 1 or not _IDS.match(value):
            raise ValueError(f"not ids: {ids!r}")
        return self._signer(purpose).sign(value).decode()

    def read(self, purpose: str, token: str) -> tuple[str, ...] | None:
        """The ids inside a token of that purpose, or None for a forged, foreign or expired one."""
        try:
            value, made_at = self._signer(purpose).unsign(token, return_timestamp=True)
        except (BadSignature, UnicodeEncodeError):
            return None
        # Not the library's max_age: it also refuses a token made a moment ago by a clock a second ahead of ours.
        life = LIVES.get(purpose, _YEAR)
        if life is not None and made_at + life < self._clock():
            return None
        return tuple(value.decode().split("."))

    def status(self, lead_id: str, request_id: str) -> str:
        """The token of a status page; it lives a year."""
        return self.make("status", lead_id, request_id)

    def absolute(self, path: str) -> str:
        """The path below the service's public address."""
        return f"{self._base_url}/{path.lstrip('/')}"
