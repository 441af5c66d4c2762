"""What is DynamoDB's own beside the contract of every engine: round trips, lost replies, busy tables, limits."""

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.stub import Stubber

from chalicelib.records.ports import StoreUnavailable, TooLarge
from chalicelib.store.dynamo_items import ItemRefused, shard_of
from chalicelib.store.table import RowWrite
from tests.store.dynamo import Desk, put
from tests.store.dynamo import desk as open_desk


@pytest.fixture
def desk() -> Iterator[Desk]:
    with open_desk() as opened:
        yield opened


def cancelled(*codes: str) -> dict[str, Any]:
    return {"CancellationReasons": [{"Code": code} for code in codes]}


def test_reading_up_to_a_hundred_keys_is_one_call(desk: Desk):
    desk.table.get_many([("A", "1"), ("A", "1")])
    desk.table.get_many([("A", str(n)) for n in range(100)])
    desk.table.get_many([("A", str(n)) for n in range(101)])
    assert desk.calls == ["BatchGetItem"] * 4


def test_a_lone_row_is_one_put_and_a_group_one_transaction(desk: Desk):
    desk.table.write([[put("A")]])
    desk.table.write([[put("B"), put("C")]])
    desk.table.write([[put("D")], [put("E")]])
    assert desk.calls == ["PutItem", "TransactWriteItems", "TransactWriteItems"]


def test_a_list_takes_a_call_for_each_hundred_rows(desk: Desk):
    desk.table.write([[put(f"L{n}"), put(f"K{n}"), put(f"T{n}")] for n in range(70)])
    # 33 people of three rows fill a transaction.
    assert desk.calls == ["TransactWriteItems"] * 3


def test_groups_that_share_a_row_are_written_in_order_without_keeping_the_others_apart(desk: Desk):
    groups = [[put(f"L{n}"), put("SHARED", n)] for n in range(3)] + [[put(f"M{n}")] for n in range(60)]
    assert desk.table.write(groups) == [None] * 63
    assert len(desk.calls) == 3
    assert desk.table.get_many([("SHARED", "S")])["SHARED", "S"].version == 3


@pytest.mark.parametrize("if_version", [0, 1])
def test_a_put_whose_reply_was_lost_is_a_success(desk: Desk, if_version: int):
    if if_version:
        desk.table.write([[put("A")]])
    desk.lose_reply("PutItem")
    assert desk.table.write([[put("A", if_version, b'{"n":1}')]]) == [None]
    assert desk.table.get_many([("A", "S")])["A", "S"].version == if_version + 1


def test_a_transaction_whose_reply_was_lost_is_a_success(desk: Desk):
    desk.lose_reply("TransactWriteItems")
    assert desk.table.write([[put("A"), put("B")], [put("C")]]) == [None, None]


def test_after_a_lost_reply_somebody_elses_row_is_still_a_conflict(desk: Desk):
    desk.table.write([[put("A")]])
    desk.lose_reply("PutItem")
    assert desk.table.write([[put("A")]]) == [("A", "S")]
    desk.lose_reply("TransactWriteItems")
    assert desk.table.write([[put("B"), put("A")]]) == [("A", "S")]
    assert desk.table.get_many([("B", "S")]) == {}


def test_a_call_is_sent_again_under_the_same_token(desk: Desk):
    tokens: list[str] = []

    def note(request: Any, **_: Any) -> None:
        tokens.append(json.loads(request.body)["ClientRequestToken"])

    desk.clients.dynamodb().meta.events.register_first("before-send.dynamodb.TransactWriteItems", note)
    desk.lose_reply("TransactWriteItems")
    desk.table.write([[put("A"), put("B")]])
    desk.table.write([[put("C"), put("D")]])
    assert tokens[0] == tokens[1] != tokens[2]


def test_a_table_that_cannot_be_reached_is_unavailable_and_nothing_is_written(desk: Desk):
    desk.never_arrive("TransactWriteItems")
    desk.never_arrive("BatchGetItem")
    with pytest.raises(StoreUnavailable):
        desk.table.write([[put("A"), put("B")]])
    with pytest.raises(StoreUnavailable):
        desk.table.get_many([("A", "S")])


def test_rivals_are_waited_for_and_then_it_is_written(desk: Desk):
    with Stubber(desk.clients.dynamodb()) as stub:
        for reasons in (("TransactionConflict", "None"), ("None", "ThrottlingError")):
            stub.add_client_error(
                "transact_write_items", "TransactionCanceledException", modeled_fields=cancelled(*reasons)
            )
        stub.add_response("transact_write_items", {})
        assert desk.table.write([[put("A"), put("B")]]) == [None]
    assert len(desk.waited) == 2


def test_rivals_that_never_end_make_the_store_unavailable(desk: Desk):
    with Stubber(desk.clients.dynamodb()) as stub:
        for _ in range(20):
            stub.add_client_error(
                "transact_write_items",
                "TransactionCanceledException",
                modeled_fields=cancelled("TransactionConflict", "None"),
            )
        with pytest.raises(StoreUnavailable, match="TransactionConflict"):
            desk.table.write([[put("A"), put("B")]])
    assert 5 < len(desk.waited) < 20
    assert sum(desk.waited) < 10


