"""Uploads from the queue: one at a time, taken up again where a crash left them."""

import logging

from chalicelib.flows.upload_list import TOPIC, run_upload
from chalicelib.records.ports import Deps

log = logging.getLogger("leadline")


def on_upload(deps: Deps) -> int:
    """Run the uploads that wait; how many were brought to their end."""
    done = 0
    for delivery in deps.queue.receive(TOPIC, limit=1):
        try:
            run_upload(deps, str(delivery.body["import_id"]))
        except Exception as error:
            # Left in the queue: it comes again after the visibility timeout.
            log.error("upload %s failed: %s", delivery.body.get("import_id"), type(error).__name__)
            continue
        deps.queue.done(TOPIC, delivery.receipt)
        done += 1
    return done
