"""A list upload in steps, for functions that end after minutes: read the whole file, then a chunk a message.

Each step may be told again at any time and by several at once: rows have ids of their own, a chunk's outcomes are
written once, and whoever finds a chunk done goes on behind the last one that is. `run_upload` does the same in one
go."""

import json
from collections.abc import Iterator
from dataclasses import replace

from chalicelib.capture.lists import write_refused
from chalicelib.capture.sheet import Sheet
from chalicelib.flows.export_rows import AS_EXPORTED, as_exported, rows_of_list
from chalicelib.flows.read_list import digest_of, read_source, source_key
from chalicelib.flows.remember_columns import remember_columns
from chalicelib.flows.row_desk import NumberedRow
from chalicelib.flows.upload_list import chunk_done, error_key, placer_of, refused_rows, run_chunk, running
from chalicelib.flows.upload_state import (
    ENDED,
    enqueue_upload,
    finish_upload,
    is_stopped,
    refuse_upload,
    save_upload,
    stored_upload,
)
from chalicelib.records.contact import Refusal
from chalicelib.records.ports import Deps, Ref, Stored
from chalicelib.records.upload import TO_BE_BEGUN, Upload, UploadState

CHUNKS = "chunks"
# About a minute's work on DynamoDB at worst, and outcomes that fit into one item.
ROWS_A_CHUNK = 500
NEVER_CAME = "the file never arrived"


def begin_upload(deps: Deps, import_id: str, again: bool, chunk_rows: int = ROWS_A_CHUNK) -> None:
    """Read and check the whole file, keep its rows by the chunk, and have the first one placed. `again` when this was
    begun before and may have been cut off: then it goes on. Raises LookupError."""
    stored = stored_upload(deps, import_id)
    state = stored.value.state
    if state in ENDED or is_stopped(stored.value):
        return
    if state is UploadState.RUNNING:
        if again:
            _go_on(deps, stored, 0)
        return
    data = deps.blobs.get(source_key(import_id))
    if data is None and stored.value.file_by is not None:
        # Told too early, or of a file that is gone again: it may yet come, and until then the clock looks for it.
        return
    data = data or b""
    reading = read_source(deps, stored.value)
    if isinstance(reading, Refusal):
        refuse_upload(deps, stored, reading)
        return
    sheet, columns = reading
    if not sheet.parts:
        remember_columns(deps, stored.value, sheet.header)
    # Outcomes are kept by the chunk: what is begun goes on with chunks of the same length.
    chunk_rows = stored.value.chunk_rows if stored.value.done else chunk_rows
    for number, start in enumerate(range(0, len(sheet.rows), chunk_rows)):
        _keep_rows(deps, import_id, number, sheet, start, chunk_rows)
    digest = digest_of(data)
    stored = save_upload(
        deps,
        stored,
        lambda u: _begun(u, replace(running(deps, u, sheet, columns), digest=digest, chunk_rows=chunk_rows)),
    )
    if stored.value.state is UploadState.RUNNING:
        _go_on(deps, stored, 0)


def place_chunk(deps: Deps, import_id: str, number: int, again: bool) -> None:
    """Place the rows of a chunk and have the next one placed; behind the last one the upload is finished. Raises
    LookupError."""
    stored = stored_upload(deps, import_id)
    if stored.value.state in ENDED:
        _drop_rows(deps, import_id)
        return
    if is_stopped(stored.value):
        return
    if not chunk_done(deps, import_id, number):
        rows = _rows_of(deps, stored.value, number)
        stored = run_chunk(deps, stored, placer_of(deps, stored.value), number, rows, again)
        if is_stopped(stored.value):
            return
    _go_on(deps, stored, number + 1)


def _go_on(deps: Deps, stored: Stored[Upload], number: int) -> None:
    """With the first chunk from `number` on that is not done. Asked for first and noted then: a row that says it is
    running has somebody who runs it."""
    upload = stored.value
    while number < _chunks(upload) and chunk_done(deps, upload.import_id, number):
        number += 1
    if number >= _chunks(upload):
        _finish(deps, stored)
        return
    deps.queue.send(CHUNKS, {"import_id": upload.import_id, "chunk": number})
    if upload.state is UploadState.FAILED:
        save_upload(deps, stored, _taken_up)
    deps.wake()


