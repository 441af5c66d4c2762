"""The audit trail is written by the store itself: whoever acts is named around the action, and every transaction made
meanwhile says in a record of its own what it changed, all or nothing with the change. No flow has to think of it, and
none can forget it. What nobody is named for (visitors' submissions, the sending of mail, the loading of lists) costs
nothing."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.flows.audit_steps import NOTED, step_of, whose
from chalicelib.records.audit import EXPORT, Audit, Change, Step
from chalicelib.records.ports import Conflict, Deps, Put, Ref, Store, Write


@dataclass(frozen=True, slots=True)
class _Actor:
    by: str
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    keep: timedelta

    def audit(self, lead_id: str, steps: tuple[Step, ...]) -> Audit:
        now = self.clock()
        return Audit(lead_id, self.new_id(), now, self.by, steps, now + self.keep)


_acting: ContextVar[_Actor | None] = ContextVar("acting", default=None)


class acting(AbstractContextManager[None]):  # noqa: N801
    """Whatever is written until the end was done by that person, program or rule (`Audit.by`).

    No generator: that one writes on the exceptions that pass it, and ours cannot be written on."""

    def __init__(self, deps: Deps, by: str) -> None:
        self._actor = _Actor(by, deps.clock, deps.new_id, deps.keep_audit)

    def __enter__(self) -> None:
        self._token = _acting.set(self._actor)

    def __exit__(self, *_raised: object) -> None:
        _acting.reset(self._token)


class AuditedStore:
    """The Store port over another store: the same, and while somebody acts each transaction gets its audit record.

    The values before are read just then; where another wrote in between, the transaction's own condition fails, and the
    audit with it."""

    def __init__(self, store: Store, ids_of: Callable[[Any], Ref[Any]]) -> None:
        self._store, self._ref_of = store, ids_of
        self.get, self.get_many, self.query, self.page = store.get, store.get_many, store.query, store.page
        self.everything_of, self.refs_of, self.part = store.everything_of, store.refs_of, store.part
        self.forget, self.purge, self.due, self.counts = store.forget, store.purge, store.due, store.counts

    def commit(self, writes: Sequence[Write]) -> None:
        self._store.commit(self._audited([writes])[0])

    def commit_each(self, groups: Sequence[Sequence[Write]]) -> list[Conflict | None]:
        return self._store.commit_each(self._audited(groups))

    def _audited(self, groups: Sequence[Sequence[Write]]) -> Sequence[Sequence[Write]]:
        actor = _acting.get()
        if actor is None:
            return groups
        noted = [[(self._named(write), write) for write in group] for group in groups]
        noted = [[(ref, write) for ref, write in group if ref.kind in NOTED] for group in noted]
        before = self._before([pair for group in noted for pair in group])
        return [[*group, *_audit(actor, pairs, before)] for group, pairs in zip(groups, noted, strict=True)]

    def _named(self, write: Write) -> Ref[Any]:
        return self._ref_of(write.record) if isinstance(write, Put) else write.ref

    def _before(self, pairs: Sequence[tuple[Ref[Any], Write]]) -> dict[Ref[Any], Any]:
        refs = list(dict.fromkeys(ref for ref, write in pairs if write.if_version != 0))
        stored = self._store.get_many(refs) if refs else []
        return {ref: one.value for ref, one in zip(refs, stored, strict=True) if one}


def _audit(actor: _Actor, pairs: Sequence[tuple[Ref[Any], Write]], before: dict[Ref[Any], Any]) -> list[Put]:
    """The record about one transaction; none where it changed nothing that is noted."""
    found: list[tuple[str, Step]] = []
    for ref, write in pairs:
        record, was = write.record if isinstance(write, Put) else None, before.get(ref)
        if step := step_of(ref, was, record):
            found.append((whose(record or was), step))
    if not found:
        return []
    order = [kind.__name__ for kind in NOTED]
    found.sort(key=lambda pair: order.index(pair[1].kind))
    lead_id = next((lead_id for lead_id, _ in found if lead_id), "")
    return [Put(actor.audit(lead_id, tuple(step for _, step in found)), if_version=0)]


def note_export(deps: Deps, by: str, file_name: str, **what: str) -> None:
    """That somebody has taken a file out of the house: which, and how much. Before it is handed out."""
    changes = tuple(Change(name, "", value) for name, value in what.items() if value)
    actor = _Actor(by, deps.clock, deps.new_id, deps.keep_audit)
    deps.store.commit([Put(actor.audit("", (Step(EXPORT, (file_name,), "seen", changes),)), if_version=0)])
    deps.wake()


def forget_values(deps: Deps, lead_id: str) -> int:
    """Of somebody who is erased the trail keeps who did what and when, and no value; how many records were changed."""
    stored = [one for one in deps.store.query(Audit, lead_id) if any(step.changes for step in one.value.steps)]
    bare = [(one, tuple(replace(step, changes=()) for step in one.value.steps)) for one in stored]
    deps.store.commit_each([[Put(replace(one.value, steps=steps), one.version)] for one, steps in bare])
    return len(bare)
