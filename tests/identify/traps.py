"""A harder list: people who look alike and are not the same, and people who look different and are. Fictional names,
numbers of ranges kept for fiction (030 23125…, 07700 900…), example domains but where a provider's own rule is meant.

Each trap makes rows (name, company, email, phone) with whose they are; `n` keeps the traps apart from each other."""

import random
from collections.abc import Callable

from tests.identify.lists import Made

Row = tuple[str, str, str, str, str]  # whose, name, company, e-mail, phone

_FAMILY = ("Weber", "Koch", "Evans", "Lopez", "Richter", "Walker", "Sommer", "Vogt", "Hartmann", "Seidel")


def phone(n: int) -> str:
    return f"+49 30 23125 {n:03d}" if n < 1000 else f"+44 7700 900{n - 1000:03d}"


# ---- two people who must stay two


def switchboard(n: int, family: str) -> list[Row]:
    firm, number = f"Nordwerk {n} GmbH", phone(n)
    return [
        ("a", f"Anna {family}", firm, f"anna@nordwerk{n}.example.com", number),
        ("b", "Tomas Brandt", firm, f"tomas@nordwerk{n}.example.com", number),
        ("c", "Grace Okoro", firm, "", number),
    ]


def role_address(n: int, family: str) -> list[Row]:
    firm, address = f"Alpha {n} KG", f"info@alpha{n}.example.com"
    return [("a", f"Anna {family}", firm, address, ""), ("b", "Jan Sievers", firm, address, ""),
            ("c", "Ida Lund", firm, f"sales@alpha{n}.example.com", phone(n))]  # fmt: skip


def namesakes(n: int, family: str) -> list[Row]:
    firm = f"Vector {n} Ltd"
    return [("a", f"John {family}", firm, f"john.{family.lower()}@vector{n}.example.com", phone(n)),
            ("b", f"John {family}", firm, f"j.{family.lower()}.ops@vector{n}.example.com", "")]  # fmt: skip


def namesakes_behind_one_switchboard(n: int, family: str) -> list[Row]:
    firm, low = f"Iron {n} AG", family.lower()
    return [("a", f"John {family}", firm, f"john.{low}@iron{n}.example.com", phone(n)),
            ("b", f"John {family}", firm, f"j.{low}.ops@iron{n}.example.com", phone(n))]  # fmt: skip


def numbered_addresses(n: int, family: str) -> list[Row]:
    firm, low = f"Delta {n} Inc.", family.lower()
    return [("a", f"John {family}", firm, f"{low}1@delta{n}.example.com", phone(n)),
            ("b", f"John {family}", firm, f"{low}2@delta{n}.example.com", phone(n))]  # fmt: skip


def family_phone(n: int, family: str) -> list[Row]:
    return [("a", f"Heike {family}", "", "", phone(n)), ("b", f"Lukas {family}", "", "", phone(n))]


def pair_of_names(n: int, family: str) -> list[Row]:
    firm = f"Summit {n} GmbH"
    return [("a", f"Martin {family}", firm, "", phone(n)), ("b", f"Martina {family}", firm, "", phone(n))]


def homophones(n: int, _: str) -> list[Row]:
    firm = f"星河{n}有限公司"
    return [("a", "张伟", firm, f"zw@xinghe{n}.example.com", phone(n)), ("b", "章伟", firm, "", phone(n))]


def han_and_another_pinyin(n: int, _: str) -> list[Row]:
    firm = f"Kanto {n} Co., Ltd."
    return [("a", "李静", firm, "", phone(n)), ("b", "Wang Xiaoming", firm, "", phone(n))]


def another_company(n: int, family: str) -> list[Row]:
    return [("a", f"Anna {family}", f"Orion Tech {n}", "", ""), ("b", f"Anna {family}", f"Orion Foods {n}", "", "")]


def name_alone_beside_twins(n: int, family: str) -> list[Row]:
    firm = f"Apex {n} Ltd"
    return [("a", f"Mary {family}", firm, f"mary@apex{n}.example.com", ""),
            ("b", f"Mary {family}", firm, f"mary.{family.lower()}@apex{n}.example.com", ""),
            ("c", f"Mary {family}", firm, "", "")]  # fmt: skip


def initial_of_two(n: int, family: str) -> list[Row]:
    firm = f"Prime {n} KG"
    return [("a", f"Anna {family}", firm, f"anna@prime{n}.example.com", phone(n)),
            ("b", f"Andrea {family}", firm, f"andrea@prime{n}.example.com", phone(n)),
            ("c", f"A. {family}", firm, "", phone(n))]  # fmt: skip


def tags_of_a_shared_mailbox(n: int, family: str) -> list[Row]:
    return [("a", f"Anna {family}", "", f"stand+anna@metro{n}.example.com", ""),
            ("b", "Piet Bakker", "", f"stand+piet@metro{n}.example.com", "")]  # fmt: skip


def alike_at_a_free_provider(n: int, family: str) -> list[Row]:
    low = family.lower()
    return [("a", f"Anna {family}", "", f"anna.{low}.{n}@gmail.com", ""),
            ("b", f"Anna {family}", "", f"anna.{low}{n}1@gmail.com", "")]  # fmt: skip


# ---- one person under two guises: ("a", …) twice


def _twice(n: int, first: tuple[str, str, str, str], second: tuple[str, str, str, str]) -> list[Row]:
    return [("a", *first), ("a", *second)]


