"""Who comes: people with addresses and phones, what they send and how often, and the lists they are on."""

import random
from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib.flows.submission import Submission
from chalicelib.records.campaign import Campaign
from chalicelib.records.contact import Contact
from chalicelib.records.event import Seminar
from chalicelib.records.rep import Rep, WorkingWeek
from chalicelib.records.touch import TouchKind
from tests.stories.people import ADA, ADS, ANNA, BEN, CONTACT, EVA, FAIR, SIGN_UP
from tests.worlds.scheduler import START

_ROUND_THE_CLOCK = WorkingWeek(zone="UTC", opens=0, closes=24 * 60, weekdays=(1, 2, 3, 4, 5, 6, 7))
# Always at work, so that a world of days sees every escalation; CARA leaves in the middle of it.
CARA = Rep("cara", "Cara Example", "cara@example.com", manager_id="eva")
REPS = tuple(replace(rep, week=_ROUND_THE_CLOCK, capacity=100_000) for rep in (ANNA, BEN, CARA, EVA, ADA))
SEMINAR = Seminar(
    "sensors", "Choosing a sensor", START + timedelta(days=2), START + timedelta(days=2, hours=2), "Europe/Berlin",
    "2026-03-04T08:00", "Hall 2", 20,
)  # fmt: skip
MEETING = replace(CONTACT, form_id="meeting", campaign_id="fair")
SET_UP = (*REPS, FAIR, ADS, Campaign("show", "Autumn show", "Trade show"), CONTACT, MEETING, SIGN_UP, SEMINAR)

_FIRST = ("Ada", "Bela", "Carla", "Dora", "Emil", "Fritz", "Greta", "Hanna", "Igor", "Jana", "Klara", "Lena", "Mats",
          "Nora", "Otto", "Paula", "Quirin", "Rosa", "Sven", "Tilda")  # fmt: skip
_SYLLABLES = ("ba", "do", "fe", "gi", "ku", "la", "mo", "ne", "pi", "ra", "su", "ti", "vo", "we", "xa", "zu")


@dataclass(frozen=True, slots=True)
class Person:
    number: int
    name: str
    email: str
    phone: str
    company: str


def person(number: int) -> Person:
    """The same for the same number. Every fifth shares a switchboard with others."""
    chance = random.Random(number * 7919)
    family = "".join(chance.choice(_SYLLABLES) for _ in range(4)).capitalize()
    shared = number % 5 == 0
    phone = f"+49 30 9{number % 40:03d}00" if shared else f"+49 30 5{number:07d}" if number % 2 else ""
    company = f"{chance.choice(_SYLLABLES).capitalize()}werk {number % 97} GmbH"
    return Person(number, f"{chance.choice(_FIRST)} {family}", f"p{number}@c{number % 89}.example.com", phone, company)


@dataclass(frozen=True, slots=True)
class Visit:
    """What somebody sends, and how: `times` at once (a double click), with a one-time token or without."""

    number: int
    person: Person
    submission: Submission
    times: int
    patient: bool

    @property
    def text(self) -> str:
        return self.submission.contact.message


class Crowd:
    """Visitors of one world. `doubled` is the share of double clicks, `sign_ups` that of sign-ups to the seminar."""

    def __init__(self, chance: random.Random, doubled: float, persons: int, sign_ups: float) -> None:
        self._chance, self._doubled, self._persons, self._sign_ups = chance, doubled, persons, sign_ups
        self._signed_up: set[int] = set()

    def visit(self, number: int) -> Visit:
        chance = self._chance
        who = person(chance.randrange(self._persons))
        kinds = (TouchKind.FORM, TouchKind.API, TouchKind.SCAN, TouchKind.SEMINAR)
        kind = chance.choices(kinds, (0.8, 0.12, 0.08, self._sign_ups))[0]
        if kind is TouchKind.SEMINAR and who.number in self._signed_up:
            kind = TouchKind.FORM
        if kind is TouchKind.SEMINAR:
            self._signed_up.add(who.number)
        times = 2 if chance.random() < self._doubled else 1
        with_token = kind is not TouchKind.FORM or chance.random() < 0.8
        return Visit(number, who, self._submission(number, who, kind, with_token), times, chance.random() < 0.8)

    def _submission(self, number: int, who: Person, kind: TouchKind, with_token: bool) -> Submission:
        name = who.name.upper() if self._chance.random() < 0.1 else who.name
        contact = Contact(
            full_name=name, company=who.company, emails=(who.email,), phones=(who.phone,) if who.phone else (),
            country="DE", message=f"Message {number}: a quotation, please",
        )  # fmt: skip
        forms = {TouchKind.FORM: self._chance.choice((CONTACT, MEETING)), TouchKind.SEMINAR: SIGN_UP}
        form = forms.get(kind)
        return Submission(
            contact, kind, token=f"visit-{number}" if with_token else "", visitor=f"203.0.113.{who.number % 250}",
            form=form, campaign_id=form.campaign_id if form else "fair",
        )  # fmt: skip

    def list_of(self, rows: int) -> bytes:
        """A list: people some of whom are known, some twice, and rows of which nothing can be made."""
        lines = ["name,email,company,phone"]
        for _ in range(rows):
            who = person(self._chance.randrange(self._persons * 2))
            lines.append(",,," if self._chance.random() < 0.02 else f"{who.name},{who.email},{who.company},{who.phone}")
        return "\n".join(lines).encode()
