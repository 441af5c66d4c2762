"""What becomes of a promise: made, kept, broken, withdrawn; and where two of ours contradict each other.

    open --kept------> kept        (in time, or late)
      |  --withdrawn-> withdrawn   (with the reason)
      |  --day over--> broken --kept--> kept, late
    kept, withdrawn --reopen--> open (the undo of a wrong tap)

Values in, values out. A step the picture does not show raises ValueError."""

import json
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from chalicelib.records.promise import Promise, PromiseState

NOT_SAID = "nobody said by the end of the day that it was kept"


@cache
def subjects() -> tuple[str, ...]:
    """What promises are mostly about: one word for one thing, so that two of them can be seen to differ."""
    data = json.loads((Path(__file__).parent.parent / "data" / "promise_subjects.json").read_text("utf-8"))
    return tuple(data["subjects"])


def due_at(due_on: date, zone: str) -> datetime:
    """The end of that day in the zone, as UTC."""
    return datetime.combine(due_on + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(ZoneInfo("UTC"))


def kept(promise: Promise, by: str, now: datetime) -> Promise:
    _check(promise, "kept", PromiseState.OPEN, PromiseState.BROKEN)
    return _settled(promise, PromiseState.KEPT, by, "", now)


def withdrawn(promise: Promise, by: str, reason: str, now: datetime) -> Promise:
    """Taken back, before or after its day; the customer has been told, so a reason is needed."""
    _check(promise, "withdrawn", PromiseState.OPEN, PromiseState.BROKEN)
    if not reason:
        raise ValueError(f"promise {promise.promise_id} cannot be withdrawn without a reason")
    return _settled(promise, PromiseState.WITHDRAWN, by, reason, now)


def broken(promise: Promise, now: datetime) -> Promise:
    """Its day is over and nobody has said that it was kept."""
    _check(promise, "broken", PromiseState.OPEN)
    if now < promise.due_at:
        raise ValueError(f"promise {promise.promise_id} can be kept until {promise.due_at}")
    return _settled(promise, PromiseState.BROKEN, "", NOT_SAID, now)


def reopened(promise: Promise) -> Promise:
    """As if it had not been settled; when its day is over the clock calls it broken anew."""
    _check(promise, "reopened", PromiseState.KEPT, PromiseState.WITHDRAWN)
    return replace(promise, state=PromiseState.OPEN, settled_at=None, settled_by="", reason="")


def reminded(promise: Promise) -> Promise:
    _check(promise, "reminded", PromiseState.OPEN)
    return replace(promise, remind_at=None)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Promises of different people to one customer about one subject that do not say the same, by when they were
    made."""

    customer: str
    subject: str
    promises: tuple[Promise, ...]


def contradictions(promises: Iterable[Promise]) -> list[Contradiction]:
    """Where what was promised differs: in its words, or in its day. What was withdrawn contradicts nothing."""
    groups: dict[tuple[str, str], list[Promise]] = {}
    for promise in promises:
        if promise.state is not PromiseState.WITHDRAWN:
            groups.setdefault((promise.customer, folded(promise.subject)), []).append(promise)
    found = []
    for (customer, _), group in groups.items():
        if len({p.promised_by for p in group}) > 1 and len({(folded(p.text), p.due_on) for p in group}) > 1:
            ordered = tuple(sorted(group, key=lambda p: (p.made_at, p.promise_id)))
            found.append(Contradiction(customer, ordered[0].subject, ordered))
    return found


def folded(text: str) -> str:
    """Letters and digits alone, without case and width: a comma makes no other promise."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def _settled(promise: Promise, state: PromiseState, by: str, reason: str, now: datetime) -> Promise:
    return replace(promise, state=state, settled_at=now, settled_by=by, reason=reason, remind_at=None)


def _check(promise: Promise, step: str, *allowed: PromiseState) -> None:
    if promise.state not in allowed:
        raise ValueError(f"promise {promise.promise_id} is {promise.state} and cannot be {step}")
