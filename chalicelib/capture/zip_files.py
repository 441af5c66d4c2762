"""Archives of lists: each list in them is a part of one list."""

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from chalicelib.capture.limits import MAX_CELLS, MAX_FILE, MAX_ROWS, refused, too_many_cells, too_many_rows
from chalicelib.capture.sheet import Sheet
from chalicelib.capture.together import Part, together
from chalicelib.records.contact import Refusal

_UTF8_NAMES = 0x800  # PKWARE APPNOTE 4.4.4, bit 11
_MOST_LISTS = 100

# (bytes, file name, how many bytes it may still unpack to) -> (the list, how many bytes it unpacked to)
Reader = Callable[[bytes, str, int], tuple[Sheet | Refusal, int]]


@dataclass
class _Room:
    """What the whole archive may still come to."""

    unpacked: int
    rows: int = MAX_ROWS
    cells: int = MAX_CELLS

    def problem(self) -> Refusal | None:
        if self.rows < 0:
            return too_many_rows()
        return too_many_cells() if self.cells < 0 else None


def read_archive(data: bytes, room: int, read: Reader) -> Sheet | Refusal:
    """The lists in an archive as one, what is no list left out with its reason; see `archive_parts`."""
    parts = archive_parts(data, room, read)
    return parts if isinstance(parts, Refusal) else together(parts)


def archive_parts(data: bytes, room: int, read: Reader) -> list[Part] | Refusal:
    """The lists in an archive, in the order of their names, read by `read` (which opens no archive in an archive), or
    why one cannot be read; `room` bytes are left for what is packed a second time (workbooks)."""
    left = _Room(room)
    parts: list[Part] = []
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in _members(archive):
            if len(parts) == _MOST_LISTS:
                return refused(f"the archive holds more files than allowed: {_MOST_LISTS}")
            parts.append((_shown(member), _part(archive, member, left, read)))
            if problem := left.problem():
                return problem
    return parts or refused("the archive holds no list")


def _members(archive: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    """The files somebody put there: no folders, and nothing that a system added by itself."""
    for member in sorted(archive.infolist(), key=lambda info: info.filename):
        base = member.filename.rpartition("/")[2]
        if not (member.is_dir() or base.startswith(".") or member.filename.startswith("__MACOSX/")):
            yield member


def _part(archive: zipfile.ZipFile, member: zipfile.ZipInfo, left: _Room, read: Reader) -> Sheet | Refusal:
    with archive.open(member) as stream:
        data = stream.read(MAX_FILE + 1)
    if len(data) > MAX_FILE:
        return refused("larger than 10 MB when unpacked")
    part, unpacked = read(data, member.filename, left.unpacked)
    left.unpacked -= unpacked
    if isinstance(part, Sheet):
        left.rows -= len(part.rows)
        left.cells -= len(part.rows) * len(part.header)
    return part


def _shown(member: zipfile.ZipInfo) -> str:
    """The name as it was meant: without the mark for UTF-8, Windows writes that of its own region."""
    if not member.flag_bits & _UTF8_NAMES:
        for encoding in ("utf-8", "gb18030"):
            try:
                return member.filename.encode("cp437").decode(encoding)
            except UnicodeError:
                continue
    return member.filename
