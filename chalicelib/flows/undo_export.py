"""What an export brought beside people, taken back with them and put back: deals, notes, memberships, companies.

What was taken of a person is kept beside the person in parts of a size one item holds. Companies are nobody's own:
those the export made are kept in one file of the upload until they are put back."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.flows.carry_over import own_id
from chalicelib.flows.company_tree import beside, name_digests
from chalicelib.records.company import Company, CompanyName, Subsidiary
from chalicelib.records.lead import Lead, Note
from chalicelib.records.opportunity import Opportunity
from chalicelib.records.ports import Delete, Deps, Put, Ref, Stored, Write
from chalicelib.records.touch import Touch
from chalicelib.records.undo import TakenBack, TakenItems
from chalicelib.records.upload import Upload

if TYPE_CHECKING:
    from chalicelib.flows.undo_upload import Person

# An undo may be undone for so long; then what it took back is forgotten.
KEPT_FOR = timedelta(days=7)
# Of this many a part is made: their texts stay below what an item holds, and a part goes with the person in one
# transaction.
A_PART = 20
_KINDS = (Note, Opportunity, Touch)


def items_of(deps: Deps, upload: Upload, refs: Sequence[Ref[Any]]) -> tuple[Stored[Any], ...]:
    """Of these records of one person those that came with the export."""
    if not upload.product:
        return ()
    ours = [ref for ref in refs if ref.kind in _KINDS and ref.ids[1].startswith(f"{upload.product.lower()}-")]
    found = deps.store.get_many(ours) if ours else []
    return tuple(stored for stored in found if stored and stored.value.import_id == upload.import_id)


def take_most(deps: Deps, upload: Upload, person: "Person") -> "Person":
    """Of a person with more than one transaction holds: all but the last, part by part; the rest goes with them."""
    items = person.items
    while len(items) > A_PART:
        deps.store.commit(taken_items(deps, upload, person.lead.value.lead_id, items[:A_PART]))
        items = items[A_PART:]
    return replace(person, items=items)


def taken_items(deps: Deps, upload: Upload, lead_id: str, items: Sequence[Stored[Any]]) -> list[Write]:
    """Take these away, a part of them at most, and keep them for as long as an undo can be undone."""
    if not items:
        return []
    part = _part(lead_id, upload.import_id, [item.value for item in items], deps.clock() + KEPT_FOR)
    return [Put(part, 0), *(Delete(_ref(item.value), item.version) for item in items)]


def _part(lead_id: str, import_id: str, records: Sequence[Any], forget_at: datetime) -> TakenItems:
    notes, deals, touches = (tuple(r for r in records if isinstance(r, kind)) for kind in _KINDS)
    return TakenItems(lead_id, import_id, own_id(records[0]), forget_at, notes, deals, touches)  # type: ignore[arg-type]


def _ref(record: Any) -> Ref[Any]:
    return Ref(type(record), (record.lead_id, own_id(record)))


def put_back_items(deps: Deps, upload: Upload, lead_ids: Sequence[str]) -> None:
    """What was taken of those of them who are there and are not taken back: they are there again, or somebody changed
    them before they could go. A part at a time, so that who is cut off goes on."""
    if not (upload.product and lead_ids):
        return
    refs = [ref for i in lead_ids for ref in (Ref(Lead, (i,)), Ref(TakenBack, (i, upload.import_id)))]
    found = deps.store.get_many(refs)
    for lead_id, lead, taken_back in zip(lead_ids, found[::2], found[1::2], strict=True):
        if lead and not taken_back:
            for stored in deps.store.query(TakenItems, lead_id):
                if stored.value.import_id == upload.import_id:
                    _put_back(deps, stored)


def _put_back(deps: Deps, stored: Stored[TakenItems]) -> None:
    """What the same export, loaded again, has brought meanwhile stays."""
    taken = stored.value
    there = deps.store.get_many([_ref(record) for record in taken.records])
    missing = [Put(record, 0) for record, known in zip(taken.records, there, strict=True) if known is None]
    gone = Delete(Ref(TakenItems, (taken.lead_id, taken.import_id, taken.part)), stored.version)
    deps.store.commit([*missing, gone])


def _companies_key(import_id: str) -> str:
    return f"uploads/{import_id}/companies.json"


def take_back_companies(deps: Deps, import_id: str) -> None:
    """Those the export made and nobody changed since."""
    made = [s for s in deps.store.query(Company) if s.value.import_id == import_id and s.version == 1]
    if not made:
        return
    # What was taken before it was cut off stays kept.
    kept = {each.company_id: each for each in (*_kept_companies(deps, import_id), *(s.value for s in made))}
    told = [{**asdict(each), "changed_at": each.changed_at and each.changed_at.isoformat()} for each in kept.values()]
    deps.blobs.put(_companies_key(import_id), json.dumps(told).encode())
    deps.store.commit_each([_without(deps, stored) for stored in made])


def _without(deps: Deps, stored: Stored[Company]) -> list[Write]:
    """The company with what leads to it."""
    company = stored.value
    own = company.company_id
    digests = name_digests(deps, company.aliases, company.domain)
    names = deps.store.get_many([Ref(CompanyName, (digest,)) for digest in digests]) if digests else []
    writes: list[Write] = [Delete(Ref(Company, (own,)), stored.version)]
    writes += [Delete(Ref(CompanyName, (each.value.digest,)), each.version)
               for each in names if each and each.value.company_id == own]  # fmt: skip
    if company.parent_id:
        writes.append(Delete(Ref(Subsidiary, (company.parent_id, own))))
    return writes


def _kept_companies(deps: Deps, import_id: str) -> list[Company]:
    body = deps.blobs.get(_companies_key(import_id))
    return [_company(told) for told in json.loads(body)] if body else []


def _company(told: dict[str, Any]) -> Company:
    at = told["changed_at"]
    return Company(
        **{**told, "aliases": tuple(told["aliases"]), "changed_at": datetime.fromisoformat(at) if at else None}
    )


def put_back_companies(deps: Deps, import_id: str) -> None:
    """Whoever made one of the name meanwhile keeps it."""
    groups: list[list[Write]] = [
        [Put(company, 0), *beside(deps, company)] for company in _kept_companies(deps, import_id)
    ]
    if groups:
        deps.store.commit_each(groups)
