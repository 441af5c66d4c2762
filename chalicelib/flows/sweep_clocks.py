"""What the clock finds in the due index: mail to send, answers that are late. And the feed's quick look ahead."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

from chalicelib.flows.erase_person import finish_erasure
from chalicelib.flows.escalate import escalate_request
from chalicelib.flows.hold_service import held
from chalicelib.flows.keep_audit import acting
from chalicelib.flows.keep_journal import note_sent
from chalicelib.flows.keep_promises import mind_promise
from chalicelib.flows.merge_people import work_on_merge
from chalicelib.flows.send_due import send_message
from chalicelib.flows.upload_chunks import take_up
from chalicelib.follow_up.messages import is_bulk
from chalicelib.records.audit import RULES
from chalicelib.records.changes import Due
from chalicelib.records.erasure import Erasure
from chalicelib.records.merge import Merge
from chalicelib.records.message import Message, MessageState
from chalicelib.records.ports import Deps, Ref
from chalicelib.records.promise import Promise
from chalicelib.records.touch import Request
from chalicelib.records.upload import Upload

ACTIONS: dict[type, Callable[[Deps, Ref[Any]], Any]] = {
    Request: escalate_request,
    Upload: take_up,
    Promise: mind_promise,
    Message: send_message,
    Merge: work_on_merge,
    Erasure: finish_erasure,
}
# What the clock changes of somebody's work: the audit trail says so.
_CHANGES = frozenset({Request, Promise})
_NOTHING = "nothing to do"
# So many mails that are due are looked through for the ones that people wait for.
LOOK_AHEAD = 3_000


@dataclass(frozen=True, slots=True)
class Swept:
    """How many entries were acted on, and which failed with what kind of error (ids only, for the log). `complete`:
    nothing was left for want of time."""

    done: int
    failed: tuple[tuple[str, str], ...]
    complete: bool = True


# Asked between two pieces of work: may wait a moment to let others go first, and says whether to stop.
Pause = Callable[[], bool]


def never() -> bool:
    return False


def sweep(deps: Deps, limit: int = 500, pause: Pause = never, most: int = 1_000_000) -> Swept:
    """Act on what is due until nothing is left, at most `most` entries; the late answers before the mail.

    One bad record holds up nobody else: it is passed over and stays due, as does what a pause leaves. A service that
    is held after a restore does nothing."""
    if held(deps):
        return Swept(0, ())
    round_ = _Round(deps)
    for kind in ACTIONS:
        while round_.done < most and (page := _page(deps, kind, min(limit, most), round_.failed)):
            for due in page:
                if round_.done >= most or pause():
                    return round_.ended(complete=False)
                round_.act(due.ref)
    return round_.ended(complete=round_.done < most)


def _page(deps: Deps, kind: type, limit: int, failed: dict[tuple[str, ...], str]) -> list[Due]:
    """What is due and has not failed in this sweep; asks for more by as many as are in the way. Where mail has piled
    up, what people wait for comes before what goes to whole lists."""
    asked = limit + len(failed)
    found = deps.store.due(deps.clock(), asked, kind)
    if kind is Message and len(found) == asked:
        found = sorted(deps.store.due(deps.clock(), asked + LOOK_AHEAD, kind), key=lambda due: is_bulk(due.ref.ids[-1]))
    return [due for due in found if due.ref.ids not in failed][:limit]


@dataclass(slots=True)
class _Round:
    """What was acted on, what failed and why, and which mails left: the journal is told of those once, at the end."""

    deps: Deps
    done: int = 0
    failed: dict[tuple[str, ...], str] = field(default_factory=dict)
    sent: list[Ref[Any]] = field(default_factory=list)

    def act(self, ref: Ref[Any]) -> None:
        try:
            with acting(self.deps, RULES) if ref.kind in _CHANGES else nullcontext():
                outcome = ACTIONS[ref.kind](self.deps, ref)
        except Exception as error:
            self.failed[ref.ids] = type(error).__name__
            return
        if outcome is None:
            self.failed[ref.ids] = _NOTHING
            return
        self.done += 1
        if outcome is MessageState.SENT:
            self.sent.append(ref)

    def ended(self, complete: bool = True) -> Swept:
        try:
            if self.sent:
                note_sent(self.deps, self.sent)
        except Exception as error:
            # They have left all the same; after a restore they would count as unsure.
            self.failed["journal",] = type(error).__name__
        failed = tuple(("/".join(ids), why) for ids, why in self.failed.items() if why != _NOTHING)
        return Swept(self.done, failed, complete)


def send_at_once(deps: Deps, refs: list[Ref[Any]], pause: Pause = never) -> Swept:
    """The change feed's part: rows just written that are due now are sent now."""
    round_ = _Round(deps)
    for ref in refs if refs and not held(deps) else ():
        if not pause():
            round_.act(ref)
    return round_.ended()
