"""Which leads somebody may see: the one place where it is said, for pages, search, counts and files alike.

A rep sees the own leads and the pool: those nobody of the reps has in hand (nobody's, and those a fallback holds).
Everybody else sees all of them; what they may do with them is said by the table of routes.

Also who may change whom among the people: whoever may change an account's address or role may sign in as it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from chalicelib.assign.choose import UNASSIGNED
from chalicelib.records.lead import Lead
from chalicelib.records.rep import Rep, Role


@dataclass(frozen=True, slots=True)
class Sight:
    """`owners` are the rep_ids whose leads are seen, None everybody's."""

    owners: frozenset[str] | None = None

    def sees(self, lead: Lead) -> bool:
        return self.sees_of(lead.owner_id)

    def sees_of(self, owner_id: str) -> bool:
        return self.owners is None or owner_id in self.owners


def sight_of(person: Rep, people: Iterable[Rep]) -> Sight:
    """What that person sees among these people's leads."""
    if person.role is not Role.REP:
        return Sight()
    pool = {rep.rep_id for rep in people if rep.role is not Role.REP or not rep.active}
    return Sight(frozenset({person.rep_id, "", UNASSIGNED} | pool))


def sees_source(person: Rep, uploaded_by: str, people: Iterable[Rep]) -> bool:
    """Whether that person may have the rows of a list as they were uploaded, which may be of people who became nobody's
    lead: whoever uploaded it, managers and administrators; of a program's or the command line's, every marketer."""
    if person.role in (Role.MANAGER, Role.ADMIN):
        return True
    by_person = any(rep.rep_id == uploaded_by for rep in people)
    return person.role is Role.MARKETER and (person.rep_id == uploaded_by or not by_person)


def may_merge(person: Rep, *leads: Lead) -> bool:
    """Whether that person may say that these are one person, or two again: a rep of the own leads alone."""
    if person.role is Role.REP:
        return all(lead.owner_id == person.rep_id for lead in leads)
    return person.role in (Role.MARKETER, Role.MANAGER, Role.ADMIN)


def may_manage(person: Rep, role: Role) -> bool:
    """Whether that person may add, change, give to or take from somebody of a role."""
    return person.role is Role.ADMIN or (person.role is Role.MANAGER and role is Role.REP)
