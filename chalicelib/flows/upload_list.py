"""A list upload from file to people: validated as a whole, then in chunks, each written once.

Outcomes are kept under the chunk's number, so that a finished chunk that comes again changes nothing; one that was
cut off half way comes to the same outcomes, since a row's ids follow from the upload and the row alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from chalicelib.capture.files import Sheet
from chalicelib.capture.lists import write_error_rows, write_refused
from chalicelib.flows.export_rows import AS_EXPORTED, as_exported, people_of_list, rows_of_list
from chalicelib.flows.keep_journal import note_objections
from chalicelib.flows.place_rows import RowPlacer
from chalicelib.flows.read_list import Reading, digest_of, phone_country, read_source, source_key
from chalicelib.flows.release_mails import release_mails
from chalicelib.flows.remember_columns import remember_columns
from chalicelib.flows.row_desk import ChunkResult, NumberedRow, Place, Work, commit_people
from chalicelib.flows.upload_state import (
    ENDED,
    ROUNDS,
    TAKEN_UP,
    finish_upload,
    is_stopped,
    read_again,
    refuse_upload,
    save_upload,
    stored_upload,
)
from chalicelib.follow_up.messages import thanks_id
from chalicelib.records.contact import Refusal
from chalicelib.records.message import Message, MessageState
from chalicelib.records.ports import Conflict, Deps, Put, Ref, Stored
from chalicelib.records.upload import ColumnGuess, Outcome, RowResults, Upload, UploadState

CHUNK = 2000
_MOST_NOTES = 200


def start_upload(
    deps: Deps,
    data: bytes,
    file_name: str,
    campaign_id: str,
    basis: str,
    mapping: Mapping[str, str],
    by: str,
    phone_country: str = "",
    import_id: str = "",
) -> Upload:
    """Keep the file and note the upload; `run_upload` does the work, from the queue or at once. Who dies before the
    queue is told has left it due: the clock tells the queue (`upload_chunks.take_up`)."""
    upload = new_upload(deps, file_name, campaign_id, basis, mapping, by, import_id)
    file_by = upload.started_at + TAKEN_UP
    upload = replace(upload, digest=digest_of(data), file_by=file_by, phone_country=phone_country)
    deps.blobs.put(source_key(upload.import_id), data)
    deps.store.commit([Put(upload, if_version=0)])
    return upload


def new_upload(
    deps: Deps, file_name: str, campaign_id: str, basis: str, mapping: Mapping[str, str], by: str, import_id: str = ""
) -> Upload:
    """An upload of a file that is still to be kept under `source_key`; nothing is written. `import_id` is its id, where
    that is known before."""
    return Upload(
        import_id=import_id or deps.new_id(),
        file_name=file_name[-200:],
        campaign_id=campaign_id,
        state=UploadState.READING,
        started_at=deps.clock(),
        started_by=by,
        basis=basis,
        mapping=dict(mapping),
        chunk_rows=CHUNK,
    )


def error_key(import_id: str) -> str:
    return f"uploads/{import_id}/errors.csv"


def run_upload(deps: Deps, import_id: str, read: Reading | None = None) -> Upload:
    """Bring an upload to its end; again after a crash it goes on where the last chunk was written. `read` is the
    list where the caller has just read it."""
    stored = stored_upload(deps, import_id)
    if stored.value.state in ENDED or is_stopped(stored.value):
        return stored.value
    reading = read or read_source(deps, stored.value)
    if isinstance(reading, Refusal):
        return refuse_upload(deps, stored, reading)
    sheet, columns = reading
    again = stored.value.state is not UploadState.READING
    if not (again or sheet.parts):
        remember_columns(deps, stored.value, sheet.header)
    stored = save_upload(deps, stored, lambda u: u if is_stopped(u) else running(deps, u, sheet, columns))
    placer = placer_of(deps, stored.value)
    for number, chunk in enumerate(_chunks(sheet, columns)):
        stored = run_chunk(deps, stored, placer, number, chunk, again)
        if is_stopped(stored.value):
            return stored.value
    refused = [Refusal("", reason, row) for row, reason in refused_rows(deps, import_id)]
    if refused:
        deps.blobs.put(error_key(import_id), error_rows(sheet, refused))
    return finish_upload(deps, stored)


def error_rows(sheet: Sheet, refused: Sequence[Refusal]) -> bytes:
    """The refused rows as a file to be corrected; of an export, whose tables have columns of their own, to be read."""
    if not sheet.parts:
        return write_error_rows(sheet, refused)
    told = [(refusal, as_exported(sheet.parts, refusal.row, sheet.rows[refusal.row - 1])) for refusal in refused]
    return write_refused(AS_EXPORTED, told)


def refused_rows(deps: Deps, import_id: str) -> list[tuple[int, str]]:
    """(row, reason) of the refused rows. From the outcomes, so also after a restart."""
    return [
        (row, reason)
        for chunk in deps.store.query(RowResults, import_id)
        for row, outcome, _, reason in chunk.value.results
        if outcome == Outcome.REFUSED
    ]


def preview_list(deps: Deps, read: Reading, file_name: str, campaign_id: str, country: str = "") -> Upload:
    """What an upload would do, counted without writing."""
    sheet, columns = read
    draft = Upload("preview", file_name, campaign_id, UploadState.READING, deps.clock(), phone_country=country)
    draft = running(deps, draft, sheet, columns)
    # In one piece: nothing is written in between, so a second chunk would not find the first one's people.
    result = RowPlacer(deps, draft).place(people_of_list(sheet, columns))
    return replace(_counted(draft, result), state=UploadState.FINISHED)


def placer_of(deps: Deps, upload: Upload) -> RowPlacer:
    """For a list; or for a whole export, which costs a list no import."""
    if not upload.parts:
        return RowPlacer(deps, upload)
    from chalicelib.flows.place_export import ExportPlacer

    return ExportPlacer(deps, upload)


def _chunks(sheet: Sheet, columns: Sequence[ColumnGuess]) -> Iterator[list[NumberedRow]]:
    """Rows by the chunk, made when asked for, so that a long list is never held as contacts all at once."""
    rows = rows_of_list(sheet, columns, sheet.parts)
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def run_chunk(
    deps: Deps, stored: Stored[Upload], placer: RowPlacer, number: int, chunk: list[NumberedRow], again: bool
) -> Stored[Upload]:
    """Write a chunk's people, those somebody else changed meanwhile anew, then its outcomes and the counts. `again`
    when an upload that was cut off may have written this chunk's people already."""
    import_id = stored.value.import_id
    if chunk_done(deps, import_id, number):
        return stored
    # Somebody may have recorded a legal basis since the last chunk, or stopped it.
    stored = deps.store.get(Upload, import_id) or stored
    if is_stopped(stored.value):
        return stored
    placer.renew(stored.value)
    result = ChunkResult()
    for place, rows in placer.steps(chunk, result):
        _settle(deps, place, rows, again, result)
    if again:
        _release_of(deps, stored.value, result)
    return _note_chunk(deps, stored, number, result)


