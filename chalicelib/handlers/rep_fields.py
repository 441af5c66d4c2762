"""The form of a person of ours: texts as typed to a Rep, or the reasons by field."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from chalicelib.capture.addresses import read_email
from chalicelib.capture.text import clean
from chalicelib.flows.find_person import same_case
from chalicelib.records.rep import Rep, Role, WorkingWeek

_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")
_COUNTRY = re.compile(r"[A-Z]{2}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,63}")
_SERVED: tuple[tuple[str, re.Pattern[str] | None, str], ...] = (
    ("countries", _COUNTRY, "not a country code such as DE"),
    ("languages", _LANGUAGE, "not a language tag such as en or zh-Hans"),
    ("accounts", _DOMAIN, "not an e-mail domain such as example.com"),
    ("products", None, ""),
)
_DAY = 24 * 60
_MOST_CAPACITY = 100_000
_LIST_LIMIT = 100


@cache
def zones() -> frozenset[str]:
    return frozenset(available_timezones())


def typed_of(rep: Rep) -> dict[str, str]:
    """The form's fields as they are shown for what is stored."""
    week = rep.week
    shown = {name: str(getattr(rep, name)) for name in ("name", "email", "role", "manager_id", "capacity")}
    shown |= {name: ", ".join(getattr(rep, name)) for name in ("countries", "languages", "products", "accounts")}
    shown |= {"zone": week.zone, "opens": _clock(week.opens), "closes": _clock(week.closes)}
    shown |= {f"weekday-{day}": "yes" for day in week.weekdays}
    return shown | {"holidays_of": week.holidays_of}


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def read_rep(sent: Mapping[str, Any], before: Rep, others: Sequence[Rep]) -> Rep | dict[str, str]:
    """The person with what was typed; id and whether active stay."""
    errors: dict[str, str] = {}
    name = clean(str(sent.get("name", "")), 120)
    if not name:
        errors["name"] = "this field is required"
    email = read_email(str(sent.get("email", "")).strip()[:320])
    if not email:
        errors["email"] = "not an e-mail address"
    elif any(same_case(other.email) == same_case(str(email)) and other.rep_id != before.rep_id for other in others):
        # By an address that two people have neither could sign in.
        errors["email"] = "somebody else has this address"
    role = str(sent.get("role", ""))
    if role not in list(Role):
        errors["role"] = "choose one of the list"
    manager = str(sent.get("manager_id", ""))
    if manager and (manager == before.rep_id or manager not in {other.rep_id for other in others}):
        errors["manager_id"] = "choose one of the list"
    capacity = str(sent.get("capacity", "")).strip()
    if not (capacity.isascii() and capacity.isdigit() and len(capacity) < 9 and 0 < int(capacity) <= _MOST_CAPACITY):
        errors["capacity"] = f"a whole number from 1 to {_MOST_CAPACITY}"
    week = _week(sent, errors)
    served = _served(sent, errors)
    if errors or week is None:
        return errors
    return replace(
        before,
        name=name,
        email=str(email),
        role=Role(role),
        manager_id=manager,
        capacity=int(capacity),
        week=week,
        countries=served["countries"],
        languages=served["languages"],
        products=served["products"],
        accounts=served["accounts"],
    )


def _week(sent: Mapping[str, Any], errors: dict[str, str]) -> WorkingWeek | None:
    """Working time. A zone must exist, the day must end after it begins, and some day must be worked."""
    zone = str(sent.get("zone", "")).strip()
    if zone not in zones():
        errors["zone"] = "no such time zone; choose one such as Europe/Berlin"
    clocks: dict[str, int] = {}
    for name in ("opens", "closes"):
        found = _CLOCK.fullmatch(str(sent.get(name, "")).strip())
        if found:
            clocks[name] = int(found[1]) * 60 + int(found[2]) if found[1] else _DAY
        else:
            errors[name] = "a time of day such as 09:00"
    if len(clocks) == 2 and clocks["closes"] <= clocks["opens"]:
        errors["closes"] = "the day must end after it begins"
    weekdays = tuple(day for day in range(1, 8) if sent.get(f"weekday-{day}"))
    if not weekdays:
        errors["weekday-1"] = "choose at least one day"
    holidays_of = str(sent.get("holidays_of", "")).strip().upper()
    if holidays_of and not _COUNTRY.fullmatch(holidays_of):
        errors["holidays_of"] = "a country code such as DE"
    if {"zone", "opens", "closes", "weekday-1", "holidays_of"} & errors.keys():
        return None
    return WorkingWeek(zone, clocks["opens"], clocks["closes"], weekdays, holidays_of)


def _served(sent: Mapping[str, Any], errors: dict[str, str]) -> dict[str, tuple[str, ...]]:
    """Countries, languages, products and account domains, separated by commas or line ends."""
    served: dict[str, tuple[str, ...]] = {}
    for name, pattern, reason in _SERVED:
        parts = re.split(r"[,;\n，；、]", str(sent.get(name, "")))
        entries = [_shaped(name, clean(part, 200).lstrip("@")) for part in parts if part.strip()]
        wrong = next((entry for entry in entries if pattern and not pattern.fullmatch(entry)), None)
        if wrong is not None:
            errors[name] = f"{reason}: {wrong[:60]}"
        elif len(entries) > _LIST_LIMIT:
            errors[name] = f"at most {_LIST_LIMIT} entries"
        served[name] = tuple(dict.fromkeys(entries))
    return served


def _shaped(name: str, entry: str) -> str:
    return entry.upper() if name == "countries" else entry.lower() if name == "accounts" else entry