def test_groups_go_one_by_one_when_rivals_keep_breaking_their_transaction(desk: Desk):
    with Stubber(desk.clients.dynamodb()) as stub:
        for _ in range(3):
            stub.add_client_error(
                "transact_write_items",
                "TransactionCanceledException",
                modeled_fields=cancelled("TransactionConflict", "None", "None", "None"),
            )
        stub.add_response("transact_write_items", {})
        stub.add_client_error(
            "transact_write_items",
            "TransactionCanceledException",
            modeled_fields=cancelled("None", "ConditionalCheckFailed"),
        )
        assert desk.table.write([[put("A"), put("B")], [put("C"), put("D")]]) == [None, ("D", "S")]
        stub.assert_no_pending_responses()


def test_a_put_that_is_throttled_waits_and_goes_again(desk: Desk):
    with Stubber(desk.clients.dynamodb()) as stub:
        stub.add_client_error("put_item", "ThrottlingException")
        stub.add_response("put_item", {})
        assert desk.table.write([[put("A")]]) == [None]
    assert len(desk.waited) == 1


def test_keys_left_unprocessed_are_asked_for_again_and_not_for_ever(desk: Desk):
    row = {"pk": {"S": "A"}, "sk": {"S": "S"}, "kind": {"S": "K"}, "version": {"N": "1"}, "body": {"B": b"{}"}}
    left = {desk.name: {"Keys": [{"pk": {"S": "A"}, "sk": {"S": "S"}}], "ConsistentRead": True}}
    with Stubber(desk.clients.dynamodb()) as stub:
        stub.add_response("batch_get_item", {"Responses": {}, "UnprocessedKeys": left})
        stub.add_response("batch_get_item", {"Responses": {desk.name: [row]}, "UnprocessedKeys": {}})
        assert desk.table.get_many([("A", "S")])["A", "S"].version == 1
        for _ in range(20):
            stub.add_response("batch_get_item", {"Responses": {}, "UnprocessedKeys": left})
        with pytest.raises(StoreUnavailable):
            desk.table.get_many([("A", "S")])
    assert 5 < len(desk.waited) < 20


def test_a_missing_table_is_told_by_its_call_and_code(desk: Desk):
    desk.clients.dynamodb().delete_table(TableName=desk.name)
    with pytest.raises(StoreUnavailable, match="BatchGetItem: ResourceNotFoundException"):
        desk.table.get_many([("A", "S")])


@pytest.mark.parametrize("where", [("", "S"), ("A", ""), ("A" * 2049, "S"), ("A", "S" * 1025)])
def test_an_empty_or_too_long_key_is_refused_by_the_kind_alone(desk: Desk, where: tuple[str, str]):
    with pytest.raises(ItemRefused, match="a key of kind Lead is empty or too long"):
        desk.table.write([[put("A")], [RowWrite(*where, "Lead", b"{}", None, 0)]])
    assert desk.calls == []


def test_a_record_beyond_four_hundred_kilobytes_is_refused_before_anything_is_written(desk: Desk):
    body = random.Random(1).randbytes(410_000)
    with pytest.raises(TooLarge, match="a record of kind Lead takes 41") as refused:
        desk.table.write([[put("A")], [put("B", body=body, kind="Lead")]])
    assert refused.value.kind == "Lead"
    assert desk.calls == []


def test_a_record_that_compresses_below_four_hundred_kilobytes_is_kept(desk: Desk):
    body = b'{"x":"' + b"outcome merged; " * 60_000 + b'"}'
    desk.table.write([[put("A", body=body)]])
    assert desk.table.get_many([("A", "S")])["A", "S"].body == body


def test_more_than_a_hundred_records_cannot_be_all_or_nothing(desk: Desk):
    with pytest.raises(ItemRefused, match="101 records"):
        desk.table.write([[put(f"L{n}") for n in range(101)]])
    assert desk.table.write([[put(f"L{n}") for n in range(100)]]) == [None]


def test_a_version_stays_exact(desk: Desk):
    high = 10**30
    with pytest.raises(ItemRefused, match="more digits"):
        desk.table.write([[put("A", 10**38)]])
    assert desk.table.write([[put("A", high)]]) == [("A", "S")]


def test_the_due_shards_are_eight_and_evenly_filled():
    shards = [
        shard_of(f"LEAD#01JD8Z3V5Q9W2N4K6M8P{n:06d}", f"MESSAGE#01JD8Z3V5Q9W2N4K6M8P{n:06d}") for n in range(8000)
    ]
    assert set(shards) == set("01234567")
    assert all(800 < shards.count(shard) < 1200 for shard in set(shards))
    assert shard_of("LEAD#1", "REQUEST#1") == shard_of("LEAD#1", "REQUEST#1")
