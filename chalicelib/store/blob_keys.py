"""What a blob's key may be: the same in a folder and in a bucket."""

import re

_KEY = re.compile(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*")
# S3's limit; a folder's file names are shorter, and ours by far.
_MOST = 1024


def checked(key: str) -> str:
    """The key. Raises ValueError for one that could leave its place; ours are "uploads/01J…/source"."""
    if not _KEY.fullmatch(key) or {".", ".."} & set(key.split("/")) or len(key) > _MOST:
        raise ValueError(f"not a blob key: {key[:100]!r}")
    return key
