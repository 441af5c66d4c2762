"""The companies of an export: those nobody knows are made, each with its parent, other names and domain."""

from collections.abc import Sequence
from typing import Any

from chalicelib.flows.company_tree import MOST_ALIASES, NAME, beside, company_id, known_company, parent_of
from chalicelib.flows.row_desk import ChunkResult
from chalicelib.identify.companies import own_domain
from chalicelib.identify.folding import company_key
from chalicelib.records.company import Company
from chalicelib.records.ports import Deps, Put, Stored
from chalicelib.records.upload import Outcome, Upload

KNOWN = "known already"
TWICE = "the same company as in another row"


def keep_companies(deps: Deps, upload: Upload, rows: Sequence[tuple[int, Any]], again: bool = False) -> ChunkResult:
    """One after another, so that a row finds the company that the row before made. Who is known stays as is. `again`
    when these rows may have been written before."""
    result = ChunkResult()
    made: set[str] = set()
    for number, row in rows:
        name, domain = row.facts.get("name", "")[:NAME], row.facts.get("domain", "")
        if not company_key(name):
            result.refused[number] = "the company has no name"
            continue
        known = known_company(deps, name, domain)
        if known is None:
            company = _company(deps, upload, name, row.facts)
            deps.store.commit([Put(company, 0), *beside(deps, company)])
            made.add(company.company_id)
            result.others[number] = (Outcome.CREATED, "", "")
        else:
            result.others[number] = _ended(upload, name, known, again, made)
    return result


def _ended(upload: Upload, name: str, known: Stored[Company], again: bool, made: set[str]) -> tuple[Outcome, str, str]:
    ours = known.value.import_id == upload.import_id
    if ours and again and known.value.name == name and known.value.company_id not in made:
        made.add(known.value.company_id)
        return Outcome.CREATED, "", ""
    return Outcome.MERGED, "", TWICE if ours else KNOWN


def _company(deps: Deps, upload: Upload, name: str, facts: dict[str, Any]) -> Company:
    own = company_id(deps, name)
    parent_id, parent_name = parent_of(deps, facts.get("parent", "")[:NAME])
    if parent_id == own:
        parent_id = parent_name = ""
    aliases = tuple(alias[:NAME] for alias in facts.get("aliases", ())[:MOST_ALIASES])
    domain = own_domain(facts.get("domain", ""))
    return Company(
        own, company_key(name), name, domain, aliases, parent_id, parent_name, upload.import_id, deps.clock()
    )
