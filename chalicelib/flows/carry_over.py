"""What lies with a person, carried from one record to another and back, some at a time: a transaction holds 100 items.

Mail and seats are not carried: a mail's Message-ID and a calendar entry name the id they were made under, and a mail
may be leaving this moment. They are found by `Lead.merged_ids`."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from chalicelib.records.lead import Lead, Note
from chalicelib.records.merge import Carried, Merge, PartedFrom
from chalicelib.records.message import Message
from chalicelib.records.opportunity import Opportunity, OpportunityStage
from chalicelib.records.ports import MOST_WRITES, Delete, Deps, Put, Ref, Stored, Write
from chalicelib.records.promise import Promise
from chalicelib.records.quote import Quote
from chalicelib.records.task import Task
from chalicelib.records.touch import WAITING_STATES, Request, Touch
from chalicelib.records.undo import BeforeDeal, BeforeImport, TakenBack, TakenItems

CARRIED: tuple[type[Any], ...] = (Touch, Request, Note, Opportunity, Promise, Task, Quote)
# An import's own books say of a record what it was; they wait where it was.
STAY: tuple[type[Any], ...] = (
    Lead, Message, BeforeImport, BeforeDeal, TakenBack, TakenItems, Merge, Carried, PartedFrom
)  # fmt: skip
_IDS: dict[type[Any], str] = {
    Touch: "touch_id", Request: "request_id", Note: "note_id", Opportunity: "opportunity_id", Promise: "promise_id",
    Task: "task_id", Quote: "quote_id",
}  # fmt: skip
_BY_NAME = {kind.__name__: kind for kind in CARRIED}
# Two writes each, with the lead's own and the merge's books beside them.
AT_ONCE = (MOST_WRITES - 4) // 2
OWNER_STAYS = "merged with another record, whose owner stays"


@dataclass(frozen=True, slots=True)
class Load:
    """The writes of one transaction; `carried` is what it notes of them, None where there was nothing to carry."""

    writes: list[Write] = field(default_factory=list)
    carried: Carried | None = None
    changed: tuple[tuple[str, str], ...] = ()


def waiting_below(deps: Deps, lead_id: str) -> list[Stored[Any]]:
    """What has to be carried over from there, in order."""
    return [stored for stored in deps.store.everything_of(lead_id) if isinstance(stored.value, CARRIED)]


def load_of(
    deps: Deps, found: Sequence[Stored[Any]], goes: Lead, owner_id: str, into: str, part: int, at: datetime
) -> Load:
    """The writes that carry these records of `goes` to `into`; what is open of its owner's becomes `owner_id`'s."""
    if not found:
        return Load()
    places = deps.store.get_many([Ref(type(one.value), (into, own_id(one.value))) for one in found])
    writes: list[Write] = []
    items: list[tuple[str, str, str]] = []
    before: list[Any] = []
    for stored, taken in zip(found, places, strict=True):
        record, name = stored.value, own_id(stored.value)
        # One of each campaign's list, say: both had it.
        new_name = f"{name}-{goes.lead_id}" if taken else name
        given = _given(record, goes.owner_id, owner_id, at)
        if given is not record:
            before.append(record)
        writes.append(Put(laid_below(given, into, new_name), 0))
        writes.append(Delete(Ref(type(record), (goes.lead_id, name)), stored.version))
        items.append((type(record).__name__, name, new_name))
    carried = Carried(
        goes.lead_id,
        f"{part:06d}",
        tuple(items),
        tuple([r for r in before if isinstance(r, Request)]),
        tuple([r for r in before if isinstance(r, Opportunity)]),
        tuple([r for r in before if isinstance(r, Task)]),
    )
    return Load([*writes, Put(carried, 0)], carried)


def own_id(record: Any) -> str:
    """A record's own id below its lead."""
    name: str = getattr(record, _IDS[type(record)])
    return name


def laid_below(record: Any, lead_id: str, name: str) -> Any:
    """The record as it lies with that lead, under that id."""
    return replace(record, lead_id=lead_id, **{_IDS[type(record)]: name})


def _given(record: Any, former: str, owner_id: str, at: datetime) -> Any:
    """With the surviving record's owner where it is open and was the other owner's, who may not see it any more."""
    if not owner_id or former == owner_id or getattr(record, "owner_id", "") != former:
        return record
    if isinstance(record, Request) and record.state in WAITING_STATES:
        return replace(record, owner_id=owner_id, history=(*record.history, (at, owner_id, OWNER_STAYS)))
    is_open = isinstance(record, Opportunity) and record.stage is OpportunityStage.OPEN
    is_open = is_open or (isinstance(record, Task) and record.done_at is None)
    return replace(record, owner_id=owner_id) if is_open else record


def load_back(deps: Deps, carried: Carried, into: str) -> Load:
    """The writes that carry it back: what nobody changed since exactly as it was, the rest as it is now. What was
    taken away meanwhile does not come back."""
    lead_id = carried.lead_id
    refs = [Ref(_BY_NAME[kind], (into, new_name)) for kind, _, new_name in carried.items]
    places = [Ref(_BY_NAME[kind], (lead_id, name)) for kind, name, _ in carried.items]
    found = deps.store.get_many([*refs, *places])
    before = {(type(r).__name__, own_id(r)): r for r in (*carried.requests, *carried.deals, *carried.tasks)}
    writes: list[Write] = []
    changed: list[tuple[str, str]] = []
    for (kind, name, new_name), ref, stored, taken in zip(
        carried.items, refs, found[: len(refs)], found[len(refs) :], strict=True
    ):
        if stored is None:
            continue
        back = laid_below(stored.value, lead_id, f"{new_name}-{into}" if taken else name)
        if stored.version == 1 and not taken:
            back = before.get((kind, name), back)
        else:
            changed.append((kind, name))
        writes += [Put(back, 0), Delete(ref, stored.version)]
    writes.append(Delete(Ref(Carried, (lead_id, carried.part))))
    return Load(writes, carried, tuple(changed))
