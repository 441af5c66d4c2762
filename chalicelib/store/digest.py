"""Keyed hashes for keys: no personal data in a key, and no guessing without the secret (BLAKE2b, RFC 7693)."""

import hashlib


class KeyedDigest:
    """`secret` is at least 16 bytes; digests are 32 hexadecimal digits."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < 16:
            raise ValueError("the digest secret needs 16 bytes")
        self._secret = secret

    def __call__(self, value: str) -> str:
        return hashlib.blake2b(value.encode(), key=self._secret, digest_size=16).hexdigest()


def derived(secret: str, purpose: str) -> bytes:
    """A key of its own for a purpose: from one nothing follows about another (BLAKE2b keyed with the secret)."""
    return hashlib.blake2b(purpose.encode(), key=secret.encode()[:64], digest_size=32).digest()
