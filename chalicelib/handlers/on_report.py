"""Reports from the queue: the only handler that imports numpy."""

import logging
from collections.abc import Sequence

from chalicelib.flows.dead_letters import note_failure
from chalicelib.flows.report_returns import TOPIC, begin_report, make_report
from chalicelib.handlers.batches import kind_of
from chalicelib.records.deliveries import Delivery
from chalicelib.records.ports import Deps

log = logging.getLogger("leadline")


def on_report(deps: Deps, base_currency: str) -> bool:
    """Make the report once however often it was asked for meanwhile; whether it was made."""
    waiting = deps.queue.receive(TOPIC, limit=100)
    if not waiting:
        return False
    try:
        answer_all(deps, waiting, base_currency)
    except Exception as error:
        log.error("the returns report failed: %s", type(error).__name__)
        for delivery in waiting:
            note_failure(deps, TOPIC, delivery.message_id, delivery.attempt, f"it could not be done: {kind_of(error)}")
        return False
    for delivery in waiting:
        deps.queue.done(TOPIC, delivery.receipt)
    return True


def answer_all(deps: Deps, deliveries: Sequence[Delivery], base_currency: str) -> list[str]:
    """One report answers all who asked until it was begun. Begun first, then read: who changes something from here on
    asks anew. Raises what went wrong: then all of them come again."""
    begin_report(deps)
    make_report(deps, base_currency)
    log.info("the returns report was made for %s requests", len(deliveries))
    return []
