"""What is counted from the read model once in a while, so that the capture path need not ask it."""

from contextlib import suppress
from datetime import timedelta

from chalicelib.assign.choose import UNASSIGNED
from chalicelib.flows.hand_over import hand_over
from chalicelib.flows.keep_audit import acting
from chalicelib.records.audit import RULES
from chalicelib.records.house import OPEN_LEADS, Workload
from chalicelib.records.ports import Conflict, Deps, Put


def count_workload(deps: Deps) -> Workload:
    """Write down how many open leads each person owns, where that has changed. The count is the read model's, as far
    as the feed has been read; whoever writes at the same time has counted the same."""
    stored = deps.store.get(Workload, OPEN_LEADS)
    leads = dict(sorted(deps.model.open_by_owner().items()))
    if stored and stored.value.leads == leads:
        return stored.value
    counted = Workload(OPEN_LEADS, leads, deps.clock())
    with suppress(Conflict):
        deps.store.commit([Put(counted, stored.version if stored else 0)])
    return counted


# A request that has just become late is being taken to somebody else, and the read model is some moments old.
PATIENCE = timedelta(minutes=15)


def count_unanswered(deps: Deps) -> int:
    """How many requests have been past their limit for a while although the clock runs: all have been asked already,
    or one of them cannot be taken further."""
    return deps.model.unanswered(deps.clock() - PATIENCE)


def move_forgotten(deps: Deps) -> int:
    """Hand over what somebody who is inactive still owns: a lead that came in while they were leaving, or that the
    read model did not show yet. How many such people there were."""
    owners = [owner for owner in deps.model.open_by_owner() if owner not in ("", UNASSIGNED)]
    gone = [owner for owner in owners if not _active(deps, owner)]
    for owner in gone:
        with acting(deps, RULES):
            hand_over(deps, owner)
    return len(gone)


def _active(deps: Deps, rep_id: str) -> bool:
    rep = deps.directory.rep(rep_id)
    # Somebody nobody has heard of may be new: only who is known to have left is taken from.
    return rep is None or rep.active
