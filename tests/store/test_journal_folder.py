"""A journal on a disk that is nearly full."""

from pathlib import Path

import pytest

from chalicelib.records.ports import StoreUnavailable
from chalicelib.store.journal_folder import FolderLines


class NearlyFull:
    """Has room for a few bytes more, and says so by what it returns alone."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("xb", buffering=0)

    def write(self, body: bytes) -> int:
        return self._file.write(body[:3])

    def fileno(self) -> int:
        return self._file.fileno()

    def close(self) -> None:
        self._file.close()


def test_a_line_for_part_of_which_there_was_room_is_not_written_and_spoils_no_other(tmp_path: Path) -> None:
    lines = FolderLines(tmp_path, iter(["b", "c"]).__next__)
    lines._file = NearlyFull(tmp_path / "a.log")  # type: ignore[assignment]
    with pytest.raises(StoreUnavailable):
        lines.append([b"an objection"])
    lines.append([b"another"])
    assert list(lines.read()) == [b"another"]
