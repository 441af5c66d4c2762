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
from chalicelib.records.search import Document, FoundCompany, FoundLead, LeadRow, Wanted

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
class Search:
    """What was found. Of `total` people the best are in `people`, of the companies in `companies`; `spellings` are the
    words typed with how those that were found are spelled."""

    text: str
    people: tuple[PersonLine, ...] = ()
    total: int = 0
    companies: tuple[CompanyLine, ...] = ()
    spellings: tuple[tuple[str, tuple[str, ...]], ...] = ()
    understood: bool = True


def find_people(deps: Deps, sight: Sight, text: str) -> Search:
    wanted = asked(text)
    if not wanted:
        return Search(text, understood=not text.strip())
    found = deps.model.find(wanted, sight.owners)
    if found.total < ENOUGH:
        widened = tuple(_widened(deps, each) for each in wanted)
        if widened != wanted:
            wanted = widened
            found = deps.model.find(wanted, sight.owners)
    people = _ranked(found.people, wanted)
    lines = tuple(_person(each, hits, wanted) for each, hits in people)
    return Search(text, lines, found.total, _companies(deps, sight, wanted), _spellings(lines))


def _widened(deps: Deps, wanted: Wanted) -> Wanted:
    begun, whole = beginnings(wanted)
    if not begun:
        return wanted
    return replace(wanted, close=nearby(wanted, deps.model.words(begun, whole))[:_MOST_SPELLINGS])


def _ranked(people: Iterable[FoundLead], wanted: Sequence[Wanted]) -> list[tuple[FoundLead, tuple[Hit, ...]]]:
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


def _companies(deps: Deps, sight: Sight, wanted: Sequence[Wanted]) -> tuple[CompanyLine, ...]:
    """The nearest first, then those with most people."""
    found: list[tuple[tuple[int, int, int], FoundCompany]] = []
    for each in deps.model.companies(wanted, sight.owners):
        hits = [hit(one, Document(company=each.words)) for one in wanted]
        if company_key(each.name) and all(hits):
            found.append((rank([at for at in hits if at]), each))
    found.sort(key=lambda pair: (pair[0], -pair[1].people, pair[1].name))
    return tuple(CompanyLine(marked(each.name, wanted), each.lead_id, each.people) for _, each in found)


def _spellings(lines: Iterable[PersonLine]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Of the people found alone: how anybody else is spelled is not told."""
    spelled: dict[str, dict[str, None]] = {}
    for typed, word in (pair for line in lines for pair in line.meant):
        spelled.setdefault(typed, {})[word] = None
    return tuple((typed, tuple(words)) for typed, words in spelled.items())
