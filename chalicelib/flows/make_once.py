"""The same request of a program, sent again because its answer was lost, makes nothing twice."""

from chalicelib.flows.submission import TokenReused
from chalicelib.records.made_once import MadeOnce
from chalicelib.records.ports import Conflict, Deps, Put, Stored


def id_to_make(deps: Deps, token: str, body: str) -> str:
    """The id of what is made of this request, the same each time it comes. Raises TokenReused for another body."""
    stored = deps.store.get(MadeOnce, token) or _noted(deps, MadeOnce(token, body, deps.new_id(), deps.clock()))
    _check_same(stored, body)
    return stored.value.made_id


def was_asked(deps: Deps, token: str, body: str) -> bool:
    """Raises TokenReused for another body."""
    stored = deps.store.get(MadeOnce, token)
    if stored:
        _check_same(stored, body)
    return stored is not None


def _check_same(stored: Stored[MadeOnce], body: str) -> None:
    if stored.value.body != body:
        raise TokenReused


def _noted(deps: Deps, fresh: MadeOnce) -> Stored[MadeOnce]:
    try:
        deps.store.commit([Put(fresh, 0)])
    except Conflict:
        # The same one at the same time.
        stored = deps.store.get(MadeOnce, fresh.token)
        if stored is None:
            raise
        return stored
    return Stored(fresh, 1)
