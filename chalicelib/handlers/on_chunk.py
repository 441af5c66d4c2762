"""The rows of an upload, a chunk a message. A message that comes again changes nothing."""

import logging
from collections.abc import Sequence

from chalicelib.flows.dead_letters import note_failure
from chalicelib.flows.upload_chunks import CHUNKS, place_chunk
from chalicelib.handlers.batches import kind_of
from chalicelib.handlers.on_upload import last_chance
from chalicelib.records.deliveries import Delivery
from chalicelib.records.ports import Deps

log = logging.getLogger("leadline")


def on_chunk(deps: Deps, deliveries: Sequence[Delivery]) -> list[str]:
    """Place these chunks; the receipts of those that have to come again."""
    failed = []
    for delivery in deliveries:
        import_id = str(delivery.body.get("import_id", ""))
        try:
            last_chance(deps, delivery, import_id)
            place_chunk(deps, import_id, int(delivery.body["chunk"]), again=delivery.attempt > 1)
        except Exception as error:
            log.error("chunk of upload %s failed: %s", import_id, type(error).__name__)
            note_failure(deps, CHUNKS, delivery.message_id, delivery.attempt, f"it could not be done: {kind_of(error)}")
            failed.append(delivery.receipt)
    return failed
