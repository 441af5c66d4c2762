"""Read a record, decide, write: anew when somebody else wrote meanwhile."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from chalicelib.records.ports import Conflict, Deps, NotFound, Put, Ref, Stored, Write

R = TypeVar("R")
T = TypeVar("T")
_ATTEMPTS = 4


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


def write_or_leave(deps: Deps, ref: Ref[R], change: Callable[[R | None], R | None]) -> None:
    """What `change` makes of the record, or of none, is written; nothing where it makes None, nor where others keep
    writing: for what may be missing once in a while."""
    for _ in range(_ATTEMPTS):
        stored: Stored[Any] | None = deps.store.get(ref.kind, *ref.ids)
        made = change(stored.value if stored else None)
        if made is None:
            return
        try:
            deps.store.commit([Put(made, stored.version if stored else 0)])
        except Conflict:
            continue
        return
