"""The audit trail is written by the store itself: whoever acts is named around the action, and every transaction made
meanwhile says in a record of its own what it changed, all or nothing with the change. No flow has to think of it, and
none can forget it. What nobody is named for (visitors' submissions, the sending of mail, the loading of lists) costs
nothing.

The values before are read just then; where another wrote in between, the transaction's own condition fails, and its
audit with it."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from typing import Any

from chalicelib.flows.audit_steps import NOTED, step_of, whose
from chalicelib.flows.audited_store import AUDITOR, Groups
from chalicelib.records.api_key import ApiKey
from chalicelib.records.audit import EXPORT, KEY, Audit, Change, Step
from chalicelib.records.ports import Deps, Put, Ref, Store, Write
from chalicelib.records.rep import Rep

_ORDER = {kind.__name__: place for place, kind in enumerate(NOTED)}


class acting(AbstractContextManager[None]):  # noqa: N801
    """Whatever is written until the end was done by that person, program or rule (`Audit.by`).

    No generator: that one writes on the exceptions that pass it, and ours cannot be written on."""

    def __init__(self, deps: Deps, by: str) -> None:
        self._auditor = partial(_audited, deps, by)

    def __enter__(self) -> None:
        self._token = AUDITOR.set(self._auditor)

    def __exit__(self, *_raised: object) -> None:
        AUDITOR.reset(self._token)


def actor_of(who: Rep | ApiKey) -> str:
    """What the trail calls somebody who is signed in, or a program."""
    return who.rep_id if isinstance(who, Rep) else f"{KEY}{who.name}"


def _audited(deps: Deps, by: str, store: Store, ref_to: Callable[[Any], Ref[Any]], groups: Groups) -> Groups:
    """The transactions, each with its audit where it changes anything that is noted."""
    named = [[(ref_to(w.record) if isinstance(w, Put) else w.ref, w) for w in group] for group in groups]
    noted = [[(ref, write) for ref, write in group if ref.kind in NOTED] for group in named]
    refs = list(dict.fromkeys(ref for group in noted for ref, write in group if write.if_version != 0))
    stored = store.get_many(refs) if refs else []
    before = {ref: one.value for ref, one in zip(refs, stored, strict=True) if one}
    return [[*group, *_audit(deps, by, pairs, before)] for group, pairs in zip(groups, noted, strict=True)]


def _audit(deps: Deps, by: str, pairs: Sequence[tuple[Ref[Any], Write]], before: dict[Ref[Any], Any]) -> list[Put]:
    found: list[tuple[str, Step]] = []
    for ref, write in pairs:
        record, was = write.record if isinstance(write, Put) else None, before.get(ref)
        if step := step_of(ref, was, record):
            found.append((whose(record or was), step))
    if not found:
        return []
    found.sort(key=lambda pair: _ORDER[pair[1].kind])
    lead_id = next((lead_id for lead_id, _ in found if lead_id), "")
    return [_record(deps, by, lead_id, tuple(step for _, step in found))]


def _record(deps: Deps, by: str, lead_id: str, steps: tuple[Step, ...]) -> Put:
    now = deps.clock()
    return Put(Audit(lead_id, deps.new_id(), now, by, steps, now + deps.keep_audit), if_version=0)


def note_export(deps: Deps, by: str, file_name: str, **what: str) -> None:
    """That somebody has taken a file out of the house: which, and how much. Before it is handed out."""
    changes = tuple(Change(name, "", value) for name, value in what.items() if value)
    deps.store.commit([_record(deps, by, "", (Step(EXPORT, (file_name,), "seen", changes),))])
    deps.wake()


def forget_values(deps: Deps, lead_id: str) -> int:
    """Of somebody who is erased the trail keeps who did what and when, and no value; how many records were changed."""
    stored = [one for one in deps.store.query(Audit, lead_id) if any(step.changes for step in one.value.steps)]
    bare = [(one, tuple(replace(step, changes=()) for step in one.value.steps)) for one in stored]
    deps.store.commit_each([[Put(replace(one.value, steps=steps), one.version)] for one, steps in bare])
    return len(bare)
