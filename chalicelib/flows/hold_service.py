"""The held start after a restore: whether it holds, and who lets go."""

from dataclasses import replace
from datetime import datetime

from chalicelib.records.hold import RESTORE, Hold
from chalicelib.records.ports import Deps, NotFound, Put


def held(deps: Deps) -> Hold | None:
    """The hold that is in force. Everything that sends or that time sets off asks first."""
    stored = deps.store.get(Hold, RESTORE)
    return stored.value if stored and stored.value.released_at is None else None


def hold(deps: Deps, made_at: datetime | None) -> None:
    """From now on nothing is sent and no clock fires; whatever was held before is begun anew."""
    deps.store.commit([Put(Hold(RESTORE, deps.clock(), made_at))])


def tell_difference(deps: Deps, difference: dict[str, int]) -> Hold:
    """Write down what the restore found, for whoever is to release it. Raises NotFound where nothing is held."""
    stored = deps.store.get(Hold, RESTORE)
    if stored is None:
        raise NotFound
    told = replace(stored.value, difference=difference)
    deps.store.commit([Put(told, stored.version)])
    return told


def release(deps: Deps, by: str) -> Hold:
    """Let the service go on; what is due is due now. Released twice changes nothing. Raises NotFound."""
    stored = deps.store.get(Hold, RESTORE)
    if stored is None:
        raise NotFound
    if stored.value.released_at is not None:
        return stored.value
    released = replace(stored.value, released_at=deps.clock(), released_by=by)
    deps.store.commit([Put(released, stored.version)])
    deps.wake()
    return released
