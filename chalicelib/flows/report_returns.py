"""The returns report: made from the read model's facts, kept as of its moment, read by everybody as a snapshot.

HTTP never computes it: numpy and what grows with history stay in the report function."""

import json
from typing import Any

from chalicelib.records.campaign import Campaign
from chalicelib.records.ports import Conflict, Deps, Put
from chalicelib.records.report_asked import ReportAsked
from chalicelib.records.spend import Spend

TOPIC = "reports"
REPORT = "returns"
_LATEST = "reports/returns.json"


def request_report(deps: Deps) -> None:
    deps.queue.send(TOPIC, {"report": REPORT})
    deps.wake()


def begin_report(deps: Deps) -> None:
    """Note that what was asked for is begun: from now on a change has to ask anew."""
    while True:
        stored = deps.store.get(ReportAsked, REPORT)
        try:
            deps.store.commit([Put(ReportAsked(REPORT), stored.version if stored else 0)])
        except Conflict:
            continue
        return


def make_report(deps: Deps, base_currency: str) -> dict[str, Any]:
    """Compute the report from the facts as they are now and keep it."""
    from chalicelib.attribute.returns import as_json, returns

    report = returns(
        deps.model.touches(),
        deps.model.wins(),
        [stored.value for stored in deps.store.query(Spend)],
        deps.model.lead_campaigns(),
        # Not the directory's, which may lack the newest: its leads would stand as unattributed until the next change.
        [stored.value for stored in deps.store.query(Campaign)],
        as_of=deps.clock(),
        base_currency=base_currency,
    )
    shown = as_json(report)
    deps.blobs.put(_LATEST, json.dumps(shown, ensure_ascii=False).encode())
    return shown


def read_report(deps: Deps) -> dict[str, Any] | None:
    """The latest snapshot, or None before the first."""
    body = deps.blobs.get(_LATEST)
    return json.loads(body) if body else None
