"""Companies as records: made by an export, or by whoever says what a company belongs to."""

from collections.abc import Sequence
from typing import Any

from chalicelib.flows.row_desk import ChunkResult
from chalicelib.identify.folding import company_key
from chalicelib.records.company import Company, Subsidiary
from chalicelib.records.ports import Deps, Put, Ref, Write
from chalicelib.records.upload import Outcome, Upload

_NAME = 300
_MOST_ALIASES = 10


def company_id(deps: Deps, name: str) -> str:
    """By the folded name; "" where nothing is left of it."""
    key = company_key(name)
    return deps.digest(f"company:{key}")[:32] if key else ""


def keep_companies(deps: Deps, upload: Upload, rows: Sequence[tuple[int, Any]]) -> ChunkResult:
    """Make the companies of an export that are not known; who is known stays as is. Each with its parent at once."""
    result = ChunkResult()
    made: dict[str, tuple[int, list[Write]]] = {}
    for number, row in rows:
        name = row.facts.get("name", "")[:_NAME]
        own = company_id(deps, name)
        if not own:
            result.refused[number] = "the company has no name"
        elif own in made:
            result.others[number] = (Outcome.MERGED, "", "the same company as in another row")
        else:
            made[own] = number, _writes(deps, upload, own, row.facts)
    refs = [Ref(Company, (own,)) for own in made]
    for (number, writes), known in zip(made.values(), deps.store.get_many(refs) if refs else [], strict=True):
        if known is None:
            deps.store.commit_each([writes])
        fresh = known is None or known.value.import_id == upload.import_id
        result.others[number] = (Outcome.CREATED, "", "") if fresh else (Outcome.MERGED, "", "known already")
    return result


def _writes(deps: Deps, upload: Upload, own: str, facts: dict[str, Any]) -> list[Write]:
    name, domain = facts["name"][:_NAME], facts.get("domain", "").casefold()[:200]
    aliases = tuple(alias[:_NAME] for alias in facts.get("aliases", ())[:_MOST_ALIASES])
    parent = company_id(deps, facts.get("parent", ""))
    parent = parent if parent != own else ""
    above = facts.get("parent", "")[:_NAME] if parent else ""
    company = Company(own, company_key(name), name, domain, aliases, parent, above,
                      upload.import_id, deps.clock())  # fmt: skip
    below = [Put(Subsidiary(parent, own), 0)] if parent else []
    return [Put(company, 0), *below]
