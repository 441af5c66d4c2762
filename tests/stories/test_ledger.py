"""The ledger at the end of every story bites."""

from pathlib import Path

import httpx
import pytest

from chalicelib.records.ports import Delete, Ref
from chalicelib.records.receipt import Receipt
from chalicelib.records.touch import Touch, TouchKind
from tests.handlers.desk import open_desk
from tests.stories.ledger import Ledger, balanced, wrong_with


def test_an_acknowledged_post_without_a_receipt_is_missed(tmp_path: Path) -> None:
    desk = open_desk(tmp_path)
    world = desk.world
    desk.ask()
    world.client.post("/f/contact", json={"name": "Max", "email": "max@customer.example.org"})
    assert len(world.ledger.links) == 2
    balanced(world.deps, world.ledger)
    receipt = world.receipt(httpx.Response(303, headers={"location": world.ledger.links[0]}))
    world.deps.store.commit([Delete(Ref(Receipt, (receipt.token,)))])
    assert world.ledger.missing(world.deps) == [world.ledger.links[0]]
    with pytest.raises(AssertionError, match="acknowledged and not stored"):
        balanced(world.deps, world.ledger)


def test_a_refused_post_is_no_acknowledgement(tmp_path: Path) -> None:
    world = open_desk(tmp_path).world
    world.client.post("/f/contact", json={"name": "Max"})
    world.client.get("/f/contact")
    assert world.ledger == Ledger()


def test_a_submission_that_nothing_counts_is_told(tmp_path: Path) -> None:
    desk = open_desk(tmp_path)
    desk.ask()
    desk.world.put(Touch("T9", "L9", TouchKind.FORM, desk.world.now))
    desk.world.work()
    assert wrong_with(desk.world.deps) == ["submissions that are stored and not counted: 1"]
