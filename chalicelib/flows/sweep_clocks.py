"""What the clock finds in the due index: mail to send, answers that are late. And the feed's quick look ahead."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chalicelib.flows.escalate import escalate_request
from chalicelib.flows.send_due import send_message
from chalicelib.records.message import Message
from chalicelib.records.ports import Deps, Due, Ref
from chalicelib.records.touch import Request

ACTIONS: dict[type, Callable[[Deps, Ref[Any]], Any]] = {Message: send_message, Request: escalate_request}


@dataclass(frozen=True, slots=True)
class Swept:
    """How many entries were acted on, and which failed with what kind of error (ids only, for the log)."""

    done: int
    failed: tuple[tuple[str, str], ...]


# Asked between two pieces of work: may wait a moment to let others go first, and says whether to stop.
Pause = Callable[[], bool]


def never() -> bool:
    return False


def sweep(deps: Deps, limit: int = 500, pause: Pause = never) -> Swept:
    """Act on all that is due, page by page until empty. One bad record holds up nobody else; what a pause leaves
    stays due."""
    done = 0
    failed: dict[tuple[str, ...], str] = {}
    while page := [due for due in deps.store.due(deps.clock(), limit) if due.ref.ids not in failed]:
        before = done
        for due in page:
            if pause():
                return Swept(done, _listed(failed))
            done += _act(deps, due, failed)
        if done == before:
            break
    return Swept(done, _listed(failed))


def _act(deps: Deps, due: Due, failed: dict[tuple[str, ...], str]) -> int:
    action = ACTIONS.get(due.ref.kind)
    try:
        if action is not None and action(deps, due.ref) is not None:
            return 1
        failed[due.ref.ids] = "nothing to do"
    except Exception as error:
        # Everything else that is due must still go; the entry stays in the index and is tried again.
        failed[due.ref.ids] = type(error).__name__
    return 0


def _listed(failed: dict[tuple[str, ...], str]) -> tuple[tuple[str, str], ...]:
    return tuple(("/".join(ids), why) for ids, why in failed.items() if why != "nothing to do")


def send_at_once(deps: Deps, refs: list[Ref[Any]], pause: Pause = never) -> int:
    """The change feed's part: rows just written that are due now are sent now."""
    return sum(not pause() and send_message(deps, ref) is not None for ref in refs)
