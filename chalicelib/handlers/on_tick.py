"""The clock: each minute on AWS, each second embedded."""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from chalicelib.flows.forget_expired import forget_expired, forget_expired_hourly
from chalicelib.flows.hand_over import assign_waiting
from chalicelib.flows.hold_service import held
from chalicelib.flows.keep_counts import count_workload, move_forgotten
from chalicelib.flows.plan_seminar import move_up_waiting, tell_changes
from chalicelib.flows.reconcile import reconcile
from chalicelib.flows.replay_door import replay_door
from chalicelib.flows.sweep_clocks import Pause, Swept, never, sweep
from chalicelib.records.ports import Deps

log = logging.getLogger("leadline")


def on_tick(deps: Deps, pause: Pause = never, most: int = 1_000_000, look_first: bool = False) -> Swept:
    """`look_first` where each look is paid for: one over all kinds, and only where something is due those of each."""
    at_work = () if held(deps) else (tell_changes, move_up_waiting, assign_waiting)
    _each(deps, (lambda deps: replay_door(deps, pause), *at_work, forget_expired_hourly), pause)
    if look_first and not deps.store.due(deps.clock(), limit=1):
        return Swept(0, ())
    if look_first:
        _each(deps, (forget_expired,), pause)
    swept = sweep(deps, pause=pause, most=most)
    for ids, why in swept.failed:
        log.warning("due entry %s failed: %s", ids, why)
    return swept


def keep_house(deps: Deps, pause: Pause = never) -> None:
    """What an engine of many processes needs once a minute: a tidy read model, the counts that assigning reads, and
    nobody left with somebody who has gone. Before the sweep, which may need all the time there is."""
    at_work = () if held(deps) else (move_forgotten,)
    _each(deps, (_compact, count_workload, *at_work), pause)


def make_up_for_the_feed(deps: Deps, pause: Pause = never) -> int:
    """Once a minute on every engine, after the mail: what the feed has lost, or has not told while it stands still."""
    mended = reconcile(deps, pause)
    if mended:
        log.info("%s records were not shown as they are stored", mended)
    return mended


def _each(deps: Deps, works: Iterable[Callable[[Deps], Any]], pause: Pause) -> None:
    """Each on its own: one that fails holds up none of the others."""
    for work in works:
        if pause():
            return
        try:
            work(deps)
        except Exception as error:
            log.error("%s failed: %s", work.__name__, type(error).__name__)


def _compact(deps: Deps) -> None:
    deps.model.compact()
