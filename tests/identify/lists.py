"""A trade-show list with known duplicates of six kinds, and the stage driven over it row by row."""

import csv
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from chalicelib.identify.index import KeyIndex
from chalicelib.identify.keys import local_keys, lookup_keys
from chalicelib.identify.merge import enrich, new_lead
from chalicelib.identify.normalise import identity
from chalicelib.identify.resolve import resolve
from chalicelib.records.contact import Contact
from chalicelib.records.lead import Lead

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "cases" / "lists"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Made:
    """Rows in file order with whose they are (`people`) and how they came about (`kinds`)."""

    rows: list[dict[str, str]]
    people: list[str]
    kinds: list[str]

    def shuffled(self, seed: int) -> "Made":
        order = list(range(len(self.rows)))
        random.Random(seed).shuffle(order)
        return Made(*([part[at] for at in order] for part in (self.rows, self.people, self.kinds)))


def read_list(path: Path) -> Made:
    """A list with its truth file (row, entity, kind) beside it."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with path.with_suffix(".truth.csv").open(encoding="utf-8", newline="") as file:
        truth = list(csv.DictReader(file))
    return Made(rows, [line["entity"] for line in truth], [line["kind"] for line in truth])


def contact_of(row: dict[str, str]) -> Contact:
    """A row as capture hands it over."""
    return Contact(
        full_name=row["name"],
        company=row["company"],
        title=row["title"],
        emails=(row["email"],) if row["email"] else (),
        phones=(row["phone"],) if row["phone"] else (),
        country=row["country"],
        products=(row["product_interest"],) if row["product_interest"] else (),
    )


def run(contacts: Iterable[Contact]) -> tuple[list[str], dict[str, Lead]]:
    """Identify one contact after the other: the lead of each row, and the leads."""
    leads: dict[str, Lead] = {}
    index = KeyIndex()
    owners = []
    for contact in contacts:
        person = identity(contact)
        found = [leads[lead_id] for lead_id in index.find(lookup_keys(person))]
        match = resolve(contact, person, found)
        if match.lead_id is None:
            lead = new_lead(contact, person, f"L{len(leads):06d}", NOW)
        else:
            lead = enrich(leads[match.lead_id], contact, person, NOW, match.flags)
        leads[lead.lead_id] = lead
        index.add(lead.lead_id, local_keys(person))
        owners.append(lead.lead_id)
    return owners, leads


def mistakes(found: Sequence[str], truth: Sequence[str]) -> list[tuple[int, str]]:
    """Rows where two people became one, or one person became two."""
    person_of: dict[str, str] = {}
    lead_of: dict[str, str] = {}
    wrong = []
    for row, (lead_id, person) in enumerate(zip(found, truth, strict=True)):
        if person_of.setdefault(lead_id, person) != person:
            wrong.append((row, "two people became one"))
        elif lead_of.setdefault(person, lead_id) != lead_id:
            wrong.append((row, "one person became two"))
    return wrong


_COUNTRIES = {
    "Germany": ("+49", "0", "0151 2{:07d}", ["Änne", "Jürgen", "Björn", "Heike"], ["Müller", "Groß", "Weber"]),
    "United States": ("+1", "", "(212) 3{:02d}-{:04d}", ["John", "Mary", "Kevin"], ["Smith", "Lopez", "Wood"]),
    "中国": ("+86", "", "138 {:04d} {:04d}", ["Wei", "Fang", "Jing"], ["Zhang", "Chen", "Li"]),
    "UK": ("+44", "0", "07700 9{:05d}", ["Oliver", "Isla", "Noah"], ["Evans", "Hall", "Green"]),
    "Japan": ("+81", "0", "090-{:04d}-{:04d}", ["Haruto", "Yui", "Ren"], ["Sato", "Kato", "Ito"]),
}
_FIRMS = [f"{a} {b}" for a in ("Nord", "Alpha", "Vector", "Iron") for b in ("Tech", "Foods", "Optics", "Motors")]
_SPELLED = str.maketrans({"ü": "ue", "ö": "oe", "ä": "ae", "ß": "ss", "Ä": "Ae"})


def make_list(size: int, seed: int = 1) -> Made:
    """`size` rows of fictional people, an eighth of them duplicates: exact, e-mail in other case, phone in
    international form, name written otherwise, e-mail missing, e-mail mistyped."""
    chance = random.Random(seed)
    base = [_person(chance, number) for number in range(size - size // 8)]
    rows = [(row, str(number), "base") for number, row in enumerate(base)]
    whole = [at for at, row in enumerate(base) if row["email"] and row["phone"] and row["country"]]
    for number, at in enumerate(chance.sample(whole, size // 8)):
        kind = list(_KINDS)[number % len(_KINDS)]
        rows.append((_KINDS[kind](dict(base[at]), chance), str(at), kind))
    made = Made([row for row, _, _ in rows], [who for _, who, _ in rows], [kind for _, _, kind in rows])
    return made.shuffled(seed)


def _person(chance: random.Random, number: int) -> dict[str, str]:
    country = chance.choice(list(_COUNTRIES))
    _, _, shape, given_names, family_names = _COUNTRIES[country]
    given, family, firm = chance.choice(given_names), chance.choice(family_names), chance.choice(_FIRMS)
    local = f"{given}.{family}{number}".lower().translate(_SPELLED)
    row = {
        "name": f"{given} {family}",
        "company": f"{firm} {chance.choice(['GmbH', 'Ltd', 'Co., Ltd.', 'Inc.'])}",
        "title": chance.choice(["CEO", "Buyer", "Engineer", "Student"]),
        "email": f"{local}@{firm.replace(' ', '').lower()}.example.com",
        "phone": _phone(shape, number),
        "country": country,
        "product_interest": chance.choice(["Sensors", "Robot arm", ""]),
    }
    if chance.random() < 0.15:
        row[chance.choice(["email", "phone", "country", "company"])] = ""
    return row


def _phone(shape: str, number: int) -> str:
    """A different number for each person: `number` spread over the places of the shape."""
    spread = 3001 + number * 7
    return shape.format(spread) if shape.count("{") == 1 else shape.format(spread // 10_000, spread % 10_000)


def _abroad(row: dict[str, str]) -> str:
    code, trunk, *_ = _COUNTRIES[row["country"]]
    digits = "".join(sign for sign in row["phone"] if sign.isdigit())
    return f"{code} {digits.removeprefix(trunk)}"


def _other_name(row: dict[str, str], chance: random.Random) -> dict[str, str]:
    given, family = row["name"].split(" ")
    plain = f"{given} {family}".translate(_SPELLED)
    forms = [f"{family}, {given}", f"{given[0]}. {family}", plain.upper(), f"{given}  {family}"]
    return row | {"name": chance.choice(forms), "phone": ""}


def _mistyped(row: dict[str, str], chance: random.Random) -> dict[str, str]:
    local, _, domain = row["email"].partition("@")
    at = local.index(".")
    slip = local[: at - 2] + local[at - 1] + local[at - 2] + local[at:]
    local = local.replace(".", "..", 1).replace("..", "_") if slip == local else slip
    return row | {"email": f"{local}@{domain}", "phone": _abroad(row)}


_KINDS = {
    "exact": lambda row, chance: row,
    "email_case": lambda row, chance: row | {"email": row["email"].upper() + " "},
    "phone_format": lambda row, chance: row | {"phone": _abroad(row), "title": "Owner"},
    "name_variant": _other_name,
    "email_missing_phone_same": lambda row, chance: row | {"email": "", "phone": _abroad(row)},
    "email_typo_phone_same": _mistyped,
}
