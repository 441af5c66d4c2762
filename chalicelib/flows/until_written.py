"""Read a record, decide, write: anew when somebody else wrote meanwhile."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from chalicelib.records.ports import Conflict, Deps, NotFound, Ref, Stored, Write

R = TypeVar("R")
T = TypeVar("T")


def until_written(deps: Deps, ref: Ref[R], decide: Callable[[Stored[R]], tuple[T, Sequence[Write]]]) -> T:
    """What was decided, once its writes are in one transaction; nothing happens where there are none. `decide` is asked
    again for each new state of the record, and may raise. Raises NotFound."""
    while True:
        stored: Stored[Any] | None = deps.store.get(ref.kind, *ref.ids)
        if stored is None:
            raise NotFound
        decided, writes = decide(stored)
        if not writes:
            return decided
        try:
            deps.store.commit(writes)
        except Conflict:
            continue
        deps.wake()
        return decided
