"""Backup files: whole or not at all, readable with the keys beside them, and without the people who are gone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chalicelib.store.backup import NoBackup, newest_backup, write_backup
from chalicelib.store.blobs_folder import FolderBlobs
from chalicelib.store.table import Row

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
JANA = Row("LEAD#L1", "LEAD", "Lead", 3, b'{"lead_id":"L1","full_name":"Jana"}')
NOTE = Row("LEAD#L1", "NOTE#N1", "Note", 1, b"{}", "2026-03-02T09:00:00.000Z")
KIM = Row("LEAD#L10", "LEAD", "Lead", 1, b'{"lead_id":"L10"}')
SEAT = Row("SEMINAR#S1", "REGISTRATION#L1", "Registration", 1, b'{"email":"jana@customer.example.com"}')
ROWS = Row("UPLOAD#U1", "ROWS#000000", "RowResults", 1, b'{"results":[]}')
FORM = Row("FORM", "contact", "Form", 2, b'{"form_id":"contact"}')
DEAD = Row("DEADADDRESS", "d", "DeadAddress", 1, b'{"words":"550 jana@customer.example.com"}')
SESSION = Row("SESSION#ada", "SESSION#x", "Session", 1, b"{}")
EVERYTHING = [JANA, NOTE, KIM, SEAT, ROWS, DEAD, FORM, SESSION]


@pytest.fixture
def blobs(tmp_path: Path) -> FolderBlobs:
    made = FolderBlobs(tmp_path / "blobs")
    made.put("uploads/U1/source", b"Jana;jana@customer.example.com")
    made.put("index/1/segments/x.1", b"read model")
    made.put("journal/x", b"journal")
    return made


def keys_of(rows: list[Row]) -> list[tuple[str, str]]:
    return [(row.pk, row.sk) for row in rows]


def test_rows_and_files_come_back_but_sessions_and_what_is_made_again(tmp_path: Path, blobs: FolderBlobs) -> None:
    made = write_backup(EVERYTHING, blobs, tmp_path / "b", NOW, "check")
    assert (made.about.rows, made.about.blobs) == (7, 1)
    found = newest_backup(tmp_path / "b")
    assert found == newest_backup(found.folder) == made
    assert keys_of(list(found.rows())) == keys_of(EVERYTHING[:-1])
    assert [(row.body, row.due_at) for row in found.rows()] == [(row.body, row.due_at) for row in EVERYTHING[:-1]]
    assert list(found.blobs()) == [("uploads/U1/source", b"Jana;jana@customer.example.com")]


def test_who_is_gone_at_the_next_backup_is_gone_from_the_older_ones(tmp_path: Path, blobs: FolderBlobs) -> None:
    older = write_backup(EVERYTHING, blobs, tmp_path / "b", NOW, "check")
    blobs.delete("uploads/U1/source")
    rewritten = Row(ROWS.pk, ROWS.sk, ROWS.kind, 2, ROWS.body)
    newer = write_backup([KIM, FORM, rewritten], blobs, tmp_path / "b", NOW + timedelta(days=1), "check")
    assert keys_of(list(older.rows())) == keys_of([KIM, FORM])
    assert list(older.blobs()) == []
    assert newest_backup(tmp_path / "b") == newer
    assert len(list(newer.rows())) == 3
    files = b"".join(path.read_bytes() for path in (tmp_path / "b").rglob("*") if path.is_file())
    assert b"jana" not in files.lower()


def test_a_backup_that_was_cut_off_does_not_count_and_takes_nobody_away(tmp_path: Path, blobs: FolderBlobs) -> None:
    whole = write_backup(EVERYTHING, blobs, tmp_path / "b", NOW, "check")

    def dying():
        yield KIM
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_backup(dying(), blobs, tmp_path / "b", NOW + timedelta(days=1), "check")
    assert newest_backup(tmp_path / "b") == whole
    assert len(list(whole.rows())) == 7


def test_a_place_of_another_service_or_without_a_backup_is_refused(tmp_path: Path, blobs: FolderBlobs) -> None:
    with pytest.raises(NoBackup, match="no backup in"):
        newest_backup(tmp_path)
    made = write_backup([FORM], blobs, tmp_path / "b", NOW, "check")
    with pytest.raises(NoBackup, match="another service"):
        write_backup([FORM], blobs, tmp_path / "b", NOW + timedelta(days=1), "other")
    about = made.folder / "about.json"
    about.write_bytes(about.read_bytes().replace(b'"format":1', b'"format":9'))
    with pytest.raises(NoBackup, match="another release"):
        newest_backup(tmp_path / "b")
