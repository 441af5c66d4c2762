"""The meter counts as DynamoDB bills: each rule with an item whose size is known."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from chalicelib.store.dynamo_items import size_of, to_item
from chalicelib.store.dynamo_meter import Bill, Meter
from chalicelib.store.table import RowWrite
from tests.store.dynamo import Desk, put
from tests.store.dynamo import desk as open_desk


@dataclass
class Metered:
    desk: Desk
    meter: Meter

    def write(self, *groups: list[RowWrite]) -> Bill:
        self.desk.table.write(groups)
        return self.meter.take()


@pytest.fixture
def metered() -> Iterator[Metered]:
    with open_desk() as opened:
        yield Metered(opened, Meter(opened.clients.dynamodb()))


def random_body(size: int) -> bytes:
    """A body that does not compress."""
    return random.Random(size).randbytes(size)


def due(pk: str, due_at: str | None, if_version: int, body: bytes = b"{}") -> RowWrite:
    return RowWrite(pk, "S", "Kind", body, due_at, if_version)


def test_an_item_weighs_its_names_and_values():
    item = to_item(("LEAD#1", "LEAD"), "Lead", 12, b"0123456789", None, "abcdefgh")
    # pk 2+6, sk 2+4, kind 4+4, version 7+2, body 4+10, write_id 8+8
    assert size_of(item) == 8 + 6 + 8 + 9 + 14 + 16
    waiting = to_item(("LEAD#1", "LEAD"), "Lead", 12, b"", "2026-11-25T19:00:00.000Z", "abcdefgh")
    # due_shard 9+1, due_at 6+24
    assert size_of(waiting) == 51 + 10 + 30


def test_a_put_takes_a_unit_for_each_kilobyte_and_a_transaction_two(metered: Metered):
    assert metered.write([put("A")]).write_units == 1
    assert metered.write([put("B", body=random_body(1500))]).write_units == 2
    assert metered.write([put("C"), put("D", body=random_body(1500))]).write_units == 2 + 4


def test_a_smaller_item_over_a_larger_one_is_billed_by_the_larger(metered: Metered):
    metered.write([put("A", body=random_body(2500))])
    assert metered.write([put("A", 1)]).write_units == 3
    assert metered.write([put("A", 2)]).write_units == 1


def test_what_crosses_a_kilobyte_is_compressed_where_that_saves_a_unit(metered: Metered):
    body = b'{"name":"' + b"Maria Beispiel " * 70 + b'"}'
    assert metered.write([put("A", body=body)]).write_units == 1
    assert metered.desk.table.get_many([("A", "S")])["A", "S"].body == body


def test_the_index_takes_a_unit_for_an_entry_that_comes_goes_or_changes_and_two_for_one_that_moves(metered: Metered):
    assert metered.write([due("A", "2026-1", 0)]).write_units == 1 + 1
    assert metered.write([due("A", "2026-2", 1)]).write_units == 1 + 2
    # The entry holds the version.
    assert metered.write([due("A", "2026-2", 2)]).write_units == 1 + 1
    assert metered.write([due("A", None, 3)]).write_units == 1 + 1
    assert metered.write([due("A", None, 4)]).write_units == 1


def test_a_failed_condition_is_billed(metered: Metered):
    metered.write([put("A", body=random_body(1500))])
    bill = metered.write([put("A")])
    assert (bill.write_units, bill.calls) == (2, {"PutItem": 1})


def test_an_unconditional_write_is_known_for_what_it_leaves(metered: Metered):
    metered.write([put("A", None, random_body(1500))])
    metered.write([put("A", None)])
    assert metered.write([put("A", None)]).write_units == 2
    assert metered.meter.sizes() == {"Kind": [size_of(to_item(("A", "S"), "Kind", 3, b"{}", None, "abcdefgh"))]}


def test_a_batch_rounds_up_for_each_item_and_bills_absent_ones(metered: Metered):
    metered.write([put("A", body=random_body(5000))])
    metered.desk.table.get_many([("A", "S"), ("B", "S"), ("C", "S")])
    bill = metered.meter.take()
    assert (bill.read_units, bill.calls) == (4, {"BatchGetItem": 1})


def test_a_query_rounds_up_once(metered: Metered):
    metered.write(*[[put("A", body=random_body(1500), sk=f"{n}")] for n in range(6)])
    metered.desk.table.query("A", "", "", 10)
    assert metered.meter.take().read_units == 3


def test_a_look_into_the_due_index_is_eight_half_units(metered: Metered):
    metered.desk.table.due("2027", 10, "")
    bill = metered.meter.take()
    assert (bill.read_units, bill.calls) == (4, {"Query": 8})
