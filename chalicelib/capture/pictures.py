"""PNG and JPEG by what is in them: whole, and without what a camera or an editor wrote beside the picture (place,
device, remarks). Nothing is decoded; what follows a picture's end is cut off."""

import zlib
from dataclasses import dataclass

MOST_SIDE = 2_000
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
# What a PNG is drawn with (ISO/IEC 15948); all else in it is left out.
_DRAWN = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD"})
# A JPEG's segments (ITU-T T.81): frames say the size; JFIF, ICC colours and Adobe's note on colours stay of what an
# application writes, and remarks go.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_LEFT_OUT = frozenset(range(0xE0, 0xF0)) - {0xE0, 0xE2, 0xEE} | {0xFE}
_SCAN, _END = 0xDA, b"\xff\xd9"


@dataclass(frozen=True, slots=True)
class Picture:
    """`sides` in pixels, 0 where the file does not say."""

    body: bytes
    kind: str
    sides: tuple[int, int]


def read_picture(body: bytes) -> Picture | None:
    """None for another kind of file. Raises ValueError for one that is cut off or damaged."""
    if body.startswith(_PNG):
        return _png(body)
    return _jpeg(body) if body.startswith(_JPEG) else None


def _png(body: bytes) -> Picture:
    kept, at, seen = [_PNG], len(_PNG), list[bytes]()
    while b"IEND" not in seen:
        size, kind = int.from_bytes(body[at : at + 4], "big"), body[at + 4 : at + 8]
        chunk = body[at : at + 12 + size]
        if len(chunk) < 12 + size or zlib.crc32(chunk[4:-4]) != int.from_bytes(chunk[-4:], "big"):
            raise ValueError
        kept += [chunk] if kind in _DRAWN else []
        seen.append(kind)
        at += len(chunk)
    if seen[0] != b"IHDR" or b"IDAT" not in seen:
        raise ValueError
    return Picture(b"".join(kept), "image/png", (_number(body, 16, 4), _number(body, 20, 4)))


def _jpeg(body: bytes) -> Picture:
    kept, at, sides = [body[:2]], 2, (0, 0)
    while True:
        mark, size = body[at : at + 2], 2 + _number(body, at + 2, 2)
        if len(mark) < 2 or mark[0] != 0xFF or size < 4 or at + size > len(body):
            raise ValueError
        if mark[1] in _FRAMES:
            sides = (_number(body, at + 7, 2), _number(body, at + 5, 2))
        if mark[1] == _SCAN:
            break
        kept += [body[at : at + size]] if mark[1] not in _LEFT_OUT else []
        at += size
    end = body.find(_END, at)
    if end < 0:
        raise ValueError
    return Picture(b"".join((*kept, body[at : end + 2])), "image/jpeg", sides)


def _number(body: bytes, at: int, size: int) -> int:
    return int.from_bytes(body[at : at + size], "big")
