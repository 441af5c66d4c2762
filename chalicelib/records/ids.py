"""What an id tells: ULIDs begin with the moment they were made at (https://github.com/ulid/spec)."""

from datetime import UTC, datetime

# Crockford's base 32.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def made_at(ulid: str) -> datetime:
    """When an id was made, to the millisecond. ValueError for what is none."""
    milliseconds = 0
    for letter in ulid[:10]:
        milliseconds = milliseconds << 5 | ALPHABET.index(letter)
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
