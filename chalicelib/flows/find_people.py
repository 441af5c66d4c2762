"""Search: who and which companies somebody means by what they typed, among what they may see.

What is written as typed comes first; where that is hardly anybody, also who is spelled nearly like it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from chalicelib.assign.visibility import Sight
from chalicelib.identify.folding import company_key
from chalicelib.identify.marked import Marked, marked, marked_phone
from chalicelib.identify.sought import Hit, Nearness, asked, beginnings, hit, nearby, rank
from chalicelib.records.lead import OPEN_STATUSES
from chalicelib.records.ports import Deps
from chalicelib.records.search import Document, FoundCompany, FoundLead, LeadQuery, LeadRow, Wanted

# With fewer people than that, those spelled nearly so are shown as well; of very many spellings so many are tried.
ENOUGH, _MOST_SPELLINGS = 10, 20
_EMAIL, _PHONE, _PRODUCT = 2, 3, 4


@dataclass(frozen=True, slots=True)
class PersonLine:
    """Somebody found. `contact` is the address or number that was found, else the first there is. `meant` are the words
    taken for others that were typed, as (typed, meant); `aloud` where the name sounds so; `product` where they asked
    for one of that name."""

    row: LeadRow
    name: Marked
    company: Marked
    contact: Marked
    meant: tuple[tuple[str, str], ...] = ()
    aloud: bool = False
    product: bool = False


@dataclass(frozen=True, slots=True)
class CompanyLine:
    """A company by one of its people who may be seen, of whom there are `people`."""

    name: Marked
    lead_id: str
    people: int


@dataclass(frozen=True, slots=True)
class Shown:
    """Which of what is found is to be shown: `people` from number `offset` on, and the first `companies`."""

    offset: int = 0
    people: int = 20
    companies: int = 6


@dataclass(frozen=True, slots=True)
class Search:
    """What was found, as far as it is shown. Of `total` people the best `ranked` can be paged through; there are
    `company_total` companies. `spellings` are the words typed with how those that were found are spelled."""

    text: str
    people: tuple[PersonLine, ...] = ()
    offset: int = 0
    ranked: int = 0
    total: int = 0
    companies: tuple[CompanyLine, ...] = ()
    company_total: int = 0
    spellings: tuple[tuple[str, tuple[str, ...]], ...] = ()


_Ranked = list[tuple[FoundLead, tuple[Hit, ...]]]


def find_people(deps: Deps, sight: Sight, text: str, shown: Shown = Shown()) -> Search:
    """Raises nothing for whatever was typed; an offset behind the end is the first page."""
    wanted = asked(text)
    if not wanted:
        return Search(text)
    found = deps.model.find(wanted, sight.owners)
    if found.total < ENOUGH:
        widened = tuple(_widened(deps, each) for each in wanted)
        if widened != wanted:
            wanted = widened
            found = deps.model.find(wanted, sight.owners)
    people = _ranked(found.people, wanted)
    companies = _ranked_companies(deps, sight, wanted) if shown.companies else []
    offset = shown.offset if shown.offset < len(people) else 0
    return Search(
        text,
        tuple(_person(each, hits, wanted) for each, hits in people[offset : offset + shown.people]),
        offset,
        len(people),
        found.total,
        tuple(_company(deps, sight, each, wanted) for each in companies[: shown.companies]),
        len(companies),
        _spellings(people, wanted),
    )


def _widened(deps: Deps, wanted: Wanted) -> Wanted:
    begun, whole = beginnings(wanted)
    if not begun:
        return wanted
    return replace(wanted, close=nearby(wanted, deps.model.words(begun, whole))[:_MOST_SPELLINGS])


def _ranked(people: Iterable[FoundLead], wanted: Sequence[Wanted]) -> _Ranked:
    """The nearest first; of equally near ones open leads first, then by score, then the latest changed."""
    found = []
    for each in people:
        hits = tuple(at for one in wanted if (at := hit(one, each.document)))
        if len(hits) == len(wanted):
            found.append((each, hits))
    found.sort(key=lambda pair: pair[0].row.updated_at, reverse=True)
    return sorted(found, key=lambda pair: (rank(pair[1]), pair[0].row.status not in OPEN_STATUSES, -pair[0].row.score))


def _person(found: FoundLead, hits: Sequence[Hit], wanted: Sequence[Wanted]) -> PersonLine:
    fields = {each.field for each in hits}
    meant = tuple((one.typed, at.word) for one, at in zip(wanted, hits, strict=True) if at.word)
    aloud = any(at.nearness is Nearness.SOUND for at in hits)
    row = found.row
    return PersonLine(
        row, marked(row.full_name, wanted), marked(row.company, wanted), _contact(found, fields, wanted), meant, aloud,
        _PRODUCT in fields,
    )  # fmt: skip


def _contact(found: FoundLead, fields: set[int], wanted: Sequence[Wanted]) -> Marked:
    if _PHONE in fields:
        return next((way for phone in found.phones if len(way := marked_phone(phone, wanted)) > 1 or way[0][1]),
                    ((found.phones[0], False),))  # fmt: skip
    ways = [marked(email, wanted) for email in found.emails]
    if _EMAIL in fields:
        return max(ways, key=lambda way: sum(len(part) for part, is_found in way if is_found))
    first = found.emails or found.phones
    return ((first[0], False),) if first else ()


def _ranked_companies(deps: Deps, sight: Sight, wanted: Sequence[Wanted]) -> list[FoundCompany]:
    """The nearest first, then those of whose people most were found."""
    found: list[tuple[tuple[int, int, int], FoundCompany]] = []
    for each in deps.model.companies(wanted, sight.owners):
        hits = [at for one in wanted if (at := hit(one, Document(company=each.words)))]
        if len(hits) == len(wanted):
            found.append((rank(hits), each))
    found.sort(key=lambda pair: (pair[0], -pair[1].people, pair[1].name))
    return [each for _, each in found]


def _company(deps: Deps, sight: Sight, found: FoundCompany, wanted: Sequence[Wanted]) -> CompanyLine:
    asked_for = LeadQuery(company=(company_key(found.name), found.name), owners=sight.owners, limit=0)
    return CompanyLine(marked(found.name, wanted), found.lead_id, max(found.people, deps.model.leads(asked_for).total))


def _spellings(people: _Ranked, wanted: Sequence[Wanted]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Of the people found alone: how anybody else is spelled is not told."""
    spelled: dict[str, dict[str, None]] = {}
    for _, hits in people:
        for one, at in zip(wanted, hits, strict=True):
            if at.word:
                spelled.setdefault(one.typed, {})[at.word] = None
    return tuple((typed, tuple(words)) for typed, words in spelled.items())
