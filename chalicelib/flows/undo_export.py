"""What an export brought beside people, taken back with them and put back: deals, notes, memberships, companies; and
deals it told otherwise.

What was taken of a person is kept beside the person in parts of a size one item holds. Companies are nobody's own:
those the export made are kept in one file of the upload until they are put back."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.flows.carry_over import laid_below, own_id
from chalicelib.flows.company_tree import beside, name_digests
from chalicelib.flows.follow_merges import surviving
from chalicelib.records.company import Company, CompanyName, Subsidiary
from chalicelib.records.lead import Lead, Note
from chalicelib.records.opportunity import Opportunity
from chalicelib.records.ports import Delete, Deps, Put, Ref, Stored, Write
from chalicelib.records.touch import Touch
from chalicelib.records.undo import BeforeDeal, TakenBack, TakenItems
from chalicelib.records.upload import Upload

# An undo may be undone for so long; then what it took back is forgotten.
KEPT_FOR = timedelta(days=7)
# Of this many a part is made: their texts stay below what an item holds, and a part goes with the person in one
# transaction.
A_PART = 20
_KINDS = (Note, Opportunity, Touch)


@dataclass(frozen=True, slots=True)
class Renewed:
    """A deal the export told otherwise: what was noted of it, and the deal as it is now, None for one that is gone."""

    noted: Stored[BeforeDeal]
    deal: Stored[Opportunity] | None

    @property
    def as_left(self) -> bool:
        """Whether nobody changed it since."""
        return self.deal is not None and self.deal.value == self.noted.value.after


# What one of them is taken back by is a write, or two.
Piece = Stored[Any] | Renewed


def items_of(deps: Deps, upload: Upload, refs: Sequence[Ref[Any]]) -> tuple[Stored[Any], ...]:
    """Of these records of one person those that came with the export."""
    if not upload.product:
        return ()
    ours = [ref for ref in refs if ref.kind in _KINDS and ref.ids[1].startswith(f"{upload.product.lower()}-")]
    found = deps.store.get_many(ours) if ours else []
    return tuple(stored for stored in found if stored and stored.value.import_id == upload.import_id)


def renewed_of(deps: Deps, upload: Upload, refs: Sequence[Ref[Any]]) -> tuple[Renewed, ...]:
    """Of these records of one person the deals that the export told otherwise."""
    ours = [ref for ref in refs if ref.kind is BeforeDeal and ref.ids[1] == upload.import_id]
    deals: list[Ref[Any]] = [Ref(Opportunity, (ref.ids[0], ref.ids[2])) for ref in ours]
    found = deps.store.get_many([*ours, *deals]) if ours else []
    pairs = zip(found[: len(ours)], found[len(ours) :], strict=True)
    return tuple(Renewed(noted, deal) for noted, deal in pairs if noted)


def take_most(deps: Deps, upload: Upload, lead_id: str, pieces: Sequence[Piece], room: int) -> list[Write]:
    """Of a person with more than one transaction holds: all but the last, part by part. The writes that take the rest
    with them, `room` at most."""
    while len(pieces) > A_PART or len(rest := _taken(deps, upload, lead_id, pieces)) > room:
        deps.store.commit(_taken(deps, upload, lead_id, pieces[:A_PART]))
        pieces = pieces[A_PART:]
    return rest


def _taken(deps: Deps, upload: Upload, lead_id: str, pieces: Sequence[Piece]) -> list[Write]:
    """Take these away, a part of them at most, and keep them for as long as an undo can be undone."""
    if not pieces:
        return []
    items = [piece for piece in pieces if isinstance(piece, Stored)]
    renewed = [piece for piece in pieces if isinstance(piece, Renewed)]
    notes, deals, touches = (tuple(i.value for i in items if isinstance(i.value, kind)) for kind in _KINDS)
    part = own_id(items[0].value) if items else renewed[0].noted.value.deal_id
    told = tuple(each.noted.value for each in renewed)
    forget_at = deps.clock() + KEPT_FOR
    kept = TakenItems(lead_id, upload.import_id, part, forget_at, notes, deals, touches, told)  # type: ignore[arg-type]
    writes: list[Write] = [Put(kept, 0), *(Delete(_ref(item.value), item.version) for item in items)]
    for each in renewed:
        noted = each.noted
        ids = (lead_id, upload.import_id, noted.value.deal_id)
        writes += [
            Put(noted.value.before, each.deal.version if each.deal else 0),
            Delete(Ref(BeforeDeal, ids), noted.version),
        ]
    return writes


def _ref(record: Any) -> Ref[Any]:
    return Ref(type(record), (record.lead_id, own_id(record)))


def put_back_items(deps: Deps, upload: Upload, lead_ids: Sequence[str]) -> None:
    """What was taken of those of them who are there and are not taken back: they are there again, or somebody changed
    them before they could go. Who is part of another record by now has it there. A part at a time, so that who is cut
    off goes on."""
    if not (upload.product and lead_ids):
        return
    refs = [ref for i in lead_ids for ref in (Ref(Lead, (i,)), Ref(TakenBack, (i, upload.import_id)))]
    found = deps.store.get_many(refs)
    for lead_id, lead, taken_back in zip(lead_ids, found[::2], found[1::2], strict=True):
        if taken_back or not (into := lead_id if lead else _survivor(deps, lead_id)):
            continue
        for stored in deps.store.query(TakenItems, lead_id):
            if stored.value.import_id == upload.import_id:
                _put_back(deps, stored, into)


def _survivor(deps: Deps, lead_id: str) -> str:
    into = surviving(deps, lead_id)
    return into if into != lead_id and deps.store.get(Lead, into) else ""


def _put_back(deps: Deps, stored: Stored[TakenItems], into: str) -> None:
    """What the same export, loaded again, has brought meanwhile stays; so does what a merged record has of the same
    id, beside it."""
    taken = stored.value
    records = [laid_below(record, into, own_id(record)) for record in taken.records]
    there = deps.store.get_many([_ref(record) for record in records])
    writes: list[Write] = []
    for record, known in zip(records, there, strict=True):
        if known is None:
            writes.append(Put(record, 0))
        elif into != taken.lead_id:
            writes.append(Put(laid_below(record, into, f"{own_id(record)}-{taken.lead_id}"), 0))
    writes += _told_again(deps, taken.renewed, into)
    gone = Delete(Ref(TakenItems, (taken.lead_id, taken.import_id, taken.part)), stored.version)
    deps.store.commit([*writes, gone])


def _told_again(deps: Deps, renewed: Sequence[BeforeDeal], into: str) -> list[Put]:
    """The deals as the export told them, where nobody changed them meanwhile."""
    refs = [Ref(Opportunity, (into, each.deal_id)) for each in renewed]
    found = deps.store.get_many(refs) if refs else []
    writes = []
    for each, deal in zip(renewed, found, strict=True):
        if deal and deal.value == replace(each.before, lead_id=into):
            writes += [Put(replace(each.after, lead_id=into), deal.version), Put(each, 0)]
    return writes


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
