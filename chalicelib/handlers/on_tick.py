"""The clock: each minute on AWS, each second embedded."""

import logging
from collections.abc import Callable

from chalicelib.flows.sweep_clocks import Swept, sweep
from chalicelib.records.ports import Deps

log = logging.getLogger("leadline")


def on_tick(deps: Deps, pause: Callable[[], bool] = lambda: False) -> Swept:
    swept = sweep(deps, pause=pause)
    for ids, why in swept.failed:
        log.warning("due entry %s failed: %s", ids, why)
    return swept
