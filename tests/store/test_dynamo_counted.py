"""The counted table bills what the engine's calls to DynamoDB would be billed: the same work on both, the same bill."""

import random
from collections.abc import Iterator

import pytest

from chalicelib.store.dynamo_counted import CountedTable
from chalicelib.store.dynamo_meter import Meter
from chalicelib.store.table import RowWrite
from tests.store.dynamo import Desk
from tests.store.dynamo import desk as open_desk

Groups = list[list[RowWrite]]


@pytest.fixture
def desk() -> Iterator[Desk]:
    with open_desk() as opened:
        yield opened


def group(chance: random.Random) -> list[RowWrite]:
    return [row(chance) for _ in range(chance.choice((1, 1, 2, 5)))]


def row(chance: random.Random) -> RowWrite:
    body = None if chance.random() < 0.1 else chance.randbytes(chance.choice((2, 200, 1_500, 5_000)))
    due_at = chance.choice((None, None, "2026-03-01", "2026-03-02"))
    if_version = chance.choice((None, 0, 0, 1, 2))
    return RowWrite(f"P{chance.randrange(4)}", f"S{chance.randrange(6)}", "Kind", body, due_at, if_version)


@pytest.mark.parametrize("seed", range(6))
def test_the_same_work_has_the_same_answers_and_the_same_bill(desk: Desk, seed: int) -> None:
    chance = random.Random(seed)
    counted, meter = CountedTable(), Meter(desk.clients.dynamodb())
    for _ in range(12):
        groups = [group(chance) for _ in range(chance.choice((1, 1, 3)))]
        assert counted.write(groups) == desk.table.write(groups)
        keys = [(f"P{chance.randrange(5)}", f"S{chance.randrange(8)}") for _ in range(chance.choice((1, 4)))]
        assert counted.get_many(keys) == desk.table.get_many(keys)
        asked = (f"P{chance.randrange(4)}", "S", chance.choice(("", "S2")), chance.choice((2, 100)))
        assert counted.query(*asked) == desk.table.query(*asked)
        until, limit = chance.choice(("2026-03-01", "2026-04")), chance.choice((1, 50))
        shown = [{(r.pk, r.sk) for r in table.due(until, limit, "")} for table in (counted, desk.table)]
        assert limit == 1 or shown[0] == shown[1]
        ours, theirs = counted.tally.take(), meter.take()
        assert ours.calls == theirs.calls
        assert ours.written == theirs.written
        assert ours.read_units == pytest.approx(theirs.read_units)


def test_what_was_written_is_the_stream(desk: Desk) -> None:
    counted = CountedTable()
    counted.write([[RowWrite("A", "S", "Kind", b"{}", None, 0)], [RowWrite("A", "S", "Kind", b"{}", None, 7)]])
    assert counted.changed == [("A", "S")]
