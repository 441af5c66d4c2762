"""The change feed: routes what changed to whoever reacts; each reaction has its own cursor."""

from chalicelib.flows.follow_feed import feed_index, feed_outbox, feed_reports
from chalicelib.flows.report_returns import request_report
from chalicelib.flows.sweep_clocks import Pause, never
from chalicelib.records.ports import Deps


def bring_index_up_to_date(deps: Deps, pause: Pause = never) -> int:
    """Until nothing is left; how many changes there were."""
    total = 0
    while not pause() and (count := feed_index(deps)):
        total += count
    return total


def send_what_is_fresh(deps: Deps, pause: Pause = never) -> int:
    return feed_outbox(deps, pause=pause)


def renew_reports(deps: Deps) -> bool:
    """Queue a new report when anything it is made of has changed."""
    return feed_reports(deps, request_report)
