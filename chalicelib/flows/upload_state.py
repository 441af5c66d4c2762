"""How far an upload is, whoever else changes it meanwhile: begun, stopped, resumed, refused, failed, finished."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.flows.read_list import source_key
from chalicelib.records.contact import Refusal
from chalicelib.records.ports import Conflict, Deps, Put, Ref, Stored
from chalicelib.records.upload import Upload, UploadState

TOPIC = "uploads"
STOPPED = "stopped by"
# What is there is begun by then, or the news of it is lost.
TAKEN_UP = timedelta(minutes=2)
# How often what others changed meanwhile is tried again; of a chunk's contested people, before their rows are given up.
ROUNDS = 10
# Nothing of the list is loaded any more, whatever a message says.
ENDED = frozenset(
    {UploadState.FINISHED, UploadState.REFUSED, UploadState.UNDOING, UploadState.UNDONE, UploadState.REDOING}
)


def enqueue_upload(deps: Deps, upload: Upload) -> None:
    deps.queue.send(TOPIC, {"import_id": upload.import_id})
    deps.wake()


def stored_upload(deps: Deps, import_id: str) -> Stored[Upload]:
    """Raises LookupError."""
    stored = deps.store.get(Upload, import_id)
    if stored is None:
        raise LookupError(import_id)
    return stored


def refuse_upload(deps: Deps, stored: Stored[Upload], refusal: Refusal) -> Upload:
    refused = save_upload(deps, stored, lambda u: u if u.state in ENDED else _refused(u, refusal, deps.clock())).value
    deps.wake()
    return refused


def finish_upload(deps: Deps, stored: Stored[Upload]) -> Upload:
    finished = save_upload(deps, stored, lambda upload: _finished(upload, deps.clock())).value
    if finished.suppressed:
        # It holds somebody who was erased; of that row nothing is kept but that there was one.
        deps.blobs.delete(source_key(finished.import_id))
    deps.wake()
    return finished


def fail_upload(deps: Deps, import_id: str, reason: str) -> None:
    """Say of an upload that it will not go on by itself; `run_upload` still takes it up where it stands."""
    stored = deps.store.get(Upload, import_id)
    if stored is None or stored.value.state not in (UploadState.READING, UploadState.RUNNING):
        return
    now = deps.clock()
    save_upload(deps, stored, lambda upload: replace(upload, state=UploadState.FAILED, reason=reason, finished_at=now))
    deps.wake()


def is_stopped(upload: Upload) -> bool:
    """Whether somebody stopped it: what is placed stays, and it goes on where it stands when it is asked to."""
    return upload.state is UploadState.FAILED and upload.reason.startswith(STOPPED)


def stop_upload(deps: Deps, import_id: str, by: str) -> Upload:
    """Stop it behind the chunk in work. One that has ended, or failed by itself, stays as it is. Raises LookupError."""
    now = deps.clock()

    def stopped(upload: Upload) -> Upload:
        if upload.state not in (UploadState.READING, UploadState.RUNNING):
            return upload
        return replace(upload, state=UploadState.FAILED, reason=f"{STOPPED}: {by}", finished_at=now)

    upload = change_upload(deps, import_id, stopped)
    deps.wake()
    return upload


def resume_upload(deps: Deps, import_id: str) -> Upload:
    """Let one that was stopped, or that failed, go on where it stands. Raises LookupError."""
    upload = stored_upload(deps, import_id).value
    if upload.state is UploadState.FAILED:
        upload = change_upload(deps, import_id, lambda u: replace(u, reason="") if is_stopped(u) else u)
        enqueue_upload(deps, upload)
    return upload


def change_upload(deps: Deps, import_id: str, change: Callable[[Upload], Upload]) -> Upload:
    """Change what is stored, whoever else changes it meanwhile. Raises LookupError."""
    return save_upload(deps, stored_upload(deps, import_id), change).value


def save_upload(deps: Deps, stored: Stored[Upload], change: Callable[[Upload], Upload]) -> Stored[Upload]:
    for _ in range(ROUNDS):
        changed = change(stored.value)
        try:
            deps.store.commit([Put(changed, stored.version)])
        except Conflict:
            stored = read_again(deps, stored)
            continue
        return Stored(changed, stored.version + 1)
    raise Conflict(Ref(Upload, (stored.value.import_id,)))


def read_again(deps: Deps, stored: Stored[Upload]) -> Stored[Upload]:
    return deps.store.get(Upload, stored.value.import_id) or stored


def _refused(upload: Upload, refusal: Refusal, now: datetime) -> Upload:
    where = f"row {refusal.row}: " if refusal.row else ""
    return replace(upload, state=UploadState.REFUSED, reason=f"{where}{refusal.reason}", finished_at=now)


def _finished(upload: Upload, now: datetime) -> Upload:
    seconds = round((now - upload.started_at).total_seconds(), 3)
    return replace(upload, state=UploadState.FINISHED, finished_at=now, seconds=seconds)
