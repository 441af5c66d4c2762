"""What a submission asks of the store and of what stands beside it: the figures a deployment on AWS pays for."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from chalicelib.flows.keep_counts import count_workload
from chalicelib.records.lead import Lead
from chalicelib.records.receipt import MatchKey
from chalicelib.records.search import LeadQuery
from chalicelib.store.directory import CachedDirectory, CountedLoads
from chalicelib.wiring import service, use
from tests.stories.conftest import KEY, World
from tests.stories.people import EVERYBODY

JANA = {"name": "Jana Beispiel", "email": "jana@customer.example.com", "phone": "+49 30 123456"}


@dataclass
class Counted:
    """A store that notes each call."""

    store: Any
    calls: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.store, name)

        def call(*given: Any, **named: Any) -> Any:
            self.calls.append(name)
            return found(*given, **named)

        return call


class NoModel:
    """A read model that is not there."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"the capture path asked the read model: {name}")


@pytest.fixture
def counted(world: World) -> Counted:
    """As wired on AWS: loads as counted, the configuration cached, the read model far away."""
    world.put(*EVERYBODY)
    store = Counted(world.deps.store)
    directory = CachedDirectory(store, CountedLoads(store), seconds=60)  # type: ignore[arg-type]
    far = replace(world.deps, store=store, directory=directory, model=NoModel())  # type: ignore[arg-type]
    use(replace(service(), deps=far))
    # What a fresh process reads once.
    world.client.post("/f/contact", json={"name": "First Visitor", "email": "first@customer.example.com"})
    store.calls.clear()
    return store


def test_a_strangers_form_takes_two_calls_of_the_store(world: World, counted: Counted) -> None:
    assert world.client.post("/f/contact", json=JANA).status_code == 201
    assert counted.calls == ["get_many", "commit"]


def test_a_known_persons_form_takes_three(world: World, counted: Counted) -> None:
    world.client.post("/f/contact", json=JANA)
    counted.calls.clear()
    assert world.client.post("/f/contact", json={**JANA, "message": "again"}).status_code == 201
    assert counted.calls == ["get_many", "get_many", "commit"]


def test_of_a_card_with_more_than_enough_on_it_eight_keys_and_two_people_are_read(
    world: World, counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of its addresses and numbers is another person's, so that many are found."""
    points = [(f"jana{n}@customer{n}.example.com", f"+49 30 2312500{n}") for n in range(5)]
    for number, (email, phone) in enumerate(points):
        given = {"name": f"Jana Beispiel{number}", "email": email, "phone": phone, "company": f"Firma {number} GmbH"}
        world.client.post("/f/contact", json=given)
    card = "BEGIN:VCARD\nVERSION:3.0\nFN:Jana Beispiel\nORG:Firma 1 GmbH\n"
    card += "".join(f"EMAIL:{email}\nTEL:{phone}\n" for email, phone in points) + "END:VCARD\n"
    asked: list[list[type]] = []
    read = counted.store.get_many
    monkeypatch.setattr(counted.store, "get_many", lambda refs: (asked.append([r.kind for r in refs]), read(refs))[1])
    headers = {"Authorization": f"Bearer {KEY}"}
    assert world.client.post("/v1/scans", json={"card": card, "campaign": "fair"}, headers=headers).status_code == 201
    keys, people = [kinds.count(MatchKey) for kinds in asked], [kinds.count(Lead) for kinds in asked]
    assert [number for number in keys if number] == [8]
    assert [number for number in people if number] == [2]


def test_who_has_much_to_do_as_counted_gets_less(world: World) -> None:
    world.put(*EVERYBODY)
    for number in range(4):
        world.client.post(
            "/f/contact", json={"name": f"G {number}", "email": f"g{number}@customer{number}.example.com"}
        )
    world.work()
    busy = replace_owner(world, "anna")
    count_workload(world.deps)
    directory = CachedDirectory(world.deps.store, CountedLoads(world.deps.store))
    assert directory.load() == {"anna": busy}
    use(replace(service(), deps=replace(world.deps, directory=directory)))
    world.client.post("/f/contact", json=JANA)
    world.work()
    (row,) = world.deps.model.leads(LeadQuery(text="jana")).rows
    assert row.owner_id != "anna"


def replace_owner(world: World, rep_id: str) -> int:
    """Make everybody's lead theirs; how many those are."""
    rows = world.deps.model.leads(LeadQuery()).rows
    for row in rows:
        stored = world.deps.store.get(Lead, row.lead_id)
        assert stored
        assert stored.value.assignment
        world.put(replace(stored.value, assignment=replace(stored.value.assignment, owner_id=rep_id)))
    world.work()
    return len(rows)
