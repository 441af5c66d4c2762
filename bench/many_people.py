"""People as a store has them: names that many share and names few have, companies of a few people each, in Latin and in
Han. The same for the same count."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from chalicelib.identify.folding import company_key, fold
from chalicelib.records.lead import Assignment, Lead, LeadStatus, Score
from chalicelib.records.ports import ReadModel, Ref, Stored
from chalicelib.records.touch import Source, Touch, TouchKind

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
REPS = tuple(f"rep-{n:02d}" for n in range(20))
_NAMES = json.loads(Path(__file__).with_name("people.json").read_text("utf-8"))
CAMPAIGNS = tuple(f"campaign-{n:02d}" for n in range(40))


def leads(count: int) -> Iterator[Lead]:
    chance = random.Random(1)
    for n in range(count):
        yield _lead(n, chance)


def _lead(n: int, chance: random.Random) -> Lead:
    han = chance.random() < 0.2
    name = _han_name(chance) if han else f"{chance.choice(_NAMES['given'])} {_family(chance)}"
    company = _han_company(chance) if han else _company(chance)
    local = f"person{n}" if han else ".".join(fold(name).split())
    phone = f"+86138{10_000_000 + n}" if han else f"+4930{20_000_000 + n}"
    at = NOW - timedelta(minutes=chance.randrange(500_000))
    return Lead(
        f"01L{n:023d}", name, company=company, emails=(f"{local}.{n}@{company_key(company) or 'x'}.example.com",),
        phones=(phone,), country="CN" if han else "DE", score=Score(chance.randrange(100)),
        status=chance.choices(list(LeadStatus), (50, 20, 12, 13, 5))[0], company_key=company_key(company),
        assignment=Assignment(chance.choice(REPS), (), "load", "1", at), created_at=at - timedelta(days=9),
        updated_at=at, touch_count=1, respond_by=at + timedelta(days=2),
    )  # fmt: skip


def _family(chance: random.Random) -> str:
    if chance.random() < 0.5:
        return chance.choice(_NAMES["family"])
    return chance.choice(_NAMES["heads"]) + "".join(chance.choices(_NAMES["parts"], k=chance.choice((1, 2))))


def _company(chance: random.Random) -> str:
    return f"{_family(chance)} {chance.choice(_NAMES['trades'])} {chance.choice(_NAMES['forms'])}"


def _han_name(chance: random.Random) -> str:
    given = chance.choices(_NAMES["han_given"], k=chance.choice((1, 2, 2)))
    return chance.choice(_NAMES["han_family"]) + "".join(given)


def _han_company(chance: random.Random) -> str:
    own = "".join(chance.choices(_NAMES["han_given"], k=2))
    return f"{chance.choice(_NAMES['places'])}{own}{chance.choice(_NAMES['han_trades'])}有限公司"


def fill(model: ReadModel, count: int, at_once: int = 2_000) -> None:
    """Each with the touch they came by, as the feed brings them."""
    people, number = leads(count), 0
    while group := list(islice(people, at_once)):
        changes: list[Any] = []
        for lead in group:
            source = Source(channel="Trade show")
            touch = Touch(f"T{number}", lead.lead_id, TouchKind.LIST, NOW, CAMPAIGNS[number % 40], source=source)
            changes += [(Ref(Lead, (lead.lead_id,)), Stored(lead, 1)),
                        (Ref(Touch, (lead.lead_id, touch.touch_id)), Stored(touch, 1))]  # fmt: skip
            number += 1
        model.apply(changes, NOW)
