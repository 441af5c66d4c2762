"""The roster: everybody by id, and who serves what, indexed once for thousands of leads.

A set of people is an int whose bit n stands for the n-th active rep in order of rep_id; narrowing a choice
is then one AND. Everything else (language tags, e-mail domains) is looked up in dictionaries made once.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from chalicelib.records.rep import Rep, Role


@dataclass(frozen=True, slots=True)
class Served:
    """Who serves which value of one attribute. `unbound` are those without a restriction."""

    unbound: int
    by_value: dict[str, int]

    def serving(self, values: Iterable[str]) -> int:
        """Everybody who serves at least one of the values."""
        found = self.unbound
        for value in values:
            found |= self.by_value.get(value, 0)
        return found

    def bound_to(self, values: Iterable[str]) -> int:
        """Everybody who has one of the values listed."""
        return self.serving(values) & ~self.unbound


@dataclass(frozen=True, slots=True)
class Roster:
    """`people` is everybody of any role; `reps` the active reps by id. `account_only` are those whose only
    attribute is accounts: key account reps, who take other leads when there is nobody else. `holders` names
    every rep_id, active or not, by account domain."""

    people: dict[str, Rep]
    reps: tuple[Rep, ...]
    bits: dict[str, int]
    everyone: int
    account_only: int
    accounts: dict[str, int]
    holders: frozenset[str]
    countries: Served
    languages: Served
    products: Served
    # What choose has worked out for a kind of lead: most of a list's leads are alike in what they ask for.
    memo: dict[object, Any] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, people: Iterable[Rep]) -> "Roster":
        """Index people of any role, active or not; the order given does not matter."""
        everybody = sorted(people, key=lambda person: person.rep_id)
        reps = tuple(person for person in everybody if person.active and person.role is Role.REP)
        bits = {rep.rep_id: 1 << place for place, rep in enumerate(reps)}
        return cls(
            people={person.rep_id: person for person in everybody},
            reps=reps,
            bits=bits,
            everyone=(1 << len(reps)) - 1,
            account_only=sum(bits[rep.rep_id] for rep in reps if _accounts_alone(rep)),
            accounts=_index((_domains(rep.accounts), bits[rep.rep_id]) for rep in reps).by_value,
            holders=frozenset(domain for p in everybody if p.role is Role.REP for domain in _domains(p.accounts)),
            countries=_index(([c.strip().upper() for c in r.countries], bits[r.rep_id]) for r in reps),
            languages=_index((_spoken(rep.languages), bits[rep.rep_id]) for rep in reps),
            products=_index(([p.strip().casefold() for p in r.products], bits[r.rep_id]) for r in reps),
        )

    def available(self, exclude: Collection[str]) -> int:
        """Every active rep but the excluded."""
        gone = 0
        for rep_id in exclude:
            gone |= self.bits.get(rep_id, 0)
        return self.everyone & ~gone

    def members(self, found: int) -> Iterator[Rep]:
        """The reps of a set, by rep_id."""
        while found:
            bit = found & -found
            yield self.reps[bit.bit_length() - 1]
            found ^= bit

    def is_active(self, person_id: str) -> bool:
        """Whether this is a person of ours, of any role, who works here now."""
        person = self.people.get(person_id)
        return person is not None and person.active

    def first_active(self, roles: Sequence[Role], exclude: Collection[str] = ()) -> Rep | None:
        """The first active person by rep_id of the first role that has one."""
        for role in roles:
            for person in self.people.values():
                if person.active and person.role is role and person.rep_id not in exclude:
                    return person
        return None


@lru_cache(maxsize=1024)
def language_keys(tag: str) -> tuple[str, ...]:
    """What to look a lead's language up by: its primary language, and script where one is given.

    Regions do not matter to a conversation (en-US, en-GB), scripts do to a letter (zh-Hans, zh-Hant).
    """
    primary, script = _language(tag)
    return (f"{primary}-{script}", f"{primary}-*") if script else (primary,)


def _spoken(tags: Iterable[str]) -> list[str]:
    spoken: list[str] = []
    for primary, script in (_language(tag) for tag in tags if tag.strip()):
        spoken += [primary, f"{primary}-{script or '*'}"]
    return spoken


def _language(tag: str) -> tuple[str, str]:
    """(primary language, script or "") of a language tag (RFC 5646)."""
    primary, *rest = tag.strip().lower().replace("_", "-").split("-")
    return primary, next((part for part in rest if len(part) == 4 and part.isalpha()), "")


def _domains(accounts: Iterable[str]) -> list[str]:
    """Account domains as a lead's addresses have them: lower-case and ASCII."""
    return [_ascii(account.strip().lower().rpartition("@")[2].strip(".")) for account in accounts]


def _ascii(domain: str) -> str:
    if domain.isascii():
        return domain
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain


def _accounts_alone(rep: Rep) -> bool:
    return bool(rep.accounts) and not (rep.countries or rep.languages or rep.products)


def _index(entries: Iterable[tuple[list[str], int]]) -> Served:
    unbound, by_value = 0, dict[str, int]()
    for values, bit in entries:
        kept = [value for value in values if value]
        if not kept:
            unbound |= bit
        for value in kept:
            by_value[value] = by_value.get(value, 0) | bit
    return Served(unbound, by_value)
