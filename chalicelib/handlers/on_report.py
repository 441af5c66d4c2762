"""Reports from the queue: the only handler that imports numpy."""

import logging

from chalicelib.flows.report_returns import TOPIC, make_report
from chalicelib.records.ports import Deps

log = logging.getLogger("leadline")


def on_report(deps: Deps, base_currency: str) -> bool:
    """Make the report once however often it was asked for meanwhile; whether it was made."""
    waiting = deps.queue.receive(TOPIC, limit=100)
    if not waiting:
        return False
    try:
        make_report(deps, base_currency)
    except Exception as error:
        log.error("the returns report failed: %s", type(error).__name__)
        return False
    for delivery in waiting:
        deps.queue.done(TOPIC, delivery.receipt)
    return True
