"""Of what is sent to no intake nothing is kept but how many there were: a form with a wrong id is noticed by it."""

from contextlib import suppress
from datetime import timedelta

from chalicelib.flows.until_written import write_or_leave
from chalicelib.records.intake import NotTakenIn
from chalicelib.records.ports import Deps, Ref, StoreUnavailable

DAYS_SHOWN = timedelta(days=30)


def count_refused(deps: Deps) -> None:
    """One more today. It is a figure for people to notice, not an account: where the store is not there, or many come
    in the same moment, one may be missing."""
    today = deps.clock().date()
    with suppress(StoreUnavailable):
        write_or_leave(
            deps, Ref(NotTakenIn, (today.isoformat(),)), lambda was: NotTakenIn(today, (was.count if was else 0) + 1)
        )


def refused_lately(deps: Deps) -> int:
    """How many in the last thirty days."""
    first = (deps.clock() - DAYS_SHOWN).date()
    return sum(stored.value.count for stored in deps.store.query(NotTakenIn) if stored.value.day > first)
