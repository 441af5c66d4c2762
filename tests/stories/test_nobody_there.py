"""The first minutes of a service, or a team that has left: what comes in meanwhile waits for somebody, not for ever.

Told in this process: wherever else stories are told, somebody is there."""

from dataclasses import replace

from chalicelib.records.lead import Assignment, Lead, Note
from chalicelib.records.search import LeadQuery
from chalicelib.records.touch import Request
from tests.stories.conftest import HTML, World
from tests.stories.people import ADS, ANNA, CONTACT, EVA, FAIR

JANA = {"name": "Jana Beispiel", "email": "jana@customer.example.com", "message": "Please send us a quotation."}


def ask(world: World, **changed: str) -> None:
    assert world.client.post("/f/contact", data={**JANA, **changed}, headers=HTML).status_code == 303
    world.work()


def assignments(world: World) -> list[Assignment | None]:
    found = [world.deps.store.get(Lead, row.lead_id) for row in world.deps.model.leads(LeadQuery()).rows]
    return [stored.value.assignment for stored in found if stored]


def test_what_came_before_anybody_was_there_is_given_to_the_first_who_can_take_it(world: World) -> None:
    world.put(FAIR, ADS, CONTACT)
    ask(world)
    (before,) = assignments(world)
    assert before
    assert before.owner_id == "unassigned"
    world.put(ANNA)
    world.later(minutes=1)
    (after,) = assignments(world)
    assert after
    assert (after.owner_id, after.reasons[0]) == ("anna", "nobody was there to take it before")
    (row,) = world.deps.model.leads(LeadQuery()).rows
    (request,) = world.deps.store.query(Request, row.lead_id)
    assert request.value.owner_id == "anna"
    assert "nobody was there" in request.value.history[-1][2]
    assert [note.value.kind for note in world.deps.store.query(Note, row.lead_id)] == ["owner"]
    world.later(minutes=1)
    assert "Jana Beispiel" in world.mails("anna@example.com")[0].text


def test_while_nobody_is_there_nothing_is_written_again_and_again(world: World) -> None:
    world.put(FAIR, ADS, CONTACT, replace(ANNA, active=False))
    ask(world)
    (row,) = world.deps.model.leads(LeadQuery()).rows
    stored = world.deps.store.get(Lead, row.lead_id)
    for _ in range(3):
        world.deps.directory.forget()
        world.later(minutes=1)
    assert world.deps.store.get(Lead, row.lead_id) == stored
    assert world.deps.store.query(Note, row.lead_id) == []


def test_a_manager_takes_what_waits_until_there_is_a_rep(world: World) -> None:
    world.put(FAIR, ADS, CONTACT)
    ask(world)
    ask(world, name="Timo Test", email="timo@customer.example.net")
    world.put(EVA)
    world.later(minutes=1)
    assert {found.owner_id for found in assignments(world) if found} == {"eva"}
