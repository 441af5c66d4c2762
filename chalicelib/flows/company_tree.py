"""What is known of companies: to which one belongs, which belong to it, by which other names and domain it goes.

A company is known by the fold of its name; other names and its domain lead to it (`CompanyName`). What leads to one
that has the name no more is passed by, so that nothing has to be deleted when somebody corrects it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from chalicelib.identify.companies import akin, own_domain
from chalicelib.identify.folding import company_key
from chalicelib.records.company import Company, CompanyName, Subsidiary
from chalicelib.records.ports import Conflict, Deps, Put, Ref, Stored

NAME = 300
MOST_ALIASES = 10
# So many steps up are shown; a chain is never longer in life, and a ring of them ends.
DEEPEST = 6
MOST_BELOW = 200
ROUNDS = 5


class InARing(Exception):
    """A company cannot belong to itself, nor to one that belongs to it."""


@dataclass(frozen=True, slots=True)
class Family:
    """`above` are the companies this one belongs to, the nearest first; `below` those that belong to it, by name."""

    company: Company | None
    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()

    @property
    def other_names(self) -> tuple[str, ...]:
        return self.company.aliases if self.company else ()


def company_id(deps: Deps, name: str) -> str:
    """By the folded name; "" where nothing is left of it."""
    key = company_key(name)
    return deps.digest(f"company:{key}")[:32] if key else ""


def name_digests(deps: Deps, aliases: Sequence[str], domain: str) -> list[str]:
    """By which a company is found beside its name."""
    keys = [f"name:{key}" for key in dict.fromkeys(map(company_key, aliases)) if key]
    keys += [f"domain:{host}"] if (host := own_domain(domain)) else []
    return [deps.digest(f"company {key}")[:32] for key in keys]


def known_company(deps: Deps, name: str, domain: str = "") -> Stored[Company] | None:
    """The company of that name, however it is written; else the one that goes by it as well; else the one of that
    domain whose name is akin."""
    own = company_id(deps, name)
    if not own:
        return None
    if stored := deps.store.get(Company, own):
        return stored
    names = [each for each in deps.store.get_many(
        [Ref(CompanyName, (digest,)) for digest in name_digests(deps, (name,), domain)]) if each]  # fmt: skip
    for each in names:
        found = deps.store.get(Company, each.value.company_id)
        if found and _goes_by(found.value, name, domain):
            return found
    return None


def parent_of(deps: Deps, name: str) -> tuple[str, str]:
    """(company_id, name) of what a company belongs to, known or not; ("", "") where nothing is left of the name."""
    if above := known_company(deps, name):
        return above.value.company_id, above.value.name
    own = company_id(deps, name)
    return own, name[:NAME] if own else ""


def _goes_by(company: Company, name: str, domain: str) -> bool:
    if company_key(name) in map(company_key, company.aliases):
        return True
    host = own_domain(domain)
    return bool(host) and own_domain(company.domain) == host and akin(company.name, name)


def family_of(deps: Deps, name: str) -> Family:
    """Read on the page of a company: a handful of reads for one that belongs nowhere."""
    stored = known_company(deps, name)
    if stored is None:
        return Family(None, below=_below(deps, company_id(deps, name)))
    above = islice(_upwards(deps, stored.value), DEEPEST)
    return Family(stored.value, tuple(name for _, name in above), _below(deps, stored.value.company_id))


def _upwards(deps: Deps, company: Company) -> Iterator[tuple[str, str]]:
    """(company_id, name) of what a company belongs to, and that to, the nearest first; a ring of them ends."""
    seen: set[str] = {company.company_id}
    above: Company | None = company
    while above and above.parent_id and above.parent_id not in seen:
        seen.add(above.parent_id)
        yield above.parent_id, above.parent_name
        stored = deps.store.get(Company, above.parent_id)
        above = stored.value if stored else None


def _below(deps: Deps, parent_id: str) -> tuple[str, ...]:
    noted = deps.store.page(Subsidiary, parent_id, limit=MOST_BELOW) if parent_id else []
    refs = [Ref(Company, (stored.value.company_id,)) for stored in noted]
    found = [stored.value for stored in deps.store.get_many(refs) if stored] if refs else []
    return tuple(sorted(company.name for company in found if company.parent_id == parent_id))


def describe_company(deps: Deps, name: str, parent: str, aliases: Sequence[str], domain: str, by: str) -> None:
    """Note by hand what a company belongs to ("" for nothing), its other names and its domain. Raises InARing."""
    _again(lambda: _describe(deps, name, parent, aliases, domain, by))


def _again(write: Callable[[], None]) -> None:
    """Once more where somebody else wrote meanwhile."""
    for _ in range(ROUNDS - 1):
        with suppress(Conflict):
            return write()
    return write()


def _describe(deps: Deps, name: str, parent: str, aliases: Sequence[str], domain: str, by: str) -> None:
    stored = known_company(deps, name)
    own = stored.value.company_id if stored else company_id(deps, name)
    parent_id, parent_name = parent_of(deps, parent)
    if parent_id and _belongs_to(deps, parent_id, own):
        raise InARing
    kept = tuple(dict.fromkeys(alias[:NAME] for alias in aliases))[:MOST_ALIASES]
    base = stored.value if stored else Company(own, company_key(name), name[:NAME])
    company = replace(
        base, parent_id=parent_id, parent_name=parent_name, aliases=kept,
        domain=own_domain(domain), changed_at=deps.clock(), changed_by=by,
    )  # fmt: skip
    deps.store.commit([Put(company, stored.version if stored else 0), *beside(deps, company)])


def beside(deps: Deps, company: Company) -> list[Put]:
    """What leads to a company, as far as it does not yet: its other names, its domain, its place below its parent."""
    own = company.company_id
    digests = name_digests(deps, company.aliases, company.domain)
    records: list[CompanyName | Subsidiary] = [CompanyName(digest, own) for digest in digests]
    refs: list[Ref[Any]] = [Ref(CompanyName, (digest,)) for digest in digests]
    if company.parent_id:
        records.append(Subsidiary(company.parent_id, own))
        refs.append(Ref(Subsidiary, (company.parent_id, own)))
    there = deps.store.get_many(refs) if refs else []
    return [Put(record, stored.version if stored else 0)
            for record, stored in zip(records, there, strict=True) if not stored or stored.value != record]  # fmt: skip


def _belongs_to(deps: Deps, one: str, other: str) -> bool:
    """Whether a company is the other, or belongs to it by however many steps."""
    stored = deps.store.get(Company, one)
    above = _upwards(deps, stored.value) if stored else ()
    return one == other or any(each == other for each, _ in above)
