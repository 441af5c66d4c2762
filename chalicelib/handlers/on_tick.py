"""The clock: each minute on AWS, each second embedded."""

import logging

from chalicelib.flows.plan_seminar import tell_changes
from chalicelib.flows.sweep_clocks import Pause, Swept, never, sweep
from chalicelib.records.ports import Deps

log = logging.getLogger("leadline")


def on_tick(deps: Deps, pause: Pause = never, most: int = 1_000_000) -> Swept:
    tell_changes(deps)
    swept = sweep(deps, pause=pause, most=most)
    for ids, why in swept.failed:
        log.warning("due entry %s failed: %s", ids, why)
    return swept
