"""A list upload from file to people: validated as a whole, then in chunks, each written once.

Outcomes are kept under the chunk's number, so that a finished chunk that comes again changes nothing; one that was
cut off half way comes to the same outcomes, since a row's ids follow from the upload and the row alone."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

from chalicelib.capture.columns import apply_mapping, guess_columns
from chalicelib.capture.files import Sheet, read_sheet
from chalicelib.capture.lists import read_contacts, write_error_rows
from chalicelib.flows.place_rows import ChunkResult, NumberedRow, RowPlacer
from chalicelib.records.contact import Refusal
from chalicelib.records.ports import Deps, Put, Stored
from chalicelib.records.receipt import RowResults
from chalicelib.records.upload import ColumnGuess, Outcome, Upload, UploadState

CHUNK = 2000
# How often a chunk's contested people are tried again before their rows are given up with the reason.
ROUNDS = 10
TOPIC = "uploads"
_SAMPLE = 200


def start_upload(
    deps: Deps, data: bytes, file_name: str, campaign_id: str, basis: str, mapping: Mapping[str, str], by: str
) -> Upload:
    """Keep the file and note the upload; `run_upload` does the work, from the queue or at once."""
    upload = Upload(
        import_id=deps.new_id(),
        file_name=file_name[-200:],
        campaign_id=campaign_id,
        state=UploadState.READING,
        started_at=deps.clock(),
        started_by=by,
        digest=hashlib.sha256(data).hexdigest(),
        basis=basis,
        mapping=dict(mapping),
    )
    deps.blobs.put(source_key(upload.import_id), data)
    deps.store.commit([Put(upload, if_version=0)])
    return upload


def enqueue_upload(deps: Deps, upload: Upload) -> None:
    deps.queue.send(TOPIC, {"import_id": upload.import_id})
    deps.wake()


def source_key(import_id: str) -> str:
    return f"uploads/{import_id}/source"


def error_key(import_id: str) -> str:
    return f"uploads/{import_id}/errors.csv"


def read_list(
    data: bytes, file_name: str, mapping: Mapping[str, str]
) -> tuple[Sheet, tuple[ColumnGuess, ...]] | Refusal:
    """The whole file, validated, with the meaning of its columns; or why it is refused."""
    sheet = read_sheet(data, file_name)
    if isinstance(sheet, Refusal):
        return sheet
    columns = apply_mapping(guess_columns(sheet.header, sheet.rows[:_SAMPLE]), mapping)
    if isinstance(columns, Refusal):
        return columns
    return sheet, columns


def run_upload(deps: Deps, import_id: str) -> Upload:
    """Bring an upload to its end; again after a crash it goes on where the last chunk was written."""
    stored = deps.store.get(Upload, import_id)
    if stored is None:
        raise LookupError(import_id)
    if stored.value.state in (UploadState.FINISHED, UploadState.REFUSED):
        return stored.value
    data = deps.blobs.get(source_key(import_id)) or b""
    reading = read_list(data, stored.value.file_name, stored.value.mapping)
    if isinstance(reading, Refusal):
        return _save(deps, stored, _refused(stored.value, reading, deps.clock())).value
    sheet, columns = reading
    running = replace(stored.value, state=UploadState.RUNNING, rows=len(sheet.rows), columns=columns)
    stored = _save(deps, stored, running)
    placer = RowPlacer(deps, stored.value)
    for number, chunk in enumerate(_chunks(sheet, columns)):
        stored = _run_chunk(deps, stored, placer, number, chunk)
    _write_errors(deps, import_id, sheet)
    now = deps.clock()
    seconds = (now - stored.value.started_at).total_seconds()
    done = replace(stored.value, state=UploadState.FINISHED, finished_at=now, seconds=round(seconds, 3))
    finished = _save(deps, stored, done).value
    deps.wake()
    return finished


def _write_errors(deps: Deps, import_id: str, sheet: Sheet) -> None:
    """The error file: each refused row as it came, with its reason. From the outcomes, so also after a restart."""
    refused = [
        Refusal("", reason, row)
        for chunk in deps.store.query(RowResults, import_id)
        for row, outcome, _, reason in chunk.value.results
        if outcome == Outcome.REFUSED
    ]
    if refused:
        deps.blobs.put(error_key(import_id), write_error_rows(sheet, refused))


def preview_list(deps: Deps, data: bytes, file_name: str, campaign_id: str, mapping: Mapping[str, str]) -> Upload:
    """What an upload would do, counted without writing. A refused file is an upload in state `refused`."""
    draft = Upload("preview", file_name, campaign_id, UploadState.READING, deps.clock(), mapping=dict(mapping))
    reading = read_list(data, file_name, mapping)
    if isinstance(reading, Refusal):
        return _refused(draft, reading, deps.clock())
    sheet, columns = reading
    draft = replace(draft, rows=len(sheet.rows), columns=columns)
    # In one piece: nothing is written in between, so a second chunk would not find the first one's people.
    result = RowPlacer(deps, draft).place(list(read_contacts(sheet, columns)))
    return replace(_counted(draft, result), state=UploadState.FINISHED)


def _chunks(sheet: Sheet, columns: Sequence[ColumnGuess]) -> Iterator[list[NumberedRow]]:
    """Rows by the chunk, made when asked for, so that a long list is never held as contacts all at once."""
    rows = read_contacts(sheet, columns)
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def _run_chunk(
    deps: Deps, stored: Stored[Upload], placer: RowPlacer, number: int, chunk: list[NumberedRow]
) -> Stored[Upload]:
    """Write a chunk's people, those somebody else changed meanwhile anew, then its outcomes and the counts."""
    import_id = stored.value.import_id
    if deps.store.get(RowResults, import_id, f"{number:06d}"):
        return stored
    result = ChunkResult()
    pending = chunk
    for _ in range(ROUNDS):
        placed = placer.place(pending)
        answers = deps.store.commit_each(placed.writes())
        result.add(placed.without(answers))
        pending = placed.rows_of(answers, pending)
        if not pending:
            break
    result.give_up([row for row, _ in pending])
    outcome = RowResults(import_id, number, tuple(result.rows()))
    counted = _counted(stored.value, result)
    deps.store.commit([Put(outcome, if_version=0), Put(counted, stored.version)])
    deps.wake()
    return Stored(counted, stored.version + 1)


def _counted(upload: Upload, result: ChunkResult) -> Upload:
    tally = result.tally()
    return replace(
        upload,
        done=upload.done + sum(tally.values()),
        created=upload.created + tally[Outcome.CREATED],
        merged=upload.merged + tally[Outcome.MERGED],
        suppressed=upload.suppressed + tally[Outcome.SUPPRESSED],
        refused=upload.refused + tally[Outcome.REFUSED],
        mails_queued=upload.mails_queued + result.mails_queued,
        mails_held=upload.mails_held + result.mails_held,
        unreachable=upload.unreachable + result.unreachable,
    )


def _refused(upload: Upload, refusal: Refusal, now: datetime) -> Upload:
    where = f"row {refusal.row}: " if refusal.row else ""
    return replace(upload, state=UploadState.REFUSED, reason=f"{where}{refusal.reason}", finished_at=now)


def _save(deps: Deps, stored: Stored[Upload], upload: Upload) -> Stored[Upload]:
    deps.store.commit([Put(upload, stored.version)])
    return Stored(upload, stored.version + 1)
