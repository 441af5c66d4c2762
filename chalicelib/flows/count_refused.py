"""Of what is sent to no intake nothing is kept but how many there were: a form with a wrong id is noticed by it."""

from datetime import timedelta

from chalicelib.records.intake import NotTakenIn
from chalicelib.records.ports import Conflict, Deps, Put, StoreUnavailable

DAYS_SHOWN = timedelta(days=30)
_ATTEMPTS = 4


def count_refused(deps: Deps) -> None:
    """One more today. It is a figure for people to notice, not an account: where the store is not there, or many come
    in the same moment, one may be missing."""
    today = deps.clock().date()
    for _ in range(_ATTEMPTS):
        try:
            stored = deps.store.get(NotTakenIn, today.isoformat())
            count = stored.value.count if stored else 0
            deps.store.commit([Put(NotTakenIn(today, count + 1), stored.version if stored else 0)])
        except Conflict:
            continue
        except StoreUnavailable:
            pass
        return


def refused_lately(deps: Deps) -> int:
    """How many in the last thirty days."""
    first = (deps.clock() - DAYS_SHOWN).date()
    return sum(stored.value.count for stored in deps.store.query(NotTakenIn) if stored.value.day > first)
