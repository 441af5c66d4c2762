"""Old ids lead on: to the record a merged person is part of now, and to whichever record a thing lies with today.

Nobody pays for it who asks by an id that is current: only where nothing is found one more record is read."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from chalicelib.records.lead import Lead
from chalicelib.records.ports import Deps, Ref, Stored

if TYPE_CHECKING:
    from chalicelib.records.merge import Merge

R = TypeVar("R")


def surviving(deps: Deps, lead_id: str) -> str:
    """The id of the record that person is part of now: the id itself for who was never merged."""
    from chalicelib.records.merge import LED_ON, Merge

    while lead_id and "#" not in lead_id:
        merge = deps.store.get(Merge, lead_id)
        if merge is None or merge.value.state not in LED_ON:
            break
        lead_id = merge.value.into
    return lead_id


def current_leads(deps: Deps, lead_ids: Sequence[str]) -> list[Stored[Lead] | None]:
    """The records these ids lead to, in the order asked."""
    found = deps.store.get_many([Ref(Lead, (lead_id,)) for lead_id in lead_ids]) if lead_ids else []
    missing = {i: surviving(deps, i) for i, lead in zip(lead_ids, found, strict=True) if lead is None}
    moved = {old: new for old, new in missing.items() if new != old}
    if not moved:
        return found
    others = dict(zip(moved, deps.store.get_many([Ref(Lead, (new,)) for new in moved.values()]), strict=True))
    return [lead or others.get(lead_id) for lead_id, lead in zip(lead_ids, found, strict=True)]


def led_on(deps: Deps, ids: Sequence[str], people: Sequence[Stored[Lead] | None]) -> tuple[Stored[Lead], ...]:
    """Each of the people once, as they were just read; a key may name somebody who is part of another record by now."""
    if not all(people):
        people = current_leads(deps, ids)
    return tuple({person.value.lead_id: person for person in people if person}.values())


def people_named(deps: Deps, lead_ids: Sequence[str]) -> list[Lead | None]:
    """Who these ids mean, each under the id asked for: mail and seats keep the id they were made under."""
    found = current_leads(deps, lead_ids)
    return [replace(lead.value, lead_id=lead_id) if lead else None
            for lead_id, lead in zip(lead_ids, found, strict=True)]  # fmt: skip


def find_below(deps: Deps, kind: type[R], lead_id: str, own_id: str) -> Stored[R] | None:
    """A record that was named with a lead's id, wherever merges, and the parting of who was merged, have carried it."""
    if stored := deps.store.get(kind, lead_id, own_id):
        return stored
    from chalicelib.records.merge import PartedFrom

    seen, waiting = {lead_id}, [lead_id]
    while waiting:
        asked = waiting.pop(0)
        further = (surviving(deps, asked), *(s.value.gone_id for s in deps.store.query(PartedFrom, asked)))
        for other in further:
            if other not in seen and (stored := deps.store.get(kind, other, own_id)):
                return stored
        waiting += [other for other in dict.fromkeys(further) if other not in seen]
        seen.update(further)
    return None


def mail_of_merged(deps: Deps, lead: Lead) -> list[Stored[Any]]:
    """The mail that lies under the ids of records that became part of this one."""
    from chalicelib.records.message import Message

    return [stored for lead_id in lead.merged_ids for stored in deps.store.query(Message, lead_id)]


def merged_into(deps: Deps, lead: Lead) -> "list[Merge]":
    """What became part of this record, the latest first; what became part of those lies with them."""
    from chalicelib.records.merge import Merge

    refs = [Ref(Merge, (lead_id,)) for lead_id in lead.merged_ids]
    found = [stored.value for stored in (deps.store.get_many(refs) if refs else []) if stored]
    return [merge for merge in reversed(found) if merge.into == lead.lead_id]
