"""Whichever product's form it was: the same checks of each field, the same once-only rule, the same signs of spam, the
same cap on confirmations, and an intake's id opens that intake alone. What is told in which words is in the stories of
each; here the same is asked of all of them, and of a form of our own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from chalicelib.capture.suspicion import MOST_ALIKE
from chalicelib.flows.decide_kept import list_kept
from chalicelib.follow_up.confirmation_cap import MOST
from chalicelib.records.search import KeptQuery
from tests.stories.conftest import HTML, World, kept
from tests.stories.people import ADA, EVERYBODY
from tests.stories.test_intakes import OID, leads, open_for, parts
from tests.stories.test_intakes_google import lead_of
from tests.stories.test_intakes_hubspot import GUID
from tests.stories.test_intakes_segment import KEY, basic

JANA = {"name": "Jana Beispiel", "email": "jana@customer.example.com", "phone": "+49 30 123456",
        "message": "Which of your sensors fits hot oil?"}  # fmt: skip
Send = Callable[[World, str, dict[str, str]], httpx.Response]


def to_form(world: World, form_id: str, told: dict[str, str]) -> httpx.Response:
    return world.client.post(f"/f/{form_id}", json=told)


def to_salesforce(world: World, oid: str, told: dict[str, str]) -> httpx.Response:
    names = {"name": "last_name", "message": "description"}
    sent = {names.get(name, name): value for name, value in told.items()}
    return world.client.post("/servlet/servlet.WebToLead", data={"oid": oid, **sent})


def to_hubspot(world: World, intake_id: str, told: dict[str, str]) -> httpx.Response:
    portal, _, form = intake_id.partition("-")
    names = {"name": "lastname"}
    fields = [{"name": names.get(name, name), "value": value} for name, value in told.items()]
    return world.client.post(f"/submissions/v3/integration/submit/{portal}/{form}", json={"fields": fields})


def to_google(world: World, intake_id: str, told: dict[str, str]) -> httpx.Response:
    names = {"name": "FULL_NAME", "email": "EMAIL", "phone": "PHONE_NUMBER"}
    columns = [{"column_id": names.get(name, name), "string_value": value} for name, value in told.items()]
    # Google's own id of a lead: another for each, the same for each delivery.
    sent = lead_of(world, intake_id, lead_id=str(sorted(told.items())), user_column_data=columns)
    return world.client.post(f"/intakes/google/{intake_id}", json=sent)


def to_segment(world: World, key: str, told: dict[str, str]) -> httpx.Response:
    message = {"event": "Lead Submitted", "messageId": str(sorted(told.items())), "userId": "u", "properties": told}
    return world.client.post("/v1/track", json=message, headers=basic(key))


@dataclass(frozen=True)
class Way:
    """How a submission comes in. `refuses` is the answer to a field that is wrong, `strange` to an id of nobody's."""

    entry: str
    own_id: str
    send: Send
    refuses: int
    strange: tuple[str, int]

    def opened(self, world: World) -> str:
        if not self.entry:
            world.put(*EVERYBODY, ADA)
            return self.own_id
        return open_for(world, entry=self.entry, own_id=self.own_id, return_hosts="")


WAYS = (
    Way("", "contact", to_form, 422, ("nobody", 404)),
    Way("web-to-lead", OID, to_salesforce, 422, ("00D000000000000", 404)),
    Way("hubspot", f"62515/{GUID}", to_hubspot, 400, (f"62516-{GUID}", 404)),
    Way("google", "", to_google, 400, ("nobody", 403)),
    Way("segment", KEY, to_segment, 400, ("0" * 32, 401)),
)
EACH = pytest.mark.parametrize("way", WAYS, ids=lambda way: way.entry or "own form")


@EACH
def test_a_lead_comes_in_scored_owned_and_confirmed_and_twice_is_once(world: World, way: Way) -> None:
    intake_id = way.opened(world)
    for _ in range(3):
        assert way.send(world, intake_id, JANA).status_code in (200, 201)
    (lead,) = leads(world)
    assert (lead.full_name, lead.emails, lead.phones) == (JANA["name"], (JANA["email"],), ("+4930123456",))
    assert lead.assignment
    assert lead.score.reasons
    assert lead.touch_count == 1
    world.later(minutes=1)
    assert len(world.mails("jana@")) == 1
    # Another question of the same person is a touch more on the same record.
    way.send(world, intake_id, {**JANA, "message": "And which one fits water?"})
    assert [again.touch_count for again in leads(world)] == [2]
    assert parts(world) == (1, 1, 0, 0)


