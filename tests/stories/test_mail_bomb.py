"""Somebody sends our forms with a stranger's address, again and again: the stranger gets a handful of confirmations and
no more, and every post is stored all the same; on either engine."""

from dataclasses import replace
from typing import Any

import httpx

from chalicelib import wiring
from chalicelib.follow_up.confirmation_cap import MOST
from chalicelib.records.mail_ports import Mail, TransportError
from chalicelib.records.message import Message, MessageState
from chalicelib.records.ports import Ref
from tests.stories.conftest import HTML, World
from tests.stories.people import ADA, EVERYBODY


def post(world: World, n: int, email: str, name: str = "Jana Beispiel") -> httpx.Response:
    sent = {"name": name, "email": email, "message": f"Please send me the catalogue number {n}."}
    answer = world.client.post("/f/contact", data=sent, headers=HTML)
    assert answer.status_code == 303, answer.text
    world.later(minutes=1)
    return answer


def test_one_mailbox_gets_five_confirmations_a_day_and_every_post_is_stored(world: World) -> None:
    world.put(*EVERYBODY, ADA)
    world.watch()
    answers = [post(world, n, "jana@victim.example.com" if n % 2 else "jana+x@victim.example.com") for n in range(8)]
    assert len([mail for mail in world.mails() if "victim" in str(mail.entry.to)]) == MOST
    assert len({world.lead_id(answer) for answer in answers}) == 1
    page = world.client.get(answers[-1].headers["location"], headers=HTML).text
    assert "No further confirmation by mail" in page
    assert world.client.get(answers[-1].headers["location"]).json()["confirmation"] == "enough"
    # The request itself went its way.
    assert world.client.get(answers[-1].headers["location"]).json()["with"]

    # A person of ours sees what was kept back, and may let it go.
    world.sign_in("ada")
    shown = world.client.get("/app/operations/mail", headers=HTML).text
    assert shown.count("enough confirmations went to this address within a day") == 8 - MOST
    lead_id = world.lead_id(answers[-1])
    kept_back = [s.value for s in world.deps.store.query(Message, lead_id) if s.value.state is MessageState.SUPPRESSED]
    path = f"/app/operations/mail/{lead_id}/{kept_back[0].message_id}"
    token = world.csrf("/app/operations/mail")
    world.client.post(path, data={"csrf": token, "decision": "again"}, headers=HTML)
    world.work()
    (sent,) = world.deps.store.get_many([Ref(Message, (lead_id, kept_back[0].message_id))])
    assert sent
    assert sent.value.state is MessageState.SENT

    # A day later the person's own request is confirmed again.
    world.later(days=1)
    before = len(world.mails("jana@victim.example.com"))
    post(world, 99, "jana@victim.example.com")
    assert len(world.mails("jana@victim.example.com")) == before + 1


def test_a_role_address_is_guarded_whatever_names_are_sent_with_it(world: World) -> None:
    world.put(*EVERYBODY)
    world.watch()
    names = ["Ann Alpha", "Bob Beta", "Cem Gamma", "Dora Delta", "Emil Epsilon", "Fay Zeta", "Gus Eta"]
    answers = [post(world, n, "info@victim.example.com", name) for n, name in enumerate(names)]
    assert len({world.lead_id(answer) for answer in answers}) == len(names)
    assert len(world.mails("info@victim.example.com")) == MOST


def test_who_has_forgotten_what_was_sent_counts_what_lies_with_the_person(world: World) -> None:
    world.put(*EVERYBODY)
    world.watch()
    for n in range(MOST):
        post(world, n, "jana@victim.example.com")
    world.watch()  # another process
    post(world, MOST, "jana@victim.example.com")
    assert len(world.mails("jana@victim.example.com")) == MOST


class FirstFails:
    """A mail service out of order, as each mail meets it the first time."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self._met: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def send(self, mail: Mail) -> None:
        if mail.message_id not in self._met:
            self._met.add(mail.message_id)
            raise TransportError("out of order")
        self._transport.send(mail)


def test_an_outage_of_the_mail_takes_none_of_the_five(world: World) -> None:
    world.put(*EVERYBODY)
    world.watch()
    box = world.deps.transport
    world.deps = replace(world.deps, transport=FirstFails(box))
    wiring.use(replace(wiring.service(), deps=world.deps))
    names = ["Ann Alpha", "Bob Beta", "Cem Gamma", "Dora Delta", "Emil Epsilon", "Fay Zeta"]
    for n, name in enumerate(names):
        sent = {"name": name, "email": "info@victim.example.com", "message": f"Please send me catalogue {n}."}
        assert world.client.post("/f/contact", data=sent, headers=HTML).status_code == 303
    world.work()
    world.later(hours=1)
    world.later(hours=6)
    world.deps = replace(world.deps, transport=box)
    assert len(world.mails("info@victim.example.com")) == MOST
