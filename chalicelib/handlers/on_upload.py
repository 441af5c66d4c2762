"""Uploads from the queue. Embedded: one at a time, taken up again where a crash left them. On AWS: a file that arrived
is read and checked as a whole, then `on_chunk` places its rows."""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote_plus

from chalicelib.flows.dead_letters import note_failure
from chalicelib.flows.merge_people import work_on_merge
from chalicelib.flows.redo_upload import redo_upload
from chalicelib.flows.undo_upload import undo_upload
from chalicelib.flows.upload_chunks import begin_upload
from chalicelib.flows.upload_list import run_upload
from chalicelib.flows.upload_state import TOPIC, fail_upload, stored_upload
from chalicelib.handlers.batches import kind_of
from chalicelib.records.deliveries import Delivery
from chalicelib.records.merge import Merge
from chalicelib.records.ports import Deps, Ref
from chalicelib.records.queue_ports import ATTEMPTS
from chalicelib.records.upload import UploadState

log = logging.getLogger("leadline")

GIVEN_UP = "loading was broken off each time it was tried"


def on_upload(deps: Deps) -> int:
    """Run the uploads that wait; how many were brought to their end."""
    done = 0
    for delivery in deps.queue.receive(TOPIC, limit=1):
        import_id = str(delivery.body.get("import_id", ""))
        try:
            if _merged(deps, delivery):
                deps.queue.done(TOPIC, delivery.receipt)
                done += 1
                continue
            last_chance(deps, delivery, import_id)
            _run(deps, import_id)
        except Exception as error:
            # Left in the queue: it comes again after the visibility timeout.
            log.error("upload %s failed: %s", import_id, type(error).__name__)
            _noted(deps, delivery, error)
            continue
        deps.queue.done(TOPIC, delivery.receipt)
        done += 1
    return done


def _merged(deps: Deps, delivery: Delivery) -> bool:
    """Whether it is about two people to be made one, or parted, which is done now; what is cut off the clock goes on
    with."""
    lead_id = delivery.body.get("merge")
    if lead_id:
        work_on_merge(deps, Ref(Merge, (str(lead_id),)))
    return bool(lead_id)


def _run(deps: Deps, import_id: str) -> None:
    if not took_back(deps, import_id):
        run_upload(deps, import_id)


def took_back(deps: Deps, import_id: str) -> bool:
    """Whether it was to be taken back, or put back, which is done now. Raises LookupError."""
    state = stored_upload(deps, import_id).value.state
    if state is UploadState.UNDOING:
        undo_upload(deps, import_id)
    elif state is UploadState.REDOING:
        redo_upload(deps, import_id)
    return state in (UploadState.UNDOING, UploadState.REDOING)


def take_uploads(deps: Deps, deliveries: Sequence[Delivery], bucket: str) -> list[str]:
    """Begin the uploads of these messages, our own or those of `bucket`; the receipts of those that have to come again.
    The file is read from our own bucket, whatever a message says."""
    failed = []
    for delivery in deliveries:
        if _merged(deps, delivery):
            continue
        for import_id in import_ids(delivery.body, bucket):
            try:
                last_chance(deps, delivery, import_id)
                if not took_back(deps, import_id):
                    begin_upload(deps, import_id, again=delivery.attempt > 1)
            except LookupError:
                # A file nobody announced; its own message follows where the upload is only being noted.
                log.warning("no upload %s", import_id)
            except Exception as error:
                log.error("upload %s failed: %s", import_id, type(error).__name__)
                _noted(deps, delivery, error)
                failed.append(delivery.receipt)
    return list(dict.fromkeys(failed))


def _noted(deps: Deps, delivery: Delivery, error: Exception) -> None:
    why = f"it could not be done: {kind_of(error)}"
    note_failure(deps, TOPIC, delivery.message_id, delivery.attempt, why)


def last_chance(deps: Deps, delivery: Delivery, import_id: str) -> None:
    """At the last attempt the upload has failed until it is proven otherwise: nobody may be left to say so."""
    if delivery.attempt >= ATTEMPTS:
        fail_upload(deps, import_id, GIVEN_UP)


_SOURCE = re.compile(r"uploads/([A-Za-z0-9]{1,40})/source")


def import_ids(body: Mapping[str, Any], bucket: str) -> Iterator[str]:
    """Of our own {"import_id": …}, or of that bucket's notifications of files made at uploads/<id>/source, each once.
    The bucket's test message, other buckets, other keys and whatever else name none."""
    if "import_id" in body:
        yield str(body["import_id"])
    records = body.get("Records")
    found = [_of_record(record, bucket) for record in records] if isinstance(records, list) else []
    yield from dict.fromkeys(import_id for import_id in found if import_id)


def _of_record(record: Any, bucket: str) -> str:
    try:
        made = str(record["eventName"]).startswith(("ObjectCreated:", "s3:ObjectCreated:"))
        ours = record["s3"]["bucket"]["name"] == bucket
        key = unquote_plus(str(record["s3"]["object"]["key"]))
    except (KeyError, TypeError):
        log.warning("Passed by a message that is no notification of a file")
        return ""
    if not ours:
        log.warning("Passed by a notification of another bucket")
    match = _SOURCE.fullmatch(key) if made and ours else None
    return match[1] if match else ""