def tag(n: int, family: str) -> list[Row]:
    name, address = f"Anna {family}", f"anna.{family.lower()}@tag{n}.example.com"
    return _twice(n, (name, "", address, ""), (name, "", address.replace("@", "+expo@"), ""))


def gmail_dots(n: int, family: str) -> list[Row]:
    name = f"Eva {family}"
    return _twice(n, (name, "", f"eva.leadline.{n}@gmail.com", ""), (name, "", f"evaleadline{n}@googlemail.com", ""))


def umlauts(n: int, _: str) -> list[Row]:
    return _twice(n, ("Jürgen Größ", f"Rhein {n} AG", "", phone(n)), ("Juergen Groess", "", "", phone(n)))


def diacritics(n: int, _: str) -> list[Row]:
    return _twice(n, ("José Núñez", "", "", phone(n)), ("NUNEZ, JOSE", "", "", phone(n)))


def nickname(n: int, family: str) -> list[Row]:
    return _twice(
        n, (f"Robert {family}", "", f"rob{n}@nick.example.com", phone(n)), (f"Bob {family}", "", "", phone(n))
    )


def initials(n: int, family: str) -> list[Row]:
    address = f"katrin@init{n}.example.com"
    return _twice(n, (f"Katrin {family}", "", address, ""), (f"K. {family}", "", address.upper(), ""))


def swapped_order(n: int, family: str) -> list[Row]:
    return _twice(n, (f"Stefan {family}", "", "", phone(n)), (f"{family}, Stefan", "", "", phone(n)))


def transposed_letters(n: int, family: str) -> list[Row]:
    return _twice(n, (f"Stephen {family}", "", "", phone(n)), (f"Stehpen {family}", "", "", phone(n)))


def traditional_han(n: int, _: str) -> list[Row]:
    return _twice(n, ("張國偉", f"環宇{n}科技有限公司", "", phone(n)), ("张国伟", "", "", phone(n)))


def traditional_han_by_name_and_company(n: int, _: str) -> list[Row]:
    return _twice(n, ("陳麗華", f"東方電子{n}有限公司", "", ""), ("陈丽华", f"东方电子{n}", "", ""))


def pinyin(n: int, _: str) -> list[Row]:
    return _twice(n, ("王小明", "", f"wxm@py{n}.example.com", phone(n)), ("Xiaoming Wang", "", "", phone(n)))


def company_suffix(n: int, family: str) -> list[Row]:
    name = f"Nina {family}"
    return _twice(n, (name, f"Quantum Optics {n} GmbH & Co. KG", "", ""), (name, f"QUANTUM-OPTICS {n}", "", ""))


def company_alias(n: int, family: str) -> list[Row]:
    name = f"Otto{'abcdefghij'[n % 10] * (1 + n // 10)} {family}"
    return _twice(n, (name, "Volkswagen AG", "", ""), (name, "VW", "", ""))


def mistyped_address(n: int, family: str) -> list[Row]:
    name, firm, domain = f"Sabine {family}", f"Urban {n} GmbH", f"urban{n}.example.com"
    return _twice(n, (name, firm, f"sabine@{domain}", phone(n)), (name, firm, f"sabien@{domain}", phone(n)))


def one_address_two_names(n: int, family: str) -> list[Row]:
    address = f"weekend{n}@home.example.org"
    return _twice(n, (f"Anna {family}", "", address, ""), ("Peter Lang", "", address, ""))


def role_address_and_name(n: int, family: str) -> list[Row]:
    address = f"office@global{n}.example.com"
    return _twice(n, (f"Leo {family}", f"Global {n}", address, ""), (f"{family} Leo", f"Global {n} Ltd", address, ""))


def name_alone(n: int, family: str) -> list[Row]:
    name, firm = f"Emily {family}", f"Crystal {n} LLC"
    return _twice(n, (name, firm, f"emily@crystal{n}.example.com", phone(n)), (name, firm, "", ""))


Trap = Callable[[int, str], list[Row]]
APART: tuple[Trap, ...] = (
    switchboard, role_address, namesakes, namesakes_behind_one_switchboard, numbered_addresses, family_phone,
    pair_of_names, homophones, han_and_another_pinyin, another_company, name_alone_beside_twins, initial_of_two,
    tags_of_a_shared_mailbox, alike_at_a_free_provider,
)  # fmt: skip
ONE: tuple[Trap, ...] = (
    tag, gmail_dots, umlauts, diacritics, nickname, initials, swapped_order, transposed_letters, traditional_han,
    traditional_han_by_name_and_company, pinyin, company_suffix, company_alias, mistyped_address, one_address_two_names,
    role_address_and_name, name_alone,
)  # fmt: skip


def make_traps(times: int = 10, seed: int = 1) -> Made:
    """Every trap `times` over, the rows in any order; kinds are the traps' names."""
    chance = random.Random(seed)
    rows, people, kinds = [], [], []
    numbers = iter(range(times * len(APART + ONE)))
    for _ in range(times):
        for trap in APART + ONE:
            number = next(numbers)
            for whose, name, company, email, number_of in trap(number, chance.choice(_FAMILY)):
                rows.append({"name": name, "company": company, "title": "", "email": email, "phone": number_of,
                             "country": "", "product_interest": ""})  # fmt: skip
                people.append(f"{trap.__name__} {number} {whose}")
                kinds.append(trap.__name__)
    return Made(rows, people, kinds).shuffled(seed)
