"""The people who answer leads: working time, territory, skills."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    MARKETER = "marketer"
    REP = "rep"
    MANAGER = "manager"
    FINANCE = "finance"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class WorkingWeek:
    """When somebody works: IANA `zone`, minutes of the day, ISO weekdays (1 = Monday), whose holidays."""

    zone: str = "UTC"
    opens: int = 9 * 60
    closes: int = 17 * 60
    weekdays: tuple[int, ...] = (1, 2, 3, 4, 5)
    holidays_of: str = ""


@dataclass(frozen=True, slots=True)
class Rep:
    """One user. `countries` (ISO alpha-2), `languages`, `products` and `accounts` (e-mail domains) say whom
    they serve; empty means no restriction. `capacity` is how many open leads they can carry."""

    rep_id: str
    name: str
    email: str
    role: Role = Role.REP
    active: bool = True
    manager_id: str = ""
    week: WorkingWeek = WorkingWeek()
    countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    capacity: int = 200
