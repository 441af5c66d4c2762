"""Uploads from the queue: one at a time, taken up again where a crash left them."""

import logging

from chalicelib.flows.upload_list import TOPIC, fail_upload, run_upload
from chalicelib.records.ports import Delivery, Deps

log = logging.getLogger("leadline")

# As often as the queue gives a message before it is given up.
ATTEMPTS = 5
GIVEN_UP = "loading was broken off each time it was tried"


def on_upload(deps: Deps) -> int:
    """Run the uploads that wait; how many were brought to their end."""
    done = 0
    for delivery in deps.queue.receive(TOPIC, limit=1):
        import_id = str(delivery.body.get("import_id", ""))
        if delivery.attempt > ATTEMPTS:
            _give_up(deps, delivery, import_id)
            continue
        try:
            run_upload(deps, import_id)
        except Exception as error:
            # Left in the queue: it comes again after the visibility timeout.
            log.error("upload %s failed: %s", import_id, type(error).__name__)
            continue
        deps.queue.done(TOPIC, delivery.receipt)
        done += 1
    return done


def _give_up(deps: Deps, delivery: Delivery, import_id: str) -> None:
    """What broke the process each time would break it for ever: the page says so, a person decides."""
    log.error("upload %s is given up after %s attempts", import_id, ATTEMPTS)
    fail_upload(deps, import_id, GIVEN_UP)
    deps.queue.done(TOPIC, delivery.receipt)
