"""A list upload from file to people: validated as a whole, then in chunks, each written once.

Outcomes are kept under the chunk's number, so that a finished chunk that comes again changes nothing; one that was
cut off half way comes to the same outcomes, since a row's ids follow from the upload and the row alone."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

from chalicelib.capture.columns import apply_mapping, guess_columns
from chalicelib.capture.files import Sheet, read_sheet
from chalicelib.capture.lists import read_contacts, write_error_rows
from chalicelib.flows.place_rows import ChunkResult, NumberedRow, RowPlacer, thanks_id
from chalicelib.flows.release_mails import release_mails
from chalicelib.records.contact import Refusal
from chalicelib.records.message import Message, MessageState
from chalicelib.records.ports import Conflict, Deps, Put, Ref, Stored
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


# A list as read: its rows, and what each column means.
Reading = tuple[Sheet, tuple[ColumnGuess, ...]]


def read_list(data: bytes, file_name: str, mapping: Mapping[str, str]) -> Reading | Refusal:
    """The whole file, validated, with the meaning of its columns; or why it is refused."""
    sheet = read_sheet(data, file_name)
    if isinstance(sheet, Refusal):
        return sheet
    columns = apply_mapping(guess_columns(sheet.header, sheet.rows[:_SAMPLE]), mapping)
    if isinstance(columns, Refusal):
        return columns
    return sheet, columns


def run_upload(deps: Deps, import_id: str, read: Reading | None = None) -> Upload:
    """Bring an upload to its end; again after a crash it goes on where the last chunk was written. `read` is the
    list where the caller has just read it."""
    stored = deps.store.get(Upload, import_id)
    if stored is None:
        raise LookupError(import_id)
    if stored.value.state in (UploadState.FINISHED, UploadState.REFUSED):
        return stored.value
    reading = read or _read_source(deps, stored.value)
    if isinstance(reading, Refusal):
        told = reading
        return _save(deps, stored, lambda upload: _refused(upload, told, deps.clock())).value
    sheet, columns = reading
    again = stored.value.state is not UploadState.READING
    stored = _save(deps, stored, lambda upload: _running(upload, sheet, columns))
    placer = RowPlacer(deps, stored.value)
    for number, chunk in enumerate(_chunks(sheet, columns)):
        stored = _run_chunk(deps, stored, placer, number, chunk, again)
    _write_errors(deps, import_id, sheet)
    finished = _save(deps, stored, lambda upload: _finished(upload, deps.clock())).value
    deps.wake()
    return finished


def _read_source(deps: Deps, upload: Upload) -> Reading | Refusal:
    data = deps.blobs.get(source_key(upload.import_id)) or b""
    return read_list(data, upload.file_name, upload.mapping)


def fail_upload(deps: Deps, import_id: str, reason: str) -> None:
    """Say of an upload that it will not go on by itself; `run_upload` still takes it up where it stands."""
    stored = deps.store.get(Upload, import_id)
    if stored is None or stored.value.state not in (UploadState.READING, UploadState.RUNNING):
        return
    now = deps.clock()
    _save(deps, stored, lambda upload: replace(upload, state=UploadState.FAILED, reason=reason, finished_at=now))
    deps.wake()


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


def preview_list(deps: Deps, read: Reading, file_name: str, campaign_id: str) -> Upload:
    """What an upload would do, counted without writing."""
    sheet, columns = read
    draft = Upload("preview", file_name, campaign_id, UploadState.READING, deps.clock())
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
    deps: Deps, stored: Stored[Upload], placer: RowPlacer, number: int, chunk: list[NumberedRow], again: bool
) -> Stored[Upload]:
    """Write a chunk's people, those somebody else changed meanwhile anew, then its outcomes and the counts. `again`
    when an upload that was cut off may have written this chunk's people already."""
    import_id = stored.value.import_id
    if _chunk_done(deps, import_id, number):
        return stored
    # Somebody may have recorded a legal basis since the last chunk.
    stored = deps.store.get(Upload, import_id) or stored
    placer.renew(stored.value)
    result = ChunkResult()
    pending = chunk
    for turn in range(ROUNDS):
        placed = placer.place(pending, again or turn > 0)
        answers = deps.store.commit_each(placed.writes())
        result.add(placed.without(answers))
        pending = placed.rows_of(answers, pending)
        if not pending:
            break
    result.give_up([row for row, _ in pending])
    if again:
        _release_of(deps, stored.value, result)
    return _note_chunk(deps, stored, number, result)


def _note_chunk(deps: Deps, stored: Stored[Upload], number: int, result: ChunkResult) -> Stored[Upload]:
    """Write the outcomes and add to the counts as they are now, whoever else changed the upload."""
    import_id = stored.value.import_id
    outcome = RowResults(import_id, number, tuple(result.rows()))
    for _ in range(ROUNDS):
        counted = _counted(stored.value, result)
        try:
            deps.store.commit([Put(outcome, if_version=0), Put(counted, stored.version)])
        except Conflict:
            basis = stored.value.basis
            stored = _read_again(deps, stored)
            if _chunk_done(deps, import_id, number):
                return stored
            if stored.value.basis != basis:
                _release_of(deps, stored.value, result)
            continue
        deps.wake()
        return Stored(counted, stored.version + 1)
    raise Conflict(Ref(Upload, (import_id,)))


def _release_of(deps: Deps, upload: Upload, result: ChunkResult) -> None:
    """The mails of this chunk that were held on an older basis than the upload's. Whoever records a basis finds the
    mails of finished chunks only; those of the one in work are let go here."""
    held = [work for work in result.people if work.mail is MessageState.HELD]
    if not (upload.basis and held):
        return
    ids = [work.lead.lead_id for work in held]
    release_mails(deps, upload, ids, upload.mails_queued)
    mails = deps.store.get_many([Ref(Message, (lead_id, thanks_id(upload.campaign_id))) for lead_id in ids])
    for work, mail in zip(held, mails, strict=True):
        if mail and mail.value.state is not MessageState.HELD:
            work.mail = None if mail.value.state is MessageState.SUPPRESSED else MessageState.PENDING


def _chunk_done(deps: Deps, import_id: str, number: int) -> bool:
    return deps.store.get(RowResults, import_id, f"{number:06d}") is not None


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


def _running(upload: Upload, sheet: Sheet, columns: tuple[ColumnGuess, ...]) -> Upload:
    return replace(
        upload, state=UploadState.RUNNING, rows=len(sheet.rows), columns=columns, reason="", finished_at=None
    )


def _finished(upload: Upload, now: datetime) -> Upload:
    seconds = round((now - upload.started_at).total_seconds(), 3)
    return replace(upload, state=UploadState.FINISHED, finished_at=now, seconds=seconds)


def change_upload(deps: Deps, import_id: str, change: Callable[[Upload], Upload]) -> Upload:
    """Change what is stored, whoever else changes it meanwhile. Raises LookupError."""
    stored = deps.store.get(Upload, import_id)
    if stored is None:
        raise LookupError(import_id)
    return _save(deps, stored, change).value


def _save(deps: Deps, stored: Stored[Upload], change: Callable[[Upload], Upload]) -> Stored[Upload]:
    for _ in range(ROUNDS):
        changed = change(stored.value)
        try:
            deps.store.commit([Put(changed, stored.version)])
        except Conflict:
            stored = _read_again(deps, stored)
            continue
        return Stored(changed, stored.version + 1)
    raise Conflict(Ref(Upload, (stored.value.import_id,)))


def _read_again(deps: Deps, stored: Stored[Upload]) -> Stored[Upload]:
    return deps.store.get(Upload, stored.value.import_id) or stored