WRONG = ({"email": "nope"}, {"email": "a@example.org\r\nBcc: b@example.net"}, {"email": "a@example.org, b@example.net"})
SPAM = {
    "a link stands where a name should": {"name": "See www.spam.example"},
    "more links than a question needs": {"message": "http://a.example http://b.example http://c.example"},
    "a throw-away mailbox": {"email": "jana@mailinator.com"},
    "a field that people do not see was filled in": {"leave_empty": "x"},
    "reads like an advertisement": {"message": "Buy cheap backlinks, guest post and SEO services today"},
}


@EACH
def test_what_is_wrong_is_refused_and_kept_with_its_reason(world: World, way: Way) -> None:
    intake_id = way.opened(world)
    for wrong in WRONG:
        answer = way.send(world, intake_id, {**JANA, **wrong})
        assert answer.status_code == way.refuses
        assert "email" in answer.text.lower()
    unreachable = way.send(world, intake_id, {**JANA, "email": "", "phone": ""})
    # Who cannot be reached says nothing that would be kept: so it is with all that Segment sends.
    silent = way.entry == "segment"
    assert unreachable.status_code == (200 if silent else way.refuses)
    assert parts(world) == (0, 0, 0, len(WRONG) + (not silent))
    assert leads(world) == []
    world.later(minutes=1)
    assert world.mails() == []


@EACH
def test_spam_is_answered_alike_and_set_aside_with_the_sign(world: World, way: Way) -> None:
    intake_id = way.opened(world)
    good = way.send(world, intake_id, JANA)
    for n, spam in enumerate(SPAM.values()):
        bad = way.send(world, intake_id, {**JANA, "email": f"other{n}@customer.example.net", **spam})
        assert bad.status_code == good.status_code
        assert set(bad.json()) == set(good.json())
    assert parts(world) == (1, 0, len(SPAM), 0)
    found, _ = list_kept(world.deps, KeptQuery())
    assert sorted(reason.partition(": ")[0] for one in found for reason in one.reasons) == sorted(SPAM)


@EACH
def test_the_same_words_from_many_are_looked_at_first(world: World, way: Way) -> None:
    world.watch()
    intake_id = way.opened(world)
    for n in range(MOST_ALIKE + 1):
        way.send(world, intake_id, {**JANA, "email": f"p{n}@customer{n}.example.com", "phone": "", "name": f"P {n} Q"})
        world.later(seconds=20)
    assert parts(world) == (MOST_ALIKE, 0, 1, 0)
    assert kept(world).reasons == (f"the same words came again and again: {MOST_ALIKE + 1}",)


@EACH
def test_nobody_is_bombed_with_confirmations_through_it(world: World, way: Way) -> None:
    world.watch()
    intake_id = way.opened(world)
    for n in range(MOST + 2):
        way.send(world, intake_id, {**JANA, "message": f"Question {n}: which sensor fits hot oil?"})
        world.later(minutes=11)
    assert len(world.mails("jana@")) == MOST
    assert sum(parts(world)) == MOST + 2


@EACH
def test_an_id_of_nobodys_opens_nothing_and_a_withdrawn_one_no_more(world: World, way: Way) -> None:
    intake_id = way.opened(world)
    strange, status = way.strange
    assert way.send(world, strange, JANA).status_code == status
    world.sign_in("ada")
    page = f"/app/forms/intakes/{intake_id}" if way.entry else f"/app/forms/{intake_id}"
    shut = "withdraw" if way.entry else "close"
    assert world.client.post(f"{page}/{shut}", data={"csrf": world.csrf(page)}, headers=HTML).status_code == 303
    world.client.cookies.clear()
    assert way.send(world, intake_id, JANA).status_code == status
    assert parts(world) == (0, 0, 0, 0)


def test_the_id_of_one_products_intake_opens_no_other_products(world: World) -> None:
    made: dict[str, Any] = {way.entry: (way, way.opened(world)) for way in WAYS if way.entry}
    for way, _ in made.values():
        for other, intake_id in made.values():
            if other is not way:
                assert way.send(world, intake_id, JANA).status_code == way.strange[1], (way.entry, other.entry)
    assert parts(world) == (0, 0, 0, 0)
