"""What the clock finds in the due index: mail to send, answers that are late. And the feed's quick look ahead."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chalicelib.flows.escalate import escalate_request
from chalicelib.flows.send_due import send_message
from chalicelib.records.message import Message
from chalicelib.records.ports import Deps, Due, Ref
from chalicelib.records.touch import Request

ACTIONS: dict[type, Callable[[Deps, Ref[Any]], Any]] = {Request: escalate_request, Message: send_message}
_NOTHING = "nothing to do"


@dataclass(frozen=True, slots=True)
class Swept:
    """How many entries were acted on, and which failed with what kind of error (ids only, for the log)."""

    done: int
    failed: tuple[tuple[str, str], ...]


# Asked between two pieces of work: may wait a moment to let others go first, and says whether to stop.
Pause = Callable[[], bool]


def never() -> bool:
    return False


def sweep(deps: Deps, limit: int = 500, pause: Pause = never, most: int = 1_000_000) -> Swept:
    """Act on what is due until nothing is left, at most `most` entries; the late answers before the mail.

    One bad record holds up nobody else: it is passed over and stays due, as does what a pause leaves."""
    failed: dict[tuple[str, ...], str] = {}
    done = 0
    for kind in ACTIONS:
        while done < most and (page := _page(deps, kind, limit, failed)):
            for due in page:
                if done >= most or pause():
                    return Swept(done, _listed(failed))
                done += _act(deps, due.ref, failed)
    return Swept(done, _listed(failed))


def _page(deps: Deps, kind: type, limit: int, failed: dict[tuple[str, ...], str]) -> list[Due]:
    """What is due and has not failed in this sweep; asks for more by as many as are in the way."""
    found = deps.store.due(deps.clock(), limit + len(failed), kind)
    return [due for due in found if due.ref.ids not in failed]


def _act(deps: Deps, ref: Ref[Any], failed: dict[tuple[str, ...], str]) -> int:
    try:
        if ACTIONS[ref.kind](deps, ref) is not None:
            return 1
        failed[ref.ids] = _NOTHING
    except Exception as error:
        failed[ref.ids] = type(error).__name__
    return 0


def _listed(failed: dict[tuple[str, ...], str]) -> tuple[tuple[str, str], ...]:
    return tuple(("/".join(ids), why) for ids, why in failed.items() if why != _NOTHING)


def send_at_once(deps: Deps, refs: list[Ref[Any]], pause: Pause = never) -> Swept:
    """The change feed's part: rows just written that are due now are sent now."""
    failed: dict[tuple[str, ...], str] = {}
    done = sum(not pause() and _act(deps, ref, failed) for ref in refs)
    return Swept(done, _listed(failed))