def _settle(deps: Deps, place: Place, rows: Sequence[NumberedRow], again: bool, result: ChunkResult) -> None:
    """Write the rows' people, those somebody else changed meanwhile anew; what is left of an export's rows goes in the
    next round."""
    pending, turn, lost = rows, 0, list[Work]()
    while pending and turn < ROUNDS:
        placed = place(pending, again or turn > 0)
        refusing = [work for work in placed.people if work.changed and work.lead.opted_out_at]
        if refusing:
            note_objections(deps, [work.lead for work in refusing], deps.clock())
        answers = commit_people(deps, placed.people)
        result.add(placed.without(answers))
        contested = placed.rows_of(answers, pending)
        lost = [work for work, answer in zip(placed.people, answers, strict=True) if answer and work in refusing]
        pending = [*contested, *placed.left]
        turn += bool(contested)
    given_up = [row for row, _ in pending]
    result.give_up(given_up, _refusals_of(deps, lost) if given_up and lost else frozenset())


def _refusals_of(deps: Deps, lost: Sequence[Work]) -> frozenset[int]:
    """The rows of known people that say no to promotion: that counts though the rest could not be written."""
    from chalicelib.flows.work_lead import opt_out

    known = [work for work in lost if work.version and not (work.before and work.before.opted_out_at)]
    for work in known:
        opt_out(deps, work.lead.lead_id)
    return frozenset(row for work in known for row, _, _ in work.rows)


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
            stored = read_again(deps, stored)
            if chunk_done(deps, import_id, number):
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


def chunk_done(deps: Deps, import_id: str, number: int) -> bool:
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
        attached=upload.attached + tally[Outcome.ATTACHED],
        mails_queued=upload.mails_queued + result.mails_queued,
        mails_held=upload.mails_held + result.mails_held,
        unreachable=upload.unreachable + result.unreachable,
    )


def running(deps: Deps, upload: Upload, sheet: Sheet, columns: tuple[ColumnGuess, ...]) -> Upload:
    return replace(
        upload,
        state=UploadState.RUNNING,
        rows=len(sheet.rows),
        columns=columns,
        notes=sheet.notes[:_MOST_NOTES],
        product=sheet.product,
        parts=sheet.parts,
        phone_country=phone_country(deps, upload.phone_country, sheet),
        reason="",
        finished_at=None,
    )