def _begun(now: Upload, begun: Upload) -> Upload:
    """The bucket and we tell of the same file, so two may begin it at once: whoever comes second changes nothing; nor
    does one during whose reading somebody stopped it."""
    return begun if now.state in (UploadState.READING, UploadState.FAILED) and not is_stopped(now) else now


def _taken_up(upload: Upload) -> Upload:
    """It failed until proven otherwise, which is now."""
    if upload.state is not UploadState.FAILED:
        return upload
    return replace(upload, state=UploadState.RUNNING, reason="", finished_at=None)


def _finish(deps: Deps, stored: Stored[Upload]) -> None:
    upload = stored.value
    refused = list(_refused_sources(deps, upload))
    if refused:
        header = refused[0][1]
        deps.blobs.put(error_key(upload.import_id), write_refused(header, [(r, cells) for r, _, cells in refused]))
    finish_upload(deps, stored)
    _drop_rows(deps, upload.import_id)


def _chunks(upload: Upload) -> int:
    return -(-upload.rows // upload.chunk_rows)


def _rows_key(import_id: str, number: int) -> str:
    return f"uploads/{import_id}/rows/{number:06d}"


def _keep_rows(deps: Deps, import_id: str, number: int, sheet: Sheet, start: int, length: int) -> None:
    """Rows `start` + 1 to `start` + `length` as they came, with the header and what is wrong with them."""
    rows = sheet.rows[start : start + length]
    bad = [
        (row, sheet.bad_rows[row].field, sheet.bad_rows[row].reason)
        for row in range(start + 1, start + 1 + len(rows))
        if row in sheet.bad_rows
    ]
    deps.blobs.put(
        _rows_key(import_id, number), json.dumps({"header": sheet.header, "rows": rows, "bad": bad}).encode()
    )


def _kept(deps: Deps, import_id: str, number: int) -> Sheet:
    body = deps.blobs.get(_rows_key(import_id, number))
    if body is None:
        raise LookupError(_rows_key(import_id, number))
    kept = json.loads(body)
    bad = {row: Refusal(field, reason, row) for row, field, reason in kept["bad"]}
    return Sheet(tuple(kept["header"]), [tuple(row) for row in kept["rows"]], "", "", 0, bad)


def _rows_of(deps: Deps, upload: Upload, number: int) -> list[NumberedRow]:
    sheet = _kept(deps, upload.import_id, number)
    return list(rows_of_list(sheet, upload.columns, upload.parts, number * upload.chunk_rows + 1))


def _refused_sources(deps: Deps, upload: Upload) -> Iterator[tuple[Refusal, tuple[str, ...], tuple[str, ...]]]:
    """(refusal, header, cells) of the refused rows, reading only the chunks that have some."""
    number, sheet = -1, None
    for row, reason in refused_rows(deps, upload.import_id):
        of, place = divmod(row - 1, upload.chunk_rows)
        if sheet is None or of != number:
            number, sheet = of, _kept(deps, upload.import_id, of)
        if upload.parts:
            yield Refusal("", reason, row), AS_EXPORTED, as_exported(upload.parts, row, sheet.rows[place])
        else:
            yield Refusal("", reason, row), sheet.header, sheet.rows[place]


def _drop_rows(deps: Deps, import_id: str) -> None:
    for key in deps.blobs.list(f"uploads/{import_id}/rows/"):
        deps.blobs.delete(key)


def take_up(deps: Deps, ref: Ref[Upload]) -> UploadState | None:
    """Something was to be begun by now. What is there, or is to be taken back or put back, is taken up: the news of it
    was lost. A file that is not there did not come in time: the upload has failed. The state, or None where nothing
    was to do."""
    stored = deps.store.get(Upload, *ref.ids)
    now = deps.clock()
    if stored is None or stored.value.state not in TO_BE_BEGUN:
        return None
    if stored.value.file_by is None or stored.value.file_by > now:
        return None
    waits = stored.value.state is UploadState.READING
    if not waits or deps.blobs.get(source_key(stored.value.import_id)) is not None:
        # Told first and noted then: told twice does no harm.
        enqueue_upload(deps, stored.value)
        return save_upload(deps, stored, lambda u: replace(u, file_by=None)).value.state
    failed = replace(stored.value, state=UploadState.FAILED, reason=NEVER_CAME, finished_at=now)
    return save_upload(deps, stored, lambda u: failed if u.state is UploadState.READING else u).value.state
