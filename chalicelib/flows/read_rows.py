"""The rows of a list as its page shows them: a page of those asked for, and how many there are of each kind. All of it
from one reading, of which no more is held than is shown."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from chalicelib.flows.read_export import PartCounts, counts_of
from chalicelib.flows.read_uploads import Row, all_rows, has_remark
from chalicelib.flows.row_desk import NO_WAY
from chalicelib.records.ports import Deps
from chalicelib.records.upload import Outcome, Upload

REMARK = "remark"
UNREACHABLE = "unreachable"
# Of a longer list the remarks are not counted while somebody waits for the page.
REMARKS_COUNTED = 20_000


@dataclass(frozen=True, slots=True)
class RowsAsked:
    """`outcome` is one of Outcome, REMARK, UNREACHABLE, or "" for all; `place` of the export's file, 0 for all."""

    outcome: str = ""
    place: int = 0
    offset: int = 0
    limit: int = 100


@dataclass(frozen=True, slots=True)
class RowsShown:
    """A page of `total`; `counts` of each file of an export; `remarks` in all of the list, 0 where it is too long."""

    rows: tuple[Row, ...] = ()
    total: int = 0
    counts: tuple[PartCounts, ...] = ()
    remarks: int = 0


@dataclass(slots=True)
class _Reading:
    """What is noted of rows that go by."""

    upload: Upload
    asked: RowsAsked
    rows: list[Row] = field(default_factory=list)
    met: int = 0
    remarks: int = 0

    def watched(self, rows: Iterable[Row]) -> Iterator[Row]:
        asked = self.asked
        for row in rows:
            self.remarks += _is_remark(row)
            if _is_asked_for(row, self.upload, asked):
                if asked.offset <= self.met < asked.offset + asked.limit:
                    self.rows.append(row)
                self.met += 1
            yield row


def read_rows(deps: Deps, upload: Upload, asked: RowsAsked) -> RowsShown:
    rows = all_rows(deps, upload.import_id)
    if not upload.parts and upload.rows > REMARKS_COUNTED:
        # Of so long a list only as much is read as is shown.
        found = (row for row in rows if _is_asked_for(row, upload, asked))
        return RowsShown(tuple(islice(found, asked.offset, asked.offset + asked.limit)), _told(upload, asked.outcome))
    reading = _Reading(upload, asked)
    watched = reading.watched(rows)
    counts = counts_of(upload, watched) if upload.parts else ()
    deque(watched, maxlen=0)
    return RowsShown(tuple(reading.rows), reading.met, counts, reading.remarks)


def _told(upload: Upload, outcome: str) -> int:
    """What the list itself says of how many there are."""
    return 0 if outcome == REMARK else int(getattr(upload, outcome or "done"))


def _is_remark(row: Row) -> bool:
    """Of a row that was kept with something to look at: an e-mail that is none, a phone kept as written."""
    return has_remark(row[1], row[3])


def _is_asked_for(row: Row, upload: Upload, asked: RowsAsked) -> bool:
    if asked.outcome == REMARK:
        return _is_remark(row)
    if asked.outcome == UNREACHABLE:
        return row[1] == Outcome.CREATED and row[3].startswith(NO_WAY)
    part = upload.parts[asked.place - 1] if asked.place else None
    return asked.outcome in ("", row[1]) and (part is None or part.holds(row[0]))
